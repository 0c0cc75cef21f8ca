import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bytesSource, MemorySink } from '../../src/byte-stream.ts'
import { open } from '../../src/core/open.ts'
import { seal } from '../../src/core/seal.ts'
import { testBytes } from '../helpers/byte-streams.ts'
import { type MockKms, openMockKms } from '../helpers/mock-kms.ts'

let kms: MockKms
beforeAll(async () => {
  kms = await openMockKms()
})
afterAll(() => kms.close())

async function sealUnder(keyIds: string[], context: Record<string, string>, mode: 'direct' | 'envelope') {
  const sink = new MemorySink(1_000_000)
  const rest = { sign: false, emptyAllowed: false, mode, keyIds, context } as const
  const result = await seal(bytesSource(testBytes(100)), sink, { kms: kms.access(), ...rest })
  return { result, bytes: sink.bytes() }
}

async function openWith(bytes: Uint8Array, pins: string[], context: Record<string, string> = {}) {
  const sink = new MemorySink(1_000_000)
  const result = await open(bytesSource(bytes), sink, { kms: kms.access(), pins, context })
  expect(sink.bytes()).toEqual(testBytes(100))
  return result
}

describe.each(['direct', 'envelope'] as const)('over a real client, %s', mode => {
  it('an alias, an id and an ARN name the same key, for sealing and as a pin', async () => {
    const alias = `alias/${mode}`
    const arn = await kms.createKey({ alias })
    for (const name of [alias, arn, arn.split('/')[1] ?? '']) {
      const { result, bytes } = await sealUnder([name], { a: 'b' }, mode)
      expect(result.keyArns).toEqual([arn])
      for (const pin of [alias, arn]) expect((await openWith(bytes, [pin], { a: 'b' })).keyArn).toBe(arn)
      expect((await openWith(bytes, [], { a: 'b' })).keyArn).toBe(arn)
    }
  })

  it('a pin of another key refuses it', async () => {
    const [one, two] = [await kms.createKey(), await kms.createKey()]
    const { bytes } = await sealUnder([one], {}, mode)
    await expect(openWith(bytes, [two])).rejects.toMatchObject({ code: 'integrity' })
    expect((await openWith(bytes, [two, one])).keyArn).toBe(one)
  })

  it('a key of another Region than the default one is found there', async () => {
    const arn = await kms.createKey({ region: 'us-east-1' })
    const { result, bytes } = await sealUnder([arn], {}, mode)
    expect(result.keyArns).toEqual([arn])
    expect((await openWith(bytes, [arn])).keyArn).toBe(arn)
  })

  it('a key that is not there is not found', async () => {
    await expect(sealUnder(['alias/missing'], {}, mode)).rejects.toMatchObject({ code: 'not-found' })
    const unknown = 'arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-4000-8000-000000000000'
    await expect(sealUnder([unknown], {}, mode)).rejects.toMatchObject({ code: 'not-found' })
  })

  it('a context with a key called __proto__ is bound like any other', async () => {
    const arn = await kms.createKey()
    const context = JSON.parse('{"__proto__":"x"}')
    const { bytes } = await sealUnder([arn], context, mode)
    expect((await openWith(bytes, [], context)).keyArn).toBe(arn)
    await expect(openWith(bytes, [], JSON.parse('{"__proto__":"y"}'))).rejects.toMatchObject({
      code: 'integrity',
    })
    if (mode === 'direct') await expect(openWith(bytes, [])).rejects.toMatchObject({ code: 'integrity' })
  })
})

it('every recipient opens an envelope on its own', async () => {
  const arns = [await kms.createKey(), await kms.createKey({ region: 'us-east-1' }), await kms.createKey()]
  const { result, bytes } = await sealUnder(arns, { env: 'prod' }, 'envelope')
  expect(result.keyArns).toEqual(arns)
  for (const arn of arns) expect((await openWith(bytes, [arn], { env: 'prod' })).keyArn).toBe(arn)
})
