import {
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  DisableKeyRotationCommand,
  EnableKeyCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GetKeyRotationStatusCommand,
  ListKeyRotationsCommand,
  ReEncryptCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import { expect, test } from 'vitest'
import { type Mock, openMock, refusal } from '../mock-clients.ts'

const start = Date.parse('2030-01-02T03:04:05.678Z')
const dayMs = 24 * 60 * 60 * 1000

async function newKey({ kms }: Mock, input: ConstructorParameters<typeof CreateKeyCommand>[0] = {}) {
  const { KeyMetadata: key } = await kms.send(new CreateKeyCommand(input))
  return { KeyId: key?.KeyId ?? '', Arn: key?.Arn ?? '', materialId: key?.CurrentKeyMaterialId }
}

async function currentMaterial({ kms }: Mock, KeyId: string) {
  const { KeyMetadata: key } = await kms.send(new DescribeKeyCommand({ KeyId }))
  return key?.CurrentKeyMaterialId
}

test('a rotation on demand changes the material, and old ciphertexts still open', async () => {
  const mock = await openMock()
  const { kms } = mock
  const { KeyId, Arn, materialId } = await newKey(mock)
  const { CiphertextBlob: old } = await kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('old') }))
  expect(await kms.send(new RotateKeyOnDemandCommand({ KeyId }))).toMatchObject({ KeyId: Arn })
  const rotated = await currentMaterial(mock, KeyId)
  expect(rotated).toMatch(/^[0-9a-f]{64}$/)
  expect(rotated).not.toBe(materialId)
  const { CiphertextBlob: fresh } = await kms.send(
    new EncryptCommand({ KeyId, Plaintext: Buffer.from('new') }),
  )
  const open = async (blob: Uint8Array | undefined) => {
    const opened = await kms.send(new DecryptCommand({ CiphertextBlob: blob }))
    return [Buffer.from(opened.Plaintext ?? []).toString(), opened.KeyMaterialId]
  }
  expect(await open(old)).toEqual(['old', materialId])
  expect(await open(fresh)).toEqual(['new', rotated])
  const moved = await kms.send(new ReEncryptCommand({ CiphertextBlob: old, DestinationKeyId: KeyId }))
  expect(moved).toMatchObject({ SourceKeyMaterialId: materialId, DestinationKeyMaterialId: rotated })
  expect(await open(moved.CiphertextBlob)).toEqual(['old', rotated])
})

test('25 rotations on demand are allowed in the life of a key, and are listed in pages', async () => {
  const mock = await openMock()
  const { kms } = mock
  const { KeyId, Arn, materialId } = await newKey(mock)
  for (let count = 0; count < 25; count++) await kms.send(new RotateKeyOnDemandCommand({ KeyId }))
  expect(await refusal(kms.send(new RotateKeyOnDemandCommand({ KeyId })))).toBe(
    `LimitExceededException: The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations can be performed for this key: ${Arn}`,
  )
  const list = (input: object) => kms.send(new ListKeyRotationsCommand({ KeyId, ...input }))
  const first = await list({ Limit: 20 })
  expect(first.Truncated).toBe(true)
  const second = await list({ Limit: 20, Marker: first.NextMarker })
  const all = [...(first.Rotations ?? []), ...(second.Rotations ?? [])]
  expect(all).toHaveLength(25)
  expect(second).toMatchObject({ Truncated: false })
  expect(all[0]).toEqual({
    KeyId: Arn,
    KeyMaterialId: expect.stringMatching(/^[0-9a-f]{64}$/),
    KeyMaterialState: 'NON_CURRENT',
    RotationDate: new Date(start),
    RotationType: 'ON_DEMAND',
  })
  expect(all[24]).toMatchObject({
    KeyMaterialState: 'CURRENT',
    KeyMaterialId: await currentMaterial(mock, KeyId),
  })
  const { Rotations: materials } = await list({ IncludeKeyMaterial: 'ALL_KEY_MATERIAL' })
  expect(materials).toHaveLength(26)
  expect(materials?.[0]).toEqual({ KeyId: Arn, KeyMaterialId: materialId, KeyMaterialState: 'NON_CURRENT' })
})

