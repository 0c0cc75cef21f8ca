import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { bareEnv, binary, type ProcessResult, Workplace } from '../helpers/process.ts'

const place = new Workplace()
const binaryBytes = Buffer.concat([randomBytes(1000), Buffer.from([0, 255, 10])])

beforeAll(() => {
  writeFileSync(place.path('small'), binaryBytes)
  writeFileSync(place.path('p4096'), randomBytes(4096))
  writeFileSync(place.path('p4097'), randomBytes(4097))
  writeFileSync(place.path('large'), randomBytes(5 * 1024 * 1024 + 17))
  writeFileSync(place.path('empty'), '')
})
afterAll(() => place.remove())

function silentSuccess(result: ProcessResult): Buffer {
  expect(result.stderr).toBe('')
  expect(result.status).toBe(0)
  return result.stdout
}

function refusal(result: ProcessResult, status: number): string {
  expect(result.stdout.length).toBe(0)
  expect(result.status).toBe(status)
  expect(result.stderr).toMatch(/^kmseal: error: /)
  expect(result.stderr).not.toMatch(/undefined|null|\[object|\n\s+at /)
  return result.stderr
}

describe('round trips', () => {
  it('give back exactly what came in, through a pipe of two processes', async () => {
    const result = await place.shell('printf test | kmseal encrypt | kmseal decrypt')
    expect(silentSuccess(result).toString()).toBe('test')
  })

  it.each([
    'test',
    'Zm9vYmFy',
    'http://127.0.0.1:9/',
    '@4=pw',
    'file:///etc/hostname',
    '-',
    '--help',
    '\u{feff}x',
  ])('leave %j as it is', async text => {
    const sealed = await place.kmseal(['encrypt'], { stdin: text })
    const opened = await place.kmseal(['decrypt'], { stdin: silentSuccess(sealed) })
    expect(silentSuccess(opened).toString()).toBe(text)
  })

  it.each([
    ['small', 'direct'],
    ['p4096', 'direct'],
    ['p4097', 'envelope'],
    ['large', 'envelope'],
    ['empty', 'envelope'],
  ])('of %s are %s, from file to file and from pipe to pipe', async (name, mode) => {
    silentSuccess(await place.kmseal(['encrypt', name, '-o', `${name}.enc`]))
    const inspected = silentSuccess(await place.run(['inspect', `${name}.enc`, '--json']))
    expect(JSON.parse(inspected.toString()).Mode).toBe(mode)
    silentSuccess(await place.kmseal(['decrypt', `${name}.enc`, '-o', `${name}.dec`]))
    const plaintext = readFileSync(place.path(name))
    expect(readFileSync(place.path(`${name}.dec`)).equals(plaintext)).toBe(true)
    if (name === 'empty') return
    const sealed = silentSuccess(await place.kmseal(['encrypt'], { stdin: plaintext }))
    expect(silentSuccess(await place.kmseal(['decrypt'], { stdin: sealed })).equals(plaintext)).toBe(true)
  })

  it.each(['direct', 'envelope'])('keep binary with NULs in mode %s', async mode => {
    const sealed = silentSuccess(await place.kmseal(['encrypt', '--mode', mode], { stdin: binaryBytes }))
    expect(silentSuccess(await place.kmseal(['decrypt'], { stdin: sealed })).equals(binaryBytes)).toBe(true)
    await place.kmseal(['decrypt', '-o', `${mode}.out`], { stdin: sealed })
    expect(readFileSync(place.path(`${mode}.out`)).equals(binaryBytes)).toBe(true)
  })

  it('tell of a final newline only where a line of text has one', async () => {
    const binary = await place.kmseal(['encrypt'], { stdin: Buffer.from([0, 255, 1, 10]) })
    silentSuccess(binary)
    const text = await place.kmseal(['encrypt'], { stdin: 'secret\n' })
    expect(text.stderr).toMatch(/^kmseal: the input ends in a newline/)
  })

  it('of a signed message verify the signature and say so', async () => {
    const sealed = silentSuccess(await place.kmseal(['encrypt', '--sign'], { stdin: 'x' }))
    const opened = await place.kmseal(['decrypt', '--json'], { stdin: sealed })
    expect(JSON.parse(silentSuccess(opened).toString())).toMatchObject({
      Mode: 'envelope',
      Signed: true,
      Plaintext: 'eA==',
    })
  })
})

describe('what encrypt wrote can be decrypted', () => {
  it('in every form that text takes on its way', async () => {
    const C = silentSuccess(await place.kmseal(['encrypt'], { stdin: 'pw' }))
      .toString()
      .trim()
    const wrapped = C.replace(/.{64}/g, '$&\r\n')
    const forms: Record<string, string | Uint8Array> = {
      'without a final line end': C,
      'with a final LF': `${C}\n`,
      'wrapped at 64 with CRLF': wrapped,
      'as words': wrapped.replace(/\r\n/g, ' '),
      'with a byte order mark': `\u{feff}${C}`,
      'URL-safe': C.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', ''),
      'as hex': Buffer.from(C, 'base64').toString('hex'),
      raw: Buffer.from(C, 'base64'),
    }
    for (const [form, text] of Object.entries(forms)) {
      const opened = await place.kmseal(['decrypt'], { stdin: text })
      expect([form, silentSuccess(opened).toString()]).toEqual([form, 'pw'])
      writeFileSync(place.path('form'), text)
      expect([form, silentSuccess(await place.kmseal(['decrypt', 'form'])).toString()]).toEqual([form, 'pw'])
    }
    expect(silentSuccess(await place.kmseal(['decrypt', '--ciphertext', C])).toString()).toBe('pw')
    const twice = await place.kmseal(['decrypt'], { stdin: Buffer.from(C).toString('base64') })
    expect(refusal(twice, 5)).toContain('base64 text of base64 text')
  })
})

describe('the encryption context', () => {
  const pairs = ['--encryption-context', 'env=prod', '--encryption-context', '{"q":"a=b,c=="}']

  it.each(['direct', 'envelope'])('must match in mode %s', async mode => {
    const sealed = silentSuccess(await place.kmseal(['encrypt', '--mode', mode, ...pairs], { stdin: 'x' }))
    const open = (...args: string[]) =>
      place.kmseal(['decrypt', ...args.flatMap(a => ['--encryption-context', a])], { stdin: sealed })
    silentSuccess(await open('{"q":"a=b,c=="}', 'env=prod'))
    expect(refusal(await open('env=Prod', '{"q":"a=b,c=="}'), 5)).toContain('encryption context')
    expect(refusal(await open('env=dev'), 5)).toContain('encryption context')
    expect(refusal(await open('env=prod', '{"q":"a=b,c=="}', 'more=1'), 5)).toContain('encryption context')
    if (mode === 'envelope') silentSuccess(await open('env=prod'))
    else expect(refusal(await open(), 5)).toContain('encryption-context')
  })

  it.each([
    'q=a=b,c==',
    'bare',
    'k=1,k=2',
    '{"k":1}',
    '{"k":"1","k":"2"}',
    '{"k":"1"',
    '=v',
    'aws-crypto-public-key=x',
  ])('is refused as %s', async text => {
    refusal(await place.kmseal(['encrypt', '--encryption-context', text], { stdin: 'x' }), 2)
  })
})

describe('a failed run', () => {
  it('leaves the target and no other file behind', async () => {
    await place.kmseal(['encrypt', 'large', '-o', 'victim.enc'])
    const message = readFileSync(place.path('victim.enc'))
    writeFileSync(place.path('target'), 'as it was')
    const before = readdirSync(place.folder)
    for (const [what, bytes] of Object.entries({
      flipped: Buffer.from(message).fill(
        (message.at(-20) ?? 0) ^ 1,
        message.length - 20,
        message.length - 19,
      ),
      'cut at the end': message.subarray(0, -20),
      'cut in the header': message.subarray(0, 60),
      extended: Buffer.concat([message, Buffer.from('x')]),
      'the same twice': Buffer.concat([message, message]),
    })) {
      writeFileSync(place.path('small.bad'), bytes)
      expect([what, refusal(await place.kmseal(['decrypt', 'small.bad', '-o', 'target']), 5)]).toEqual([
        what,
        expect.any(String),
      ])
      expect([what, refusal(await place.kmseal(['decrypt'], { stdin: bytes }), 5)]).toEqual([
        what,
        expect.any(String),
      ])
    }
    expect(readFileSync(place.path('target'), 'utf8')).toBe('as it was')
    expect(readdirSync(place.folder).filter(name => name !== 'small.bad')).toEqual(before)
  })

  it('on a full disk says so', async () => {
    expect(refusal(await place.kmseal(['encrypt', 'large', '-o', '/dev/full']), 1)).toContain('no space')
    const result = await place.shell('kmseal encrypt small > /dev/full')
    expect(result.status).toBe(1)
    expect(result.stderr).toMatch(/cannot write to standard output/)
  })

  it.each([
    ['a directory', ['encrypt', '.'], 2],
    ['a missing file', ['encrypt', 'nowhere'], 3],
    ['a missing folder of the target', ['encrypt', 'small', '-o', 'nowhere/x'], 1],
    ['a directory as the target', ['encrypt', 'small', '-o', '.'], 2],
    ['an unknown key', ['encrypt', 'small', '--key-id', 'alias/nowhere'], 3],
    ['an unknown key for an envelope', ['encrypt', 'large', '--key-id', 'alias/nowhere'], 3],
    ['a malformed ARN', ['encrypt', 'small', '--key-id', 'arn:aws:kms:x'], 2],
    ['4097 bytes in direct mode', ['encrypt', 'p4097', '--mode', 'direct'], 2],
    ['an empty file in direct mode', ['encrypt', 'empty', '--mode', 'direct'], 2],
    ['nothing on standard input', ['encrypt'], 2],
    ['nothing to decrypt', ['decrypt'], 5],
    ['text that is no ciphertext', ['decrypt', '--ciphertext', 'no ciphertext!'], 5],
    ['a foreign ciphertext', ['decrypt', '--ciphertext', Buffer.alloc(200, 7).toString('base64')], 5],
    ['an unknown option', ['encrypt', '--hunter2'], 2],
    ['a missing value', ['encrypt', '--key-id'], 2],
    ['a format as the output', ['encrypt', 'small', '-o', 'json'], 2],
  ])('with %s has its exit status and one clear line', async (_what, args, status) => {
    const stderr = refusal(await place.kmseal(args), status)
    expect(stderr.split('\n').length).toBeLessThanOrEqual(3)
    expect(stderr).not.toContain('hunter2')
  })

  it('without credentials names the mock', async () => {
    const env = { AWS_EC2_METADATA_DISABLED: 'true', AWS_REGION: 'eu-west-1' }
    const result = await place.run(['encrypt', '--key-id', 'alias/x'], { stdin: 'x', env })
    expect(refusal(result, 4)).toContain('--backend mock')
  })
})

describe('a key on the command line of decrypt', () => {
  it('pins: other keys are refused before a byte is released', async () => {
    await place.kmseal(['create-key', '--alias', 'alias/other'])
    for (const name of ['small', 'large']) {
      await place.kmseal(['encrypt', name, '-o', 'pinned.enc'])
      silentSuccess(
        await place.kmseal(['decrypt', 'pinned.enc', '--key-id', 'alias/kmseal', '-o', 'pinned.dec']),
      )
      const stderr = refusal(await place.kmseal(['decrypt', 'pinned.enc', '--key-id', 'alias/other']), 5)
      if (name === 'large') expect(stderr).toMatch(/arn:aws:kms:us-east-1:000000000000:key\//)
    }
    const env = { KMSEAL_KEY_ID: 'alias/other' }
    silentSuccess(await place.kmseal(['decrypt', 'pinned.enc', '-o', 'pinned.dec'], { env }))
  })

  it('in another Region than the typed one is a contradiction', async () => {
    const arn = 'arn:aws:kms:eu-central-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab'
    const stderr = refusal(
      await place.kmseal(['encrypt', '--key-id', arn, '--region', 'us-east-1'], { stdin: 'x' }),
      2,
    )
    expect(stderr).toContain('eu-central-1')
    expect(stderr).toContain('us-east-1')
  })
})

describe('targets', () => {
  it('get mode 0600 whatever the umask, also over a file with another mode', async () => {
    silentSuccess(
      await place.shell(
        'umask 000; : > wide; chmod 666 wide; kmseal encrypt small -o wide; kmseal decrypt wide -o opened',
      ),
    )
    expect(statSync(place.path('wide')).mode & 0o777).toBe(0o600)
    expect(statSync(place.path('opened')).mode & 0o777).toBe(0o600)
  })

  it('may be /dev/null, a FIFO, or a process', async () => {
    silentSuccess(await place.kmseal(['encrypt', 'large', '-o', '/dev/null']))
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true)
    const result = await place.shell(`
      mkfifo pipe
      (cat pipe > through) & kmseal encrypt large -o pipe && wait
      kmseal decrypt through -o >(cat > opened2) && sleep 0.2 && cmp large opened2 && echo same`)
    expect(silentSuccess(result).toString()).toBe('same\n')
    const failing = await place.shell(`
      head -c 100000 through > cut
      (cat pipe > leaked) & kmseal decrypt cut -o pipe; wait; wc -c < leaked`)
    expect(failing.stdout.toString().trim()).toBe('0')
  })

  it('behind a symbolic link are replaced, not the link', async () => {
    writeFileSync(place.path('real'), 'old')
    symlinkSync('real', place.path('link'))
    silentSuccess(await place.kmseal(['encrypt', 'small', '-o', 'link']))
    expect(readFileSync(place.path('real')).length).toBeGreaterThan(1000)
    expect(readFileSync(place.path('link')).equals(readFileSync(place.path('real')))).toBe(true)
  })

  it.each(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const)(
    'of a run killed by %s leave no temporary file',
    async signal => {
      const child = spawn(process.execPath, [binary, '--backend', 'mock', 'encrypt', '-o', 'never'], {
        cwd: place.folder,
        env: bareEnv(place.env),
      })
      const ended = once(child, 'exit')
      // What the killed process did not read is lost with it.
      child.stdin.on('error', () => undefined)
      child.stdin.write(randomBytes(3_000_000))
      const temporary = () => readdirSync(place.folder).filter(name => name.startsWith('.kmseal-'))
      await vi.waitFor(() => expect(temporary()).toHaveLength(1), 10_000)
      child.kill(signal)
      // A process that dies of SIGQUIT leaves a core, with keys in it.
      expect(await ended).toEqual(signal === 'SIGQUIT' ? [131, null] : [null, signal])
      expect(temporary()).toEqual([])
      expect(existsSync(place.path('never'))).toBe(false)
    },
  )
})

describe('a source that stays open', () => {
  it('does not keep a failed run from ending', async () => {
    const result = await place.shell(`
      (head -c 20M /dev/zero; exec sleep 50) > >(kmseal encrypt -o /dev/full; echo $? > ended) &
      until test -s ended || ! kill -0 $!; do sleep 0.1; done
      cat ended
      kill $! && echo still open`)
    expect(result.stdout.toString()).toBe('1\nstill open\n')
  })
})

describe('a closed pipe', () => {
  beforeAll(async () => {
    silentSuccess(await place.kmseal(['encrypt', 'large', '-o', 'large.enc']))
  })

  it.each(['kmseal decrypt large.enc', 'kmseal encrypt large', 'kmseal encrypt large --encoding raw'])(
    'ends %s silently with 141',
    async command => {
      const result = await place.shell(
        `set -o pipefail; ${command} | head -c 1 > /dev/null; echo "\${PIPESTATUS[0]}"`,
      )
      expect(result.stderr).toBe('')
      expect(result.stdout.toString()).toBe('141\n')
    },
  )
})
