/**
 * Bundles src/ into dist/, split so that each command loads only what it uses. esbuild splits ES modules only; each of
 * them is then made a CommonJS one, which Node loads faster, and whose compiled code can be kept (src/start/).
 */

import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { build, transform } from 'esbuild'
import { writeNotices } from './notices.js'
import { plainModules } from './plain-modules.js'

const root = new URL('..', import.meta.url).pathname.replace(/\/$/, '')
const out = `${root}/dist`
// Built beside its place and swapped in whole, so that a running program never sees half a build.
const fresh = `${root}/.dist-${process.pid}`

/** Serves fixed contents for imports that match. */
function stub(name, filter, contents) {
  return {
    name,
    setup({ onResolve, onLoad }) {
      onResolve({ filter }, () => ({ path: name, namespace: name }))
      onLoad({ filter: /.*/, namespace: name }, () => ({ contents, loader: 'js', resolveDir: root }))
    },
  }
}

// The hierarchical keyring is not offered; its DynamoDB client would triple the bundle.
const withoutDynamoDb = stub('without-dynamodb', /^@aws-sdk\/(client|util)-dynamodb$/, 'module.exports = {}')

// LMDB's own JavaScript is bundled without the encoder that is not used; its addon stays in its package.
const withoutEncoder = stub('without-encoder', /^msgpackr$/, 'export class Encoder {}')
const bundledLmdb = {
  name: 'bundled-lmdb',
  setup({ onResolve }) {
    onResolve({ filter: /^lmdb$/ }, () => ({ path: `${root}/node_modules/lmdb/node-index.js` }))
    onResolve({ filter: /^node-gyp-build-optional-packages$/ }, () => ({
      path: `${root}/scripts/lmdb-addon.js`,
    }))
  },
}

// The credential chain is a bundle of its own, loaded when AWS itself is asked: in one bundle with it, its
// many lazy parts would cut everything else into dozens of files, and each costs start-up time.
const lazyCredentials = {
  name: 'lazy-credentials',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^@aws-sdk\/credential-providers$/ }, () => ({
      path: `./credentials/${credentialChain.main}`,
      external: true,
    }))
    onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, () => ({
      path: 'lazy',
      namespace: 'credentials',
    }))
    onLoad({ filter: /.*/, namespace: 'credentials' }, () => ({
      contents: `export const defaultProvider = init => async options =>
        (await import('@aws-sdk/credential-providers')).defaultProvider(init)(options)`,
      resolveDir: root,
    }))
  },
}

// esbuild makes a chunk for every set of lazy parts that share a module, and each chunk costs start-up time. Modules
// that need no package are small: every command sees all of `cli` and `core`, every command about parameters all of
// `parameters`, and the parts of the mock what it takes of the policies, so that each of these sets is one chunk.
const plain = plainModules(`${root}/src`)
const ofMock = plain.usedBy('mock')
const seenBy = path => {
  if (/\/src\/mock\//.test(path)) return ofMock
  if (/\/commands\/(.*-params?|param-history|exec)\.ts$/.test(path))
    return ['cli', 'core', 'root', 'parameters'].flatMap(plain.of)
  return ['cli', 'core', 'root'].flatMap(plain.of)
}
const coarseChunks = {
  name: 'coarse-chunks',
  setup({ onLoad }) {
    onLoad(
      { filter: /\/src\/(?:(?:commands|mock|core)\/.*|aws-endpoint|aws-transport|proxy-agent)\.ts$/ },
      async ({ path }) => {
        const source = await readFile(path, 'utf8')
        const wanted = plain.all.has(path) && !/\/(commands|mock)\//.test(path) ? [] : seenBy(path)
        const imports = wanted.map(file => `import ${JSON.stringify(file)};`)
        return { contents: `${imports.join('')}${source}`, loader: 'ts' }
      },
    )
  },
}

const output = { minify: true, platform: 'node', target: 'node20.19', legalComments: 'none' }
const shared = { ...output, absWorkingDir: root, bundle: true }

/** Bundles one entry point into parts, writes them, and returns what esbuild tells of them. */
async function buildParts(entryPoint, options) {
  const { metafile, outputFiles } = await build({
    ...shared,
    outdir: fresh,
    ...options,
    entryPoints: [entryPoint],
    entryNames: '[name]-[hash]',
    splitting: true,
    format: 'esm',
    outExtension: { '.js': '.cjs' },
    mainFields: ['module', 'main'],
    metafile: true,
    write: false,
  })
  for (const { path, text } of outputFiles) {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, await commonJs(text))
  }
  const [main] = Object.entries(metafile.outputs).find(([, { entryPoint: from }]) => from === entryPoint)
  return { metafile, main: basename(main) }
}

async function commonJs(text) {
  const asksForItself = text.includes('import.meta.url')
  const { code } = await transform(text, {
    ...output,
    format: 'cjs',
    // A part that is loaded later is loaded by the same loader.
    supported: { 'dynamic-import': false },
    ...(asksForItself && {
      define: { 'import.meta.url': 'ownUrl' },
      banner: 'const ownUrl=require("node:url").pathToFileURL(__filename).href;',
    }),
  })
  return code
}

const credentialChain = await buildParts('scripts/credentials.js', { outdir: `${fresh}/credentials` })
const program = await buildParts('src/main.ts', {
  plugins: [withoutDynamoDb, withoutEncoder, bundledLmdb, lazyCredentials, coarseChunks],
})
await build({
  ...shared,
  entryPoints: ['src/start/start.ts'],
  outfile: `${fresh}/start.cjs`,
  format: 'cjs',
  define: { mainPart: JSON.stringify(program.main) },
})
await writeNotices([program.metafile, credentialChain.metafile], fresh)
await rm(out, { recursive: true, force: true })
await rename(fresh, out)
