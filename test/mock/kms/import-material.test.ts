import { constants, createPublicKey, generateKeyPairSync, publicEncrypt, randomBytes } from 'node:crypto'
import {
  CreateKeyCommand,
  DecryptCommand,
  DeleteImportedKeyMaterialCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateMacCommand,
  GetParametersForImportCommand,
  ImportKeyMaterialCommand,
  type ImportKeyMaterialCommandInput,
  type KeySpec,
  type KeyUsageType,
  ListKeyRotationsCommand,
  RotateKeyOnDemandCommand,
  SignCommand,
  VerifyCommand,
} from '@aws-sdk/client-kms'
import { describe, expect, test } from 'vitest'
import { type Mock, openMock, refusal } from '../mock-clients.ts'
import { wrapMaterial } from './wrapping.ts'

const forever = { ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' } as const

async function externalKey({ kms }: Mock, KeySpec: KeySpec = 'SYMMETRIC_DEFAULT', KeyUsage?: KeyUsageType) {
  const { KeyMetadata: key } = await kms.send(new CreateKeyCommand({ Origin: 'EXTERNAL', KeySpec, KeyUsage }))
  expect(key).toMatchObject({ KeyState: 'PendingImport', Enabled: false, Origin: 'EXTERNAL' })
  expect(key).not.toHaveProperty('CurrentKeyMaterialId')
  return { KeyId: key?.KeyId ?? '', Arn: key?.Arn ?? '' }
}

async function importInto(
  { kms }: Mock,
  KeyId: string,
  material: Buffer,
  more: Partial<ImportKeyMaterialCommandInput> = forever,
  algorithm: 'RSAES_OAEP_SHA_256' | 'RSA_AES_KEY_WRAP_SHA_256' = 'RSAES_OAEP_SHA_256',
) {
  const parameters = await kms.send(
    new GetParametersForImportCommand({
      KeyId,
      WrappingAlgorithm: algorithm,
      WrappingKeySpec: 'RSA_2048',
    }),
  )
  const publicKey = parameters.PublicKey ?? Buffer.alloc(0)
  return kms.send(
    new ImportKeyMaterialCommand({
      KeyId,
      ImportToken: parameters.ImportToken,
      EncryptedKeyMaterial: wrapMaterial(publicKey, algorithm, material),
      ...more,
    }),
  )
}

const describeKey = async ({ kms }: Mock, KeyId: string) =>
  (await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata

describe.each([
  'RSAES_OAEP_SHA_1',
  'RSAES_OAEP_SHA_256',
  'RSA_AES_KEY_WRAP_SHA_1',
  'RSA_AES_KEY_WRAP_SHA_256',
])('material wrapped with %s', algorithm => {
  test.each(['RSA_2048', 'RSA_3072', 'RSA_4096'] as const)('under %s', async spec => {
    const mock = await openMock()
    const { KeyId, Arn } = await externalKey(mock)
    const parameters = await mock.kms.send(
      new GetParametersForImportCommand({
        KeyId,
        WrappingAlgorithm: algorithm as 'RSAES_OAEP_SHA_1',
        WrappingKeySpec: spec,
      }),
    )
    expect(parameters).toMatchObject({
      KeyId: Arn,
      ParametersValidTo: new Date(Date.parse('2030-01-03T03:04:05.678Z')),
    })
    const publicKey = createPublicKey({
      key: Buffer.from(parameters.PublicKey ?? []),
      format: 'der',
      type: 'spki',
    })
    expect(publicKey.asymmetricKeyDetails?.modulusLength).toBe(Number(spec.slice(4)))
    const imported = await mock.kms.send(
      new ImportKeyMaterialCommand({
        KeyId,
        ImportToken: parameters.ImportToken,
        EncryptedKeyMaterial: wrapMaterial(publicKey, algorithm, randomBytes(32)),
        ...forever,
      }),
    )
    expect(imported).toMatchObject({
      KeyId: Arn,
      KeyMaterialId: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    expect(await describeKey(mock, KeyId)).toMatchObject({
      KeyState: 'Enabled',
      ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
      CurrentKeyMaterialId: imported.KeyMaterialId,
    })
    await mock.kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('x') }))
  })
})

test('deleted material leaves the key pending, and only the same bytes bring it back', async () => {
  const mock = await openMock()
  const { kms } = mock
  const { KeyId, Arn } = await externalKey(mock)
  const pending = `KMSInvalidStateException: ${Arn} is pending import.`
  const encrypt = () => kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('kept') }))
  expect(await refusal(encrypt())).toBe(pending)
  const material = randomBytes(32)
  const { KeyMaterialId } = await importInto(mock, KeyId, material)
  const { CiphertextBlob } = await encrypt()
  const deleted = await kms.send(new DeleteImportedKeyMaterialCommand({ KeyId }))
  expect(deleted).toMatchObject({ KeyId: Arn, KeyMaterialId })
  const described = await describeKey(mock, KeyId)
  expect(described).toMatchObject({ KeyState: 'PendingImport', CurrentKeyMaterialId: KeyMaterialId })
  expect(described).not.toHaveProperty('ExpirationModel')
  expect(await refusal(encrypt())).toBe(pending)
  expect(await refusal(kms.send(new DecryptCommand({ CiphertextBlob })))).toBe(pending)
  expect(await refusal(importInto(mock, KeyId, randomBytes(32)))).toBe('IncorrectKeyMaterialException')
  expect(await importInto(mock, KeyId, material)).toMatchObject({ KeyMaterialId })
  const { Plaintext } = await kms.send(new DecryptCommand({ CiphertextBlob }))
  expect(Buffer.from(Plaintext ?? []).toString()).toBe('kept')
})

