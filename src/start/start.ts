/** The first file of the built program: runs its main part, and keeps compiled code for the next start. */

import { join } from 'node:path'
import { CodeCache, codeCacheFolder } from './code-cache.ts'
import { Parts } from './parts.ts'

declare const __dirname: string
declare const require: (id: string) => unknown
/** File name of the main part, which says what is in it; set by the build. */
declare const mainPart: string

const folder = codeCacheFolder(process.env)
const user = process.geteuid?.()
const name = [mainPart, process.version, process.arch].join('-')
const parts = new Parts(
  folder === undefined || user === undefined ? undefined : new CodeCache(folder, name, user),
  require,
)
const { main } = parts.load(join(__dirname, mainPart)) as {
  main(argv: readonly string[]): Promise<number>
}
void main(process.argv.slice(2)).then(status => {
  process.exitCode = status
  parts.keep()
})
