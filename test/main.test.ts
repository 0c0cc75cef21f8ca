import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { describe, expect, it, vi } from 'vitest'
import { main } from '../src/main.ts'
import { systemError } from './helpers/byte-streams.ts'
import { runCli } from './helpers/cli.ts'
import { testFolder } from './helpers/folder.ts'
import { mockEnv } from './helpers/mock-env.ts'

const silent = new Writable({ write: (_chunk, _encoding, done) => done() })

describe('the exit status', () => {
  it('of success is 0, and standard error is silent', async () => {
    const env = mockEnv()
    const sealed = await runCli(['--backend', 'mock', 'encrypt'], { stdin: 'Zm9vYmFy', env })
    expect([sealed.status, sealed.stderr]).toEqual([0, ''])
    const opened = await runCli(['--backend', 'mock', 'decrypt'], { stdin: sealed.stdout, env })
    expect([opened.status, opened.stdout.toString(), opened.stderr]).toEqual([0, 'Zm9vYmFy', ''])
  })

  it.each<[number, string, string[], string]>([
    [
      1,
      'a refusal of another kind',
      ['encrypt', '--mode', 'direct', '--key-id', 'alias/rsa'],
      'InvalidKeyUsageException',
    ],
    [2, 'usage', ['encrypt', '--mode', 'wrong'], '--mode takes one of'],
    [3, 'a key that is not there', ['encrypt', '--key-id', 'alias/missing'], 'alias/missing'],
    [3, 'a file that is not there', ['encrypt', '/nonexistent'], '/nonexistent does not exist'],
    [5, 'a ciphertext that does not open', ['decrypt', '--ciphertext', 'AQICAHhBQUFB'], 'was altered'],
    [8, 'what exists already', ['create-key', '--alias', 'alias/rsa'], 'exists'],
  ])('is %i for %s', async (status, _what, argv, text) => {
    const env = mockEnv()
    await runCli(
      ['create-key', '--key-spec', 'RSA_2048', '--key-usage', 'ENCRYPT_DECRYPT', '--alias', 'alias/rsa'],
      { env },
    )
    const result = await runCli(['--quiet', ...argv], { stdin: 'x', env })
    expect([result.status, result.stdout.toString()]).toEqual([status, ''])
    expect(result.stderr).toContain(text)
    expect(result.stderr).toMatch(/^kmseal: error: /)
  })

  it('is 4 for what the key policy denies', async () => {
    const env = mockEnv()
    const made = await runCli(['create-key', '--json'], { env })
    const { Arn: arn } = JSON.parse(made.stdout.toString()) as { Arn: string }
    const other = { ...env, KMSEAL_MOCK_PRINCIPAL: 'arn:aws:iam::999999999999:root' }
    const result = await runCli(['encrypt', '--key-id', arn], { stdin: 'x', env: other })
    expect([result.status, result.stdout.toString()]).toEqual([4, ''])
    expect(result.stderr).toContain('AccessDeniedException')
  })

  it('is 6 for an endpoint where nobody listens', async () => {
    const env = { AWS_REGION: 'eu-west-1', AWS_ENDPOINT_URL: 'http://127.0.0.1:9', AWS_MAX_ATTEMPTS: '1' }
    const result = await runCli(['encrypt', '--key-id', 'alias/a'], { stdin: 'x', env })
    expect([result.status, result.stdout.toString()]).toEqual([6, ''])
    expect(result.stderr).toBe(
      'kmseal: error: kms:Encrypt failed for key alias/a: AWS could not be reached (connection refused)\n' +
        'kmseal: hint: check --endpoint-url, --region and the network, or work offline with --backend mock\n',
    )
  })

  /** Runs the program where writing to standard output fails. */
  async function runFailing(argv: readonly string[], code: string) {
    const chunks: Buffer[] = []
    const stderr = new Writable({
      write(chunk, _encoding, done) {
        chunks.push(Buffer.from(chunk))
        done()
      },
    })
    const stdout = new Writable({ write: (_chunk, _encoding, done) => done(systemError(code)) })
    const status = await main(argv, { stdin: Readable.from([]), stdout, stderr, env: mockEnv() })
    return [status, Buffer.concat(chunks).toString()]
  }

  const printing = [
    ['random', '--number-of-bytes', '4'],
    ['--version'],
    ['--version', '--no-color'],
    ['--help'],
    ['encrypt', '--help'],
    ['help'],
    ['help', 'encrypt'],
    ['help', 'iam'],
  ]

  it.each(printing)('is 141 and silent when nobody reads standard output: %s %s', async (...argv) => {
    for (const code of ['EPIPE', 'ERR_STREAM_DESTROYED'])
      expect(await runFailing(argv, code)).toEqual([141, ''])
  })

  it.each(printing)(
    'is 1 when standard output cannot be written, with the reason: %s %s',
    async (...argv) => {
      const reason = 'kmseal: error: cannot write to standard output: no space is left on the device\n'
      expect(await runFailing(argv, 'ENOSPC')).toEqual([1, reason])
    },
  )
})

