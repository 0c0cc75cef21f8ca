import { beforeEach, describe, expect, it } from 'vitest'
import { bytesSource, MemorySink } from '../../src/byte-stream.ts'
import { type OpenRequest, open } from '../../src/core/open.ts'
import { type SealRequest, seal } from '../../src/core/seal.ts'
import { digest, pipedSource, RecordingSink, testBytes } from '../helpers/byte-streams.ts'
import { HandmadeMessage, handmadeDataKey } from '../helpers/handmade-message.ts'
import { awsError, keyA, keyB, StubKms } from '../helpers/stub-kms.ts'

let kms: StubKms
let sink: RecordingSink
beforeEach(() => {
  kms = new StubKms()
  sink = new RecordingSink()
})

async function seal1(plaintext: Uint8Array, request: Partial<SealRequest> = {}): Promise<Buffer> {
  const out = new MemorySink(100_000_000)
  const rest = { keyIds: [keyA], context: {}, mode: 'auto', sign: false, emptyAllowed: true } as const
  await seal(bytesSource(plaintext), out, { kms: new StubKms().access(), ...rest, ...request })
  return out.bytes()
}

const run = (ciphertext: Uint8Array, request: Partial<OpenRequest> = {}) =>
  open(pipedSource(ciphertext, [5000, 1]), sink, { kms: kms.access(), pins: [], context: {}, ...request })

describe('what was encrypted', () => {
  it.each([
    ['direct', 20, {}],
    ['as an envelope', 20, { mode: 'envelope' }],
    ['as an empty envelope', 0, { mode: 'envelope' }],
    ['as a signed envelope', 5000, { sign: true }],
    ['under two keys', 9_999, { keyIds: [keyB, keyA] }],
    ['in small frames', 9_999, { frameLength: 100 }],
  ] as const)('is opened: %s', async (_what, size, request) => {
    const plaintext = testBytes(size)
    const ciphertext = await seal1(plaintext, {
      ...request,
      context: { env: 'prod' },
    } as Partial<SealRequest>)
    for (const input of [ciphertext, Buffer.from(`${ciphertext.toString('base64')}\n`)]) {
      sink = new RecordingSink()
      const result = await run(input, { context: { env: 'prod' } })
      expect(digest(sink.bytes())).toBe(digest(plaintext))
      expect([sink.commits, sink.aborts, sink.late]).toEqual([1, 0, []])
      expect(result).toMatchObject({ plaintextBytes: size, context: { env: 'prod' } })
      expect(result.mode).toBe(_what === 'direct' ? 'direct' : 'envelope')
      expect(result.signed).toBe(result.mode === 'direct' ? undefined : Object.hasOwn(request, 'sign'))
    }
  })

  it('is opened in the Region of the key ARN that the message names, whatever was typed', async () => {
    const ciphertext = await seal1(testBytes(5000), { keyIds: [keyB] })
    const access = kms.access({ region: 'eu-west-1', regionTyped: true })
    expect((await run(ciphertext, { kms: access })).keyArn).toBe(keyB)
    expect(kms.calls.map(({ name, region }) => [name, region])).toEqual([['Decrypt', 'us-east-1']])
  })
})

