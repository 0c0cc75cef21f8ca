import { describe, expect, it } from 'vitest'
import { commandEntries } from '../src/command-entries.ts'
import { namedCommand } from '../src/program.ts'
import { version } from '../src/version.ts'
import { type CliResult, runCli } from './helpers/cli.ts'
import { mockEnv } from './helpers/mock-env.ts'

const marker = 'hunter2-XYZ'

function failure(result: CliResult) {
  return { status: result.status, stdout: result.stdout.toString(), stderr: result.stderr }
}

describe('help and version', () => {
  it.each([['--version'], ['-V']])('%s is one line on standard output', async flag => {
    expect(failure(await runCli([flag]))).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' })
    expect(failure(await runCli(['--json', flag]))).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' })
  })

  it.each([[['--help']], [['-h']], [['help']]])(
    '%j goes to standard output, and names every command',
    async argv => {
      const { status, stdout, stderr } = await runCli(argv)
      expect([status, stderr]).toEqual([0, ''])
      for (const { name, summary } of commandEntries) {
        expect(stdout.toString()).toMatch(new RegExp(`^ +${name} .*$`, 'm'))
        expect(stdout.toString().replace(/\s+/g, ' ')).toContain(summary)
      }
    },
  )

  it.each(commandEntries.map(({ name }) => name))(
    'of %s goes to standard output, in all three ways',
    async name => {
      const texts: string[] = []
      for (const argv of [
        [name, '--help'],
        [name, '-h'],
        ['help', name],
      ]) {
        const { status, stdout, stderr } = await runCli(argv)
        expect([status, stderr]).toEqual([0, ''])
        texts.push(stdout.toString())
      }
      expect(new Set(texts).size).toBe(1)
      expect(texts[0]).toMatch(new RegExp(`^Usage: kmseal ${name} `))
      expect(texts[0]).toContain('Global options:')
      expect(texts[0]).toContain('--endpoint-url')
    },
  )
})

