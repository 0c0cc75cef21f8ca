import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import type { Io } from '../../src/cli/io.ts'
import { Output, type OutputSettings } from '../../src/cli/output.ts'
import { holdBackLimit } from '../../src/cli/stdout-sink.ts'
import { KmsealError, usageError } from '../../src/errors.ts'
import { testFolder } from '../helpers/folder.ts'

function captured(isTTY = false) {
  const chunks: Buffer[] = []
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(Buffer.from(chunk))
      done()
    },
  })
  return { stream: Object.assign(stream, { isTTY }), text: () => Buffer.concat(chunks).toString('latin1') }
}

function outputWith(settings: Partial<OutputSettings> = {}, isTTY = false) {
  const stdout = captured(isTTY)
  const stderr = captured(isTTY)
  const io: Io = { stdin: new PassThrough(), stdout: stdout.stream, stderr: stderr.stream, env: {}, cwd: '/' }
  const output = new Output(io, { json: false, quiet: false, debug: false, colours: true, ...settings })
  return { output, stdout: stdout.text, stderr: stderr.text }
}

const error = new KmsealError('denied', 'kms:Decrypt failed for key\u001b[31m alias/app', {
  hint: 'ask for it',
  details: ['one: no\n', 'two: no'],
  awsName: 'AccessDeniedException',
  cause: new Error('hunter2-XYZ'),
})

describe('an error', () => {
  it('as text says what failed, details and what to do, each on a line of its own, escaped', () => {
    const { output, stdout, stderr } = outputWith()
    output.error(error)
    expect(stderr()).toBe(
      'kmseal: error: kms:Decrypt failed for key\\u{1b}[31m alias/app\n' +
        'kmseal:   one: no\\n\n' +
        'kmseal:   two: no\n' +
        'kmseal: hint: ask for it\n',
    )
    expect(stdout()).toBe('')
  })

  it('as JSON is one line with code, name of AWS, message, details and hint', () => {
    const { output, stdout, stderr } = outputWith({ json: true })
    output.error(error)
    expect(stderr().split('\n').length).toBe(2)
    expect(JSON.parse(stderr())).toEqual({
      error: {
        code: 'denied',
        name: 'AccessDeniedException',
        message: 'kms:Decrypt failed for key\u001b[31m alias/app',
        details: ['one: no\n', 'two: no'],
        hint: 'ask for it',
      },
    })
    expect([stdout(), stderr().includes('\u001b')]).toEqual(['', false])
  })

  it('as JSON leaves absent members out', () => {
    const { output, stderr } = outputWith({ json: true })
    output.error(usageError('x'))
    expect(stderr()).toBe('{"error":{"code":"usage","message":"x"}}\n')
  })

  it('is reported with --quiet, too', () => {
    const { output, stderr } = outputWith({ quiet: true })
    output.error(usageError('x'))
    expect(stderr()).toBe('kmseal: error: x\n')
  })

  it('never shows the text of its cause, also with --debug', () => {
    for (const settings of [{}, { json: true }, { debug: true }]) {
      const { output, stderr } = outputWith(settings)
      output.error(error)
      output.stack(error)
      expect(stderr()).not.toContain('hunter2')
      expect(stderr().includes('debug: KmsealError')).toBe(Object.hasOwn(settings, 'debug'))
    }
  })

  it('shows where it came from with --debug, causes included', () => {
    const { output, stderr } = outputWith({ debug: true })
    output.stack(error)
    const lines = stderr().trimEnd().split('\n')
    expect(lines[0]).toBe('kmseal: debug: KmsealError')
    expect(lines).toContain('kmseal: debug: Error')
    expect(lines.every(line => /^kmseal: debug: (KmsealError|Error| {2}at .*)$/.test(line))).toBe(true)
  })
})

describe('a note', () => {
  it('goes to standard error, escaped, and is silent with --quiet', () => {
    const loud = outputWith()
    loud.output.note('a\u202eb')
    expect([loud.stderr(), loud.stdout()]).toEqual(['kmseal: a\\u{202e}b\n', ''])
    const quiet = outputWith({ quiet: true })
    quiet.output.note('a')
    expect(quiet.stderr()).toBe('')
  })
})

describe('a result', () => {
  const record = {
    KeyId: 'k',
    CiphertextBlob: Uint8Array.of(0, 255),
    CreationDate: new Date('2030-01-02T03:04:05.678Z'),
    Absent: undefined,
    Tags: [{ Value: Uint8Array.of(1) }],
    Nothing: null,
  }

  it('is the bare text, or one line of JSON with bytes as base64 and times in UTC', async () => {
    const text = outputWith()
    await text.output.result(record, 'value\n')
    expect(text.stdout()).toBe('value\n')
    const json = outputWith({ json: true })
    await json.output.result(record, 'value\n')
    expect(json.stdout()).toBe(
      '{"KeyId":"k","CiphertextBlob":"AP8=","CreationDate":"2030-01-02T03:04:05.678Z","Tags":[{"Value":"AQ=="}],"Nothing":null}\n',
    )
    expect([text.stderr(), json.stderr()]).toEqual(['', ''])
  })

  it('of nothing writes nothing', async () => {
    const { output, stdout } = outputWith()
    await output.result({}, '')
    expect(stdout()).toBe('')
  })

  it('keeps a member called __proto__', async () => {
    const { output, stdout } = outputWith({ json: true })
    await output.result({ EncryptionContext: JSON.parse('{"__proto__":"x"}') }, '')
    expect(stdout()).toBe('{"EncryptionContext":{"__proto__":"x"}}\n')
  })
})

const request = { output: undefined, encoding: 'raw', release: 'nothing', encodingChosen: false } as const

