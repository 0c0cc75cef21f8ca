import { describe, expect, it } from 'vitest'
import { type ByteSource, bytesSource } from '../../../src/byte-stream.ts'
import { digest, endlessSource, pipedSource, RecordingSink, testBytes } from '../../helpers/byte-streams.ts'
import { type OpenOptions, openedInto } from '../../helpers/envelopes.ts'
import { HandmadeMessage, handmadeDataKey } from '../../helpers/handmade-message.ts'
import { DataKeyKeyring } from '../../helpers/vectors.ts'

const keyring = new DataKeyKeyring(handmadeDataKey)
const plaintext = testBytes(40)
const frames = [plaintext.subarray(0, 16), plaintext.subarray(16, 32), plaintext.subarray(32)] as const

/** What reached the sink, and the outcome: `opened` or the text of the refusal. */
async function outcome(message: Uint8Array | ByteSource, options: OpenOptions = {}) {
  const sink = new RecordingSink()
  const result = await openedInto(sink, message, { keyring, ...options }).then(
    () => 'opened',
    error => {
      expect(error).toMatchObject({ name: 'KmsealError', code: 'integrity' })
      return error.message as string
    },
  )
  return { result, bytes: digest(sink.bytes()) }
}

const refused = (result: string, released: Uint8Array = Buffer.alloc(0)) => ({
  result,
  bytes: digest(released),
})
const outOfOrder = (sequence: number, released?: Uint8Array) =>
  refused(`the frames of the message are out of order at frame ${sequence}`, released)
const cut = refused('the message is cut: its end is missing')
const trailing = refused('bytes follow the end of the message')