describe('a command line that is wrong', () => {
  it('without a command is refused on standard error alone', async () => {
    const expected = {
      status: 2,
      stdout: '',
      stderr: 'kmseal: error: no command was named\nkmseal: hint: see kmseal --help\n',
    }
    expect(failure(await runCli([]))).toEqual(expected)
    expect(failure(await runCli(['--backend', 'mock']))).toEqual(expected)
  })

  it.each<[string[], string, string]>([
    [[marker], 'there is no such command', 'see kmseal --help'],
    [['encrpt'], 'there is no command encrpt', 'did you mean encrypt? kmseal --help lists all'],
    [['encrypt', `--${marker}`], 'encrypt has no such option', 'see kmseal encrypt --help'],
    [['encrypt', `--${marker}=${marker}`], 'encrypt has no such option', 'see kmseal encrypt --help'],
    [
      ['encrypt', '--key-di', marker],
      'encrypt has no option --key-di',
      'did you mean --key-id? kmseal encrypt --help lists all',
    ],
    [
      ['encrypt', `--key=${marker}`],
      'encrypt has no option --key',
      'did you mean --key-id? kmseal encrypt --help lists all',
    ],
    [
      ['encrypt', '--context', marker],
      'encrypt has no option --context',
      'did you mean --encryption-context? kmseal encrypt --help lists all',
    ],
    [
      ['encrypt', '-key-id', marker],
      'encrypt has no option -key-id',
      'did you mean --key-id? kmseal encrypt --help lists all',
    ],
    [
      ['--key-id', marker, 'encrypt'],
      'kmseal has no such option',
      'options of a command go after its name; see kmseal --help',
    ],
    [
      ['get-parameter', marker],
      'there is no command get-parameter',
      'did you mean get-param? kmseal --help lists all',
    ],
    [['mock', 'statsu'], 'there is no command statsu', 'did you mean status? kmseal mock --help lists all'],
    [
      ['mock', 'serve', '--port', '1', '--stat', 'x'],
      'mock serve has no option --stat',
      'did you mean --stats or --state? kmseal mock serve --help lists all',
    ],
    [[`--${marker}`, 'encrypt'], 'encrypt has no such option', 'see kmseal encrypt --help'],
    [['alias-key', 'a', marker], 'too many arguments for alias-key', 'see kmseal alias-key --help'],
    [['encrypt', '--key-id'], "option '--key-id <key>' argument missing", 'see kmseal encrypt --help'],
    [['encrypt', '--region'], "option '--region <name>' argument missing", 'see kmseal encrypt --help'],
    [['random'], "required option '--number-of-bytes <count>' not specified", 'see kmseal random --help'],
    [['describe-key'], 'describe-key needs one key', 'give it as kmseal describe-key KEY'],
    [['mock'], 'mock needs a subcommand', 'see kmseal mock --help'],
    [['mock', marker], 'there is no such command', 'see kmseal mock --help'],
    [
      ['encrypt', `--x\n(Did you mean ${marker}?)`],
      'encrypt has no such option',
      'see kmseal encrypt --help',
    ],
  ])('%j: usage, in our own words', async (argv, message, hint) => {
    expect(failure(await runCli(argv))).toEqual({
      status: 2,
      stdout: '',
      stderr: `kmseal: error: ${message}\nkmseal: hint: ${hint}\n`,
    })
  })

  it.each([
    ['--mode'],
    ['--frame-length'],
    ['--encoding'],
    ['--encryption-algorithm'],
    ['--encryption-context'],
    ['--backend'],
    ['--region'],
    ['--endpoint-url'],
  ])('a value of %s that is wrong is never repeated', async flag => {
    for (const value of [`${marker} ${marker}`, `${marker}\u001b[31m`]) {
      const { status, stdout, stderr } = await runCli(['encrypt', '--key-id', 'alias/a', flag, value], {
        stdin: 'x',
        env: flag === '--endpoint-url' ? { AWS_REGION: 'eu-west-1' } : mockEnv(),
      })
      expect([status, stdout.length]).toEqual([2, 0])
      expect(stderr).toMatch(/^kmseal: error: /)
      expect(stderr).not.toContain(marker)
    }
  })

  it('a key id that is wrong is never repeated', async () => {
    const { status, stderr } = await runCli(['encrypt', '--key-id', `${marker} x`], {
      stdin: 'x',
      env: mockEnv(),
    })
    expect(status).toBe(2)
    expect(stderr).not.toContain(marker)
  })

  it('with --json is one line of JSON on standard error', async () => {
    const { status, stdout, stderr } = await runCli(['encrypt', '--json', `--${marker}`])
    expect([status, stdout.length]).toEqual([2, 0])
    expect(stderr).toBe(
      '{"error":{"code":"usage","message":"encrypt has no such option","hint":"see kmseal encrypt --help"}}\n',
    )
  })
})

describe('the command that is loaded', () => {
  it.each<[string[], string | undefined]>([
    [[], undefined],
    [['encrypt'], 'encrypt'],
    [['--json', 'encrypt', 'decrypt'], 'encrypt'],
    [['--region', 'decrypt', 'encrypt'], 'encrypt'],
    [['--backend', 'mock', 'mock', 'status'], 'mock'],
    [['help', 'decrypt'], 'decrypt'],
    [['-q'], undefined],
  ])('of %j is %s', (argv, name) => {
    expect(namedCommand(argv)).toBe(name)
  })

  it('takes global options on either side', async () => {
    const env = { KMSEAL_MOCK_DIR: mockEnv()['KMSEAL_MOCK_DIR'] }
    for (const argv of [
      ['--backend', 'mock', 'random', '--number-of-bytes', '4', '--encoding', 'hex'],
      ['random', '--number-of-bytes', '4', '--encoding', 'hex', '--backend', 'mock'],
      ['--backend', 'aws', 'random', '--number-of-bytes', '4', '--encoding', 'hex', '--backend', 'mock'],
    ]) {
      const { status, stdout, stderr } = await runCli(argv, { env })
      expect([status, stderr]).toEqual([0, ''])
      expect(stdout.toString()).toMatch(/^[0-9a-f]{8}\n$/)
    }
  })
})
