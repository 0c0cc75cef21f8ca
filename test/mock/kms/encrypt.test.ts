import { constants, createPublicKey, publicEncrypt, randomBytes } from 'node:crypto'
import {
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GetPublicKeyCommand,
  ReEncryptCommand,
} from '@aws-sdk/client-kms'
import { describe, expect, test } from 'vitest'
import { account, openMock, refusal, region } from '../mock-clients.ts'

const KeyId = 'alias/kmseal'
const incorrectKey =
  'IncorrectKeyException: The key ID in the request does not identify a CMK that can perform this operation.'

describe('symmetric keys', () => {
  test('decrypt gives back what encrypt took, and names the key by its ARN', async () => {
    const { kms } = await openMock()
    for (const size of [1, 20, 4096]) {
      const Plaintext = randomBytes(size)
      const sealed = await kms.send(new EncryptCommand({ KeyId, Plaintext }))
      const opened = await kms.send(new DecryptCommand({ CiphertextBlob: sealed.CiphertextBlob }))
      expect(Buffer.from(opened.Plaintext ?? [])).toEqual(Plaintext)
      expect(opened.KeyId).toMatch(new RegExp(`^arn:aws:kms:${region}:${account}:key/[0-9a-f-]{36}$`))
      expect(opened.KeyId).toBe(sealed.KeyId)
      expect(opened.EncryptionAlgorithm).toBe('SYMMETRIC_DEFAULT')
      expect(opened.KeyMaterialId).toMatch(/^[0-9a-f]{64}$/)
    }
  })

  test('the same plaintext never gives the same blob twice', async () => {
    const { kms } = await openMock()
    const seal = async () =>
      Buffer.from(
        (await kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('x') }))).CiphertextBlob ?? [],
      )
    expect((await seal()).equals(await seal())).toBe(false)
  })

  test('the encryption context must be the same set of pairs, in any order', async () => {
    const { kms } = await openMock()
    const Plaintext = Buffer.from('secret')
    const { CiphertextBlob } = await kms.send(
      new EncryptCommand({ KeyId, Plaintext, EncryptionContext: { a: '1', b: '2' } }),
    )
    const open = (EncryptionContext?: Record<string, string>) =>
      kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }))
    expect(Buffer.from((await open({ b: '2', a: '1' })).Plaintext ?? [])).toEqual(Plaintext)
    for (const wrong of [
      undefined,
      {},
      { a: '1' },
      { a: '1', b: '3' },
      { a: '1', b: '2', c: '' },
      { A: '1', b: '2' },
    ]) {
      expect(await refusal(open(wrong))).toBe('InvalidCiphertextException')
    }
  })

  test('a blob that was cut, extended or altered is an invalid ciphertext', async () => {
    const { kms } = await openMock()
    const sealed = await kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('secret') }))
    const blob = Buffer.from(sealed.CiphertextBlob ?? [])
    const flipped = Buffer.from(blob)
    flipped[flipped.length - 1] = (flipped.at(-1) ?? 0) ^ 1
    for (const bad of [
      blob.subarray(0, -1),
      Buffer.concat([blob, Buffer.of(0)]),
      flipped,
      Buffer.from('foreign'),
    ]) {
      expect(await refusal(kms.send(new DecryptCommand({ CiphertextBlob: bad })))).toBe(
        'InvalidCiphertextException',
      )
    }
  })

  test('a blob under another key than the named one is refused', async () => {
    const { kms } = await openMock()
    const other = await kms.send(new CreateKeyCommand({}))
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('secret') }))
    const call = kms.send(new DecryptCommand({ CiphertextBlob, KeyId: other.KeyMetadata?.KeyId }))
    expect(await refusal(call)).toBe(incorrectKey)
  })

  test('a blob of another Region or account is closed', async () => {
    const mock = await openMock()
    const { CiphertextBlob } = await mock.kms.send(
      new EncryptCommand({ KeyId, Plaintext: Buffer.from('secret') }),
    )
    const stranger = 'arn:aws:iam::111122223333:user/eve'
    for (const caller of [{ region: 'us-east-1' }, { principal: stranger }]) {
      const refused = await refusal(mock.as(caller).kms.send(new DecryptCommand({ CiphertextBlob })))
      expect(refused).toContain('AccessDeniedException: User: arn:aws:iam::')
      expect(refused).toContain(
        'is not authorized to perform: kms:Decrypt on the resource associated with this ciphertext because the resource does not exist in this Region',
      )
    }
  })

  test('more than 4096 bytes are refused without quoting them', async () => {
    const { kms } = await openMock()
    const call = kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.alloc(4097, 'a') }))
    expect(await refusal(call)).toBe(
      "ValidationException: 1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length less than or equal to 4096",
    )
  })

  test('re-encryption moves a blob to another key and context', async () => {
    const { kms } = await openMock()
    const made = await kms.send(new CreateKeyCommand({}))
    const destination = made.KeyMetadata?.Arn ?? ''
    const sealed = await kms.send(
      new EncryptCommand({ KeyId, Plaintext: Buffer.from('secret'), EncryptionContext: { a: '1' } }),
    )
    const moved = await kms.send(
      new ReEncryptCommand({
        CiphertextBlob: sealed.CiphertextBlob,
        SourceEncryptionContext: { a: '1' },
        DestinationKeyId: destination,
        DestinationEncryptionContext: { b: '2' },
      }),
    )
    expect(moved.SourceKeyId).toBe(sealed.KeyId)
    expect(moved.KeyId).toBe(destination)
    expect(moved.DestinationKeyMaterialId).toBe(made.KeyMetadata?.CurrentKeyMaterialId)
    const opened = await kms.send(
      new DecryptCommand({ CiphertextBlob: moved.CiphertextBlob, EncryptionContext: { b: '2' } }),
    )
    expect(Buffer.from(opened.Plaintext ?? []).toString()).toBe('secret')
    expect(opened.KeyId).toBe(destination)
  })

  test('a dry run checks everything and seals nothing', async () => {
    const { kms } = await openMock()
    const dry = (id: string) =>
      kms.send(new EncryptCommand({ KeyId: id, Plaintext: Buffer.from('x'), DryRun: true }))
    expect(await refusal(dry(KeyId))).toBe(
      'DryRunOperationException: The request would have succeeded, but the DryRun option is set.',
    )
    expect(await refusal(dry('alias/none'))).toContain('NotFoundException')
  })

  test('a dry run may ask for permissions without a ciphertext', async () => {
    const { kms, raw } = await openMock()
    const ignoring = { DryRun: true, DryRunModifiers: ['IGNORE_CIPHERTEXT'] }
    const ask = async (operation: string, body: object) =>
      (await raw<{ __type: string }>(`TrentService.${operation}`, body)).body.__type
    const end = 'DryRunOperationException'
    expect(await ask('Decrypt', { KeyId, ...ignoring })).toBe(end)
    expect(await ask('ReEncrypt', { SourceKeyId: KeyId, DestinationKeyId: KeyId, ...ignoring })).toBe(end)
    expect(await ask('Decrypt', { KeyId: 'alias/none', ...ignoring })).toBe('NotFoundException')
    expect(await ask('Decrypt', ignoring)).toBe('ValidationException')
    expect(await ask('Decrypt', { KeyId, DryRun: true })).toBe('ValidationException')
    expect(await ask('Decrypt', { KeyId, ...ignoring, DryRun: false })).toBe('ValidationException')
    const { KeyMetadata: mac } = await kms.send(
      new CreateKeyCommand({ KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' }),
    )
    expect(await ask('Decrypt', { KeyId: mac?.KeyId, ...ignoring })).toBe('IncorrectKeyException')
  })
})