describe('a framed message', () => {
  const message = new HandmadeMessage()
  const [first, second, third] = frames
  const one = message.frame(1, first)
  const two = message.frame(2, second)
  const last = message.final(3, third)

  it.each([0x0478, 0x0178, 0x0078, 0x0378, 0x0578] as const)(
    'of suite 0x%i written by hand is opened',
    async suite => {
      const made = new HandmadeMessage({ suite, context: { é: 'ü' } })
      const whole = made.whole(made.frame(1, first), made.frame(2, second), made.final(3, third))
      expect(await outcome(whole, { allowLegacy: true })).toEqual({
        result: 'opened',
        bytes: digest(plaintext),
      })
    },
  )

  it('may end in a full final frame, as other writers do', async () => {
    const whole = message.whole(one, message.final(2, second))
    expect(await outcome(whole)).toEqual({ result: 'opened', bytes: digest(plaintext.subarray(0, 32)) })
  })

  it('leaves nothing of its final frame in its own buffers', async () => {
    for (const end of [
      message.final(2, second),
      Buffer.concat([message.final(2, second), Buffer.alloc(1)]),
    ]) {
      const given: Uint8Array[] = []
      const sink = {
        write: async (chunks: readonly Uint8Array[]) => void given.push(...chunks),
        commit: async () => undefined,
        abort: async () => undefined,
      }
      await openedInto(sink, message.whole(one, end), { keyring }).catch(() => undefined)
      await new Promise(setImmediate)
      expect(given.filter(chunk => chunk.some(byte => byte !== 0))).toEqual([])
    }
  })

  it('may end in an empty final frame', async () => {
    const whole = message.whole(one, message.final(2, Buffer.alloc(0)))
    expect(await outcome(whole)).toEqual({ result: 'opened', bytes: digest(first) })
  })

  it('is refused when frames are swapped, doubled, left out, or do not begin at 1', async () => {
    expect(await outcome(message.whole(two, one, last))).toEqual(outOfOrder(1))
    expect(await outcome(message.whole(one, one, two, last))).toEqual(outOfOrder(2))
    expect(await outcome(message.whole(one, last))).toEqual(outOfOrder(2, first))
    expect(await outcome(message.whole(message.frame(0, first), last))).toEqual(outOfOrder(1))
    expect(await outcome(message.whole(message.frame(2, first), message.final(3, third)))).toEqual(
      outOfOrder(1),
    )
  })

  it('is refused when its final frame has another number than comes next', async () => {
    expect(await outcome(message.whole(one, two, message.final(4, third)))).toEqual(
      outOfOrder(3, plaintext.subarray(0, 32)),
    )
    expect(await outcome(message.whole(one, two, message.final(2, third)))).toEqual(
      outOfOrder(3, plaintext.subarray(0, 32)),
    )
  })

  it('is refused without a final frame, at once where a shorter frame shows it', async () => {
    expect((await outcome(message.whole(one, two))).result).toBe(cut.result)
    expect((await outcome(message.whole(one, message.frame(2, third)))).result).toBe(cut.result)
    expect(await outcome(message.header)).toEqual(cut)
  })

  it('is refused with two final frames', async () => {
    const doubled = message.whole(message.final(1, first), message.final(2, second))
    expect(await outcome(doubled)).toEqual(trailing)
    expect(await outcome(message.whole(message.final(1, first), message.final(1, first)))).toEqual(trailing)
  })

  it('is refused when a frame follows its final one', async () => {
    expect(await outcome(message.whole(message.final(1, first), two))).toEqual(trailing)
  })

  it('is refused when its final frame is longer than its frame length, though its tag is right', async () => {
    const long = message.final(1, plaintext.subarray(0, 17))
    expect(await outcome(message.whole(long))).toEqual(
      refused('the final frame of the message is longer than its frame length'),
    )
  })

  it('is refused when a final frame claims 4 GiB', async () => {
    const claim = Buffer.from(last)
    claim.writeUInt32BE(0xffffffff, 20)
    expect(await outcome(message.whole(one, two, claim))).toEqual(
      refused('the final frame of the message is longer than its frame length', plaintext.subarray(0, 32)),
    )
  })

  it('is refused when the parts are those of another message under the same key', async () => {
    const other = new HandmadeMessage({ messageIdByte: 0x4e })
    expect(await outcome(message.whole(one, other.frame(2, second), last))).toEqual(
      refused('frame 2 of the message was altered'),
    )
    expect(await outcome(message.whole(one, two, other.final(3, third)))).toEqual(
      expect.objectContaining({ result: 'frame 3 of the message was altered' }),
    )
  })

  it('is refused when a regular frame is passed off as the final one, or the other way round', async () => {
    const head = Buffer.from('ffffffff00000002' + '000000000000000000000002' + '00000010', 'hex')
    const asFinal = Buffer.concat([head, two.subarray(16)])
    expect((await outcome(message.whole(one, asFinal))).result).toBe('frame 2 of the message was altered')
    const asRegular = Buffer.concat([
      Buffer.from('00000002' + '000000000000000000000002', 'hex'),
      message.final(2, second).subarray(24),
    ])
    expect((await outcome(message.whole(one, asRegular, last))).result).toBe(
      'frame 2 of the message was altered',
    )
  })

  it('hands over no byte of a frame before its tag verified, and all frames before it', async () => {
    const length = 700_000
    const content = testBytes(3 * length + 5)
    const made = new HandmadeMessage({ frameLength: length })
    const parts = [0, 1, 2].map(n => made.frame(n + 1, content.subarray(n * length, (n + 1) * length)))
    const final = made.final(4, content.subarray(3 * length))
    expect(await outcome(made.whole(...parts, final))).toEqual({ result: 'opened', bytes: digest(content) })
    for (const bad of [0, 1, 2]) {
      const broken = parts.map(part => Buffer.from(part))
      broken[bad]?.fill(0x21, length + 16 + 15)
      expect(await outcome(made.whole(...broken, final))).toEqual({
        result: `frame ${bad + 1} of the message was altered`,
        bytes: digest(content.subarray(0, bad * length)),
      })
    }
    const brokenFinal = Buffer.from(final).fill(0x21, final.length - 1)
    expect(await outcome(made.whole(...parts, brokenFinal))).toEqual({
      result: 'frame 4 of the message was altered',
      bytes: digest(content.subarray(0, 3 * length)),
    })
  })

  it('hands over nothing of the final frame when something follows the message', async () => {
    const length = 700_000
    const content = testBytes(length + 99)
    const made = new HandmadeMessage({ frameLength: length })
    const whole = made.whole(
      made.frame(1, content.subarray(0, length)),
      made.final(2, content.subarray(length)),
    )
    for (const extra of [1, 1000, 3_000_000]) {
      expect(await outcome(Buffer.concat([whole, Buffer.alloc(extra)]))).toEqual({
        result: trailing.result,
        bytes: digest(content.subarray(0, length)),
      })
    }
  })

  it('is refused after a bounded look when bytes without end follow it', async () => {
    for (const frameLength of [16, 2 ** 20]) {
      const made = new HandmadeMessage({ frameLength })
      const whole = made.whole(made.frame(1, testBytes(frameLength)), made.final(2, Buffer.from('x')))
      const source = endlessSource(whole)
      expect((await outcome(source)).result).toBe(trailing.result)
      expect(source.taken()).toBeLessThan(12 * 1024 * 1024)
    }
    const unframed = new HandmadeMessage({ framed: false })
    const source = endlessSource(unframed.whole(unframed.block(Buffer.from('x'))))
    expect((await outcome(source)).result).toBe(trailing.result)
    expect(source.taken()).toBeLessThan(1024 * 1024)
  })

  it('is refused when its source gives nothing after an exact chunk of frames', async () => {
    const made = new HandmadeMessage({ frameLength: 2 ** 20 })
    const whole = made.whole(made.frame(1, testBytes(2 ** 20)), made.frame(2, testBytes(2 ** 20)))
    expect((await outcome(pipedSource(whole, [65_536]))).result).toBe(cut.result)
  })
})

