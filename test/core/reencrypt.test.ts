import { CreateKeyCommand, DisableKeyCommand } from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bytesSource, MemorySink } from '../../src/byte-stream.ts'
import { inspect } from '../../src/core/inspect.ts'
import { isSameKey } from '../../src/core/key-id.ts'
import { parseHeader } from '../../src/core/message/header.ts'
import { open } from '../../src/core/open.ts'
import { getPublicKeyRecipient } from '../../src/core/public-key.ts'
import { reencrypt } from '../../src/core/reencrypt.ts'
import { reasonsToReencrypt } from '../../src/core/reencrypt-reasons.ts'
import type { ReencryptRequest } from '../../src/core/reencrypt-request.ts'
import { type SealRequest, seal } from '../../src/core/seal.ts'
import { testBytes } from '../helpers/byte-streams.ts'
import { type MockKms, openMockKms } from '../helpers/mock-kms.ts'

let kms: MockKms
let oldKey: string
let newKey: string
beforeAll(async () => {
  kms = await openMockKms()
  oldKey = await kms.createKey()
  newKey = await kms.createKey()
})
afterAll(() => kms.close())

const limit = 20_000_000

async function sealed(plaintext: Buffer, more: Partial<SealRequest> = {}): Promise<Buffer> {
  const sink = new MemorySink(limit)
  await seal(bytesSource(plaintext), sink, {
    kms: kms.access(),
    keyIds: [oldKey],
    context: { app: 'web' },
    mode: 'envelope',
    sign: false,
    emptyAllowed: true,
    ...more,
  })
  return sink.bytes()
}

