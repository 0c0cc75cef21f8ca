import { describe, expect, it } from 'vitest'
import { bytesSource, readUpTo } from '../../../src/byte-stream.ts'
import { readHeader } from '../../../src/core/message/read-header.ts'
import { endlessSource, pipedSource, testBytes } from '../../helpers/byte-streams.ts'
import { HandmadeMessage } from '../../helpers/handmade-message.ts'

describe('the header at the front of a source', () => {
  const long = {
    context: Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`key ${n}`, 'v'.repeat(999)])),
  }

  it.each([
    ['short', {}],
    ['of 50 KB', long],
  ])('is read when it is %s, and leaves the rest as it was', async (_what, options) => {
    const { header: bytes } = new HandmadeMessage(options)
    const body = testBytes(100_000)
    const { header, rest } = await readHeader(pipedSource(Buffer.concat([bytes, body]), [1000, 7, 5000]), 10)
    expect(Buffer.concat([header.body, header.auth])).toEqual(bytes)
    expect(Buffer.from(await readUpTo(rest, 200_000))).toEqual(body)
  })

  it.each([0, 1, 40, 4096, 49_000])(
    'is refused as cut when the source ends after %i bytes of it',
    async length => {
      const { header } = new HandmadeMessage(long)
      await expect(readHeader(bytesSource(header.subarray(0, length)), 10)).rejects.toMatchObject({
        code: 'integrity',
        message: 'the message is cut: it ends inside its header',
      })
    },
  )

  it('is refused after a few kilobytes when it claims 65,535 keys, however many follow', async () => {
    const { header } = new HandmadeMessage({ keyCount: 65_535 })
    const source = endlessSource(header)
    await expect(readHeader(source, 10)).rejects.toMatchObject({
      code: 'integrity',
      message: 'the message claims 65535 encrypted data keys, more than the 10 allowed',
    })
    expect(source.taken()).toBeLessThanOrEqual(4096)
  })

  it('is refused within 128 KiB when an endless source claims a long context and many keys', async () => {
    const claim = Buffer.concat([
      Buffer.from([2, 0x04, 0x78]),
      Buffer.alloc(32),
      Buffer.from([0xff, 0xff, 0, 1]),
    ])
    const source = endlessSource(claim)
    await expect(readHeader(source, 10)).rejects.toMatchObject({ code: 'integrity' })
    expect(source.taken()).toBeLessThanOrEqual(128 * 1024)
  })
})
