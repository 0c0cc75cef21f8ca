/** Manners on a terminal: a pseudo-terminal, the built program, and a person played by expect. */

import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bareEnv, binary, Workplace } from '../helpers/process.ts'
import { hasProgram } from '../helpers/programs.ts'

let place: Workplace

beforeAll(async () => {
  place = new Workplace()
  mkdirSync(place.path('here'))
  await place.kmseal(['put-param', '/app/x', '--type', 'String'], { stdin: 'old' })
})

afterAll(() => place.remove())

/** Runs a shell command on a terminal, with answers to what it shows; gives the screen and the exit status. */
function onTerminal(
  command: string,
  {
    answers = [],
    columns = 200,
    env = {},
  }: {
    readonly answers?: readonly (readonly [shown: string, typed: string])[]
    readonly columns?: number
    readonly env?: Readonly<Record<string, string>>
  } = {},
): { readonly screen: string; readonly status: number } {
  const shell = `kmseal() { '${process.execPath}' '${binary}' --backend mock "$@"; }; ${command}; echo "status $?"; stty -a`
  const script = [
    'set timeout 60',
    `set stty_init "columns ${columns} rows 50"`,
    'spawn -noecho bash --norc --noprofile -c $env(SCRIPT)',
    ...answers.map(([shown, typed]) => `expect -ex {${shown}}; after 300; send -- "${typed}"`),
    'expect eof',
  ].join('\n')
  const screen = execFileSync('expect', ['-c', script], {
    cwd: place.path('here'),
    env: bareEnv({ ...place.env, TERM: 'xterm', SCRIPT: shell, ...env }),
    encoding: 'utf8',
  })
  // Whatever happened, the terminal echoes again.
  expect(screen).toMatch(/[ ;]echo[ ;]/)
  expect(screen).toMatch(/[ ;]icanon[ ;]/)
  return { screen, status: Number(/status (\d+)/.exec(screen)?.[1]) }
}

const ctrlC = '\\003'

describe.skipIf(!hasProgram('expect'))('a table', () => {
  it('is one where the terminal is wide enough, and a block for each row where it is not', () => {
    expect(onTerminal('kmseal list-keys', { columns: 200 }).screen).toMatch(/ALIASES +KEY ID +MANAGED BY/)
    const { screen } = onTerminal('kmseal list-keys', { columns: 80 })
    expect(screen).toMatch(/^ALIASES +alias\/kmseal\r\nKEY ID +[0-9a-f-]{36}\r\nMANAGED BY +customer\r$/m)
  })

  it('of parameters, which comes page by page, is one or blocks too', () => {
    const list =
      'for n in a b; do kmseal put-param -q /t/$n --value x --overwrite; done; kmseal list-params /t'
    expect(onTerminal(list, { columns: 100 }).screen).toMatch(
      /^NAME +TYPE +TIER +VERSION +LAST MODIFIED\r\n\/t\/a +SecureString/m,
    )
    const { screen } = onTerminal('kmseal list-params /t', { columns: 50 })
    expect(screen).toMatch(/^NAME +\/t\/a\r\nTYPE +SecureString\r\n(.+\r\n){3}\r\nNAME +\/t\/b\r$/m)
  })

  it('is one in a pipe, however narrow the terminal', () => {
    expect(onTerminal('kmseal list-keys | cat', { columns: 40 }).screen).toMatch(
      /ALIASES +KEY ID +MANAGED BY/,
    )
  })
})

