import {
  CancelKeyDeletionCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GetKeyRotationStatusCommand,
  ListResourceTagsCommand,
  ReplicateKeyCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  UpdatePrimaryRegionCommand,
} from '@aws-sdk/client-kms'
import { expect, test } from 'vitest'
import { account, type Mock, openMock, refusal, region } from '../mock-clients.ts'

const other = 'us-east-2'
const arnIn = (where: string, id: string) => `arn:aws:kms:${where}:${account}:key/${id}`

async function primary(mock: Mock) {
  const { KeyMetadata: key } = await mock.kms.send(
    new CreateKeyCommand({ MultiRegion: true, Description: 'the first' }),
  )
  return { KeyId: key?.KeyId ?? '', key }
}

async function replicated(mock: Mock) {
  const { KeyId } = await primary(mock)
  const answer = await mock.kms.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: other }))
  return { KeyId, answer, there: mock.as({ region: other }).kms }
}

test('a multi-Region key says so from the start', async () => {
  const mock = await openMock()
  const { KeyId, key } = await primary(mock)
  expect(KeyId).toMatch(/^mrk-[0-9a-f]{32}$/)
  expect(key).toMatchObject({
    MultiRegion: true,
    MultiRegionConfiguration: {
      MultiRegionKeyType: 'PRIMARY',
      PrimaryKey: { Arn: arnIn(region, KeyId), Region: region },
      ReplicaKeys: [],
    },
  })
})

test('a replica has the id and the material, and nothing else', async () => {
  const mock = await openMock()
  const { KeyId, answer, there } = await replicated(mock)
  const configuration = {
    PrimaryKey: { Arn: arnIn(region, KeyId), Region: region },
    ReplicaKeys: [{ Arn: arnIn(other, KeyId), Region: other }],
  }
  expect(answer).toMatchObject({
    ReplicaKeyMetadata: {
      Arn: arnIn(other, KeyId),
      Description: '',
      Enabled: false,
      KeyState: 'Creating',
      MultiRegionConfiguration: { ...configuration, MultiRegionKeyType: 'REPLICA' },
    },
    ReplicaTags: [],
  })
  expect(JSON.parse(answer.ReplicaPolicy ?? '')).toMatchObject({ Id: 'key-default-1' })
  expect(answer.ReplicaKeyMetadata).not.toHaveProperty('CurrentKeyMaterialId')
  const { KeyMetadata: replica } = await there.send(new DescribeKeyCommand({ KeyId }))
  const { KeyMetadata: first } = await mock.kms.send(new DescribeKeyCommand({ KeyId }))
  expect(replica).toMatchObject({ Enabled: true, KeyState: 'Enabled', Description: '' })
  expect(replica?.CurrentKeyMaterialId).toBe(first?.CurrentKeyMaterialId)
  expect(first?.MultiRegionConfiguration).toEqual({ ...configuration, MultiRegionKeyType: 'PRIMARY' })

  const { CiphertextBlob } = await mock.kms.send(
    new EncryptCommand({ KeyId, Plaintext: Buffer.from('everywhere') }),
  )
  const opened = await there.send(new DecryptCommand({ CiphertextBlob }))
  expect(opened.KeyId).toBe(arnIn(other, KeyId))
  expect(Buffer.from(opened.Plaintext ?? []).toString()).toBe('everywhere')
  const elsewhere = mock.as({ region: 'eu-north-1' }).kms
  expect(await refusal(elsewhere.send(new DecryptCommand({ CiphertextBlob })))).toMatch(
    /^AccessDeniedException: .*does not exist in this Region/,
  )
})

test('description and tags of a replica are its own', async () => {
  const mock = await openMock()
  const { KeyId } = await primary(mock)
  const Tags = [{ TagKey: 'a', TagValue: 'b' }]
  await mock.kms.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: other, Description: 'copy', Tags }))
  const there = mock.as({ region: other }).kms
  expect(await there.send(new ListResourceTagsCommand({ KeyId }))).toMatchObject({ Tags })
  expect(await mock.kms.send(new ListResourceTagsCommand({ KeyId }))).toMatchObject({ Tags: [] })
  expect(await there.send(new DescribeKeyCommand({ KeyId }))).toMatchObject({
    KeyMetadata: { Description: 'copy' },
  })
})