describe('a signed message', () => {
  const message = new HandmadeMessage({ suite: 0x0578 })
  const unfooted = Buffer.concat([
    message.header,
    message.frame(1, frames[0]),
    message.frame(2, frames[1]),
    message.final(3, frames[2]),
  ])
  const footer = message.footer(unfooted)
  const wrongSignature = 'the signature of the message does not verify'
  const incomplete = 'the message is cut: its signature is incomplete'
  const resultOf = async (...parts: Uint8Array[]) =>
    (await outcome(Buffer.concat([unfooted, ...parts]))).result

  it('is opened with its signature', async () => {
    expect(await resultOf(footer)).toBe('opened')
  })

  it('is refused without signature, or with a part of it', async () => {
    expect(await resultOf()).toBe(incomplete)
    for (const length of [1, 2, 3, footer.length - 1])
      expect(await resultOf(footer.subarray(0, length))).toBe(incomplete)
  })

  it('is refused when its signature is of other bytes, of another key, empty or no signature', async () => {
    expect(await resultOf(message.footer(Buffer.from('other bytes')))).toBe(wrongSignature)
    expect(await resultOf(new HandmadeMessage({ suite: 0x0578 }).footer(unfooted))).toBe(wrongSignature)
    expect(await resultOf(Buffer.from([0, 0]))).toBe(wrongSignature)
    expect(await resultOf(Buffer.from([0, 3, 1, 2, 3]))).toBe(wrongSignature)
    expect(await resultOf(Buffer.from([0xff, 0xff]), Buffer.alloc(65_535))).toBe(wrongSignature)
  })

  it('is refused when anything follows its signature', async () => {
    expect(await resultOf(footer, Buffer.alloc(1))).toBe(trailing.result)
    expect(await resultOf(footer, footer)).toBe(trailing.result)
    expect(await resultOf(footer, Buffer.alloc(4_000_000))).toBe(trailing.result)
  })

  it('is refused when its header is one of another message with the same content', async () => {
    const twin = new HandmadeMessage({ suite: 0x0578 })
    const body = unfooted.subarray(message.header.length)
    const result = await outcome(Buffer.concat([twin.header, body, footer]))
    expect(result.result).toBe(wrongSignature)
  })

  it('is refused when its suite is signed and its context has no public key, and the other way round', async () => {
    const parts = [message.frame(1, frames[0]), message.final(2, frames[1])]
    const context = {
      'aws-crypto-public-key': 'A59ZZfzJj076VM6CYKkilbIC0Lwf/KCbv8mfqJTXivfdbTrUiJLyD4YWamFxh/bo0A==',
    }
    const unsignedWithKey = new HandmadeMessage({ context })
    expect(await outcome(unsignedWithKey.whole(unsignedWithKey.final(1, frames[0])))).toEqual(
      refused('none of the keys allowed here can open the message'),
    )
    const downgraded = Buffer.concat([new HandmadeMessage().header, ...parts])
    downgraded.set([0x05, 0x78], 1)
    expect((await outcome(downgraded)).bytes).toBe(digest(Buffer.alloc(0)))
    expect((await outcome(downgraded)).result).not.toBe('opened')
  })
})