describe('an error that nobody foresaw', () => {
  const failing = (argv: string[]) => {
    const stdin = new Readable({
      read() {
        this.destroy(new RangeError('hunter2-XYZ'))
      },
    })
    const chunks: Buffer[] = []
    const stderr = new Writable({
      write(chunk, _encoding, done) {
        chunks.push(Buffer.from(chunk))
        done()
      },
    })
    return main(argv, { stdin, stdout: silent, stderr, env: mockEnv() }).then(status => ({
      status,
      stderr: Buffer.concat(chunks).toString(),
    }))
  }

  it('is called internal, by its kind and without its text', async () => {
    expect(await failing(['encrypt'])).toEqual({
      status: 1,
      stderr:
        'kmseal: error: internal error (RangeError)\n' +
        'kmseal: hint: this is a fault of kmseal: please report it with the output of --debug\n',
    })
  })

  it('shows its stack with --debug, and still not its text', async () => {
    const { stderr } = await failing(['encrypt', '--debug'])
    expect(stderr).toContain('kmseal: debug: RangeError\n')
    expect(stderr).toMatch(/kmseal: debug: {3}at /)
    expect(stderr).not.toContain('hunter2')
  })
})

it('reads no more of standard input than it needs, and lets it go', async () => {
  const stdin = new Readable({ read: () => undefined })
  stdin.push(Buffer.alloc(9000, 'x'))
  const io = { stdin, stdout: silent, stderr: silent, env: mockEnv() }
  const status = await main(['put-param', '/large'], io)
  expect([status, stdin.destroyed]).toEqual([2, true])
})

it('opens no stream that it does not use', async () => {
  const opened = vi.fn()
  const io = {
    get stdin() {
      opened('stdin')
      return new Readable()
    },
    get stdout() {
      opened('stdout')
      return silent
    },
    stderr: silent,
    env: mockEnv(),
  }
  expect(await main(['put-param', '/x', '--value', 'v', '-o'], io)).toBe(2)
  expect(await main(['delete-param', '/x', '--ignore-missing'], io)).toBe(0)
  expect(opened).not.toHaveBeenCalled()
})

it('leaves no listener for signals behind', async () => {
  const count = () => ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'].map(signal => process.listenerCount(signal))
  const before = count()
  await runCli(['encrypt', '--mode', 'wrong'])
  expect(count()).toEqual(before)
})

it('says which file failed, escaped', async () => {
  const folder = testFolder()
  const name = join(folder, 'a\u001b[31mb')
  writeFileSync(name, 'not a ciphertext at all!')
  const result = await runCli(['inspect', name])
  expect(result.status).toBe(5)
  expect(result.stderr).not.toContain('\u001b')
})
