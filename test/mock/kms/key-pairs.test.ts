import { createPrivateKey, createPublicKey, diffieHellman, generateKeyPairSync } from 'node:crypto'
import {
  CreateKeyCommand,
  type DataKeyPairSpec,
  DecryptCommand,
  DeriveSharedSecretCommand,
  GenerateDataKeyPairCommand,
  GenerateDataKeyPairWithoutPlaintextCommand,
  GetPublicKeyCommand,
  type KeySpec,
} from '@aws-sdk/client-kms'
import { describe, expect, test } from 'vitest'
import { openMock, refusal } from '../mock-clients.ts'

const dryRun = 'DryRunOperationException: The request would have succeeded, but the DryRun option is set.'

describe('data key pairs', () => {
  test.each([
    ['RSA_2048', 'rsa'],
    ['ECC_NIST_P256', 'ec'],
    ['ECC_NIST_P384', 'ec'],
    ['ECC_NIST_P521', 'ec'],
    ['ECC_SECG_P256K1', 'ec'],
    ['ECC_NIST_EDWARDS25519', 'ed25519'],
  ])(
    '%s: the public key goes with the private one, and Decrypt opens the wrapped one',
    async (spec, type) => {
      const { kms } = await openMock()
      const { KeyMetadata: key } = await kms.send(new CreateKeyCommand({}))
      const request = {
        KeyId: key?.KeyId,
        KeyPairSpec: spec as DataKeyPairSpec,
        EncryptionContext: { purpose: 'test' },
      }
      const made = await kms.send(new GenerateDataKeyPairCommand(request))
      expect(made).toMatchObject({
        KeyId: key?.Arn,
        KeyPairSpec: spec,
        KeyMaterialId: key?.CurrentKeyMaterialId,
      })
      const plain = Buffer.from(made.PrivateKeyPlaintext ?? [])
      const privateKey = createPrivateKey({ key: plain, format: 'der', type: 'pkcs8' })
      expect(privateKey.asymmetricKeyType).toBe(type)
      expect(createPublicKey(privateKey).export({ type: 'spki', format: 'der' })).toEqual(
        Buffer.from(made.PublicKey ?? []),
      )
      const sealed = { CiphertextBlob: made.PrivateKeyCiphertextBlob }
      const opened = await kms.send(new DecryptCommand({ ...sealed, EncryptionContext: { purpose: 'test' } }))
      expect(Buffer.from(opened.Plaintext ?? [])).toEqual(plain)
      expect(await refusal(kms.send(new DecryptCommand(sealed)))).toBe('InvalidCiphertextException')

      const without = await kms.send(new GenerateDataKeyPairWithoutPlaintextCommand(request))
      expect(without).not.toHaveProperty('PrivateKeyPlaintext')
      expect(without).toMatchObject({ KeyId: key?.Arn, KeyPairSpec: spec })
      expect(await refusal(kms.send(new GenerateDataKeyPairCommand({ ...request, DryRun: true })))).toBe(
        dryRun,
      )
      const dry = new GenerateDataKeyPairWithoutPlaintextCommand({ ...request, DryRun: true })
      expect(await refusal(kms.send(dry))).toBe(dryRun)
    },
  )

  test('refuses SM2, which the mock cannot do', async () => {
    const { kms } = await openMock()
    const { KeyMetadata: key } = await kms.send(new CreateKeyCommand({}))
    const call = new GenerateDataKeyPairCommand({ KeyId: key?.KeyId, KeyPairSpec: 'SM2' })
    expect(await refusal(kms.send(call))).toMatch(/^UnsupportedOperationException: KeyPairSpec SM2/)
  })
})