test('automatic rotation follows the clock', async () => {
  const mock = await openMock()
  const { kms, passDays } = mock
  const { KeyId, Arn, materialId } = await newKey(mock)
  const status = () => kms.send(new GetKeyRotationStatusCommand({ KeyId }))
  expect(await status()).toMatchObject({ KeyId: Arn, KeyRotationEnabled: false })
  expect(await status()).not.toHaveProperty('NextRotationDate')
  await kms.send(new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays: 100 }))
  expect(await status()).toMatchObject({
    KeyRotationEnabled: true,
    RotationPeriodInDays: 100,
    NextRotationDate: new Date(start + 100 * dayMs),
  })
  passDays(99)
  expect(await currentMaterial(mock, KeyId)).toBe(materialId)
  passDays(2)
  const rotated = await currentMaterial(mock, KeyId)
  expect(rotated).not.toBe(materialId)
  expect(await status()).toMatchObject({ NextRotationDate: new Date(start + 200 * dayMs) })
  const { Rotations: rotations } = await kms.send(new ListKeyRotationsCommand({ KeyId }))
  expect(rotations).toMatchObject([
    { RotationType: 'AUTOMATIC', RotationDate: new Date(start + 100 * dayMs), KeyMaterialId: rotated },
  ])
  // Rotation on demand leaves the schedule alone; enabling again without a period too.
  await kms.send(new RotateKeyOnDemandCommand({ KeyId }))
  await kms.send(new EnableKeyRotationCommand({ KeyId }))
  expect(await status()).toMatchObject({
    RotationPeriodInDays: 100,
    NextRotationDate: new Date(start + 200 * dayMs),
  })
  // A disabled key waits until it is enabled.
  await kms.send(new DisableKeyCommand({ KeyId }))
  const before = await currentMaterial(mock, KeyId)
  passDays(100)
  expect(await currentMaterial(mock, KeyId)).toBe(before)
  await kms.send(new EnableKeyCommand({ KeyId }))
  expect(await currentMaterial(mock, KeyId)).not.toBe(before)
  await kms.send(new DisableKeyRotationCommand({ KeyId }))
  expect(await status()).toMatchObject({ KeyRotationEnabled: false })
})

test('AWS managed keys rotate every year', async () => {
  const mock = await openMock()
  const KeyId = 'alias/aws/ssm'
  const first = await currentMaterial(mock, KeyId)
  const { KeyMetadata: key } = await mock.kms.send(new DescribeKeyCommand({ KeyId }))
  const status = await mock.kms.send(new GetKeyRotationStatusCommand({ KeyId: key?.KeyId }))
  expect(status).toMatchObject({ KeyRotationEnabled: true })
  mock.passDays(366)
  expect(await currentMaterial(mock, KeyId)).not.toBe(first)
})

test('refuses what cannot rotate', async () => {
  const mock = await openMock()
  const { kms } = mock
  const hmac = await newKey(mock, { KeySpec: 'HMAC_256', KeyUsage: 'GENERATE_VERIFY_MAC' })
  const rsa = await newKey(mock, { KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' })
  const external = await newKey(mock, { Origin: 'EXTERNAL' })
  for (const { KeyId } of [hmac, rsa]) {
    for (const call of [
      new EnableKeyRotationCommand({ KeyId }),
      new DisableKeyRotationCommand({ KeyId }),
      new RotateKeyOnDemandCommand({ KeyId }),
      new GetKeyRotationStatusCommand({ KeyId }),
      new ListKeyRotationsCommand({ KeyId }),
    ]) {
      expect(await refusal(kms.send(call as EnableKeyRotationCommand))).toBe('UnsupportedOperationException')
    }
  }
  expect(await refusal(kms.send(new EnableKeyRotationCommand({ KeyId: external.KeyId })))).toBe(
    `UnsupportedOperationException: ${external.Arn} origin is EXTERNAL which is not valid for this operation.`,
  )
  expect(await refusal(kms.send(new RotateKeyOnDemandCommand({ KeyId: external.KeyId })))).toBe(
    `KMSInvalidStateException: ${external.Arn} is pending import.`,
  )
  const { KeyId, Arn } = await newKey(mock)
  expect(await refusal(kms.send(new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays: 89 })))).toMatch(
    /^ValidationException: .*'rotationPeriodInDays' .*greater than or equal to 90$/,
  )
  await kms.send(new DisableKeyCommand({ KeyId }))
  expect(await refusal(kms.send(new RotateKeyOnDemandCommand({ KeyId })))).toBe(
    `DisabledException: ${Arn} is disabled.`,
  )
  await kms.send(new EnableKeyCommand({ KeyId }))
  await kms.send(new EnableKeyRotationCommand({ KeyId }))
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId }))
  expect(await kms.send(new GetKeyRotationStatusCommand({ KeyId }))).toMatchObject({
    KeyRotationEnabled: false,
  })
  expect(await refusal(kms.send(new RotateKeyOnDemandCommand({ KeyId: 'alias/x' })))).toBe(
    'InvalidArnException: Key Aliases are not supported for this operation.',
  )
})
