/** A folder where a person would type: a real shell, `kmseal` in PATH, a home and a mock of its own. */

import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { binary, type ProcessInput, type ProcessResult, runProcess } from './process.ts'

/** Seconds that lines of shell have. */
const limit = 40

/** The folders of one person, which can be copied as they are. */
export class ShellPlace {
  readonly #root = mkdtempSync(join(tmpdir(), 'kmseal-shell-'))
  /** The working directory. */
  readonly folder = join(this.#root, 'work')
  readonly #env: Readonly<Record<string, string>>

  /** @param env on top of PATH, HOME and the state folder */
  constructor(env: Readonly<Record<string, string>> = {}) {
    this.#env = env
    for (const name of ['work', 'home', 'bin', 'run']) mkdirSync(join(this.#root, name), { mode: 0o700 })
    this.addProgram('kmseal', `exec '${process.execPath}' '${binary}' "$@"`)
  }

  /** A place with the same files, home, programs and state. */
  copy(): ShellPlace {
    const copy = new ShellPlace(this.#env)
    cpSync(this.#root, copy.#root, { recursive: true })
    return copy
  }

  /** Puts a shell script into PATH. */
  addProgram(name: string, script: string): void {
    writeFileSync(join(this.#root, 'bin', name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  }

  /** Runs lines of bash, which end at the first failure, in a pipe too, and when their time is over. */
  run(lines: string, input: ProcessInput & { readonly seconds?: number } = {}): Promise<ProcessResult> {
    const shell = ['bash', '--norc', '-euo', 'pipefail', '-c', lines]
    return runProcess('timeout', ['-k', '1', String(input.seconds ?? limit), ...shell], this.#input(input))
  }

  /** The same at a terminal, where every question is answered with `y`. Both outputs come as one. */
  runAtTerminal(lines: string): Promise<ProcessResult> {
    const script = [
      'set timeout 6',
      'set repeats 0',
      'spawn -noecho bash --norc -euo pipefail -c $env(SCRIPT)',
      // On lines of its own: in one line, expect takes all of it as one pattern.
      'expect {',
      // The question is there a moment before the answer is listened for; one that was lost is given again.
      '-ex {[y/N] } { after 300; send -- "y\\r"; exp_continue }',
      'timeout { if {[incr repeats] > 5} { exit 99 }; send -- "y\\r"; exp_continue }',
      'eof',
      '}',
      'exit [lindex [wait] 3]',
    ]
    return runProcess(
      'timeout',
      ['-k', '1', String(limit), 'expect', '-c', script.join('\n')],
      this.#input({ env: { SCRIPT: lines, TERM: 'xterm' } }),
    )
  }

  remove(): void {
    rmSync(this.#root, { recursive: true, force: true })
  }

  #input(input: ProcessInput): ProcessInput {
    const env = {
      HOME: join(this.#root, 'home'),
      PATH: `${join(this.#root, 'bin')}:${process.env['PATH']}`,
      XDG_RUNTIME_DIR: join(this.#root, 'run'),
      KMSEAL_MOCK_DIR: join(this.#root, 'mock'),
      ...this.#env,
      ...input.env,
    }
    return { cwd: this.folder, ...input, env }
  }
}