describe('DeriveSharedSecret', () => {
  test.each([
    ['ECC_NIST_P256', 'prime256v1', 32],
    ['ECC_NIST_P384', 'secp384r1', 48],
    ['ECC_NIST_P521', 'secp521r1', 66],
  ])('agrees with a peer on %s', async (spec, namedCurve, length) => {
    const { kms } = await openMock()
    const { KeyMetadata: key } = await kms.send(
      new CreateKeyCommand({ KeySpec: spec as KeySpec, KeyUsage: 'KEY_AGREEMENT' }),
    )
    expect(key).toMatchObject({ KeyAgreementAlgorithms: ['ECDH'] })
    const ours = await kms.send(new GetPublicKeyCommand({ KeyId: key?.KeyId }))
    expect(ours).toMatchObject({ KeyAgreementAlgorithms: ['ECDH'], KeyUsage: 'KEY_AGREEMENT' })
    const peer = generateKeyPairSync('ec', { namedCurve })
    const request = {
      KeyId: key?.KeyId,
      KeyAgreementAlgorithm: 'ECDH',
      PublicKey: peer.publicKey.export({ type: 'spki', format: 'der' }),
    } as const
    const derived = await kms.send(new DeriveSharedSecretCommand(request))
    expect(derived).toMatchObject({ KeyAgreementAlgorithm: 'ECDH', KeyId: key?.Arn, KeyOrigin: 'AWS_KMS' })
    const secret = Buffer.from(derived.SharedSecret ?? [])
    expect(secret).toHaveLength(length)
    const publicKey = createPublicKey({
      key: Buffer.from(ours.PublicKey ?? []),
      format: 'der',
      type: 'spki',
    })
    expect(secret).toEqual(diffieHellman({ privateKey: peer.privateKey, publicKey }))
    expect(await refusal(kms.send(new DeriveSharedSecretCommand({ ...request, DryRun: true })))).toBe(dryRun)
  })

  test('refuses keys of other curves, no keys, and keys for other uses', async () => {
    const { kms } = await openMock()
    const create = (KeySpec: KeySpec, KeyUsage: 'KEY_AGREEMENT' | 'SIGN_VERIFY') =>
      kms.send(new CreateKeyCommand({ KeySpec, KeyUsage }))
    const { KeyMetadata: key } = await create('ECC_NIST_P256', 'KEY_AGREEMENT')
    const derive = (KeyId: string | undefined, PublicKey: Uint8Array, algorithm = 'ECDH') =>
      refusal(
        kms.send(
          new DeriveSharedSecretCommand({ KeyId, KeyAgreementAlgorithm: algorithm as 'ECDH', PublicKey }),
        ),
      )
    const spki = (namedCurve: string) =>
      generateKeyPairSync('ec', { namedCurve }).publicKey.export({ type: 'spki', format: 'der' })
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey
    expect(await derive(key?.KeyId, spki('secp384r1'))).toBe('ValidationException')
    expect(await derive(key?.KeyId, rsa.export({ type: 'spki', format: 'der' }))).toBe('ValidationException')
    expect(await derive(key?.KeyId, Buffer.from('no key'))).toBe('ValidationException')
    expect(await derive(key?.KeyId, spki('prime256v1'), 'INVALID')).toBe(
      "ValidationException: 1 validation error detected: Value 'INVALID' at 'keyAgreementAlgorithm' failed to satisfy constraint: Member must satisfy enum value set: [ECDH]",
    )
    const { KeyMetadata: signing } = await create('ECC_NIST_P256', 'SIGN_VERIFY')
    expect(await derive(signing?.KeyId, spki('prime256v1'))).toBe(
      `InvalidKeyUsageException: ${signing?.Arn} key usage is SIGN_VERIFY which is not valid for DeriveSharedSecret.`,
    )
    expect(await refusal(create('RSA_2048', 'KEY_AGREEMENT'))).toBe(
      'ValidationException: KeyUsage KEY_AGREEMENT is not compatible with KeySpec RSA_2048',
    )
    expect(await refusal(create('ECC_SECG_P256K1', 'KEY_AGREEMENT'))).toBe(
      'ValidationException: KeyUsage KEY_AGREEMENT is not compatible with KeySpec ECC_SECG_P256K1',
    )
  })
})
