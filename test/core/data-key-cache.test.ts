import { describe, expect, it, vi } from 'vitest'
import { type ByteSource, bytesSource, MemorySink } from '../../src/byte-stream.ts'
import { type CacheLimits, DataKeyCache } from '../../src/core/data-key-cache.ts'
import { open } from '../../src/core/open.ts'
import { type SealRequest, seal } from '../../src/core/seal.ts'
import { testBytes } from '../helpers/byte-streams.ts'
import { keyA, keyB, StubKms } from '../helpers/stub-kms.ts'

const wide: CacheLimits = { maxAgeMs: 60_000, maxBytes: 1024 ** 3, maxMessages: 100 }

function sealing(cache: DataKeyCache, kms: StubKms) {
  return async (more: Partial<SealRequest> = {}, source: ByteSource = bytesSource(testBytes(10))) => {
    const sink = new MemorySink(1_000_000)
    await seal(source, sink, {
      kms: kms.access(),
      keyIds: [keyA],
      context: {},
      mode: 'envelope',
      sign: false,
      emptyAllowed: true,
      cache,
      ...more,
    })
    return sink.bytes()
  }
}

async function sealedWith(limits: Partial<CacheLimits>, count: number, bytes = 10) {
  const kms = new StubKms()
  const run = sealing(new DataKeyCache({ ...wide, ...limits }, 'test'), kms)
  for (let index = 0; index < count; index += 1) await run({}, bytesSource(testBytes(bytes)))
  return kms.operations().length
}

describe('limits are inclusive', () => {
  it.each([
    [1, 5, 5],
    [2, 5, 3],
    [5, 5, 1],
    [5, 6, 2],
  ])('%i messages for each data key: %i messages take %i', async (maxMessages, count, fetches) => {
    expect(await sealedWith({ maxMessages }, count)).toBe(fetches)
  })

  it.each([
    [10, 2],
    [19, 2],
    [20, 1],
    [9, 2],
  ])('%i bytes for each data key: 2 messages of 10 bytes take %i', async (maxBytes, fetches) => {
    expect(await sealedWith({ maxBytes }, 2)).toBe(fetches)
  })

  it('an age of 1000 ms lasts 1000 ms', async () => {
    vi.useFakeTimers({ now: 0 })
    try {
      const kms = new StubKms()
      const run = sealing(new DataKeyCache({ ...wide, maxAgeMs: 1000 }, 'test'), kms)
      await run()
      vi.setSystemTime(1000)
      await run()
      expect(kms.calls).toHaveLength(1)
      vi.setSystemTime(1001)
      await run()
      expect(kms.calls).toHaveLength(2)
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('a cold cache under concurrency', () => {
  it('fetches once, and keeps the limits', async () => {
    const kms = new StubKms()
    const cache = new DataKeyCache({ ...wide, maxMessages: 10 }, 'test')
    const run = sealing(cache, kms)
    const messages = await Promise.all(Array.from({ length: 25 }, () => run()))
    expect(kms.operations()).toEqual(['GenerateDataKey', 'GenerateDataKey', 'GenerateDataKey'])
    expect(cache.savedFetches).toBe(22)
    // Every message has an id of its own.
    expect(new Set(messages.map(bytes => bytes.subarray(3, 35).toString('hex'))).size).toBe(25)
  })

  it('goes on after a fetch that failed', async () => {
    const kms = new StubKms()
    const run = sealing(new DataKeyCache(wide, 'test'), kms)
    let failures = 1
    kms.answer = () => {
      if (failures-- > 0) throw new Error('once')
      return undefined
    }
    const results = await Promise.allSettled([run(), run(), run()])
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled'])
    expect(kms.calls).toHaveLength(2)
  })
})

describe('never shares a data key between', () => {
  const shares = async (one: Partial<SealRequest>, other: Partial<SealRequest>) => {
    const kms = new StubKms()
    const run = sealing(new DataKeyCache(wide, 'test'), kms)
    await run(one)
    const before = kms.calls.length
    await run(other)
    return kms.calls.length === before
  }

  it('other recipients, another order of them, other contexts and suites', async () => {
    expect(await shares({}, {})).toBe(true)
    expect(await shares({ keyIds: [keyA] }, { keyIds: [keyB] })).toBe(false)
    expect(await shares({ keyIds: [keyA, keyB] }, { keyIds: [keyA] })).toBe(false)
    expect(await shares({ keyIds: [keyA, keyB] }, { keyIds: [keyB, keyA] })).toBe(false)
    expect(await shares({ context: { a: 'b' } }, { context: { a: 'c' } })).toBe(false)
    expect(await shares({ sign: true }, {})).toBe(false)
  })

  it('a message whose length is not known, and any other', async () => {
    const kms = new StubKms()
    const run = sealing(new DataKeyCache(wide, 'test'), kms)
    const unknown = () => {
      const { read } = bytesSource(testBytes(5000))
      return { read } as ByteSource
    }
    await run({}, unknown())
    await run({}, unknown())
    await run()
    expect(kms.calls).toHaveLength(3)
  })
})

describe('opening', () => {
  const opening =
    (cache: DataKeyCache, kms: StubKms) => async (bytes: Uint8Array, pins: readonly string[]) => {
      const sink = new MemorySink(1_000_000)
      const result = await open(bytesSource(bytes), sink, { kms: kms.access(), pins, context: {}, cache })
      return { ...result, plaintext: sink.bytes() }
    }

  it('asks once for messages that share a data key, and names its key each time', async () => {
    const kms = new StubKms()
    const run = sealing(new DataKeyCache(wide, 'test'), kms)
    const messages = await Promise.all(Array.from({ length: 5 }, () => run()))
    kms.calls.length = 0
    const cache = new DataKeyCache(wide, 'test')
    const opened = await Promise.all(messages.map(bytes => opening(cache, kms)(bytes, [])))
    expect(kms.operations()).toEqual(['Decrypt'])
    expect(opened.map(({ keyArn }) => keyArn)).toEqual(messages.map(() => keyA))
    expect(opened.every(({ plaintext }) => plaintext.equals(testBytes(10)))).toBe(true)
  })

  it('with a pin never opens what another pin warmed the cache for', async () => {
    const kms = new StubKms()
    const bytes = await sealing(new DataKeyCache(wide, 'test'), kms)()
    const run = opening(new DataKeyCache(wide, 'test'), kms)
    await run(bytes, [])
    await run(bytes, [keyA])
    await expect(run(bytes, [keyB])).rejects.toMatchObject({ code: 'integrity' })
  })
})

it('clear forgets every data key', async () => {
  const kms = new StubKms()
  const cache = new DataKeyCache(wide, 'test')
  const run = sealing(cache, kms)
  await run()
  cache.clear()
  await run()
  expect(kms.calls).toHaveLength(2)
})
