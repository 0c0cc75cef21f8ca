import { createHash, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytesSource } from '../../src/byte-stream.ts'
import { readMessageToSign } from '../../src/core/message-to-sign.ts'
import { sign, verify } from '../../src/core/sign.ts'
import { signingAlgorithms } from '../../src/core/signing-algorithms.ts'
import { awsError, keyA, type StubCall, StubKms } from '../helpers/stub-kms.ts'

const signature = Buffer.alloc(256, 7)

function stubWith(algorithms: readonly string[], denied: readonly string[] = []): StubKms {
  const kms = new StubKms()
  kms.answer = ({ name, input }) => {
    if (denied.includes(name)) throw awsError('AccessDeniedException', 'no')
    const answers: Readonly<Record<string, object>> = {
      DescribeKey: { KeyMetadata: { Arn: keyA, KeyUsage: 'SIGN_VERIFY', SigningAlgorithms: algorithms } },
      GetPublicKey: {
        KeyId: keyA,
        PublicKey: Buffer.of(1),
        KeyUsage: 'SIGN_VERIFY',
        SigningAlgorithms: algorithms,
      },
      Sign: { KeyId: keyA, Signature: signature, SigningAlgorithm: input['SigningAlgorithm'] },
      Verify: { KeyId: keyA, SignatureValid: true },
    }
    return answers[name]
  }
  return kms
}

const signing = (kms: StubKms, bytes: Uint8Array, more: object = {}) =>
  sign(kms.access(), bytesSource(bytes), { keyId: keyA, emptyAllowed: true, ...more })

describe('what goes to KMS', () => {
  it('is the message up to 4096 bytes, and its digest beyond, for every length', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.integer({ min: 0, max: 9000 }), fc.constantFrom(4095, 4096, 4097, 1_048_577, 3_000_000)),
        fc.constantFrom(...signingAlgorithms.filter(name => !name.startsWith('ED25519'))),
        async (length, algorithm) => {
          const message = randomBytes(length)
          const kms = stubWith([])
          const { MessageType } = await signing(kms, message, { algorithm })
          const { name = '', input = {} }: Partial<StubCall> = kms.calls[0] ?? {}
          expect([kms.calls.length, name, input['SigningAlgorithm']]).toEqual([1, 'Sign', algorithm])
          expect(input['MessageType']).toBe(MessageType)
          const hash = createHash(`sha${algorithm.slice(-3)}`)
          const wanted = length > 0 && length <= 4096 ? message : hash.update(message).digest()
          expect(Buffer.from(input['Message'] as Uint8Array).equals(wanted)).toBe(true)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('is always a digest for ED25519_PH_SHA_512', async () => {
    const kms = stubWith([])
    await signing(kms, Buffer.from('hi'), { algorithm: 'ED25519_PH_SHA_512' })
    expect(kms.calls[0]?.input).toMatchObject({
      MessageType: 'DIGEST',
      Message: createHash('sha512').update('hi').digest(),
    })
  })

  it.each<[string, number, object, RegExp]>([
    ['4097 bytes as RAW', 4097, { messageType: 'RAW', algorithm: 'ECDSA_SHA_256' }, /longer than 4096 bytes/],
    ['nothing as RAW', 0, { messageType: 'RAW', algorithm: 'ECDSA_SHA_256' }, /is empty/],
    ['4097 bytes of Ed25519', 4097, { algorithm: 'ED25519_SHA_512' }, /at most 4096 bytes of it/],
    ['nothing of Ed25519', 0, { algorithm: 'ED25519_SHA_512' }, /KMS takes no empty one/],
    ['a digest of Ed25519', 64, { messageType: 'DIGEST', algorithm: 'ED25519_SHA_512' }, /never a digest/],
    ['RAW of Ed25519ph', 64, { messageType: 'RAW', algorithm: 'ED25519_PH_SHA_512' }, /digests only/],
    [
      'a short digest',
      32,
      { messageType: 'DIGEST', algorithm: 'RSASSA_PSS_SHA_512' },
      /has 64 bytes, and the input has 32/,
    ],
    [
      'a long digest',
      49,
      { messageType: 'DIGEST', algorithm: 'ECDSA_SHA_384' },
      /has 48 bytes, and the input has 49/,
    ],
    [
      'far too much for a digest',
      9000,
      { messageType: 'DIGEST', algorithm: 'ECDSA_SHA_384' },
      /the input has 4096 or more/,
    ],
    ['an empty pipe', 0, { emptyAllowed: false, algorithm: 'ECDSA_SHA_256' }, /the message is empty/],
  ])('is never %s: refused without a call', async (_what, length, request, message) => {
    const kms = stubWith([])
    const bytes = randomBytes(length)
    await expect(signing(kms, bytes, request)).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(message),
    })
    await expect(
      verify(kms.access(), bytesSource(bytes), Buffer.alloc(64), {
        keyId: keyA,
        emptyAllowed: true,
        ...request,
      }),
    ).rejects.toMatchObject({ code: expect.stringMatching(/usage|integrity/) })
    expect(kms.calls).toEqual([])
  })

  it('is no digest in hex, though it may be as long as one of another hash', async () => {
    const hex = createHash('sha256').update('hi').digest('hex')
    for (const text of [hex, `${hex}\n`]) {
      const request = { algorithm: 'ECDSA_SHA_512', messageType: 'DIGEST', emptyAllowed: true } as const
      await expect(readMessageToSign(bytesSource(Buffer.from(text)), request)).rejects.toThrow(/is hex text/)
    }
  })
})