test('material expires by the clock', async () => {
  const mock = await openMock()
  const { KeyId, Arn } = await externalKey(mock)
  const material = randomBytes(32)
  const ValidTo = new Date('2030-02-01T00:00:00Z')
  await importInto(mock, KeyId, material, { ValidTo })
  expect(await describeKey(mock, KeyId)).toMatchObject({ ExpirationModel: 'KEY_MATERIAL_EXPIRES', ValidTo })
  mock.passDays(31)
  const described = await describeKey(mock, KeyId)
  expect(described).toMatchObject({ KeyState: 'PendingImport', Enabled: false })
  expect(described).not.toHaveProperty('ValidTo')
  const call = new EncryptCommand({ KeyId, Plaintext: Buffer.from('x') })
  expect(await refusal(mock.kms.send(call))).toBe(`KMSInvalidStateException: ${Arn} is pending import.`)
  await importInto(mock, KeyId, material)
  await mock.kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('x') }))
})

test.each([
  [{}, 'ValidationException: A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES'],
  [{ ValidTo: new Date('2029-01-01') }, 'ValidationException: ValidTo must be in the future'],
  [{ ValidTo: new Date('2032-01-01') }, 'ValidationException: ValidTo must be within 365 days'],
  [{ ...forever, KeyMaterialId: '0'.repeat(64) }, 'IncorrectKeyMaterialException'],
  [{ ...forever, ImportType: 'EXISTING_KEY_MATERIAL' as const }, 'IncorrectKeyMaterialException'],
  [{ ...forever, ImportToken: Buffer.from('x') }, 'InvalidImportTokenException'],
  [{ ...forever, EncryptedKeyMaterial: Buffer.alloc(256) }, 'InvalidCiphertextException'],
])('refuses an import with %j', async (more, text) => {
  const mock = await openMock()
  const { KeyId } = await externalKey(mock)
  expect(await refusal(importInto(mock, KeyId, randomBytes(32), more))).toBe(text)
  expect(await describeKey(mock, KeyId)).toMatchObject({ KeyState: 'PendingImport' })
})