/** A sink that remembers whether it was committed, and may lose what was written. */
class Place extends MemorySink {
  outcome = ''
  readonly #spoil: (bytes: Buffer) => Buffer
  constructor(spoil: (bytes: Buffer) => Buffer = bytes => bytes) {
    super(limit)
    this.#spoil = spoil
  }
  override async commit() {
    this.outcome += 'committed'
  }
  override async abort() {
    this.outcome += 'aborted'
  }
  async readBack() {
    return bytesSource(this.#spoil(this.bytes()))
  }
}

const requestOf = (more: Partial<ReencryptRequest> = {}): ReencryptRequest => ({
  kms: kms.access(),
  pins: [],
  sourceContext: {},
  required: [],
  keyIds: [newKey],
  publicKeys: [],
  ...more,
})

async function again(bytes: Uint8Array, more: Partial<ReencryptRequest> = {}, place = new Place()) {
  const result = await reencrypt(bytesSource(bytes), () => place, requestOf(more))
  return { result, bytes: place.bytes(), outcome: place.outcome }
}

async function opened(bytes: Uint8Array, context = {}) {
  const sink = new MemorySink(limit)
  const result = await open(bytesSource(bytes), sink, { kms: kms.access(), pins: [newKey], context })
  return { ...result, plaintext: sink.bytes() }
}

describe('a message', () => {
  it.each([0, 1, 5000, 3_000_000])('of %i bytes gets new recipients, and keeps the rest', async size => {
    const before = await sealed(testBytes(size))
    const { result, bytes, outcome } = await again(before)
    expect(outcome).toBe('committed')
    expect(result).toMatchObject({ sourceKeyArn: oldKey, keyArns: [newKey], plaintextBytes: size })
    const { plaintext, ...rest } = await opened(bytes)
    expect(rest).toMatchObject({ context: { app: 'web' }, signed: false })
    // Comparing millions of bytes one by one takes a minute.
    expect(Buffer.compare(plaintext, testBytes(size))).toBe(0)
    const ids = await Promise.all(
      [before, bytes].map(async each => (await inspect(bytesSource(each))) as { MessageId: string }),
    )
    expect(ids[0]?.MessageId).not.toBe(ids[1]?.MessageId)
  })

  it('gets another context, a signature, or loses it', async () => {
    const signed = await again(await sealed(testBytes(100)), { sign: true, context: { app: 'db' } })
    expect(await opened(signed.bytes)).toMatchObject({ signed: true, context: { app: 'db' } })
    const kept = await again(signed.bytes)
    expect(await opened(kept.bytes)).toMatchObject({ signed: true, context: { app: 'db' } })
    const plain = await again(kept.bytes, { sign: false })
    const { context, ...rest } = await opened(plain.bytes)
    expect([{ ...context }, rest.signed]).toEqual([{ app: 'db' }, false])
  })

  it('may go to a public key', async () => {
    const client = await kms.access().client()
    const made = await client.send(new CreateKeyCommand({ KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' }))
    const recipient = await getPublicKeyRecipient(kms.access(), made.KeyMetadata?.Arn ?? '')
    const signed = await sealed(testBytes(100), { sign: true })
    const request = { keyIds: [], publicKeys: [recipient] }
    await expect(again(signed, request)).rejects.toMatchObject({
      code: 'usage',
      hint: 'give its signature up with --no-sign',
    })
    const { result, bytes } = await again(signed, { ...request, sign: false })
    expect(result.keyArns).toEqual([recipient.keyArn])
    expect(parseHeader(bytes, { maxEncryptedDataKeys: 1 })?.suite.signed).toBe(false)
  })
})

describe('a KMS ciphertext', () => {
  it('goes through kms:ReEncrypt, with the pinned key and both contexts', async () => {
    const before = await sealed(testBytes(100), { mode: 'direct' })
    const sourceContext = { app: 'web' }
    const kept = await again(before, { pins: [oldKey], sourceContext })
    expect(kept.result).toMatchObject({ mode: 'direct', sourceKeyArn: oldKey, keyArns: [newKey] })
    expect((await opened(kept.bytes, sourceContext)).plaintext).toEqual(testBytes(100))
    const changed = await again(before, { sourceContext, context: { app: 'db' } })
    expect((await opened(changed.bytes, { app: 'db' })).plaintext).toEqual(testBytes(100))
    await expect(again(before, { pins: [newKey], sourceContext })).rejects.toMatchObject({
      awsName: 'IncorrectKeyException',
    })
    await expect(again(before, { sourceContext, accounts: ['999999999999'] })).rejects.toMatchObject({
      code: 'integrity',
    })
    await expect(again(before, { sourceContext, keyIds: [oldKey, newKey] })).rejects.toMatchObject({
      code: 'usage',
    })
  })
})

describe('leaves everything as it was', () => {
  const bytes = () => sealed(testBytes(2_500_000))
  const fails = async (before: Uint8Array, more: Partial<ReencryptRequest> = {}, place = new Place()) => {
    const error = await again(before, more, place).catch((reason: Error) => reason)
    expect(place.outcome).toBe('aborted')
    return error
  }

  it('when the message is cut or altered, at whatever place', async () => {
    const before = await bytes()
    for (const place of [500, 1_100_000, before.length - 3]) {
      const altered = Buffer.from(before)
      altered.writeUInt8(altered.readUInt8(place) ^ 1, place)
      expect(await fails(altered)).toMatchObject({ code: 'integrity' })
      expect(await fails(before.subarray(0, place))).toMatchObject({ code: 'integrity' })
    }
  })

  it('when the old or the new key does not serve', async () => {
    expect(await fails(await bytes(), { pins: [newKey] })).toMatchObject({ code: 'integrity' })
    const disabled = await kms.createKey()
    await (await kms.access().client()).send(new DisableKeyCommand({ KeyId: disabled }))
    expect(await fails(await bytes(), { keyIds: [disabled] })).toMatchObject({ awsName: 'DisabledException' })
  })

  it('when what was written does not read back', async () => {
    const before = await bytes()
    expect(await fails(before, {}, new Place(written => written.subarray(0, -1)))).toMatchObject({
      code: 'integrity',
    })
    const flip = (written: Buffer) => {
      written.writeUInt8(written.readUInt8(1000) ^ 1, 1000)
      return written
    }
    expect(await fails(before, {}, new Place(flip))).toMatchObject({ code: 'integrity' })
  })

  it('when the context is not the required one', async () => {
    const before = await bytes()
    expect(await fails(before, { sourceContext: { app: 'db' } })).toMatchObject({ code: 'integrity' })
    expect(await fails(before, { required: [{ key: 'team' }] })).toMatchObject({ code: 'integrity' })
    expect((await again(before, { required: [{ key: 'app' }, { key: 'app', value: 'web' }] })).outcome).toBe(
      'committed',
    )
  })
})

it('tells from the header why a message would be encrypted again', async () => {
  const before = await sealed(testBytes(10))
  const reasons = (more: Partial<ReencryptRequest>, arns: string[] | undefined = [newKey]) =>
    reasonsToReencrypt(bytesSource(before), requestOf(more), arns)
  expect(await reasons({})).toEqual([`recipients: ${oldKey}`])
  expect(await reasons({ keyIds: [oldKey] }, [oldKey])).toEqual([])
  expect(await reasons({ context: { app: 'web' } }, [oldKey])).toEqual([])
  expect(await reasons({ context: {}, sign: true }, [oldKey])).toEqual(['encryption context', 'no signature'])
  expect(await reasonsToReencrypt(bytesSource(before), requestOf(), undefined)).toHaveLength(1)
  const direct = await sealed(testBytes(10), { mode: 'direct' })
  expect(await reasonsToReencrypt(bytesSource(direct), requestOf(), [oldKey])).toHaveLength(1)
  // What could not be opened is told as the refusal that it would be.
  for (const more of [{ pins: [newKey] }, { accounts: ['999999999999'] }, { sourceContext: { app: 'db' } }]) {
    await expect(reasons(more)).rejects.toMatchObject({ code: 'integrity' })
  }
  expect(await reasons({ pins: [newKey, oldKey] })).toHaveLength(1)
})

describe('related multi-Region keys', () => {
  const arn = (region: string, id: string, account = '111122223333', partition = 'aws') =>
    `arn:${partition}:kms:${region}:${account}:key/${id}`
  const mrk = 'mrk-1234abcd12ab34cd56ef1234567890ab'

  it.each([
    ['the same key', arn('us-east-1', 'a'), arn('us-east-1', 'a'), true],
    ['a replica', arn('us-east-1', mrk), arn('eu-west-1', mrk), true],
    ['another Region of an ordinary key', arn('us-east-1', 'a'), arn('eu-west-1', 'a'), false],
    ['another account', arn('us-east-1', mrk), arn('us-east-1', mrk, '444455556666'), false],
    ['another partition', arn('us-east-1', mrk), arn('us-east-1', mrk, '111122223333', 'aws-cn'), false],
    ['no ARN', mrk, arn('us-east-1', mrk), false],
  ])('%s', (_what, one, other, same) => {
    expect(isSameKey(one, other)).toBe(same)
    expect(isSameKey(other, one)).toBe(same)
  })
})
