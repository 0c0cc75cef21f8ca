/** Bundles src/ into dist/: ES modules, split so that each command loads only what it uses. */

import { readFile, rename, rm } from 'node:fs/promises'
import { build } from 'esbuild'
import { writeNotices } from './notices.js'

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
const credentials = './credentials/credentials.js'
const lazyCredentials = {
  name: 'lazy-credentials',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^@aws-sdk\/credential-providers$/ }, () => ({ path: credentials, external: true }))
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

// esbuild makes a chunk for every set of lazy parts that share a module. Small modules that every run needs
// would end up in a dozen files; seen by every lazy part, they share one.
const always = [
  'errors',
  'config',
  'byte-stream',
  'cli/file-source',
  'cli/input',
  'cli/options',
  'cli/output',
  'cli/printable',
].concat(
  ['aws-errors', 'bounded-map', 'encryption-context', 'key-id', 'kms-access'].map(name => `core/${name}`),
)
// The same for the commands about parameters.
const ofParameters = [
  'environment-names',
  'find-parameter',
  'get-parameters',
  'list-parameters',
  'open-values',
  'pace',
  'parameter-name',
  'parameter-reference',
  'parameter-value',
  'read-tree',
].map(name => `parameters/${name}`)
const coarseChunks = {
  name: 'coarse-chunks',
  setup({ onLoad }) {
    onLoad({ filter: /\/src\/(commands|mock|core)\/.*\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8')
      const isAlways = always.some(name => path.endsWith(`/src/${name}.ts`))
      const isOfParameters = /\/commands\/(.*-params?|param-history|exec)\.ts$/.test(path)
      const wanted = isAlways ? [] : [...always, ...(isOfParameters ? ofParameters : [])]
      const imports = wanted.map(name => `import ${JSON.stringify(`${root}/src/${name}.ts`)};`)
      return { contents: `${imports.join('')}${source}`, loader: 'ts' }
    })
  },
}

const shared = {
  absWorkingDir: root,
  outdir: fresh,
  bundle: true,
  splitting: true,
  minify: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  mainFields: ['module', 'main'],
  legalComments: 'none',
  metafile: true,
  // CommonJS dependencies ask for node built-ins by require().
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);",
  },
}

const program = await build({
  ...shared,
  entryPoints: ['src/main.ts'],
  plugins: [withoutDynamoDb, withoutEncoder, bundledLmdb, lazyCredentials, coarseChunks],
})
const credentialChain = await build({
  ...shared,
  entryPoints: ['scripts/credentials.js'],
  outdir: `${fresh}/credentials`,
})
await writeNotices([program.metafile, credentialChain.metafile], fresh)
await rm(out, { recursive: true, force: true })
await rename(fresh, out)