test('a token is of one key, and of one day', async () => {
  const mock = await openMock()
  const [first, second] = [await externalKey(mock), await externalKey(mock)]
  const { ImportToken } = await mock.kms.send(
    new GetParametersForImportCommand({
      KeyId: first.KeyId,
      WrappingAlgorithm: 'RSAES_OAEP_SHA_256',
      WrappingKeySpec: 'RSA_2048',
    }),
  )
  const use = (KeyId: string) =>
    refusal(
      mock.kms.send(
        new ImportKeyMaterialCommand({
          KeyId,
          ImportToken,
          EncryptedKeyMaterial: Buffer.alloc(256, 1),
          ...forever,
        }),
      ),
    )
  expect(await use(second.KeyId)).toBe('InvalidImportTokenException')
  expect(await use(first.KeyId)).toBe('InvalidCiphertextException')
  mock.passDays(1.1)
  expect(await use(first.KeyId)).toBe('ExpiredImportTokenException')
})

test('imported material that was rotated to is not pending any more', async () => {
  const mock = await openMock()
  const { kms } = mock
  const { KeyId } = await externalKey(mock)
  await importInto(mock, KeyId, randomBytes(32))
  const ids: (string | undefined)[] = []
  for (let rotation = 0; rotation < 3; rotation++) {
    const more = { ...forever, ImportType: 'NEW_KEY_MATERIAL' } as const
    ids.push((await importInto(mock, KeyId, randomBytes(32), more)).KeyMaterialId)
    await kms.send(new RotateKeyOnDemandCommand({ KeyId }))
  }
  const { Rotations } = await kms.send(new ListKeyRotationsCommand({ KeyId }))
  expect(Rotations).toMatchObject([
    { KeyMaterialId: ids[0], KeyMaterialState: 'NON_CURRENT', RotationType: 'ON_DEMAND' },
    { KeyMaterialId: ids[1], KeyMaterialState: 'NON_CURRENT', RotationType: 'ON_DEMAND' },
    { KeyMaterialId: ids[2], KeyMaterialState: 'CURRENT', RotationType: 'ON_DEMAND' },
  ])
})

test('symmetric keys rotate to new material, and need all of it', async () => {
  const mock = await openMock()
  const { kms } = mock
  const { KeyId, Arn } = await externalKey(mock)
  const [first, second] = [randomBytes(32), randomBytes(32)]
  const one = await importInto(mock, KeyId, first)
  expect(await refusal(kms.send(new RotateKeyOnDemandCommand({ KeyId })))).toBe(
    `KMSInvalidStateException: No available key material pending rotation for the key: ${Arn}.`,
  )
  const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('one') }))
  const more = { ...forever, ImportType: 'NEW_KEY_MATERIAL', KeyMaterialDescription: 'the next' } as const
  const two = await importInto(mock, KeyId, second, more)
  expect(await describeKey(mock, KeyId)).toMatchObject({
    KeyState: 'Enabled',
    CurrentKeyMaterialId: one.KeyMaterialId,
  })
  expect(await refusal(importInto(mock, KeyId, randomBytes(32), more))).toMatch(
    new RegExp(
      `^KMSInvalidStateException: New key material \\(id: [0-9a-f]{64}\\) cannot be imported into KMS key ${Arn}, because another key material \\(id: ${two.KeyMaterialId}\\) is pending rotation\\.$`,
    ),
  )
  const all = async () =>
    (await kms.send(new ListKeyRotationsCommand({ KeyId, IncludeKeyMaterial: 'ALL_KEY_MATERIAL' }))).Rotations
  expect(await all()).toEqual([
    {
      KeyId: Arn,
      KeyMaterialId: one.KeyMaterialId,
      KeyMaterialState: 'CURRENT',
      ImportState: 'IMPORTED',
      ...forever,
    },
    {
      KeyId: Arn,
      KeyMaterialId: two.KeyMaterialId,
      KeyMaterialState: 'PENDING_ROTATION',
      ImportState: 'IMPORTED',
      KeyMaterialDescription: 'the next',
      ...forever,
    },
  ])
  await kms.send(new RotateKeyOnDemandCommand({ KeyId }))
  expect(await describeKey(mock, KeyId)).toMatchObject({ CurrentKeyMaterialId: two.KeyMaterialId })
  expect(await kms.send(new DecryptCommand({ CiphertextBlob }))).toMatchObject({
    KeyMaterialId: one.KeyMaterialId,
  })
  await kms.send(new DeleteImportedKeyMaterialCommand({ KeyId, KeyMaterialId: one.KeyMaterialId }))
  expect(await describeKey(mock, KeyId)).toMatchObject({ KeyState: 'PendingImport' })
  expect(await all()).toMatchObject([{ ImportState: 'PENDING_IMPORT' }, { ImportState: 'IMPORTED' }])
  await importInto(mock, KeyId, first)
  expect(await describeKey(mock, KeyId)).toMatchObject({ KeyState: 'Enabled' })
})

