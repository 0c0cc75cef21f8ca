import { Writable } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ClosedPipeError } from '../../src/cli/closed-pipe.ts'
import { encodingSink, holdBack, streamSink, writeTo } from '../../src/cli/stdout-sink.ts'
import { KmsealError } from '../../src/errors.ts'
import { digest, pieces, RecordingSink, systemError, testBytes } from '../helpers/byte-streams.ts'

describe('holding back', () => {
  const refusal = new KmsealError('failed', 'too long')

  it('releases nothing before the commit, and everything in order then', async () => {
    const inner = new RecordingSink()
    const sink = holdBack(inner, { limit: 100, refusal })
    await Promise.all([sink.write([Buffer.from('ab'), Buffer.from('c')]), sink.write([Buffer.from('d')])])
    expect([inner.writes, inner.commits]).toEqual([0, 0])
    await sink.commit()
    expect([inner.bytes().toString(), inner.commits, inner.aborts]).toEqual(['abcd', 1, 0])
  })

  it('keeps copies, since chunks may be reused', async () => {
    const inner = new RecordingSink()
    const sink = holdBack(inner, { limit: 100, refusal })
    const chunk = Buffer.from('abc')
    await sink.write([chunk])
    chunk.fill(0)
    await sink.commit()
    expect(inner.bytes().toString()).toBe('abc')
  })

  it('releases nothing at abort', async () => {
    const inner = new RecordingSink()
    const sink = holdBack(inner, { limit: 100, refusal })
    await sink.write([Buffer.from('abc')])
    await sink.abort()
    expect([inner.writes, inner.commits, inner.aborts]).toEqual([0, 0, 1])
  })

  it('holds its limit, and refuses one byte more without releasing any', async () => {
    const inner = new RecordingSink()
    const sink = holdBack(inner, { limit: 4, refusal })
    await sink.write([Buffer.from('abcd')])
    await expect(sink.write([Buffer.from('e')])).rejects.toBe(refusal)
    await sink.abort()
    expect(inner.writes).toBe(0)
  })

  it('lets everything pass beyond its limit when it refuses nothing, in order', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 60 }),
        fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 4 }),
        fc.nat(70),
        async (bytes, lengths, limit) => {
          const inner = new RecordingSink({ delay: write => (write % 2 === 0 ? 1 : undefined) })
          const sink = holdBack(inner, { limit })
          await Promise.all(pieces(bytes, lengths).map(piece => sink.write([piece])))
          expect(inner.writes > 0).toBe(bytes.length > limit)
          await sink.commit()
          expect(inner.bytes()).toEqual(Buffer.from(bytes))
        },
      ),
      { numRuns: 60 },
    )
  })

  it('shows the first bytes to a check before they leave, whose refusal stops them', async () => {
    for (const limit of [0, 100]) {
      const inner = new RecordingSink()
      const seen: string[] = []
      const sink = holdBack(inner, { limit }, held => {
        seen.push(Buffer.from(held).toString())
        throw refusal
      })
      const writing = (async () => {
        await sink.write([Buffer.from('ab'), Buffer.from('c')])
        await sink.commit()
      })()
      await expect(writing).rejects.toBe(refusal)
      await sink.abort()
      expect([seen, inner.writes, inner.commits]).toEqual([['abc'], 0, 0])
    }
  })

  it('passes the failure of the inner sink on', async () => {
    const error = systemError('EPIPE')
    const sink = holdBack(new RecordingSink({ fail: () => error }), { limit: 100 })
    await sink.write([Buffer.from('a')])
    await expect(sink.commit()).rejects.toBe(error)
  })
})

describe('text instead of bytes', () => {
  it.each(['base64', 'hex'] as const)(
    'as %s is the same as encoding at once, over any chunks, with one newline',
    async encoding => {
      await fc.assert(
        fc.asyncProperty(
          fc.uint8Array({ maxLength: 100 }),
          fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
          fc.boolean(),
          async (bytes, lengths, overlapping) => {
            const inner = new RecordingSink({
              delay: write => (overlapping && write % 3 === 0 ? 1 : undefined),
            })
            const sink = encodingSink(inner, encoding)
            const all = pieces(bytes, lengths)
            if (overlapping) await Promise.all(all.map(piece => sink.write([piece])))
            else for (let at = 0; at < all.length; at += 2) await sink.write(all.slice(at, at + 2))
            await sink.commit()
            expect(inner.bytes().toString()).toBe(`${Buffer.from(bytes).toString(encoding)}\n`)
          },
        ),
        { numRuns: 80 },
      )
    },
  )

  it('raw is the bytes and nothing else', async () => {
    const inner = new RecordingSink()
    const sink = encodingSink(inner, 'raw')
    await sink.write([Buffer.from([0, 255]), Buffer.from([10])])
    await sink.finish()
    await sink.commit()
    expect(inner.bytes()).toEqual(Buffer.from([0, 255, 10]))
    expect([inner.commits, inner.aborts]).toEqual([1, 0])
  })

  it('commits and aborts what is behind it', async () => {
    const inner = new RecordingSink()
    await encodingSink(inner, 'hex').abort()
    expect([inner.commits, inner.aborts, inner.writes]).toEqual([0, 1, 0])
  })

  it('encodes a long stream', async () => {
    const bytes = testBytes(3_000_001)
    const inner = new RecordingSink()
    const sink = encodingSink(inner, 'base64')
    for (const piece of pieces(bytes, [1_000_000, 1, 77_777])) await sink.write([piece])
    await sink.commit()
    expect(digest(inner.bytes())).toBe(digest(Buffer.from(`${bytes.toString('base64')}\n`)))
  })
})

describe('a stream', () => {
  const collecting = (delay: number) => {
    const chunks: Buffer[] = []
    const stream = new Writable({
      highWaterMark: 10,
      write(chunk, _encoding, done) {
        chunks.push(Buffer.from(chunk))
        setTimeout(done, delay)
      },
    })
    return { stream, text: () => Buffer.concat(chunks).toString() }
  }

  it('has taken everything, in order, when a write ends', async () => {
    const { stream, text } = collecting(2)
    const sink = streamSink(stream)
    await Promise.all([sink.write([Buffer.from('ab'), Buffer.from('cd')]), sink.write([Buffer.from('ef')])])
    expect(text()).toBe('abcdef')
    await sink.commit()
    expect(stream.writableEnded).toBe(false)
  })

  it.each(['EPIPE', 'ERR_STREAM_DESTROYED'])('that nobody reads any more ends silently: %s', async code => {
    const stream = new Writable({ write: (_chunk, _encoding, done) => done(systemError(code)) })
    stream.on('error', () => undefined)
    await expect(writeTo(stream, 'x')).rejects.toBeInstanceOf(ClosedPipeError)
    const sink = streamSink(stream)
    const outcomes = await Promise.allSettled([
      sink.write([Buffer.from('x')]),
      sink.write([Buffer.from('y')]),
    ])
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    await sink.abort()
  })

  it('that fails otherwise is reported with the reason of the system', async () => {
    const stream = new Writable({ write: (_chunk, _encoding, done) => done(systemError('ENOSPC')) })
    stream.on('error', () => undefined)
    await expect(writeTo(stream, 'x')).rejects.toMatchObject({
      code: 'failed',
      message: 'cannot write to standard output: no space is left on the device',
    })
  })
})
