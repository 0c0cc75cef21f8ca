/** Writes completions/ from the built program: run it after a change of commands, options or help texts. */

import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'

const root = new URL('../', import.meta.url)
const files = { bash: 'kmseal.bash', zsh: '_kmseal', fish: 'kmseal.fish' }

for (const [shell, file] of Object.entries(files)) {
  const script = execFileSync(process.execPath, ['bin/kmseal.cjs', 'completion', shell], { cwd: root })
  writeFileSync(new URL(`completions/${file}`, root), script)
}
