import { generateKeyPairSync } from 'node:crypto'
import { beforeEach, describe, expect, it } from 'vitest'
import { type ByteSource, bytesSource } from '../../src/byte-stream.ts'
import { type SealRequest, seal } from '../../src/core/seal.ts'
import { pipedSource, RecordingSink, testBytes } from '../helpers/byte-streams.ts'
import { awsError, keyA, keyB, StubKms } from '../helpers/stub-kms.ts'

let kms: StubKms
let sink: RecordingSink
beforeEach(() => {
  kms = new StubKms()
  sink = new RecordingSink()
})

const run = (input: Uint8Array | ByteSource, request: Partial<SealRequest> = {}) =>
  seal('read' in input ? input : bytesSource(input), sink, {
    kms: kms.access(),
    keyIds: [keyA],
    context: {},
    mode: 'auto',
    sign: false,
    emptyAllowed: false,
    ...request,
  })

const suiteOfSink = (): string => sink.bytes().subarray(0, 3).toString('hex')

describe('mode auto', () => {
  it.each([1, 20, 4095, 4096])('gives %i bytes to KMS in one call', async size => {
    const result = await run(testBytes(size))
    expect(result).toEqual({ mode: 'direct', keyArns: [keyA], context: {}, plaintextBytes: size })
    expect(kms.operations()).toEqual(['Encrypt'])
    expect([sink.commits, sink.aborts]).toEqual([1, 0])
  })

  it.each([4097, 5000, 2_000_000])('makes an envelope of %i bytes', async size => {
    const result = await run(testBytes(size))
    expect(result).toEqual({ mode: 'envelope', keyArns: [keyA], context: {}, plaintextBytes: size })
    expect(kms.operations()).toEqual(['GenerateDataKey'])
    expect(suiteOfSink()).toBe('020478')
  })

  it('decides the same for a pipe of unknown length', async () => {
    expect((await run(pipedSource(testBytes(4096), [1, 1000]))).mode).toBe('direct')
    sink = new RecordingSink()
    expect(await run(pipedSource(testBytes(4097), [1, 1000]))).toMatchObject({
      mode: 'envelope',
      plaintextBytes: 4097,
    })
  })

  it('makes an envelope for several keys, for a signature, and for a frame length', async () => {
    expect((await run(Buffer.from('x'), { keyIds: [keyA, 'alias/b'] })).keyArns).toEqual([keyA, keyB])
    expect(kms.operations()).toEqual(['GenerateDataKey', 'Encrypt'])
    sink = new RecordingSink()
    expect((await run(Buffer.from('x'), { sign: true })).mode).toBe('envelope')
    expect(suiteOfSink()).toBe('020578')
    sink = new RecordingSink()
    expect((await run(Buffer.from('x'), { frameLength: 4096 })).mode).toBe('envelope')
  })

  it('stays direct for an RSA algorithm, which KMS judges', async () => {
    kms.answer = () => ({ KeyId: keyA, CiphertextBlob: Buffer.alloc(256) })
    const result = await run(Buffer.from('x'), { algorithm: 'RSAES_OAEP_SHA_256' })
    expect(result.mode).toBe('direct')
    expect(kms.calls[0]?.input['EncryptionAlgorithm']).toBe('RSAES_OAEP_SHA_256')
  })
})

describe('nothing at all', () => {
  it('is refused, naming --mode envelope', async () => {
    for (const mode of ['auto', 'direct'] as const) {
      await expect(run(Buffer.alloc(0), { mode })).rejects.toMatchObject({
        code: 'usage',
        message: 'the input is empty',
        hint: 'to encrypt nothing at all, say --mode envelope',
      })
    }
    expect([kms.calls, sink.commits, sink.aborts]).toEqual([[], 0, 2])
  })

  it('becomes an envelope when it was asked for, or is an empty file', async () => {
    for (const request of [{ mode: 'envelope' }, { emptyAllowed: true }] as const) {
      sink = new RecordingSink()
      expect(await run(Buffer.alloc(0), request)).toMatchObject({ mode: 'envelope', plaintextBytes: 0 })
    }
  })

  it('is refused by direct mode also as a file', async () => {
    await expect(run(Buffer.alloc(0), { mode: 'direct', emptyAllowed: true })).rejects.toMatchObject({
      code: 'usage',
    })
  })
})

describe('mode direct', () => {
  it('refuses 4097 bytes, and more, without a request', async () => {
    for (const size of [4097, 1_000_000]) {
      await expect(run(testBytes(size), { mode: 'direct' })).rejects.toMatchObject({
        code: 'usage',
        message: 'the input is larger than the 4096 bytes that KMS encrypts in one call',
      })
    }
    expect(kms.calls).toEqual([])
  })
})

const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const recipient = { keyArn: keyA, publicKey, algorithm: 'RSAES_OAEP_SHA_256' } as const