test('refuses replicas where there is one, of a replica, and of other keys', async () => {
  const mock = await openMock()
  const { KeyId, there } = await replicated(mock)
  const replicate = (ReplicaRegion: string, kms = mock.kms, id = KeyId) =>
    refusal(kms.send(new ReplicateKeyCommand({ KeyId: id, ReplicaRegion })))
  expect(await replicate(region)).toBe(
    `AlreadyExistsException: ${region} cannot have a replica because it contains the primary.`,
  )
  expect(await replicate(other)).toBe('AlreadyExistsException')
  expect(await replicate('eu-north-1', there)).toBe(
    `UnsupportedOperationException: ${arnIn(other, KeyId)} is not a multi-region primary key.`,
  )
  expect(await replicate('cn-north-1')).toBe('UnsupportedOperationException')
  expect(await replicate('Nowhere')).toMatch(/^ValidationException: .*'replicaRegion'/)
  const { KeyMetadata: single } = await mock.kms.send(new CreateKeyCommand({}))
  expect(await replicate(other, mock.kms, single?.KeyId)).toBe(
    `UnsupportedOperationException: ${single?.Arn} is not a multi-region primary key.`,
  )
})

test('the primary key can move', async () => {
  const mock = await openMock()
  const { KeyId, there } = await replicated(mock)
  await mock.kms.send(new UpdatePrimaryRegionCommand({ KeyId, PrimaryRegion: other }))
  for (const [kms, type] of [
    [mock.kms, 'REPLICA'],
    [there, 'PRIMARY'],
  ] as const) {
    expect(await kms.send(new DescribeKeyCommand({ KeyId }))).toMatchObject({
      KeyMetadata: {
        MultiRegionConfiguration: {
          MultiRegionKeyType: type,
          PrimaryKey: { Region: other },
          ReplicaKeys: [{ Region: region }],
        },
      },
    })
  }
  const move = (PrimaryRegion: string, kms = there) =>
    refusal(kms.send(new UpdatePrimaryRegionCommand({ KeyId, PrimaryRegion })))
  expect(await move(region, mock.kms)).toMatch(/^UnsupportedOperationException: .*not a multi-region primary/)
  expect(await move('eu-north-1')).toBe(
    `NotFoundException: Key '${arnIn('eu-north-1', KeyId)}' does not exist`,
  )
})

test('rotation is set on the primary key, and changes all of them', async () => {
  const mock = await openMock()
  const { KeyId, there } = await replicated(mock)
  const material = async (kms: typeof there) =>
    (await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.CurrentKeyMaterialId
  const first = await material(there)
  expect(await refusal(there.send(new RotateKeyOnDemandCommand({ KeyId })))).toMatch(
    /^UnsupportedOperationException: .*not a multi-region primary/,
  )
  await mock.kms.send(new RotateKeyOnDemandCommand({ KeyId }))
  const second = await material(there)
  expect(second).not.toBe(first)
  expect(await material(mock.kms)).toBe(second)
  await mock.kms.send(new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays: 90 }))
  expect(await there.send(new GetKeyRotationStatusCommand({ KeyId }))).toMatchObject({
    KeyRotationEnabled: true,
  })
  mock.passDays(91)
  const third = await material(there)
  expect(third).not.toBe(second)
  expect(await material(mock.kms)).toBe(third)
})

test('a primary key is deleted after its last replica', async () => {
  const mock = await openMock()
  const { KeyId, there } = await replicated(mock)
  const days = { PendingWindowInDays: 7 }
  const scheduled = await mock.kms.send(new ScheduleKeyDeletionCommand({ KeyId, ...days }))
  expect(scheduled).toMatchObject({ KeyState: 'PendingReplicaDeletion', ...days })
  expect(scheduled).not.toHaveProperty('DeletionDate')
  const state = async () => (await mock.kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata
  expect(await state()).toMatchObject({
    KeyState: 'PendingReplicaDeletion',
    PendingDeletionWindowInDays: 7,
    Enabled: false,
  })
  expect(await refusal(mock.kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('x') })))).toBe(
    `KMSInvalidStateException: ${arnIn(region, KeyId)} is pending replica deletion.`,
  )
  mock.passDays(100)
  expect(await state()).toMatchObject({ KeyState: 'PendingReplicaDeletion' })
  await there.send(new ScheduleKeyDeletionCommand({ KeyId, ...days }))
  mock.passDays(8)
  expect(await state()).toMatchObject({
    KeyState: 'PendingDeletion',
    DeletionDate: new Date(Date.parse('2030-01-02T03:04:05.678Z') + 114 * 24 * 60 * 60 * 1000),
    MultiRegionConfiguration: { ReplicaKeys: [] },
  })
  await mock.kms.send(new CancelKeyDeletionCommand({ KeyId }))
  expect(await state()).toMatchObject({ KeyState: 'Disabled' })
  await mock.kms.send(new ScheduleKeyDeletionCommand({ KeyId, ...days }))
  mock.passDays(8)
  expect(await refusal(mock.kms.send(new DescribeKeyCommand({ KeyId })))).toMatch(/^NotFoundException/)
})