describe.skipIf(!hasProgram('expect'))('text', () => {
  /** What a command shows on a terminal, without the status behind it. */
  const shown = (command: string, columns: number): string =>
    onTerminal(command, { columns })
      .screen.replaceAll('\r', '')
      .replace(/^status 0\n.*/ms, '')
  const wordsOf = (text: string) => text.trim().split(/\s+/)
  const widest = (text: string) =>
    Math.max(...text.split('\n').map(line => (line.includes('$ kmseal') ? 0 : line.length)))

  it.each(['help iam', 'help exit-codes', 'help security', 'help', 'encrypt --help', 'doctor'])(
    'of %s is wrapped where the terminal is narrow, and only there',
    async command => {
      const piped = await place.kmseal(command.split(' '))
      const text = piped.stdout.toString()
      expect(widest(text)).toBeGreaterThan(70)
      expect(shown(`kmseal ${command} | cat`, 50)).toBe(text)
      const narrow = shown(`kmseal ${command}`, 70)
      expect(wordsOf(narrow)).toEqual(wordsOf(text))
      expect(widest(narrow)).toBeLessThanOrEqual(70)
    },
  )
})

describe.skipIf(!hasProgram('expect'))('colours', () => {
  const plan = `kmseal FLAGS import-params <(echo '{"n":"1"}') --format json --prefix /app --dry-run`
  const colours = (flags = '', env = {}): boolean =>
    onTerminal(plan.replace('FLAGS', flags), { env }).screen.includes('\u001b[3')

  it('are there on a terminal', () => {
    expect(colours()).toBe(true)
  })

  it.each([
    ['--no-color', '--no-color', {}],
    ['NO_COLOR', '', { NO_COLOR: '1' }],
    ['TERM=dumb', '', { TERM: 'dumb' }],
  ])('are not there with %s', (_, flags, env) => {
    expect(colours(flags, env)).toBe(false)
  })

  it('are not there with --no-color after the command', () => {
    const { screen } = onTerminal(`${plan.replace('FLAGS', '')} --no-color`)
    expect(screen).toContain('+ /app/n')
    expect(screen).not.toContain('\u001b[3')
  })
})

describe.skipIf(!hasProgram('expect'))('a person', () => {
  it('types a secret that is not shown', () => {
    const { screen, status } = onTerminal('kmseal put-param /app/typed', {
      answers: [['?', 'hunter2-XYZ\\r']],
    })
    expect(status).toBe(0)
    expect(screen).not.toContain('hunter2')
    expect(onTerminal('kmseal get-param /app/typed').screen).toContain('hunter2-XYZ')
  })

  it.each([
    ['nothing', '\\r', 1],
    ['no', 'n\\r', 1],
    ['Ctrl-D', '\\004', 1],
    ['Ctrl-C', ctrlC, 130],
    ['yes', 'y\\r', 0],
  ])('who answers %s to a question gets what was meant', (_, typed, expected) => {
    onTerminal('kmseal create-key --alias alias/old')
    const { status } = onTerminal('kmseal delete-key --key-id alias/old', { answers: [['[y/N]', typed]] })
    expect(status).toBe(expected)
    const { screen } = onTerminal('kmseal describe-key alias/old')
    expect(screen.includes('PendingDeletion')).toBe(expected === 0)
  })

  it.each([
    ['a hidden prompt', 'kmseal put-param /app/never', '?'],
    ['a question', 'kmseal delete-param /app --recursive', '[y/N]'],
  ])('who presses Ctrl-C at %s gets 130, and nothing happens', (_, command, shown) => {
    expect(onTerminal(command, { answers: [[shown, ctrlC]] }).status).toBe(130)
    expect(onTerminal('kmseal get-param /app/never').status).toBe(3)
    expect(onTerminal('kmseal get-param /app/x').screen).toContain('old')
  })

  it('who presses Ctrl-C while a file is written leaves nothing of it', () => {
    // It waits for more of its input, with the temporary file open.
    const command = '{ head -c 3000000 /dev/zero; echo begun >&2; sleep 60; } | kmseal encrypt -o big.enc'
    const { screen } = onTerminal(`trap 'echo "signal"' INT; ${command}`, { answers: [['begun', ctrlC]] })
    expect(screen).toContain('status 130')
    expect(readdirSync(place.path('here'))).toEqual([])
  })
})