describe('the algorithm', () => {
  it.each([
    [['ECDSA_SHA_384'], 'ECDSA_SHA_384'],
    [['RSASSA_PKCS1_V1_5_SHA_256', 'RSASSA_PSS_SHA_256', 'RSASSA_PSS_SHA_512'], 'RSASSA_PSS_SHA_512'],
    [['ED25519_PH_SHA_512', 'ED25519_SHA_512'], 'ED25519_SHA_512'],
    [['SM2DSA', 'ECDSA_SHA_256'], 'ECDSA_SHA_256'],
  ])('of %j is %s', async (offered, expected) => {
    const kms = stubWith(offered)
    expect((await signing(kms, Buffer.from('hi'))).SigningAlgorithm).toBe(expected)
    expect(kms.operations()).toEqual(['DescribeKey', 'Sign'])
  })

  it('comes from GetPublicKey where DescribeKey is denied', async () => {
    const kms = stubWith(['ECDSA_SHA_384'], ['DescribeKey'])
    expect((await signing(kms, Buffer.from('hi'))).SigningAlgorithm).toBe('ECDSA_SHA_384')
    expect(kms.operations()).toEqual(['DescribeKey', 'GetPublicKey', 'Sign'])
  })

  it('must be named where both are denied, and then nothing is looked up', async () => {
    const kms = stubWith(['ECDSA_SHA_384'], ['DescribeKey', 'GetPublicKey'])
    await expect(signing(kms, Buffer.from('hi'))).rejects.toMatchObject({
      code: 'denied',
      hint: expect.stringContaining('--signing-algorithm'),
    })
    const named = stubWith([], ['DescribeKey', 'GetPublicKey'])
    await signing(named, Buffer.from('hi'), { algorithm: 'ECDSA_SHA_384' })
    expect(named.operations()).toEqual(['Sign'])
  })

  it.each([
    [['ML_DSA_SHAKE_256'], /signs with ML_DSA_SHAKE_256 only, which kmseal does not support/],
    [['SM2DSA'], /signs with SM2DSA only/],
    [[], /does not sign: its key usage is SIGN_VERIFY/],
  ])('is none that kmseal knows in %j: refused', async (offered, message) => {
    const kms = stubWith(offered)
    await expect(signing(kms, Buffer.from('hi'))).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringMatching(message),
    })
    expect(kms.operations()).toEqual(['DescribeKey'])
  })
})

it('an answer that does not say that a signature is valid is none', async () => {
  const kms = stubWith([])
  kms.answer = () => ({ KeyId: keyA })
  const request = { keyId: keyA, algorithm: 'RSASSA_PSS_SHA_256', emptyAllowed: true } as const
  await expect(verify(kms.access(), bytesSource(Buffer.of(1)), signature, request)).rejects.toMatchObject({
    code: 'failed',
  })
  await expect(sign(kms.access(), bytesSource(Buffer.of(1)), request)).rejects.toMatchObject({
    code: 'failed',
  })
})