describe('pins', () => {
  it('by alias are resolved and let their key open an envelope', async () => {
    const ciphertext = await seal1(testBytes(5000), { keyIds: [keyB, keyA] })
    expect((await run(ciphertext, { pins: ['alias/a'] })).keyArn).toBe(keyA)
    expect(kms.operations()).toEqual(['DescribeKey', 'Decrypt'])
    expect(kms.calls[1]).toMatchObject({ region: 'eu-west-1', input: { KeyId: keyA } })
  })

  it('of other keys refuse an envelope without asking KMS to decrypt, and list its keys', async () => {
    const ciphertext = await seal1(testBytes(5000), { keyIds: [keyB] })
    await expect(run(ciphertext, { pins: [keyA] })).rejects.toMatchObject({
      code: 'integrity',
      message: 'none of the keys allowed here can open the message',
      details: [`${keyB}: not tried: it is not among the keys allowed here`],
      hint: 'name one of these keys, or leave the choice open',
    })
    expect([kms.calls, sink.writes, sink.commits, sink.aborts]).toEqual([[], 0, 0, 1])
  })

  it('refuse a direct ciphertext of another key before a byte is released', async () => {
    const ciphertext = await seal1(Buffer.from('x'), { keyIds: [keyB] })
    await expect(run(ciphertext, { pins: [keyA] })).rejects.toMatchObject({
      code: 'integrity',
      awsName: 'IncorrectKeyException',
    })
    expect([sink.writes, sink.aborts]).toEqual([0, 1])
  })

  it('show what KMS said of the pinned key, and that the others were not tried', async () => {
    kms.answer = ({ name }) => {
      if (name === 'Decrypt') throw awsError('AccessDeniedException', 'User: a is not authorized')
      return undefined
    }
    const ciphertext = await seal1(testBytes(5000), { keyIds: [keyA, keyB] })
    await expect(run(ciphertext, { pins: [keyB] })).rejects.toMatchObject({
      code: 'denied',
      awsName: 'AccessDeniedException',
      details: [
        `${keyA}: not tried: it is not among the keys allowed here`,
        `${keyB}: kms:Decrypt failed for key ${keyB}: User: a is not authorized (AccessDeniedException)`,
      ],
    })
    expect(kms.calls.map(({ input }) => input['KeyId'])).toEqual([keyB])
  })

  it('refuse an answer for another key than was asked for, in both modes', async () => {
    kms.answer = ({ name }) =>
      name === 'Decrypt' ? { KeyId: keyB, Plaintext: new Uint8Array(32).fill(1) } : undefined
    for (const size of [10, 5000]) {
      const ciphertext = await seal1(testBytes(size), { keyIds: [keyA] })
      await expect(run(ciphertext, { pins: [keyA] })).rejects.toMatchObject({ code: 'integrity' })
    }
    expect([sink.writes, sink.commits, sink.aborts]).toEqual([0, 0, 2])
  })

  it('of a multi-Region key open what a related key sealed, in the Region of the pin', async () => {
    const primary = 'arn:aws:kms:eu-west-1:111122223333:key/mrk-00000000000040008000000000000001'
    const replica = primary.replace('eu-west-1', 'ap-south-1')
    const made = new HandmadeMessage({ wrappedBy: ['aws-kms', primary] })
    kms.answer = ({ input }) => ({ KeyId: input['KeyId'], Plaintext: Uint8Array.from(handmadeDataKey) })
    const message = made.whole(made.final(1, Buffer.from('x')))
    expect((await run(message, { pins: [replica] })).keyArn).toBe(replica)
    expect(kms.calls.map(({ region, input }) => [region, input['KeyId']])).toEqual([['ap-south-1', replica]])
    expect((await run(message)).keyArn).toBe(primary)
    const other = replica.replace('0001', '0002')
    await expect(run(message, { pins: [other] })).rejects.toMatchObject({ code: 'integrity' })
  })

  it('that contradict a typed Region are refused', async () => {
    const access = kms.access({ region: 'us-east-1', regionTyped: true })
    for (const size of [10, 5000]) {
      const ciphertext = await seal1(testBytes(size))
      await expect(run(ciphertext, { kms: access, pins: [keyA] })).rejects.toMatchObject({
        code: 'usage',
        message: '--region us-east-1 contradicts the key ARN, which is in eu-west-1',
      })
    }
  })
})

