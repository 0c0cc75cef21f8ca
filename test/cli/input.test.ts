import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Readable, Writable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytesSource, readUpTo } from '../../src/byte-stream.ts'
import { openInput, openSecret, readWhole } from '../../src/cli/input.ts'
import type { Io } from '../../src/cli/io.ts'
import { digest, pieces, testBytes } from '../helpers/byte-streams.ts'
import { testFolder } from '../helpers/folder.ts'

const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
const ioWith = (bytes: Uint8Array, lengths: readonly number[] = [65_536]): Io => ({
  stdin: Readable.from(pieces(bytes, lengths)),
  stdout: nowhere,
  stderr: nowhere,
  env: {},
})

/** What a secret reads as, in reads of the given sizes, and whether the note about one line was made. */
async function secret(
  bytes: Uint8Array,
  options: { trim?: boolean; file?: string; lengths?: readonly number[]; asks?: readonly number[] } = {},
) {
  let notes = 0
  const source = await openSecret(ioWith(bytes, options.lengths), {
    file: options.file,
    question: 'Secret:',
    trim: options.trim === true,
    onSingleLine: () => {
      notes += 1
    },
  })
  const asks = options.asks ?? [100_000_000]
  const parts: Uint8Array[] = []
  for (let index = 0; ; index += 1) {
    const ask = asks[index % asks.length] ?? 1
    const part = await readUpTo(source, ask)
    parts.push(part)
    if (part.length < ask) break
  }
  await source.close()
  return { bytes: Buffer.concat(parts), notes, size: source.size }
}

describe('a secret', () => {
  it('is read as it is: nothing is trimmed, decoded or added', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async bytes => {
        expect((await secret(bytes, { lengths: [7, 1] })).bytes).toEqual(Buffer.from(bytes))
      }),
    )
    for (const text of ['Zm9vYmFy', 'Zm9vYmFy\n', '\ufeffx\r\n', ' x '])
      expect((await secret(Buffer.from(text))).bytes.toString()).toBe(text)
  })

  it.each([
    ['one line as echo gives', 'secret\n', 1],
    ['one line as Windows gives', 'secret\r\n', 1],
    ['no line end', 'secret', 0],
    ['two lines', 'a\nb\n', 0],
    ['a line end alone', '\n', 0],
    ['nothing', '', 0],
    ['an empty line behind', 'a\n\n', 0],
  ])('of %s gets a note only when a line end is hardly meant', async (_what, text, notes) => {
    expect((await secret(Buffer.from(text))).notes).toBe(notes)
    expect((await secret(Buffer.from(text), { trim: true })).notes).toBe(0)
  })

  it('from a file gets no note', async () => {
    const file = join(testFolder(), 'secret')
    writeFileSync(file, 'secret\n')
    expect(await secret(Buffer.alloc(0), { file })).toEqual({
      bytes: Buffer.from('secret\n'),
      notes: 0,
      size: 7,
    })
    expect((await secret(Buffer.alloc(0), { file, trim: true })).bytes.toString()).toBe('secret')
  })

  it('from a long file keeps its size, so that a change can be noticed', async () => {
    const file = join(testFolder(), 'secret')
    for (const size of [4096, 4097, 4098, 1_000_000]) {
      writeFileSync(file, testBytes(size))
      const read = await secret(Buffer.alloc(0), { file })
      expect([digest(read.bytes), read.size]).toEqual([digest(testBytes(size)), size])
    }
  })

  it('named - is standard input', async () => {
    expect((await secret(Buffer.from('x'), { file: '-' })).bytes.toString()).toBe('x')
  })

  it('from a terminal is asked for and not echoed', async () => {
    const stdin = Object.assign(new PassThrough(), { isTTY: true })
    const shown: string[] = []
    const stderr = new Writable({
      write(chunk, _encoding, done) {
        shown.push(String(chunk))
        done()
        // Not before: what is typed while nobody listens is lost.
        if (!answered && shown.join('').includes('Secret to encrypt:')) {
          answered = true
          setTimeout(() => stdin.write('hunter2\r'), 50)
        }
      },
    })
    let answered = false
    const opening = openSecret(
      { stdin, stdout: nowhere, stderr, env: {} },
      { file: undefined, question: 'Secret to encrypt:', trim: false, onSingleLine: () => undefined },
    )
    const source = await opening
    expect(Buffer.from(await readUpTo(source, 100)).toString()).toBe('hunter2')
    expect(shown.join('')).toContain('Secret to encrypt:')
    expect(shown.join('')).not.toContain('hunter2')
    await source.close()
  })
})

