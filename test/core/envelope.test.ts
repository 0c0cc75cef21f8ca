import { MultiKeyringNode } from '@aws-crypto/material-management-node'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytesSource } from '../../src/byte-stream.ts'
import { checkFrameLength, maxFrameLength, openEnvelope, sealEnvelope } from '../../src/core/envelope.ts'
import { readHeader } from '../../src/core/message/read-header.ts'
import { digest, pipedSource, RecordingSink, testBytes } from '../helpers/byte-streams.ts'
import { aesKeyring, opened, openedInto, sealed } from '../helpers/envelopes.ts'
import { HandmadeMessage, handmadeDataKey } from '../helpers/handmade-message.ts'
import { DataKeyKeyring } from '../helpers/vectors.ts'

const knownKey = new DataKeyKeyring(handmadeDataKey)

async function refusal(message: Uint8Array, options = {}): Promise<{ text: string; writes: number }> {
  const sink = new RecordingSink()
  try {
    await openedInto(sink, message, options)
  } catch (error) {
    expect(error).toMatchObject({ name: 'KmsealError', code: 'integrity' })
    return { text: (error as Error).message, writes: sink.writes }
  }
  return { text: 'opened', writes: sink.writes }
}

describe('a round trip', () => {
  const frame = fc.oneof(
    fc.integer({ min: 1, max: 64 }),
    fc.integer({ min: 1, max: 70_000 }),
    fc.constantFrom(1024 * 1024 - 1, 1024 * 1024),
  )
  const anyCase = frame.chain(frameLength =>
    fc.record({
      frameLength: fc.constant(frameLength),
      // Up to 3 MB, but not more than a few thousand frames.
      size: fc.oneof(
        fc.nat(Math.min(3_000_000, frameLength * 3000)),
        fc.nat(Math.min(3, Math.floor(3_000_000 / frameLength))).map(count => count * frameLength),
        fc.constant(frameLength + 1),
      ),
      sign: fc.boolean(),
      sourcePieces: fc.array(fc.integer({ min: 1, max: 200_000 }), { minLength: 1, maxLength: 5 }),
      messagePieces: fc.array(fc.integer({ min: 1, max: 200_000 }), { minLength: 1, maxLength: 5 }),
      known: fc.boolean(),
      delays: fc.array(fc.option(fc.nat(2), { nil: undefined }), { minLength: 1, maxLength: 8 }),
      seed: fc.nat(),
    }),
  )

  it('gives the same bytes for any frame length, size, read sizes and delays of the sink', async () => {
    await fc.assert(
      fc.asyncProperty(anyCase, async made => {
        const plaintext = testBytes(made.size, made.seed)
        const delay = (write: number) => made.delays[write % made.delays.length]
        const coarse = (lengths: number[]) => lengths.map(length => Math.max(length, made.size >> 10))
        const written = new RecordingSink({ delay })
        const sealing = await sealEnvelope(
          made.known ? bytesSource(plaintext) : pipedSource(plaintext, coarse(made.sourcePieces)),
          written,
          { keyring: aesKeyring(), context: { a: 'b' }, sign: made.sign, frameLength: made.frameLength },
        )
        expect(sealing.plaintextBytes).toBe(made.size)
        const read = new RecordingSink({ delay })
        const result = await openedInto(read, pipedSource(written.bytes(), coarse(made.messagePieces)))
        expect(result.plaintextBytes).toBe(made.size)
        expect(digest(read.bytes())).toBe(digest(plaintext))
      }),
      { numRuns: 60 },
    )
  })

  it('keeps any encryption context', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 12 }).filter(value => !/\p{Cs}/u.test(value))
    const context = fc.dictionary(text, text, { maxKeys: 5 })
    await fc.assert(
      fc.asyncProperty(context, async pairs => {
        const message = await sealed(Buffer.from('x'), { context: pairs })
        const { header } = await openedInto(new RecordingSink(), message)
        expect(Object.entries(header.context).sort()).toEqual(Object.entries(pairs).sort())
      }),
      { numRuns: 60 },
    )
  })
})

describe('every message', () => {
  it('has a message id of its own, and content that nobody can compare', async () => {
    const messages = await Promise.all(Array.from({ length: 20 }, () => sealed(Buffer.alloc(64))))
    const headers = await Promise.all(messages.map(message => readHeader(bytesSource(message), 10)))
    const ids = headers.map(({ header }) => Buffer.from(header.messageId).toString('hex'))
    expect(new Set(ids).size).toBe(20)
    expect(new Set(messages.map(message => message.subarray(-40).toString('hex'))).size).toBe(20)
  })

  it('is of a committing suite, signed only on request', async () => {
    const plain = await sealed(Buffer.alloc(1))
    expect(plain.subarray(0, 3)).toEqual(Buffer.from('020478', 'hex'))
    const signed = await sealed(Buffer.alloc(1), { sign: true })
    expect(signed.subarray(0, 3)).toEqual(Buffer.from('020578', 'hex'))
  })
})

