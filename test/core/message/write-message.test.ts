import { describe, expect, it } from 'vitest'
import { type ByteSource, bytesSource, MemorySink } from '../../../src/byte-stream.ts'
import { sealEnvelope } from '../../../src/core/envelope.ts'
import { readHeader } from '../../../src/core/message/read-header.ts'
import { digest, pipedSource, testBytes } from '../../helpers/byte-streams.ts'
import { aesKeyring, opened, sealed } from '../../helpers/envelopes.ts'

/** The parts of a body with frames of one length: `sequence:length`, or `final sequence:length`. */
async function layout(message: Buffer, frameLength: number): Promise<string[]> {
  const { header } = await readHeader(bytesSource(message), 10)
  expect(header.frameLength).toBe(frameLength)
  let at = header.body.length + header.auth.length
  const parts: string[] = []
  for (;;) {
    if (message.readUInt32BE(at) !== 0xffffffff) {
      parts.push(`${message.readUInt32BE(at)}:${frameLength}`)
      at += 4 + 12 + frameLength + 16
      continue
    }
    const length = message.readUInt32BE(at + 20)
    parts.push(`final ${message.readUInt32BE(at + 4)}:${length}`)
    expect(at + 24 + length + 16).toBe(message.length)
    return parts
  }
}

describe('the frames of a message', () => {
  it.each([
    [0, ['final 1:0']],
    [1, ['final 1:1']],
    [15, ['final 1:15']],
    [16, ['1:16', 'final 2:0']],
    [17, ['1:16', 'final 2:1']],
    [32, ['1:16', '2:16', 'final 3:0']],
    [40, ['1:16', '2:16', 'final 3:8']],
  ])('of %i bytes are numbered from 1 and end in one final frame', async (size, parts) => {
    expect(await layout(await sealed(testBytes(size)), 16)).toEqual(parts)
  })

  it('are the same whether the length was known or the bytes came by a pipe', async () => {
    const plaintext = testBytes(50)
    const piped = await sealed(pipedSource(plaintext, [3, 20, 1]))
    expect(await layout(piped, 16)).toEqual(['1:16', '2:16', '3:16', 'final 4:2'])
    expect(await opened(piped)).toEqual(plaintext)
  })

  it('use their sequence number as IV, and no IV twice', async () => {
    const message = await sealed(testBytes(64))
    const { header } = await readHeader(bytesSource(message), 10)
    const start = header.body.length + header.auth.length
    const ivs = [0, 1, 2, 3].map(n =>
      message.subarray(start + n * 48 + 4, start + n * 48 + 16).toString('hex'),
    )
    expect(ivs).toEqual([1, 2, 3, 4].map(n => n.toString(16).padStart(24, '0')))
  })
})

describe('an announced length', () => {
  const announced = (bytes: Uint8Array, size: number): ByteSource => ({ ...bytesSource(bytes), size })

  it.each([0, 1, 16, 100, 2_500_000])('of %i bytes that is kept is accepted', async size => {
    const message = await sealed(announced(testBytes(size), size), { frameLength: 1000 })
    expect(digest(await opened(message))).toBe(digest(testBytes(size)))
  })

  it.each([
    [1, 0],
    [17, 16],
    [3_000_000, 2_999_999],
    [3_000_000, 1_000_000],
  ])('is refused when %i bytes come instead of %i', async (given, size) => {
    await expect(sealed(announced(testBytes(given), size), { frameLength: 1000 })).rejects.toMatchObject({
      code: 'failed',
      message: 'the input grew while it was being encrypted',
    })
  })

  it.each([
    [0, 1],
    [16, 17],
    [2_999_999, 3_000_000],
  ])('is refused when only %i bytes come instead of %i', async (given, size) => {
    await expect(sealed(announced(testBytes(given), size), { frameLength: 1000 })).rejects.toMatchObject({
      code: 'failed',
      message: 'the input shrank while it was being encrypted',
    })
  })

  it('that is exceeded is noticed before the surplus is sealed', async () => {
    const sink = new MemorySink(10_000_000)
    const request = { keyring: aesKeyring(), context: {}, sign: false, frameLength: 1024 * 1024 }
    const sealing = sealEnvelope(announced(testBytes(2 ** 21 + 1), 2 ** 21), sink, request)
    await expect(sealing).rejects.toMatchObject({ code: 'failed' })
    const whole = 2 * (2 ** 20 + 32)
    expect(sink.bytes().length).toBeLessThan(whole + 1000)
  })
})