describe('trimming', () => {
  const expected = (bytes: Buffer): Buffer => {
    if (bytes.at(-1) !== 0x0a) return bytes
    return bytes.subarray(0, bytes.at(-2) === 0x0d ? -2 : -1)
  }

  it('drops exactly one final line end and nothing else, in short and long inputs and any reads', async () => {
    const ending = fc.constantFrom(
      '',
      '\n',
      '\r\n',
      '\r',
      '\n\n',
      '\r\n\r\n',
      '\n\r',
      '\r\r\n',
      'x\n',
      '\r\nx',
    )
    const size = fc.oneof(
      fc.nat(20),
      fc.integer({ min: 4080, max: 4110 }),
      fc.integer({ min: 8000, max: 9000 }),
    )
    await fc.assert(
      fc.asyncProperty(
        size,
        ending,
        fc.boolean(),
        fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 4 }),
        fc.array(fc.oneof(fc.integer({ min: 1, max: 5000 }), fc.constantFrom(1, 2, 3, 4096, 4097)), {
          minLength: 1,
          maxLength: 4,
        }),
        async (length, end, lines, lengths, asks) => {
          const body = Buffer.alloc(length, lines ? '\n' : 'x')
          const bytes = Buffer.concat([body, Buffer.from(end)])
          // Reads of one byte all the way would take long.
          const coarse = asks.map(ask => Math.max(ask, length >> 8))
          const trimmed = (await secret(bytes, { trim: true, lengths, asks: coarse })).bytes
          expect(digest(trimmed)).toBe(digest(expected(bytes)))
        },
      ),
      { numRuns: 150 },
    )
  })

  it('of a long input serves overlapping reads in their order', async () => {
    const bytes = Buffer.concat([testBytes(10_000), Buffer.from('\r\n')])
    const source = await openSecret(ioWith(bytes, [333]), {
      file: undefined,
      question: '',
      trim: true,
      onSingleLine: () => undefined,
    })
    const targets = [1, 4096, 5000, 5000, 10].map(size => new Uint8Array(size))
    const counts = await Promise.all(targets.map(target => source.read(target)))
    expect(counts).toEqual([1, 4096, 5000, 903, 0])
    expect(digest(Buffer.concat(targets.map((target, index) => target.subarray(0, counts[index]))))).toBe(
      digest(testBytes(10_000)),
    )
  })
})

describe('a whole input', () => {
  it('of its limit is taken, and one byte more refused', async () => {
    expect((await readWhole(bytesSource(Buffer.alloc(5)), 5, 'the value')).length).toBe(5)
    await expect(readWhole(bytesSource(Buffer.alloc(6)), 5, 'the value')).rejects.toMatchObject({
      code: 'usage',
      message: 'the value is larger than 5 bytes',
    })
  })
})

it('opens standard input without a name and for -, and a file otherwise', async () => {
  for (const name of [undefined, '-'])
    expect(Buffer.from(await readUpTo(await openInput(ioWith(Buffer.from('x')), name), 10)).toString()).toBe(
      'x',
    )
  await expect(openInput(ioWith(Buffer.alloc(0)), '/nonexistent/x')).rejects.toMatchObject({
    code: 'not-found',
  })
})