describe('bytes', () => {
  it('to standard output leave at commit, and not at abort', async () => {
    const kept = outputWith()
    const sink = await kept.output.sink(request)
    await sink.write([Buffer.from('secret')])
    expect(kept.stdout()).toBe('')
    await sink.commit()
    expect(kept.stdout()).toBe('secret')
    const dropped = outputWith()
    const other = await dropped.output.sink(request)
    await other.write([Buffer.from('secret')])
    await other.abort()
    expect(dropped.stdout()).toBe('')
  })

  it('of more than 64 MiB are refused on standard output, naming the ways out', async () => {
    const { output, stdout } = outputWith()
    const sink = await output.sink(request)
    const piece = Buffer.alloc(holdBackLimit / 4)
    for (let count = 0; count < 4; count += 1) await sink.write([piece])
    await expect(sink.write([Buffer.from('x')])).rejects.toMatchObject({
      code: 'failed',
      message: 'the message is longer than the 64 MiB that are held until verified',
      hint: 'write it to a file with -o FILE, or release each frame as it verifies with --stream',
    })
    await sink.abort()
    expect(stdout()).toBe('')
  })

  it('that are released early leave with the first write', async () => {
    const { output, stdout } = outputWith()
    const sink = await output.sink({ ...request, release: 'everything' })
    await sink.write([Buffer.from('a')])
    expect(stdout()).toBe('a')
    await sink.abort()
  })

  it.each([
    ['binary', Buffer.from([0xff, 0x00])],
    ['an escape sequence', Buffer.from('\u001b[2J')],
  ])('that are %s are refused on a terminal, naming the flags that allow it', async (_what, bytes) => {
    const { output, stdout } = outputWith({}, true)
    const sink = await output.sink(request)
    await sink.write([bytes])
    await expect(sink.commit()).rejects.toMatchObject({
      code: 'usage',
      message: 'the result is binary and standard output is a terminal',
      hint: 'write it to a file with -o FILE, or force it with --encoding raw (or base64, hex)',
    })
    expect(stdout()).toBe('')
  })

  it.each([
    ['text', Buffer.from('äöü\n'), request],
    ['binary, when raw was asked for', Buffer.from([0xff]), { ...request, encodingChosen: true }],
  ] as const)('that are %s go to a terminal unchanged', async (_what, bytes, wanted) => {
    const { output, stdout } = outputWith({}, true)
    const sink = await output.sink(wanted)
    await sink.write([bytes])
    await sink.commit()
    expect(stdout()).toBe(bytes.toString('latin1'))
  })

  it('as text go to a terminal and a pipe alike', async () => {
    for (const isTTY of [false, true]) {
      const { output, stdout } = outputWith({}, isTTY)
      const sink = await output.sink({ ...request, encoding: 'base64' })
      await sink.write([Buffer.from([0xff, 0])])
      await sink.commit()
      expect(stdout()).toBe('/wA=\n')
    }
  })

  it('into a file appear at commit, in the encoding that was asked for', async () => {
    const path = join(testFolder(), 'file')
    const { output, stdout } = outputWith()
    const sink = await output.sink({ ...request, output: path, encoding: 'hex' })
    await sink.write([Buffer.from([0xff, 0])])
    expect(existsSync(path)).toBe(false)
    await sink.commit()
    expect([readFileSync(path, 'utf8'), stdout()]).toEqual(['ff00\n', ''])
  })

  it('into what cannot be replaced keep the rules of standard output', async () => {
    const { output } = outputWith()
    const sink = await output.sink({ ...request, output: '/dev/full' })
    await sink.write([Buffer.from('x')])
    await expect(sink.commit()).rejects.toMatchObject({
      code: 'failed',
      message: 'cannot write /dev/full: no space is left on the device',
    })
    await sink.abort()
  })
})

describe('bytes with --json', () => {
  const run = async (sink: { write(chunks: Uint8Array[]): Promise<void>; commit(): Promise<void> }) => {
    await sink.write([Buffer.from([0xff, 0])])
    await sink.commit()
    return { KeyId: 'k' }
  }

  it('are a member of the record', async () => {
    const { output, stdout } = outputWith({ json: true })
    await output.bytes(request, 'Plaintext', run)
    expect(stdout()).toBe('{"Plaintext":"/wA=","KeyId":"k"}\n')
  })

  it('go into a file, and the record names it', async () => {
    const path = join(testFolder(), 'file')
    const { output, stdout } = outputWith({ json: true })
    await output.bytes({ ...request, output: path }, 'Plaintext', run)
    expect(JSON.parse(stdout())).toEqual({ Output: path, KeyId: 'k' })
    expect(readFileSync(path)).toEqual(Buffer.from([0xff, 0]))
  })

  it('have no encoding of their own on standard output', async () => {
    const { output, stdout } = outputWith({ json: true })
    const running = output.bytes({ ...request, encodingChosen: true }, 'Plaintext', run)
    await expect(running).rejects.toMatchObject({
      code: 'usage',
      message: '--encoding is for text and files: bytes in JSON are base64',
    })
    expect(stdout()).toBe('')
  })

  it('print nothing when the operation fails', async () => {
    const { output, stdout } = outputWith({ json: true })
    const running = output.bytes(request, 'Plaintext', async () => {
      throw error
    })
    await expect(running).rejects.toBe(error)
    expect(stdout()).toBe('')
  })
})

it('JSON has escapes for what would move the cursor or turn the text around, and means the same', async () => {
  const { output, stdout } = outputWith({ json: true })
  const Name = 'a\u202eb\u009b31mc\u2066d\u007f'
  await output.result({ Name }, '')
  expect(stdout()).toBe('{"Name":"a\\u202eb\\u009b31mc\\u2066d\\u007f"}\n')
  expect(JSON.parse(stdout())).toEqual({ Name })
})
