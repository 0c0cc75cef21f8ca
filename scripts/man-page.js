/** Writes man/kmseal.1 from the built program: run it after a change of commands, options or help texts. */

import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'

const root = new URL('../', import.meta.url)
const page = execFileSync(process.execPath, ['bin/kmseal.cjs', '__man'], { cwd: root })
writeFileSync(new URL('man/kmseal.1', root), page)
