/** Runs what README.md tells to run, block after block in one shell, as a person would who follows it. */

import { writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { freePort } from '../helpers/process.ts'
import { hasProgram } from '../helpers/programs.ts'
import { ShellPlace } from '../helpers/shell-place.ts'

const place = new ShellPlace({ LC_ALL: 'C.UTF-8' })
afterAll(() => place.remove())

/** A command, and what README says that it prints; nothing where README does not say. */
interface Step {
  readonly command: string
  readonly prints: string | undefined
}

/** The commands of all blocks in their order. Those about the checkout itself are run by the project's own CI. */
function stepsOf(text: string): Step[] {
  return [...text.matchAll(/^```(sh|console)\n(.*?)^```$/gms)].flatMap(([, kind, block = '']): Step[] => {
    if (block.includes('npm ci')) return []
    if (kind === 'sh') {
      return block
        .trim()
        .split('\n')
        .map(command => ({ command, prints: undefined }))
    }
    return block
      .trim()
      .split(/^\$ /m)
      .filter(part => part !== '')
      .map(part => {
        const [command = '', ...lines] = part.trimEnd().split('\n')
        return { command, prints: lines.join('\n') }
      })
  })
}

it.runIf(hasProgram('aws'))(
  'every command of README does what README says',
  { timeout: 120_000 },
  async () => {
    const port = await freePort()
    const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8')
    const steps = stepsOf(readme.replaceAll('4566', String(port)))
    expect(steps.length).toBeGreaterThan(20)
    for (const file of ['db.dump', 'app.tar']) writeFileSync(join(place.folder, file), file.repeat(1000))
    // What it says about another shell: the served mock runs beside.
    const serve = `kmseal mock serve --port ${port} 2> ../serve.log & trap 'kill $!' EXIT
    for try in $(seq 100); do kmseal --version > /dev/null; grep -q . ../serve.log && break; done`
    const script = steps
      .map(({ command }, index) => {
        const before = command.includes('mock env') ? serve : ''
        return `printf '\n@%s@\n' ${index}\n${before}\n${command} || exit 99`
      })
      .join('\n')
    const result = await place.run(`${script}\nprintf '\\n@end@\\n'`, { seconds: 100 })
    const printed = result.stdout
      .toString()
      .split(/\n@(?:\d+|end)@\n/)
      .slice(1)
    const last = printed.length - 1
    expect(printed.length, `after: ${steps[last]?.command}\n${printed[last]}\n${result.stderr}`).toBe(
      steps.length + 1,
    )
    for (const [index, { command, prints }] of steps.entries()) {
      if (prints !== undefined) expect(printed[index]?.trimEnd(), command).toBe(prints)
    }
    expect(result.status).toBe(0)
    expect(result.stderr).not.toContain('error')
  },
)
