/** Completion scripts: up to date, and right in the real shells whatever help texts and values contain. */

import { execFileSync } from 'node:child_process'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { completionScript } from '../src/cli/completion-script.ts'
import { type Shell, shells } from '../src/cli/completion-shape.ts'
import { runCli } from './helpers/cli.ts'
import { nameSource, nastyShape, traps } from './helpers/nasty-shape.ts'
import { hasProgram } from './helpers/programs.ts'

const stored: Record<Shell, string> = { bash: 'kmseal.bash', zsh: '_kmseal', fish: 'kmseal.fish' }
const storedFile = (shell: Shell): string =>
  new URL(`../completions/${stored[shell]}`, import.meta.url).pathname

describe('kmseal completion', () => {
  it.each(shells)('prints for %s what is stored in completions/', async shell => {
    const { status, stdout, stderr } = await runCli(['completion', shell])
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    // After a change of commands or help texts: node scripts/build.js && node scripts/completions.js
    expect(stdout.toString()).toBe(readFileSync(storedFile(shell), 'utf8'))
  })

  it('refuses another shell and a missing one', async () => {
    const other = await runCli(['completion', 'tcsh'])
    expect(other).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('takes one of bash, zsh, fish'),
    })
    expect((await runCli(['completion'])).status).toBe(2)
  })

  it.skipIf(!hasProgram('shellcheck'))('gives bash a script that shellcheck passes', () => {
    for (const script of [readFileSync(storedFile('bash'), 'utf8'), completionScript('bash', nastyShape())]) {
      expect(execFileSync('shellcheck', ['-s', 'bash', '-'], { input: script, encoding: 'utf8' })).toBe('')
    }
  })
})

/** A folder with a few files, a script of the nasty program, and nothing else. */
let folder: string
const files = ['col:on', 'file1', 'sp ace']

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'kmseal-completion-')))
  mkdirSync(join(folder, 'here', 'dir'), { recursive: true })
  for (const file of files) writeFileSync(join(folder, 'here', file), '')
  for (const shell of shells) writeFileSync(join(folder, shell), completionScript(shell, nastyShape()))
  mkdirSync(join(folder, 'bin'))
  writeFileSync(join(folder, 'bin', 'kmseal'), nameSource, { mode: 0o755 })
})

afterEach(() => {
  // Whatever was in a help text, nothing was run: no file x.
  expect(readdirSync(join(folder, 'here')).sort()).toEqual(['col:on', 'dir', 'file1', 'sp ace'])
  rmSync(folder, { recursive: true })
})

const env = (): NodeJS.ProcessEnv => ({
  PATH: `${join(folder, 'bin')}:${process.env['PATH']}`,
  HOME: folder,
  TERM: 'dumb',
  PS1: 'READY>',
})

/** Words with a Tab at the end, and the arguments that the program then gets. */
const cases: [typed: string, received: string][] = [
  ['kmseal se', '<seal>'],
  [
    'kmseal seal --key-id arn:aws:kms:eu-west-1:1',
    '<seal><--key-id><arn:aws:kms:eu-west-1:111122223333:key/1>',
  ],
  [
    'kmseal seal --key-id=arn:aws:kms:eu-west-1:2',
    '<seal><--key-id=arn:aws:kms:eu-west-1:222233334444:key/2>',
  ],
  [
    'kmseal seal --key-id "arn:aws:kms:eu-west-1:1',
    '<seal><--key-id><arn:aws:kms:eu-west-1:111122223333:key/1>',
  ],
  ['kmseal seal --key-id /a/b:pr', '<seal><--key-id></a/b:prod>'],
  ['kmseal pick /a/b:pr', '<pick></a/b:prod>'],
  ['kmseal pick /a/b:prod', '<pick></a/b:prod>'],
  ['kmseal --backend=m', '<--backend=mock>'],
  ['kmseal --backend mock mock st', '<--backend><mock><mock><status>'],
  ['kmseal seal --key-', '<seal><--key-id>'],
  ['kmseal seal --region mo', '<seal><--region><mo>'],
  ['kmseal seal -o fi', '<seal><-o><file1>'],
  ['kmseal seal -o sp', '<seal><-o><sp ace>'],
  ['kmseal seal -o co', '<seal><-o><col:on>'],
  ['kmseal seal -o col:o', '<seal><-o><col:on>'],
  ['kmseal seal --output=fi', '<seal><--output=file1>'],
  ['kmseal seal one fi', '<seal><one><file1>'],
  ['kmseal seal -- fi', '<seal><--><file1>'],
  ['kmseal show fi', '<show><fi>'],
]