describe('an altered message', () => {
  const plaintext = testBytes(20)

  it.each([
    ['unsigned', async () => sealed(plaintext, { context: { app: 'demo' } }), aesKeyring(), 1],
    [
      'unframed',
      async () => {
        const message = new HandmadeMessage({ framed: false })
        return message.whole(message.block(plaintext))
      },
      // Such a keyring does not look at what wraps the data key, so these bits count for the header tag alone.
      knownKey,
      1,
    ],
    // Checking signatures is slow: two or three bits of each byte.
    ['signed', async () => sealed(plaintext, { sign: true }), aesKeyring(), 3],
  ])('is refused when a single bit differs (%s)', async (_kind, make, keyring, step) => {
    const message = await make()
    expect(await opened(message, { keyring })).toEqual(plaintext)
    const accepted: number[] = []
    for (let bit = 0; bit < message.length * 8; bit += step) {
      const altered = Buffer.from(message)
      altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      if ((await refusal(altered, { keyring })).text === 'opened') accepted.push(bit)
    }
    expect(accepted).toEqual([])
  })

  it.each([
    ['unsigned', false],
    ['signed', true],
  ])('is refused when it is cut after any byte (%s)', async (_kind, sign) => {
    const message = await sealed(plaintext, { sign })
    for (let length = 0; length < message.length; length += 1) {
      const { text } = await refusal(message.subarray(0, length))
      expect(`${length} ${text}`).toMatch(/^\d+ the message is cut: /)
    }
  })

  it('is refused when it is cut after any byte (unframed)', async () => {
    const made = new HandmadeMessage({ framed: false })
    const message = made.whole(made.block(plaintext))
    for (let length = 0; length < message.length; length += 1) {
      const { text } = await refusal(message.subarray(0, length), { keyring: knownKey })
      expect(`${length} ${text}`).toMatch(/^\d+ the message is cut: /)
    }
  })

  it.each([
    [false, 16],
    [true, 16],
    [false, 1024 * 1024],
    [true, 1024 * 1024],
    [false, 3 * 1024 * 1024],
    [true, 3 * 1024 * 1024],
  ])(
    'is refused when anything follows its end (signed: %s, frames of %i bytes)',
    async (sign, frameLength) => {
      for (const size of [20, 2 * frameLength, 2 * frameLength + 1]) {
        const message = await sealed(testBytes(size), { sign, frameLength })
        const second = await sealed(testBytes(5), { sign, frameLength })
        for (const extra of [Buffer.alloc(1), second, Buffer.alloc(70_000), Buffer.alloc(9_000_000)]) {
          const { text } = await refusal(Buffer.concat([message, extra]))
          expect(text).toBe('bytes follow the end of the message')
        }
      }
    },
  )
})

