import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bytesSource, MemorySink } from '../../src/byte-stream.ts'
import { open } from '../../src/core/open.ts'
import { type SealRequest, seal } from '../../src/core/seal.ts'
import {
  failingSource,
  RecordingSink,
  type SinkBehaviour,
  systemError,
  testBytes,
} from '../helpers/byte-streams.ts'
import { HandmadeMessage, handmadeDataKey } from '../helpers/handmade-message.ts'
import { keyA, StubKms } from '../helpers/stub-kms.ts'

const unhandled: unknown[] = []
const record = (reason: unknown): void => void unhandled.push(reason)

beforeEach(() => {
  unhandled.length = 0
  process.on('unhandledRejection', record)
})

afterEach(async () => {
  // Rejections that nobody took show up after the work that they belong to.
  await new Promise(resolve => setTimeout(resolve, 15))
  process.off('unhandledRejection', record)
  expect(unhandled).toEqual([])
})

const frameLength = 256 * 1024
const chunks = 8
const plaintext = testBytes(chunks * 1024 * 1024 + 17)
const kms = new StubKms()
const sealRequest: SealRequest = {
  kms: kms.access(),
  keyIds: [keyA],
  context: {},
  mode: 'envelope',
  sign: false,
  frameLength,
  emptyAllowed: false,
}
const openRequest = { kms: kms.access(), pins: [], context: {} }

const message = async (sign: boolean): Promise<Buffer> => {
  const sink = new MemorySink(2 * plaintext.length)
  await seal(bytesSource(plaintext), sink, { ...sealRequest, sign })
  return sink.bytes()
}
const messages = { unsigned: await message(false), signed: await message(true) }

const operations = {
  seal: (sink: RecordingSink) => seal(bytesSource(plaintext), sink, sealRequest),
  'seal and sign': (sink: RecordingSink) =>
    seal(bytesSource(plaintext), sink, { ...sealRequest, sign: true }),
  open: (sink: RecordingSink) => open(bytesSource(messages.unsigned), sink, openRequest),
  'open and verify': (sink: RecordingSink) => open(bytesSource(messages.signed), sink, openRequest),
}
const names = Object.keys(operations) as (keyof typeof operations)[]

/** Runs an operation against a sink that misbehaves, and expects its very error and exactly one abort. */
async function expectAborted(
  operation: (sink: RecordingSink) => Promise<unknown>,
  behaviour: SinkBehaviour,
  error: Error,
  commits = 0,
): Promise<RecordingSink> {
  const sink = new RecordingSink(behaviour)
  await expect(operation(sink)).rejects.toBe(error)
  expect([sink.commits, sink.aborts, sink.late]).toEqual([commits, 1, []])
  return sink
}

describe.each(names)('%s, when the sink fails', name => {
  const operation = operations[name]

  it('works when it does not fail, and commits once', async () => {
    const sink = new RecordingSink()
    await operation(sink)
    expect([sink.commits, sink.aborts, sink.late]).toEqual([1, 0, []])
  })

  it('rejects with its error and aborts once, whichever write it is', async () => {
    const count = new RecordingSink()
    await operation(count)
    for (let bad = 0; bad < count.writes; bad += 1) {
      for (const code of ['ENOSPC', 'EPIPE']) {
        const error = systemError(code)
        await expectAborted(operation, { fail: write => (write === bad ? error : undefined) }, error)
      }
    }
  })

  it('rejects with its error when the write fails late, with others under way', async () => {
    for (const bad of [0, 1, 4]) {
      const error = systemError('ENOSPC')
      const delay = (write: number) => (write === bad ? 10 : 1)
      await expectAborted(operation, { delay, fail: write => (write === bad ? error : undefined) }, error)
    }
  })

  it('rejects with the first error when every write fails from then on', async () => {
    const error = systemError('EPIPE')
    const fail = (write: number) => (write === 2 ? error : write > 2 ? systemError('EPIPE') : undefined)
    await expectAborted(operation, { fail, delay: () => 1 }, error)
  })

  it('rejects with the error of the commit', async () => {
    const error = systemError('EIO')
    await expectAborted(operation, { failCommit: error }, error, 1)
  })
})

describe('a source that fails', () => {
  it.each([undefined, 5])('makes sealing reject with its error and abort once (after %s ms)', async delay => {
    for (const at of [0, 1, 4096, 4097, 1_000_000, 3_333_333]) {
      const error = systemError('EIO')
      const sink = new RecordingSink({ delay: () => 2 })
      const sealing = seal(failingSource(plaintext.subarray(0, at), error, delay), sink, sealRequest)
      await expect(sealing).rejects.toBe(error)
      expect([sink.commits, sink.aborts]).toEqual([0, 1])
    }
  })

  it.each([undefined, 5])('makes opening reject with its error and abort once (after %s ms)', async delay => {
    for (const at of [0, 1, 100, 20_000, 1_000_000, 3_333_333, messages.unsigned.length - 1]) {
      const error = systemError('EIO')
      const sink = new RecordingSink({ delay: () => 2 })
      const opening = open(failingSource(messages.unsigned.subarray(0, at), error, delay), sink, openRequest)
      await expect(opening).rejects.toBe(error)
      expect([sink.commits, sink.aborts]).toEqual([0, 1])
    }
  })

  it('and a sink that fails at the same time give one of the two errors, and one abort', async () => {
    const errors = [systemError('EIO'), systemError('ENOSPC')] as const
    const sink = new RecordingSink({ delay: () => 3, fail: write => (write === 1 ? errors[1] : undefined) })
    const source = failingSource(plaintext.subarray(0, 2_000_000), errors[0], 3)
    const error = await seal(source, sink, sealRequest).catch(caught => caught)
    expect(errors).toContain(error)
    expect([sink.commits, sink.aborts]).toEqual([0, 1])
  })
})

describe('a message that does not verify', () => {
  const known = new StubKms()
  known.answer = ({ name }) =>
    name === 'Decrypt' ? { KeyId: keyA, Plaintext: Uint8Array.from(handmadeDataKey) } : undefined
  const wrappedBy = ['aws-kms', keyA] as const
  const content = testBytes(2_500_000)

  const unframed = new HandmadeMessage({ framed: false, wrappedBy })
  const signed = new HandmadeMessage({ suite: 0x0578, frameLength: 3_000_000, wrappedBy })
  const framed = new HandmadeMessage({ frameLength: 1_000_000, wrappedBy })
  const flipped = (bytes: Buffer, at: number): Buffer => {
    const copy = Buffer.from(bytes)
    copy[at] = (copy[at] ?? 0) ^ 1
    return copy
  }

  it.each([
    [
      'unframed with a wrong tag',
      flipped(unframed.whole(unframed.block(content)), -1 + unframed.whole(unframed.block(content)).length),
    ],
    ['unframed and extended', Buffer.concat([unframed.whole(unframed.block(content)), Buffer.alloc(1)])],
    [
      'signed with a wrong signature',
      (bytes => flipped(bytes, bytes.length - 1))(signed.whole(signed.final(1, content))),
    ],
    ['signed and without signature', Buffer.concat([signed.header, signed.final(1, content)])],
    ['framed and cut', framed.whole(framed.frame(1, content.subarray(0, 1_000_000)))],
  ])('is never committed: %s', async (_what, bytes) => {
    const sink = new RecordingSink({ delay: () => 1 })
    const opening = open(bytesSource(bytes), sink, { kms: known.access(), pins: [], context: {} })
    await expect(opening).rejects.toMatchObject({ code: 'integrity' })
    expect([sink.commits, sink.aborts]).toEqual([0, 1])
  })
})