test.each([
  ['ECC_NIST_P256', 'prime256v1', 'ECDSA_SHA_256'],
  ['ECC_NIST_P384', 'secp384r1', 'ECDSA_SHA_384'],
  ['ECC_NIST_P521', 'secp521r1', 'ECDSA_SHA_512'],
  ['ECC_SECG_P256K1', 'secp256k1', 'ECDSA_SHA_256'],
] as const)('an imported %s key signs', async (spec, namedCurve, SigningAlgorithm) => {
  const mock = await openMock()
  const { KeyId } = await externalKey(mock, spec, 'SIGN_VERIFY')
  const pair = generateKeyPairSync('ec', { namedCurve })
  await importInto(
    mock,
    KeyId,
    pair.privateKey.export({ type: 'pkcs8', format: 'der' }),
    forever,
    'RSA_AES_KEY_WRAP_SHA_256',
  )
  expect(await describeKey(mock, KeyId)).not.toHaveProperty('CurrentKeyMaterialId')
  const request = { KeyId, Message: Buffer.from('m'), SigningAlgorithm }
  const { Signature } = await mock.kms.send(new SignCommand(request))
  await mock.kms.send(new VerifyCommand({ ...request, Signature }))
})

test('an imported RSA key opens what was encrypted under its public half elsewhere', async () => {
  const mock = await openMock()
  const { KeyId } = await externalKey(mock, 'RSA_2048', 'ENCRYPT_DECRYPT')
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const material = pair.privateKey.export({ type: 'pkcs8', format: 'der' })
  await importInto(mock, KeyId, material, forever, 'RSA_AES_KEY_WRAP_SHA_256')
  const CiphertextBlob = publicEncrypt(
    { key: pair.publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' },
    Buffer.from('from outside'),
  )
  const { Plaintext } = await mock.kms.send(
    new DecryptCommand({ KeyId, CiphertextBlob, EncryptionAlgorithm: 'RSAES_OAEP_SHA_256' }),
  )
  expect(Buffer.from(Plaintext ?? []).toString()).toBe('from outside')
})

test.each([
  ['HMAC_224', 28],
  ['HMAC_256', 32],
  ['HMAC_384', 48],
  ['HMAC_512', 64],
] as const)('an %s key takes %i bytes, and nothing else', async (spec, length) => {
  const mock = await openMock()
  const { KeyId } = await externalKey(mock, spec, 'GENERATE_VERIFY_MAC')
  expect(await refusal(importInto(mock, KeyId, randomBytes(length + 1)))).toBe(
    'IncorrectKeyMaterialException',
  )
  await importInto(mock, KeyId, randomBytes(length))
  const algorithm = spec.replace('HMAC', 'HMAC_SHA') as 'HMAC_SHA_224'
  await mock.kms.send(new GenerateMacCommand({ KeyId, Message: Buffer.from('m'), MacAlgorithm: algorithm }))
})

test('refuses material of another kind, and keys with material of their own', async () => {
  const mock = await openMock()
  const { KeyId } = await externalKey(mock, 'ECC_NIST_P256', 'SIGN_VERIFY')
  const wrong = generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey
  expect(await refusal(importInto(mock, KeyId, wrong.export({ type: 'pkcs8', format: 'der' })))).toBe(
    'IncorrectKeyMaterialException',
  )
  expect(await refusal(importInto(mock, KeyId, randomBytes(32)))).toBe('IncorrectKeyMaterialException')
  const { KeyMetadata: own } = await mock.kms.send(new CreateKeyCommand({}))
  expect(await refusal(importInto(mock, own?.KeyId ?? '', randomBytes(32)))).toBe(
    `UnsupportedOperationException: ${own?.Arn} origin is AWS_KMS which is not valid for this operation.`,
  )
})
