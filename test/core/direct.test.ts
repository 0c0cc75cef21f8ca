import { beforeEach, describe, expect, it } from 'vitest'
import { openDirect, sealDirect } from '../../src/core/direct.ts'
import { awsError, keyA, keyB, StubKms } from '../helpers/stub-kms.ts'

let kms: StubKms
beforeEach(() => {
  kms = new StubKms()
})

const seal = (plaintext: Uint8Array, keyId = keyA, context = {}, algorithm?: string) =>
  sealDirect(kms.access(), keyId, plaintext, context, algorithm)
const open = (blob: Uint8Array, pins: string[] = [], context = {}, algorithm?: string) =>
  openDirect(kms.access(), pins, blob, context, algorithm)

describe('encrypting in one call', () => {
  it('sends exactly the bytes, the context and the algorithm, and nothing that was not given', async () => {
    await seal(Buffer.from('Zm9vYmFy'))
    await seal(Buffer.from([0, 255, 10]), 'alias/a', { q: 'a=b,c==', env: 'prod' }, 'RSAES_OAEP_SHA_256')
    expect(kms.calls).toEqual([
      { name: 'Encrypt', region: 'eu-west-1', input: { KeyId: keyA, Plaintext: Buffer.from('Zm9vYmFy') } },
      {
        name: 'Encrypt',
        region: undefined,
        input: {
          KeyId: 'alias/a',
          Plaintext: Buffer.from([0, 255, 10]),
          EncryptionContext: { q: 'a=b,c==', env: 'prod' },
          EncryptionAlgorithm: 'RSAES_OAEP_SHA_256',
        },
      },
    ])
  })

  it('gives the ARN from the answer, so that an alias needs no further request', async () => {
    expect((await seal(Buffer.from('x'), 'alias/a')).keyArn).toBe(keyA)
    expect(kms.operations()).toEqual(['Encrypt'])
  })

  it('takes 4096 bytes, and refuses 4097 without a request', async () => {
    await seal(Buffer.alloc(4096))
    await expect(seal(Buffer.alloc(4097))).rejects.toMatchObject({
      code: 'usage',
      message: 'the input is larger than the 4096 bytes that KMS encrypts in one call',
      hint: 'leave --mode away, or choose --mode envelope',
    })
    expect(kms.operations()).toEqual(['Encrypt'])
  })

  it('never shows what KMS says of an invalid plaintext', async () => {
    kms.answer = () => {
      throw awsError('ValidationException', "Value 'hunter2-XYZ' at 'plaintext' is invalid")
    }
    const error = await seal(Buffer.from('hunter2-XYZ')).catch(caught => caught)
    expect(error).toMatchObject({ code: 'failed', awsName: 'ValidationException' })
    expect(JSON.stringify([error.message, error.hint, error.details])).not.toContain('hunter2')
  })

  it('fails when the answer has no ciphertext', async () => {
    kms.answer = () => ({ KeyId: keyA })
    await expect(seal(Buffer.from('x'))).rejects.toMatchObject({
      code: 'failed',
      message: `KMS answered without a ciphertext for key ${keyA}`,
    })
  })
})

describe('decrypting without pins', () => {
  it('names no key, and lets KMS find it', async () => {
    const { blob } = await seal(Buffer.from('x'), keyA, { a: 'b' })
    expect(await open(blob, [], { a: 'b' })).toEqual({
      plaintext: Uint8Array.from(Buffer.from('x')),
      keyArn: keyA,
    })
    expect(kms.calls.at(-1)).toEqual({
      name: 'Decrypt',
      region: undefined,
      input: { CiphertextBlob: blob, EncryptionContext: { a: 'b' } },
    })
  })

  it('refuses the ciphertext of an RSA key, which does not say whose it is', async () => {
    await expect(open(Buffer.alloc(256), [], {}, 'RSAES_OAEP_SHA_1')).rejects.toMatchObject({
      code: 'usage',
      message: 'ciphertext of an RSA key does not say which key it needs',
      hint: 'name it with --key-id',
    })
    expect(kms.calls).toEqual([])
  })

  it('fails when the answer has no plaintext, or no key', async () => {
    for (const answer of [{ KeyId: keyA }, { Plaintext: Buffer.from('x') }]) {
      kms.answer = () => answer
      await expect(open(Buffer.from('x'))).rejects.toMatchObject({
        code: 'failed',
        message: 'KMS answered without a plaintext',
      })
    }
  })
})

