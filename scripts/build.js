/** Bundles src/ into dist/: ES modules, split so that each command loads only what it uses. */

import { rm } from 'node:fs/promises'
import { build } from 'esbuild'
import { writeNotices } from './notices.js'

const out = new URL('../dist/', import.meta.url).pathname

// The hierarchical keyring is not offered; its DynamoDB client would triple the bundle.
const withoutDynamoDb = {
  name: 'without-dynamodb',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^@aws-sdk\/(client|util)-dynamodb$/ }, () => ({
      path: 'dynamodb',
      namespace: 'stub',
    }))
    onLoad({ filter: /.*/, namespace: 'stub' }, () => ({ contents: 'module.exports = {}', loader: 'js' }))
  },
}

await rm(out, { recursive: true, force: true })
const result = await build({
  absWorkingDir: new URL('..', import.meta.url).pathname,
  entryPoints: ['src/main.ts'],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  minify: true,
  keepNames: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  mainFields: ['module', 'main'],
  external: ['lmdb'],
  legalComments: 'none',
  metafile: true,
  chunkNames: 'chunks/[name]-[hash]',
  // CommonJS dependencies ask for node built-ins by require().
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);",
  },
  plugins: [withoutDynamoDb],
})
await writeNotices(result.metafile, out)