/** The same, with names that the program is asked for. */
const lookedUp: [typed: string, received: string, asked: string][] = [
  [
    'kmseal find --used-key-id alias/a\t',
    '<find><--used-key-id><alias/app>',
    '<key><alias/a><find><--used-key-id>',
  ],
  [
    'kmseal find --used-key-id=ar\t',
    '<find><--used-key-id=arn:aws:kms:eu-west-1:111122223333:key/1>',
    '<key><ar><find>',
  ],
  [
    'kmseal find --region x /a/b:p\t',
    '<find><--region><x></a/b:prod>',
    '<parameter></a/b:p><find><--region><x>',
  ],
  ['kmseal find /a/b:prod /a/c/\td', '<find></a/b:prod></a/c/d>', '<parameter></a/c/><find></a/b:prod>'],
  ['kmseal find --path /p\t', '<find><--path></p/q>', '<path></p><find><--path>'],
]
const asked = (): string[] =>
  readFileSync(join(folder, 'bin', 'asked'), 'utf8')
    .trimEnd()
    .split('\n')

/** Types each line, Tab and Enter at the prompt of an interactive shell, and returns all that it showed. */
function typeLines(shell: readonly string[], setUp: string, lines: readonly string[]): string {
  const quoted = (text: string): string => `"${text.replace(/[\\"$[\]{}]/g, '\\$&')}"`
  const script = [
    'set timeout 20',
    'set stty_init "columns 200 rows 50"',
    `spawn -noecho ${shell.join(' ')}`,
    ...[setUp, ...lines].flatMap(line => ['expect "READY>"', `send -- ${quoted(line)}`, 'send "\\r"']),
    'expect "READY>"',
  ]
  return execFileSync('expect', ['-c', script.join('\n')], {
    cwd: join(folder, 'here'),
    env: env(),
    encoding: 'utf8',
  })
}

const show = `kmseal() { printf '<%s>' "$@"; echo '.'; }`
const received = (screen: string): string[] =>
  [...screen.matchAll(/^(<.*>)\.\r?$/gm)].map(([, line]) => line ?? '')

describe.skipIf(!hasProgram('bash') || !hasProgram('expect'))(
  'in bash, without the bash-completion package',
  () => {
    it('completes whole words, colons and all, and leaves COMP_WORDBREAKS alone', () => {
      const screen = typeLines(
        ['bash', '--norc', '--noprofile', '-i'],
        `before=$COMP_WORDBREAKS; source ../bash; ${show}`,
        [...cases.map(([typed]) => `${typed}\t`), '[[ $before == "$COMP_WORDBREAKS" ]] && echo unchanged'],
      )
      expect(received(screen)).toEqual(cases.map(([, arguments_]) => arguments_))
      expect(screen).toMatch(/^unchanged\r?$/m)
    })

    it('completes whole words when colons do not break words', () => {
      const screen = typeLines(
        ['bash', '--norc', '--noprofile', '-i'],
        `COMP_WORDBREAKS=\${COMP_WORDBREAKS//[:=]}; source ../bash; ${show}`,
        cases.slice(0, 13).map(([typed]) => `${typed}\t`),
      )
      expect(received(screen)).toEqual(cases.slice(0, 13).map(([, arguments_]) => arguments_))
    })

    it('asks the program for names, and takes them as they are', () => {
      const bash = ['bash', '--norc', '--noprofile', '-i']
      const screen = typeLines(
        bash,
        `source ../bash; ${show}`,
        lookedUp.map(([typed]) => typed),
      )
      expect(received(screen)).toEqual(lookedUp.map(([, arguments_]) => arguments_))
      expect(asked()).toEqual(lookedUp.map(([, , question]) => question))
      expect(screen).not.toContain('a message')
    })

    it.each([
      ['kmseal ', /^find +mock +pick +seal +show *\r?$/m],
      ['kmseal mock ', /^reset +status *\r?$/m],
      ['kmseal show --', /^--backend +--json +--region *\r?$/m],
    ])('lists names only after %j', (line, list) => {
      const bash = ['bash', '--norc', '--noprofile', '-i']
      expect(typeLines(bash, 'source ../bash', [`${line}\t\t`])).toMatch(list)
    })
  },
)