describe('discovery', () => {
  it('shows each key of the message with what KMS said of it', async () => {
    kms.answer = ({ name, input }) => {
      if (name !== 'Decrypt') return undefined
      if (input['KeyId'] === keyA) throw awsError('AccessDeniedException', 'User: a is not authorized')
      throw awsError('DisabledException', `${keyB} is disabled.`)
    }
    const ciphertext = await seal1(testBytes(5000), { keyIds: [keyA, keyB] })
    const error = await run(ciphertext).catch(caught => caught)
    expect(error).toMatchObject({
      code: 'failed',
      message: 'no wrapping key of the message could be used',
      details: [
        `${keyA}: kms:Decrypt failed for key ${keyA}: User: a is not authorized (AccessDeniedException)`,
        `${keyB}: kms:Decrypt failed for key ${keyB}: ${keyB} is disabled. (DisabledException)`,
      ],
    })
    expect(JSON.stringify([error.message, error.hint, error.details])).not.toMatch(
      /unencryptedDataKey|not been set/,
    )
  })

  it('keeps the code when there is one for all keys, and prefers one that may pass', async () => {
    const ciphertext = await seal1(testBytes(5000), { keyIds: [keyA, keyB] })
    const failWith = (first: string, second: string) => {
      kms.answer = ({ input }) => {
        throw awsError(input['KeyId'] === keyA ? first : second, 'x')
      }
      return run(ciphertext).catch(error => error.code)
    }
    expect(await failWith('AccessDeniedException', 'AccessDeniedException')).toBe('denied')
    expect(await failWith('AccessDeniedException', 'ThrottlingException')).toBe('unavailable')
    expect(await failWith('InvalidCiphertextException', 'InvalidCiphertextException')).toBe('integrity')
  })

  it('goes on to the next key when one is refused', async () => {
    kms.answer = ({ input }) => {
      if (input['KeyId'] === keyA) throw awsError('AccessDeniedException', 'x')
      return undefined
    }
    const ciphertext = await seal1(testBytes(5000), { keyIds: [keyA, keyB] })
    expect((await run(ciphertext)).keyArn).toBe(keyB)
  })

  it('is limited to the given accounts, and names the keys that were not tried', async () => {
    const ciphertext = await seal1(testBytes(5000), { keyIds: [keyA, keyB] })
    expect((await run(ciphertext, { accounts: ['444455556666'] })).keyArn).toBe(keyB)
    expect(kms.calls.map(({ input }) => input['KeyId'])).toEqual([keyB])
    kms.calls.length = 0
    await expect(run(ciphertext, { accounts: ['999999999999'] })).rejects.toMatchObject({
      code: 'integrity',
      details: [keyA, keyB].map(key => `${key}: not tried: it is not among the keys allowed here`),
    })
    expect(kms.calls).toEqual([])
  })

  it.each([
    'arn:aws:kms:evil.example.com:111122223333:key/1',
    'arn:aws:kms:internal-service:111122223333:key/1',
    'arn:aws:kms:eu-west-1:111122223333:alias/a',
    'alias/a',
    'not an arn',
  ])('sends nothing for a header that names the key %s', async keyName => {
    const made = new HandmadeMessage({ wrappedBy: ['aws-kms', keyName] })
    await expect(run(made.whole(made.final(1, Buffer.from('x'))))).rejects.toMatchObject({
      code: 'integrity',
      details: [`${keyName}: not tried: it is not among the keys allowed here`],
    })
    expect(kms.calls).toEqual([])
  })

  it('says which keys a message has that are not of KMS', async () => {
    const made = new HandmadeMessage({ wrappedBy: ['my-hsm', 'key 1'] })
    await expect(run(made.whole(made.final(1, Buffer.from('x'))))).rejects.toMatchObject({
      details: ['my-hsm key 1: not tried: it is not among the keys allowed here'],
    })
  })
})

describe('releasing frames early', () => {
  const wrappedBy = ['aws-kms', keyA] as const
  beforeEach(() => {
    kms.answer = ({ name }) =>
      name === 'Decrypt' ? { KeyId: keyA, Plaintext: Uint8Array.from(handmadeDataKey) } : undefined
  })

  it.each([
    ['signed', { suite: 0x0578 }],
    ['unframed', { framed: false }],
  ] as const)('is refused for a %s message before a byte is written', async (what, options) => {
    const made = new HandmadeMessage({ ...options, wrappedBy })
    const body = what === 'unframed' ? made.block(Buffer.from('x')) : made.final(1, Buffer.from('x'))
    await expect(run(made.whole(body), { releasesEarly: true })).rejects.toMatchObject({
      code: 'usage',
      message: `--stream cannot be used: the message is ${what}, and nothing of it counts before its end`,
      hint: 'write it to a file with -o FILE',
    })
    expect([sink.writes, sink.commits, sink.aborts]).toEqual([0, 0, 1])
  })

  it('is allowed for an unsigned message with frames', async () => {
    const made = new HandmadeMessage({ wrappedBy })
    await run(made.whole(made.final(1, Buffer.from('x'))), { releasesEarly: true })
    expect(sink.bytes()).toEqual(Buffer.from('x'))
  })
})

