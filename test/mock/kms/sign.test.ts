import { execFileSync } from 'node:child_process'
import {
  constants,
  createHash,
  createPublicKey,
  generateKeyPairSync,
  sign as nodeSign,
  verify as nodeVerify,
  randomBytes,
} from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  CreateKeyCommand,
  GetPublicKeyCommand,
  type KeySpec,
  SignCommand,
  type SigningAlgorithmSpec,
  VerifyCommand,
} from '@aws-sdk/client-kms'
import { describe, expect, test } from 'vitest'
import { type Mock, openMock, refusal, region, temporaryFolder } from '../mock-clients.ts'

const rsa = ['PKCS1_V1_5', 'PSS'].flatMap(padding =>
  [256, 384, 512].map(bits => ['RSA_2048', `RSASSA_${padding}_SHA_${bits}`] as const),
)
const ecdsa = [
  ['ECC_NIST_P256', 'ECDSA_SHA_256'],
  ['ECC_NIST_P384', 'ECDSA_SHA_384'],
  ['ECC_NIST_P521', 'ECDSA_SHA_512'],
  ['ECC_SECG_P256K1', 'ECDSA_SHA_256'],
] as const
const message = Buffer.from('what is signed')

async function signingKey(mock: Mock, spec: string) {
  const { kms } = mock
  const { KeyMetadata: key } = await kms.send(
    new CreateKeyCommand({ KeySpec: spec as KeySpec, KeyUsage: 'SIGN_VERIFY' }),
  )
  const { PublicKey: der } = await kms.send(new GetPublicKeyCommand({ KeyId: key?.KeyId }))
  const publicKey = createPublicKey({ key: Buffer.from(der ?? []), format: 'der', type: 'spki' })
  return { KeyId: key?.Arn ?? '', publicKey }
}

const hashOf = (algorithm: string) => `sha${/\d+$/.exec(algorithm)?.[0]}`

describe.each([...rsa, ...ecdsa])('a %s key with %s', (spec, name) => {
  const algorithm = name as SigningAlgorithmSpec
  const padding = name.includes('PSS') ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING
  const saltLength = constants.RSA_PSS_SALTLEN_DIGEST
  const options = spec.startsWith('RSA') ? { padding, saltLength } : {}

  test('signs messages and digests so that node verifies both', async () => {
    const mock = await openMock()
    const { KeyId, publicKey } = await signingKey(mock, spec)
    const digest = createHash(hashOf(name)).update(message).digest()
    for (const [Message, MessageType] of [
      [message, 'RAW'],
      [digest, 'DIGEST'],
    ] as const) {
      const signed = await mock.kms.send(
        new SignCommand({ KeyId, Message, MessageType, SigningAlgorithm: algorithm }),
      )
      expect(signed).toMatchObject({ KeyId, SigningAlgorithm: algorithm })
      const signature = Buffer.from(signed.Signature ?? [])
      expect(nodeVerify(hashOf(name), message, { key: publicKey, ...options }, signature)).toBe(true)
      // Either form verifies, whichever was signed.
      for (const form of [{ Message: message }, { Message: digest, MessageType: 'DIGEST' as const }]) {
        const verified = await mock.kms.send(
          new VerifyCommand({ KeyId, SigningAlgorithm: algorithm, Signature: signature, ...form }),
        )
        expect(verified).toMatchObject({ KeyId, SignatureValid: true, SigningAlgorithm: algorithm })
      }
    }
  })

  test('refuses every other signature, and digests of another length', async () => {
    const mock = await openMock()
    const { KeyId } = await signingKey(mock, spec)
    const signed = await mock.kms.send(
      new SignCommand({ KeyId, Message: message, SigningAlgorithm: algorithm }),
    )
    const signature = Buffer.from(signed.Signature ?? [])
    const verify = (Signature: Buffer, Message = message) =>
      refusal(mock.kms.send(new VerifyCommand({ KeyId, Message, Signature, SigningAlgorithm: algorithm })))
    for (const at of [0, signature.length >> 1, signature.length - 1]) {
      const changed = Buffer.from(signature)
      changed[at] = (changed[at] ?? 0) ^ 1
      expect(await verify(changed)).toBe('KMSInvalidSignatureException')
    }
    expect(await verify(signature.subarray(1))).toBe('KMSInvalidSignatureException')
    expect(await verify(Buffer.concat([signature, Buffer.of(0)]))).toBe('KMSInvalidSignatureException')
    expect(await verify(randomBytes(signature.length))).toBe('KMSInvalidSignatureException')
    expect(await verify(signature, Buffer.from('something else'))).toBe('KMSInvalidSignatureException')
    const short = { KeyId, Message: message, MessageType: 'DIGEST', SigningAlgorithm: algorithm } as const
    expect(await refusal(mock.kms.send(new SignCommand(short)))).toBe(
      `ValidationException: Digest is invalid length for algorithm ${name}.`,
    )
  })
})