describe('policies', () => {
  const legacy = new HandmadeMessage({ suite: 0x0178 })
  const message = legacy.whole(legacy.final(1, Buffer.from('old')))

  it('refuse a suite without key commitment before any key is asked, unless legacy is allowed', async () => {
    let asked = 0
    const sink = new RecordingSink()
    const request = {
      keyring: {
        get keyring() {
          asked += 1
          return knownKey
        },
        refused: [],
      },
      context: {},
      maxEncryptedDataKeys: 10,
      maxFrameLength: 1000,
      allowLegacy: false,
    }
    await expect(openEnvelope(bytesSource(message), sink, request)).rejects.toMatchObject({
      code: 'integrity',
      message: 'the message uses algorithm suite 0x0178, which does not commit to one key',
      hint: 'if you trust its origin, read it with --allow-legacy and encrypt it again',
    })
    expect([asked, sink.writes]).toEqual([0, 0])
    expect(await opened(message, { keyring: knownKey, allowLegacy: true })).toEqual(Buffer.from('old'))
  })

  it('refuse a frame length of 4 GiB without reserving memory for it', async () => {
    const claim = new HandmadeMessage({ frameLength: 0xffffffff })
    const before = process.memoryUsage().arrayBuffers
    const opening = openedInto(new RecordingSink(), claim.whole(claim.final(1, Buffer.alloc(3))), {
      keyring: knownKey,
      maxFrameLength,
    })
    await expect(opening).rejects.toMatchObject({
      code: 'integrity',
      message: 'the message claims frames of 4294967295 bytes, more than the 67108864 allowed',
      hint: 'if you trust its origin, raise --max-frame-length',
    })
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 1024 * 1024)
  })

  it('accept a frame length up to the given limit, and none above it', async () => {
    const made = new HandmadeMessage({ frameLength: 1000 })
    const whole = made.whole(made.final(1, Buffer.from('x')))
    expect(await opened(whole, { keyring: knownKey, maxFrameLength: 1000 })).toEqual(Buffer.from('x'))
    expect((await refusal(whole, { keyring: knownKey, maxFrameLength: 999 })).text).toBe(
      'the message claims frames of 1000 bytes, more than the 999 allowed',
    )
  })

  it('refuse more encrypted data keys than allowed', async () => {
    const keyring = new MultiKeyringNode({
      generator: aesKeyring('one'),
      children: [aesKeyring('two'), aesKeyring('three')],
    })
    const message = await sealed(Buffer.from('x'), { keyring })
    expect(await opened(message, { keyring: aesKeyring('three'), maxEncryptedDataKeys: 3 })).toEqual(
      Buffer.from('x'),
    )
    expect((await refusal(message, { keyring: aesKeyring('one'), maxEncryptedDataKeys: 2 })).text).toBe(
      'the message claims 3 encrypted data keys, more than the 2 allowed',
    )
  })

  it('refuse a message that commits to another key, although header tag and body are right for this one', async () => {
    const made = new HandmadeMessage({ commitment: Buffer.alloc(32, 1) })
    const { text, writes } = await refusal(made.whole(made.final(1, Buffer.from('x'))), { keyring: knownKey })
    expect([text, writes]).toEqual(['the key commitment of the message does not verify', 0])
  })

  it('refuse a header whose tag is wrong before any byte of the body reaches the sink', async () => {
    const made = new HandmadeMessage()
    const whole = made.whole(made.frame(1, Buffer.alloc(16)), made.final(2, Buffer.from('x')))
    const at = made.header.length - 1
    whole[at] = (whole[at] ?? 0) ^ 1
    const seen: unknown[] = []
    const { text, writes } = await refusal(whole, {
      keyring: knownKey,
      onHeader: (header: unknown) => seen.push(header),
    })
    expect([text, writes, seen]).toEqual(['the header of the message was altered', 0, []])
  })

  it('tell the header after it verified and before any plaintext, and stop when that throws', async () => {
    const sink = new RecordingSink()
    const made = new HandmadeMessage({ context: { a: 'b' } })
    const whole = made.whole(made.final(1, Buffer.from('x')))
    const stop = new Error('stop')
    const opening = openedInto(sink, whole, {
      keyring: knownKey,
      onHeader: header => {
        expect({ ...header.context }).toEqual({ a: 'b' })
        throw stop
      },
    })
    await expect(opening).rejects.toBe(stop)
    expect(sink.writes).toBe(0)
  })
})

describe('the expected encryption context', () => {
  it('must be in the message, which may carry more, such as the key of its signature', async () => {
    const message = await sealed(Buffer.from('x'), { context: { env: 'prod', q: 'a=b,c==' }, sign: true })
    for (const context of [{}, { env: 'prod' }, { q: 'a=b,c==', env: 'prod' }])
      expect(await opened(message, { context })).toEqual(Buffer.from('x'))
  })

  it.each([
    ['another value', { env: 'secret-dev' }, 'env differs'],
    ['another case', { Env: 'prod' }, 'Env differs'],
    ['one pair too many', { env: 'prod', team: 'secret-x' }, 'team differs'],
    ['a name that every object has', { constructor: 'secret-x' }, 'constructor differs'],
  ])('is refused for %s, naming the key and never the value', async (_what, context, text) => {
    const message = await sealed(Buffer.from('x'), { context: { env: 'prod' } })
    const sink = new RecordingSink()
    await expect(openedInto(sink, message, { context })).rejects.toMatchObject({
      code: 'integrity',
      message: `the message has another encryption context: ${text}`,
      hint: 'kmseal inspect shows the encryption context of the message',
    })
    expect(sink.writes).toBe(0)
  })
})

it('is refused as integrity when the key is another, without the words of the library', async () => {
  const message = await sealed(Buffer.from('x'))
  const opening = opened(message, { keyring: aesKeyring('two') })
  await expect(opening).rejects.toMatchObject({
    code: 'integrity',
    message: 'none of the keys allowed here can open the message',
    details: ['kmseal-test one: not tried: it is not among the keys allowed here'],
  })
})

it('checks frame lengths for writing', () => {
  expect([1, 4096, 64 * 1024 * 1024].map(checkFrameLength)).toEqual([1, 4096, 64 * 1024 * 1024])
  for (const wrong of [0, -1, 1.5, Number.NaN, 64 * 1024 * 1024 + 1]) {
    expect(() => checkFrameLength(wrong)).toThrow(
      expect.objectContaining({ code: 'usage', message: 'a frame length is from 1 to 67108864 bytes' }),
    )
  }
})