describe('an impossible request is refused before anything is read or sent', () => {
  const unread: ByteSource = {
    read: async () => {
      throw new Error('was read')
    },
  }

  it.each<[string, Partial<SealRequest>, string]>([
    ['no key', { keyIds: [] }, 'no key was named'],
    ['11 keys', { keyIds: Array.from({ length: 11 }, () => keyA) }, 'a message has at most 10 keys'],
    ['direct and two keys', { mode: 'direct', keyIds: [keyA, keyB] }, '--mode direct takes one --key-id'],
    ['direct and a signature', { mode: 'direct', sign: true }, '--sign needs an envelope'],
    ['direct and a frame length', { mode: 'direct', frameLength: 1 }, '--frame-length needs an envelope'],
    [
      'an RSA algorithm and an envelope',
      { mode: 'envelope', algorithm: 'RSAES_OAEP_SHA_1' },
      '--encryption-algorithm RSAES_OAEP_SHA_1 needs --mode direct and one --key-id or --public-key',
    ],
    [
      'an RSA algorithm and two keys',
      { keyIds: [keyA, keyB], algorithm: 'RSAES_OAEP_SHA_1' },
      '--encryption-algorithm RSAES_OAEP_SHA_1 needs --mode direct and one --key-id or --public-key',
    ],
    [
      'direct and a public key beside another key',
      { mode: 'direct', publicKeys: [recipient] },
      '--mode direct takes one key',
    ],
    [
      'direct, a public key and a context',
      { mode: 'direct', keyIds: [], publicKeys: [recipient], context: { a: 'b' } },
      '--encryption-context needs an envelope with --public-key: RSA alone binds nothing to a ciphertext',
    ],
    [
      'an RSA algorithm and a public key, but not direct',
      { keyIds: [], publicKeys: [recipient], algorithm: 'RSAES_OAEP_SHA_1' },
      '--encryption-algorithm RSAES_OAEP_SHA_1 needs --mode direct and one --key-id or --public-key',
    ],
    [
      'a reserved key in the context',
      { context: { 'aws-crypto-public-key': 'x' } },
      '--encryption-context has a key that begins with aws-crypto-, which is reserved',
    ],
  ])('%s', async (_what, request, message) => {
    await expect(run(unread, request)).rejects.toMatchObject({ code: 'usage', message })
    expect([kms.calls, sink.writes, sink.commits, sink.aborts]).toEqual([[], 0, 0, 1])
  })
})

describe('the Region', () => {
  it('is that of each key ARN on its own, and the default one for aliases', async () => {
    await run(testBytes(5000), { keyIds: [keyB, keyA, 'alias/a'] })
    expect(kms.calls.map(({ name, region }) => [name, region])).toEqual([
      ['GenerateDataKey', 'us-east-1'],
      ['Encrypt', 'eu-west-1'],
      ['Encrypt', undefined],
    ])
  })

  it.each([
    ['direct', 10],
    ['envelope', 5000],
  ] as const)('that was typed and contradicts a key ARN is refused (%s)', async (_mode, size) => {
    const access = kms.access({ region: 'us-east-1', regionTyped: true })
    await expect(run(testBytes(size), { kms: access })).rejects.toMatchObject({
      code: 'usage',
      message: '--region us-east-1 contradicts the key ARN, which is in eu-west-1',
    })
    expect([kms.calls, sink.commits]).toEqual([[], 0])
  })

  it('of the environment does not contradict anything', async () => {
    await run(Buffer.from('x'), { kms: kms.access({ region: 'us-east-1', regionTyped: false }) })
    expect(kms.calls[0]?.region).toBe('eu-west-1')
  })
})

describe('what KMS refuses', () => {
  it.each([
    ['AccessDeniedException', 'denied'],
    ['NotFoundException', 'not-found'],
    ['DisabledException', 'failed'],
    ['ThrottlingException', 'unavailable'],
  ])('fails as it should, with its name: %s', async (name, code) => {
    kms.answer = () => {
      throw awsError(name, 'reason of KMS')
    }
    for (const size of [10, 5000]) {
      const action = size === 10 ? 'kms:Encrypt' : 'kms:GenerateDataKey'
      await expect(run(testBytes(size))).rejects.toMatchObject({
        code,
        awsName: name,
        message: `${action} failed for key ${keyA}: reason of KMS (${name})`,
      })
    }
    expect([sink.writes, sink.commits, sink.aborts]).toEqual([0, 0, 2])
  })

  it('for the second key fails the whole, and nothing is written', async () => {
    kms.answer = ({ name }) => {
      if (name === 'Encrypt') throw awsError('AccessDeniedException', 'not you')
      return undefined
    }
    await expect(run(testBytes(5000), { keyIds: [keyA, keyB] })).rejects.toMatchObject({
      code: 'denied',
      message: `kms:Encrypt failed for key ${keyB}: not you (AccessDeniedException)`,
    })
    expect([sink.writes, sink.aborts]).toEqual([0, 1])
  })
})

it('sends the context of an envelope to KMS, with the key of the signature and nothing else', async () => {
  await run(testBytes(5000), { context: { env: 'prod', q: 'a=b,c==' } })
  expect({ ...(kms.calls[0]?.input['EncryptionContext'] as object) }).toEqual({ env: 'prod', q: 'a=b,c==' })
  sink = new RecordingSink()
  const result = await run(testBytes(5000), { context: { env: 'prod' }, sign: true })
  expect(Object.keys(kms.calls[1]?.input['EncryptionContext'] as object).sort()).toEqual([
    'aws-crypto-public-key',
    'env',
  ])
  expect(result.context).toEqual({ env: 'prod' })
})

it('sends a request of its own for every message', async () => {
  for (let count = 0; count < 3; count += 1) await run(testBytes(5000))
  expect(kms.operations()).toEqual(['GenerateDataKey', 'GenerateDataKey', 'GenerateDataKey'])
})
