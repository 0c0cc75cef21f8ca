/** The hidden prompt in a real pseudo-terminal. */

import { spawnSync } from 'node:child_process'
import { afterEach, describe, expect, it } from 'vitest'
import { bareEnv, binary, Workplace } from '../helpers/process.ts'
import { hasProgram } from '../helpers/programs.ts'

let place: Workplace
afterEach(() => place.remove())

/** Runs a shell line in a terminal, gives it keys once the prompt is there, and gives what was shown. */
function inTerminal(line: string, keys: string): string {
  const script = `
    set timeout 20
    spawn bash --norc --noprofile -c ${JSON.stringify(line).replaceAll('$', '\\$').replaceAll('[', '\\[')}
    expect -re "(Value of|Secret to)"
    after 300
    send -- ${JSON.stringify(keys)}
    expect eof`
  const env = bareEnv({ ...place.env, KMSEAL: binary, TERM: 'xterm', PATH: process.env['PATH'] ?? '' })
  const { stdout } = spawnSync('expect', ['-c', script], { cwd: place.folder, env, encoding: 'utf8' })
  return stdout
}

describe.runIf(hasProgram('expect'))('the hidden prompt', () => {
  it('takes one line, and shows nothing of it', async () => {
    place = new Workplace()
    const shown = inTerminal('$KMSEAL --backend mock put-param /a; echo "status $?"', 'hunter2\r')
    expect(shown).toMatch(/status 0/)
    expect(shown.replaceAll('hunter2', '')).toBe(shown)
    expect((await place.kmseal(['get-param', '/a'])).stdout.toString()).toBe('hunter2')
  })

  it('shows it on no key either', async () => {
    place = new Workplace()
    const shown = inTerminal('$KMSEAL --backend mock put-param /a; echo "status $?"', 'hunt\u0014er2\r')
    expect(shown).toMatch(/status 0/)
    expect(shown).not.toMatch(/hunt|ctrl/)
  })

  it.each([
    ['put-param', '$KMSEAL --backend mock put-param /a'],
    ['encrypt', '$KMSEAL --backend mock encrypt'],
  ])('takes nothing of several lines, and leaves none to the shell: %s', async (_what, command) => {
    place = new Workplace()
    const rest = 'IFS= read -r -t 1 rest; echo "left <$rest>"'
    const shown = inTerminal(`${command}; echo "status $?"; ${rest}`, 'first line\recho second\rthird\r')
    expect(shown).toMatch(/several lines were pasted, and a prompt takes one/)
    expect(shown).toMatch(/status 2/)
    expect(shown).toMatch(/left <>/)
    expect(shown).not.toMatch(/first line|third/)
    expect((await place.kmseal(['list-params'])).stdout.toString()).toBe('')
  })
})