test('a PSS signature is valid with a salt as long as the digest only', async () => {
  const { kms, emulator } = await openMock()
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const KeyId = '1234abcd-12ab-34cd-56ef-1234567890ab'
  const material = privateKey.export({ type: 'pkcs8', format: 'pem' })
  await emulator.seed(JSON.stringify({ keys: [{ id: KeyId, usage: 'SIGN_VERIFY', material }] }), region)
  const verify = (saltLength: number) => {
    const padding = constants.RSA_PKCS1_PSS_PADDING
    const Signature = nodeSign('sha256', message, { key: privateKey, padding, saltLength })
    const SigningAlgorithm = 'RSASSA_PSS_SHA_256'
    return refusal(kms.send(new VerifyCommand({ KeyId, Message: message, Signature, SigningAlgorithm })))
  }
  expect(await verify(32)).toBe('no refusal')
  expect(await verify(20)).toBe('KMSInvalidSignatureException')
})

test('an Ed25519 key signs messages, and takes no digests', async () => {
  const mock = await openMock()
  const { KeyId, publicKey } = await signingKey(mock, 'ECC_NIST_EDWARDS25519')
  const request = { KeyId, Message: message, SigningAlgorithm: 'ED25519_SHA_512' } as const
  const { Signature } = await mock.kms.send(new SignCommand(request))
  const signature = Buffer.from(Signature ?? [])
  expect(nodeVerify(null, message, publicKey, signature)).toBe(true)
  await mock.kms.send(new VerifyCommand({ ...request, Signature: signature }))
  const other = new VerifyCommand({ ...request, Message: Buffer.from('other'), Signature: signature })
  expect(await refusal(mock.kms.send(other))).toBe('KMSInvalidSignatureException')
  expect(await refusal(mock.kms.send(new SignCommand({ ...request, MessageType: 'DIGEST' })))).toMatch(
    /^ValidationException: /,
  )
  const prehashed = new SignCommand({ ...request, SigningAlgorithm: 'ED25519_PH_SHA_512' })
  expect(await refusal(mock.kms.send(prehashed))).toMatch(/^UnsupportedOperationException: .*not emulated/)
})

test('refuses keys of another usage, algorithms of another spec, and dry runs that succeed', async () => {
  const mock = await openMock()
  const { KeyMetadata: symmetric } = await mock.kms.send(new CreateKeyCommand({}))
  const request = { Message: message, SigningAlgorithm: 'ECDSA_SHA_256' } as const
  expect(await refusal(mock.kms.send(new SignCommand({ ...request, KeyId: symmetric?.KeyId })))).toBe(
    `InvalidKeyUsageException: ${symmetric?.Arn} key usage is ENCRYPT_DECRYPT which is not valid for Sign.`,
  )
  const { KeyId } = await signingKey(mock, 'ECC_NIST_P384')
  expect(await refusal(mock.kms.send(new SignCommand({ ...request, KeyId })))).toBe(
    'InvalidKeyUsageException: Algorithm ECDSA_SHA_256 is incompatible with key spec ECC_NIST_P384.',
  )
  const dry = new SignCommand({ KeyId, Message: message, SigningAlgorithm: 'ECDSA_SHA_384', DryRun: true })
  expect(await refusal(mock.kms.send(dry))).toBe(
    'DryRunOperationException: The request would have succeeded, but the DryRun option is set.',
  )
})

test.each([
  ['RSA_2048', 'RSASSA_PKCS1_V1_5_SHA_256', ['-sha256']],
  [
    'RSA_2048',
    'RSASSA_PSS_SHA_384',
    ['-sha384', '-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:48'],
  ],
  ['ECC_NIST_P256', 'ECDSA_SHA_256', ['-sha256']],
  ['ECC_NIST_P521', 'ECDSA_SHA_512', ['-sha512']],
  ['ECC_SECG_P256K1', 'ECDSA_SHA_256', ['-sha256']],
] as const)('openssl verifies what a %s key signs with %s, and nothing else', async (spec, name, args) => {
  const mock = await openMock()
  const folder = temporaryFolder()
  const { KeyId, publicKey } = await signingKey(mock, spec)
  const { Signature } = await mock.kms.send(
    new SignCommand({ KeyId, Message: message, SigningAlgorithm: name }),
  )
  const path = (file: string) => join(folder, file)
  writeFileSync(path('key.pem'), publicKey.export({ type: 'spki', format: 'pem' }))
  writeFileSync(path('signature'), Buffer.from(Signature ?? []))
  writeFileSync(path('message'), message)
  writeFileSync(path('other'), 'something else')
  const openssl = (file: string) =>
    execFileSync(
      'openssl',
      ['dgst', ...args, '-verify', path('key.pem'), '-signature', path('signature'), path(file)],
      { stdio: 'pipe' },
    ).toString()
  expect(openssl('message')).toBe('Verified OK\n')
  expect(() => openssl('other')).toThrow()
})