describe('an unframed message', () => {
  const message = new HandmadeMessage({ framed: false })
  const content = testBytes(3_000_000)
  const block = message.block(content)

  it('is opened, signed or not, of any length', async () => {
    for (const size of [0, 1, 2 ** 20 - 1, 2 ** 20, 2 ** 20 + 1, content.length]) {
      for (const suite of [0x0478, 0x0578, 0x0178] as const) {
        const made = new HandmadeMessage({ framed: false, suite })
        const part = content.subarray(0, size)
        expect(await outcome(made.whole(made.block(part)), { allowLegacy: true })).toEqual({
          result: 'opened',
          bytes: digest(part),
        })
      }
    }
  })

  it('is refused when its content or tag was altered', async () => {
    for (const at of [20, 1_500_000, block.length - 17, block.length - 1]) {
      const broken = Buffer.from(block)
      broken[at] = (broken[at] ?? 0) ^ 1
      expect((await outcome(message.whole(broken))).result).toBe('the body of the message was altered')
    }
  })

  it('is refused when its IV or its length was altered', async () => {
    const otherIv = Buffer.from(block)
    otherIv[0] = 1
    expect((await outcome(message.whole(otherIv))).result).toBe('the body of the message was altered')
    const shorter = Buffer.from(block)
    shorter.writeBigUInt64BE(BigInt(content.length - 1), 12)
    expect((await outcome(message.whole(shorter))).result).toBe('the body of the message was altered')
  })

  it('is refused when it claims more than is there, without reserving memory for it', async () => {
    const longer = Buffer.from(block)
    longer.writeBigUInt64BE(2n ** 36n - 33n, 12)
    expect((await outcome(message.whole(longer))).result).toBe(cut.result)
  })

  it.each([2n ** 36n - 32n, 2n ** 53n + 1n, 2n ** 64n - 1n])(
    'is refused when it claims %i bytes',
    async length => {
      const claim = Buffer.from(block)
      claim.writeBigUInt64BE(length, 12)
      expect(await outcome(message.whole(claim))).toEqual(
        refused('the unframed message claims more bytes than AES-GCM can hold'),
      )
    },
  )

  it('is refused when something follows it', async () => {
    for (const extra of [1, 70_000, 3_000_000])
      expect((await outcome(message.whole(block, Buffer.alloc(extra)))).result).toBe(trailing.result)
    const signed = new HandmadeMessage({ framed: false, suite: 0x0578 })
    const whole = signed.whole(signed.block(content))
    for (const extra of [1, 70_000, 3_000_000])
      expect((await outcome(Buffer.concat([whole, Buffer.alloc(extra)]))).result).toBe(trailing.result)
  })

  it('is refused when a framed body stands in it', async () => {
    expect((await outcome(message.whole(message.final(1, frames[0])))).result).not.toBe('opened')
  })
})

it('reads a message the same from memory as from a pipe in pieces of any size', async () => {
  const message = new HandmadeMessage({ frameLength: 1000 })
  const content = testBytes(1_100_500)
  const parts = Array.from({ length: 1100 }, (_, n) =>
    message.frame(n + 1, content.subarray(n * 1000, n * 1000 + 1000)),
  )
  const whole = message.whole(...parts, message.final(1101, content.subarray(1_100_000)))
  for (const lengths of [[65_536], [1, 70_001, 3], [whole.length]]) {
    expect(await outcome(pipedSource(whole, lengths))).toEqual({ result: 'opened', bytes: digest(content) })
  }
  expect(await outcome(bytesSource(whole))).toEqual({ result: 'opened', bytes: digest(content) })
})