describe('the expected encryption context', () => {
  it.each([
    ['none', {}, 'integrity'],
    ['another value', { env: 'dev' }, 'integrity'],
    ['one pair too many', { env: 'prod', q: 'a=b,c==', x: '1' }, 'integrity'],
    ['a part', { env: 'prod' }, 'integrity'],
  ] as const)('of a direct ciphertext must be the same: %s is refused', async (_what, context, code) => {
    const ciphertext = await seal1(Buffer.from('x'), { context: { env: 'prod', q: 'a=b,c==' } })
    await expect(run(ciphertext, { context })).rejects.toMatchObject({
      code,
      hint: expect.stringContaining('--encryption-context'),
    })
    expect([sink.writes, sink.aborts]).toEqual([0, 1])
  })

  it('of an envelope may be a part, and is checked before KMS is asked', async () => {
    const ciphertext = await seal1(testBytes(5000), { context: { env: 'prod', q: '1' }, sign: true })
    await run(ciphertext, { context: { env: 'prod' } })
    kms.calls.length = 0
    await expect(run(ciphertext, { context: { env: 'dev' } })).rejects.toMatchObject({
      code: 'integrity',
      message: 'the message has another encryption context: env differs',
    })
    expect(kms.calls).toEqual([])
  })
})

describe('what the mock sealed', () => {
  const blob = Buffer.concat([Buffer.alloc(38, 0xff), Buffer.from('kmseal-mock'), Buffer.alloc(60, 0xfe)])

  it('is named when it does not open, with what it needs', async () => {
    kms.answer = () => {
      throw awsError('InvalidCiphertextException')
    }
    await expect(run(blob)).rejects.toMatchObject({
      code: 'integrity',
      awsName: 'InvalidCiphertextException',
      hint: "it was sealed by kmseal's mock: it needs --backend mock, the same mock state, and exactly the same --encryption-context",
    })
  })

  it('does not hide that access was denied', async () => {
    kms.answer = () => {
      throw awsError('AccessDeniedException', 'x')
    }
    await expect(run(blob)).rejects.toMatchObject({
      code: 'denied',
      hint: 'ask for that permission in the key policy or IAM policy, or choose another --profile',
    })
  })
})

it('sends an RSA ciphertext to KMS although it begins like a message, when the algorithm is given', async () => {
  const ciphertext = Buffer.concat([Buffer.from('01800178', 'hex'), testBytes(252)])
  kms.answer = () => ({ KeyId: keyA, Plaintext: Buffer.from('pw') })
  const result = await run(ciphertext, { pins: [keyA], algorithm: 'RSAES_OAEP_SHA_256' })
  expect(result).toMatchObject({ mode: 'direct', keyArn: keyA, plaintextBytes: 2 })
  expect(kms.calls).toEqual([
    {
      name: 'Decrypt',
      region: 'eu-west-1',
      input: {
        KeyId: keyA,
        CiphertextBlob: Uint8Array.from(ciphertext),
        EncryptionAlgorithm: 'RSAES_OAEP_SHA_256',
      },
    },
  ])
})

it('sends an unknown binary to KMS unchanged', async () => {
  const ciphertext = Buffer.concat([Buffer.from('Karn:aws:kms:'), testBytes(40)])
  kms.answer = () => ({ KeyId: keyA, Plaintext: Buffer.from('pw') })
  for (const input of [ciphertext, Buffer.from(ciphertext.toString('base64'))]) {
    await run(input)
    expect(Buffer.from(kms.calls.at(-1)?.input['CiphertextBlob'] as Uint8Array)).toEqual(ciphertext)
  }
})

it('asks for legacy messages and limits by the names of their options', async () => {
  const legacy = new HandmadeMessage({ suite: 0x0178, wrappedBy: ['aws-kms', keyA] })
  const message = legacy.whole(legacy.final(1, Buffer.from('x')))
  await expect(run(message)).rejects.toMatchObject({
    code: 'integrity',
    hint: expect.stringContaining('--allow-legacy'),
  })
  expect(kms.calls).toEqual([])
  kms.answer = () => ({ KeyId: keyA, Plaintext: Uint8Array.from(handmadeDataKey) })
  expect(await run(message, { allowLegacy: true })).toMatchObject({ signed: false, plaintextBytes: 1 })
  const many = new HandmadeMessage({ keyCount: 11 }).header
  await expect(run(many)).rejects.toMatchObject({
    hint: expect.stringContaining('--max-encrypted-data-keys'),
  })
  const long = new HandmadeMessage({ frameLength: 64 * 1024 * 1024 + 1 }).header
  await expect(run(long)).rejects.toMatchObject({ hint: expect.stringContaining('--max-frame-length') })
})