describe.skipIf(!hasProgram('zsh') || !hasProgram('expect'))('in zsh', () => {
  const zsh = ['zsh', '-f', '-i']
  const setUp = `autoload -U compinit; compinit -u -D; source ../zsh; ${show}`

  it('completes whole words, colons and all', () => {
    const screen = typeLines(
      zsh,
      setUp,
      cases.map(([typed]) => `${typed}\t`),
    )
    expect(received(screen)).toEqual(cases.map(([, arguments_]) => arguments_))
  })

  it.each([
    ['kmseal ', { seal: traps[0], mock: traps[1], show: traps[2], pick: traps[3] }],
    [
      'kmseal seal --',
      { '--region': traps[0], '--json': traps[1], '--output': traps[2], '--out-dir': traps[3] },
    ],
  ])('shows the help texts after %j as they are', (line, texts) => {
    const screen = typeLines(zsh, setUp, [`${line}\t`]).split(/\r?\n/)
    const shown = screen.map(row => row.trimEnd().replace(/ {2,}/, '  '))
    for (const [name, text] of Object.entries(texts)) expect(shown).toContain(`${name}  ${text}`)
  })

  it('asks the program for names, and takes them as they are', () => {
    const screen = typeLines(
      zsh,
      setUp,
      lookedUp.map(([typed]) => typed),
    )
    expect(received(screen)).toEqual(lookedUp.map(([, arguments_]) => arguments_))
    expect(asked()).toEqual(lookedUp.map(([, , question]) => question))
    expect(screen).not.toContain('a message')
  })

  it('works as a function file in fpath too', () => {
    writeFileSync(join(folder, '_kmseal'), completionScript('zsh', nastyShape()))
    const screen = typeLines(zsh, `fpath=(.. $fpath); autoload -U compinit; compinit -u -D; ${show}`, [
      'kmseal pick /a/b:pr\t',
      'kmseal pick /a/b:pr\t',
    ])
    expect(received(screen)).toEqual(['<pick></a/b:prod>', '<pick></a/b:prod>'])
  })
})

describe.skipIf(!hasProgram('fish'))('in fish', () => {
  const candidates = (line: string): string[] =>
    execFileSync('fish', ['--no-config', '-c', 'source ../fish; complete -C $argv[1]', line], {
      cwd: join(folder, 'here'),
      env: { ...env(), XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder },
      encoding: 'utf8',
    })
      .split('\n')
      .filter(candidate => candidate !== '')

  it('lists subcommands with their help texts, as they are', () => {
    expect(candidates('kmseal ')).toEqual([
      `find\t${traps[0]}`,
      `mock\t${traps[1]}`,
      `pick\t${traps[3]}`,
      `seal\t${traps[0]}`,
      `show\t${traps[2]}`,
    ])
    expect(candidates('kmseal mock ')).toEqual([`reset\t${traps[2]}`, `status\t${traps[3]}`])
  })

  it.each([
    ['kmseal seal --key-id arn:aws:kms:eu-west-1:1', ['arn:aws:kms:eu-west-1:111122223333:key/1']],
    ['kmseal seal --key-id=arn:aws:kms:eu-west-1:1', ['--key-id=arn:aws:kms:eu-west-1:111122223333:key/1']],
    ['kmseal pick /a/b:pr', ['/a/b:prod']],
    ['kmseal --backend ', ['aws', 'mock']],
    ['kmseal --region seal mock st', ['status']],
    ['kmseal seal --region ', []],
    ['kmseal seal -o fi', ['file1']],
    ['kmseal seal one ', ['col:on', 'dir/', 'file1', 'sp ace']],
    ['kmseal seal --out-dir ', ['dir/']],
    ['kmseal show ', []],
    ['kmseal find --used-key-id alias/', ['alias/app', 'alias/trap$(touch x)']],
    ['kmseal find --used-key-id=alias/a', ['--used-key-id=alias/app']],
    ['kmseal find x /a/c', ['/a/c/', '/a/c-d']],
    ['kmseal find /a/b:', ['/a/b:prod']],
    ['kmseal find --path /', ['/p/q', '/r']],
  ])('completes %s', (line, expected) => {
    expect(candidates(line).map(candidate => candidate.split('\t')[0])).toEqual(expected)
  })
})