describe('decrypting with pins', () => {
  it('names the key to KMS, by its ARN, in its own Region', async () => {
    const { blob } = await seal(Buffer.from('x'), keyB)
    expect((await open(blob, ['alias/b'])).keyArn).toBe(keyB)
    expect(kms.calls.slice(1).map(({ name, region, input }) => [name, region, input['KeyId']])).toEqual([
      ['DescribeKey', undefined, 'alias/b'],
      ['Decrypt', 'us-east-1', keyB],
    ])
  })

  it('needs no DescribeKey for a key ARN', async () => {
    const { blob } = await seal(Buffer.from('x'))
    await open(blob, [keyA])
    expect(kms.operations()).toEqual(['Encrypt', 'Decrypt'])
  })

  it('refuses the ciphertext of another key in the words of KMS', async () => {
    const { blob } = await seal(Buffer.from('x'), keyB)
    await expect(open(blob, [keyA])).rejects.toMatchObject({
      code: 'integrity',
      awsName: 'IncorrectKeyException',
      message: `kms:Decrypt failed for the ciphertext under key ${keyA}: The key ID in the request does not identify a CMK that can perform this operation. (IncorrectKeyException)`,
    })
  })

  it('tries one after the other, and stops at the first that opens it', async () => {
    const { blob } = await seal(Buffer.from('x'), keyB)
    expect((await open(blob, [keyA, keyB, 'alias/never'])).keyArn).toBe(keyB)
    expect(kms.operations()).toEqual(['Encrypt', 'Decrypt', 'Decrypt'])
  })

  it('goes on to the next key when one is denied, and names them all when none opens it', async () => {
    const { blob } = await seal(Buffer.from('x'), keyB)
    kms.answer = ({ name, input }) => {
      if (name === 'Decrypt' && input['KeyId'] === keyA)
        throw awsError('AccessDeniedException', 'not for you')
      return undefined
    }
    expect((await open(blob, [keyA, keyB])).keyArn).toBe(keyB)
    const error = await open(blob, [keyA, keyA]).catch(caught => caught)
    expect(error).toMatchObject({ code: 'denied', message: 'none of the given keys opens the ciphertext' })
    expect(error.details).toHaveLength(2)
    expect(error.details[0]).toContain('not for you')
  })

  it('refuses an answer that names another key, and clears its plaintext', async () => {
    const plaintext = Uint8Array.from(Buffer.from('secret'))
    kms.answer = ({ name }) => (name === 'Decrypt' ? { KeyId: keyB, Plaintext: plaintext } : undefined)
    await expect(open(Buffer.from('x'), [keyA])).rejects.toMatchObject({
      code: 'integrity',
      message: `KMS used key ${keyB}, not the requested ${keyA}`,
    })
    expect([...plaintext]).toEqual([0, 0, 0, 0, 0, 0])
  })

  it('stops when access is denied, and says by whom', async () => {
    kms.answer = () => {
      throw awsError('AccessDeniedException', 'User: a is not authorized')
    }
    await expect(open(Buffer.from('x'), [keyA])).rejects.toMatchObject({
      code: 'denied',
      message: `kms:Decrypt failed for the ciphertext under key ${keyA}: User: a is not authorized (AccessDeniedException)`,
    })
  })

  it('passes the algorithm on', async () => {
    kms.answer = () => ({ KeyId: keyA, Plaintext: Buffer.from('x') })
    await open(Buffer.alloc(256), [keyA], {}, 'RSAES_OAEP_SHA_256')
    expect(kms.calls[0]?.input).toEqual({
      CiphertextBlob: Buffer.alloc(256),
      EncryptionAlgorithm: 'RSAES_OAEP_SHA_256',
      KeyId: keyA,
    })
  })
})

it.each([
  ['none', {}],
  ['another value', { env: 'Prod' }],
  ['another case of the key', { ENV: 'prod' }],
  ['one pair too many', { env: 'prod', q: '1' }],
])('a context that differs is refused, naming the encryption context: %s', async (_what, context) => {
  const { blob } = await seal(Buffer.from('x'), keyA, { env: 'prod' })
  await expect(open(blob, [], context)).rejects.toMatchObject({
    code: 'integrity',
    message: expect.stringContaining('encryption context'),
    hint: 'give exactly the --encryption-context that it was encrypted with',
  })
})

describe('decrypting for some accounts only', () => {
  const account = keyA.split(':')[4] ?? ''

  it('opens what a key of such an account encrypted', async () => {
    const { blob } = await seal(Buffer.from('x'))
    const opened = await openDirect(kms.access(), [], blob, {}, undefined, ['999999999999', account])
    expect(Buffer.from(opened.plaintext).toString()).toBe('x')
  })

  it('refuses the answer of a key of another account, and clears its plaintext', async () => {
    const plaintext = Uint8Array.from(Buffer.from('secret'))
    kms.answer = ({ name }) => (name === 'Decrypt' ? { KeyId: keyA, Plaintext: plaintext } : undefined)
    const opening = openDirect(kms.access(), [], Buffer.from('x'), {}, undefined, ['999999999999'])
    await expect(opening).rejects.toMatchObject({ code: 'integrity' })
    expect(Buffer.from(plaintext).equals(Buffer.alloc(6))).toBe(true)
  })
})
