import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytesSource, commitBytes, eachPiece, MemorySink, prepend, readUpTo } from '../src/byte-stream.ts'
import { pipedSource, RecordingSink, systemError } from './helpers/byte-streams.ts'

const anyBytes = fc.uint8Array({ maxLength: 200 })
const asks = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 4 })

describe('a source', () => {
  it('fills what it is given until its end, from memory, behind other bytes, and from a pipe', async () => {
    await fc.assert(
      fc.asyncProperty(anyBytes, fc.nat(200), asks, async (bytes, cut, lengths) => {
        const at = Math.min(cut, bytes.length)
        const sources = [
          bytesSource(bytes),
          prepend(bytes.subarray(0, at), bytesSource(bytes.subarray(at))),
          prepend(bytes.subarray(0, at), pipedSource(bytes.subarray(at), lengths)),
        ]
        for (const source of sources) {
          const parts: Uint8Array[] = []
          for (let index = 0; ; index += 1) {
            const ask = lengths[index % lengths.length] ?? 1
            const part = await readUpTo(source, ask)
            parts.push(part)
            if (part.length < ask) break
          }
          expect(Buffer.concat(parts)).toEqual(Buffer.from(bytes))
        }
      }),
    )
  })

  it('serves overlapping reads in their order', async () => {
    await fc.assert(
      fc.asyncProperty(anyBytes, fc.nat(200), asks, async (bytes, cut, lengths) => {
        const source = prepend(bytes.subarray(0, cut), pipedSource(bytes.subarray(cut), [7, 1]))
        const targets = lengths.map(length => new Uint8Array(length))
        const counts = await Promise.all(targets.map(target => source.read(target)))
        const got = Buffer.concat(targets.map((target, index) => target.subarray(0, counts[index])))
        expect(got).toEqual(Buffer.from(bytes.subarray(0, got.length)))
        expect(got.length).toBe(
          Math.min(
            bytes.length,
            lengths.reduce((sum, length) => sum + length, 0),
          ),
        )
      }),
    )
  })

  it('knows its size in memory, and behind other bytes', () => {
    expect(bytesSource(Buffer.alloc(5)).size).toBe(5)
    expect(prepend(Buffer.alloc(3), bytesSource(Buffer.alloc(5))).size).toBe(8)
    expect(prepend(Buffer.alloc(3), pipedSource(Buffer.alloc(5), [1])).size).toBeUndefined()
  })
})

describe('a sink in memory', () => {
  it('keeps copies, since chunks may be reused', async () => {
    const sink = new MemorySink(100)
    const chunk = Buffer.from('abc')
    await sink.write([chunk, Buffer.from('d')])
    chunk.fill(0)
    expect(sink.bytes()).toEqual(Buffer.from('abcd'))
  })

  it('takes its limit, and fails beyond it', async () => {
    const sink = new MemorySink(4)
    await sink.write([Buffer.from('abcd')])
    await expect(sink.write([Buffer.from('e')])).rejects.toMatchObject({
      code: 'failed',
      message: 'the result is larger than 4 bytes',
    })
  })

  it('forgets everything at abort', async () => {
    const sink = new MemorySink(4)
    await sink.write([Buffer.from('abcd')])
    await sink.abort()
    expect(sink.bytes().length).toBe(0)
    await sink.write([Buffer.from('efgh')])
  })
})

describe('each piece', () => {
  it.each([0, 1, 1024 * 1024 - 1, 1024 * 1024, 1024 * 1024 + 1, 3 * 1024 * 1024 + 5])(
    'of %i bytes comes once, in order',
    async length => {
      const bytes = Buffer.alloc(length).map((_byte, index) => index % 251)
      const pieces: Uint8Array[] = []
      await eachPiece(bytesSource(bytes), piece => void pieces.push(Uint8Array.from(piece)))
      expect(Buffer.concat(pieces).equals(bytes)).toBe(true)
      expect(pieces.every(piece => piece.length > 0)).toBe(true)
    },
  )

  it('ends with the failure of the source, or of its use', async () => {
    const broken = { read: async () => Promise.reject(systemError('EIO')) }
    await expect(eachPiece(broken, () => undefined)).rejects.toMatchObject({ code: 'EIO' })
    let reads = 0
    const breaking = {
      read: async (target: Uint8Array) => {
        reads += 1
        if (reads > 1) throw systemError('EIO')
        return target.length
      },
    }
    const refusing = () => {
      throw systemError('EFBIG')
    }
    await expect(eachPiece(breaking, refusing)).rejects.toMatchObject({ code: 'EFBIG' })
  })
})

describe('one piece', () => {
  it('is written and committed', async () => {
    const sink = new RecordingSink()
    await commitBytes(sink, Buffer.from('x'))
    expect([sink.bytes().toString(), sink.commits, sink.aborts]).toEqual(['x', 1, 0])
  })

  it('is aborted when writing or committing fails', async () => {
    const error = systemError('ENOSPC')
    for (const sink of [new RecordingSink({ fail: () => error }), new RecordingSink({ failCommit: error })]) {
      await expect(commitBytes(sink, Buffer.from('x'))).rejects.toBe(error)
      expect(sink.aborts).toBe(1)
    }
  })
})
