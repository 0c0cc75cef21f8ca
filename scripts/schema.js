/** Writes kmseal.config.schema.json from the built program: run it after a change of what configuration files say. */

import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'

const root = new URL('../', import.meta.url)
const schema = execFileSync(process.execPath, ['bin/kmseal.cjs', 'config', 'schema'], { cwd: root })
writeFileSync(new URL('kmseal.config.schema.json', root), schema)