describe('RSA keys', () => {
  test.each([
    ['RSA_2048', 'RSAES_OAEP_SHA_1', 214],
    ['RSA_2048', 'RSAES_OAEP_SHA_256', 190],
    ['RSA_3072', 'RSAES_OAEP_SHA_256', 318],
  ] as const)('%s with %s takes %i bytes and no more', async (KeySpec, EncryptionAlgorithm, limit) => {
    const { kms } = await openMock()
    const made = await kms.send(new CreateKeyCommand({ KeySpec, KeyUsage: 'ENCRYPT_DECRYPT' }))
    const id = made.KeyMetadata?.KeyId
    const seal = (size: number) =>
      kms.send(new EncryptCommand({ KeyId: id, Plaintext: Buffer.alloc(size, 1), EncryptionAlgorithm }))
    const { CiphertextBlob } = await seal(limit)
    const opened = await kms.send(new DecryptCommand({ CiphertextBlob, KeyId: id, EncryptionAlgorithm }))
    expect(opened.Plaintext?.length).toBe(limit)
    expect(opened.KeyMaterialId).toBeUndefined()
    expect(await refusal(seal(limit + 1))).toBe(
      `ValidationException: Algorithm ${EncryptionAlgorithm} and key spec ${KeySpec} cannot encrypt data larger than ${limit} bytes.`,
    )
  })

  test('what its public key encrypts outside, decrypt opens', async () => {
    const { kms } = await openMock()
    const made = await kms.send(new CreateKeyCommand({ KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' }))
    const id = made.KeyMetadata?.KeyId
    const published = await kms.send(new GetPublicKeyCommand({ KeyId: id }))
    expect(published.EncryptionAlgorithms).toEqual(['RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256'])
    const key = createPublicKey({ key: Buffer.from(published.PublicKey ?? []), format: 'der', type: 'spki' })
    const padding = constants.RSA_PKCS1_OAEP_PADDING
    const CiphertextBlob = publicEncrypt({ key, padding, oaepHash: 'sha256' }, Buffer.from('from outside'))
    const open = (algorithm: 'RSAES_OAEP_SHA_256' | 'RSAES_OAEP_SHA_1') =>
      kms.send(new DecryptCommand({ CiphertextBlob, KeyId: id, EncryptionAlgorithm: algorithm }))
    const opened = await open('RSAES_OAEP_SHA_256')
    expect(Buffer.from(opened.Plaintext ?? []).toString()).toBe('from outside')
    expect(await refusal(open('RSAES_OAEP_SHA_1'))).toBe('InvalidCiphertextException')
  })

  test('the algorithm must go with the key', async () => {
    const { kms } = await openMock()
    const made = await kms.send(new CreateKeyCommand({ KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' }))
    const call = kms.send(new EncryptCommand({ KeyId: made.KeyMetadata?.KeyId, Plaintext: Buffer.from('x') }))
    expect(await refusal(call)).toBe(
      'InvalidKeyUsageException: Algorithm SYMMETRIC_DEFAULT is incompatible with key spec RSA_2048.',
    )
  })

  test('a signing key neither encrypts nor decrypts', async () => {
    const { kms } = await openMock()
    const made = await kms.send(new CreateKeyCommand({ KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' }))
    const arn = made.KeyMetadata?.Arn
    const EncryptionAlgorithm = 'RSAES_OAEP_SHA_256'
    const seal = kms.send(
      new EncryptCommand({ KeyId: arn, Plaintext: Buffer.from('x'), EncryptionAlgorithm }),
    )
    expect(await refusal(seal)).toBe(
      `InvalidKeyUsageException: ${arn} key usage is SIGN_VERIFY which is not valid for Encrypt.`,
    )
    const open = kms.send(
      new DecryptCommand({ KeyId: arn, CiphertextBlob: Buffer.alloc(256), EncryptionAlgorithm }),
    )
    expect(await refusal(open)).toBe(incorrectKey)
    const described = await kms.send(new DescribeKeyCommand({ KeyId: arn }))
    expect(described.KeyMetadata?.SigningAlgorithms).toHaveLength(6)
    expect(described.KeyMetadata?.EncryptionAlgorithms).toBeUndefined()
  })

  test('a symmetric key has no public key', async () => {
    const { kms } = await openMock()
    expect(await refusal(kms.send(new GetPublicKeyCommand({ KeyId })))).toBe('UnsupportedOperationException')
  })
})
