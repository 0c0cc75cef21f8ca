import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GetKeyPolicyCommand,
  type KMSClient,
  ListKeysCommand,
  ReEncryptCommand,
  ScheduleKeyDeletionCommand,
  TagResourceCommand,
} from '@aws-sdk/client-kms'
import { expect, test } from 'vitest'
import { openMock, refusal } from '../mock-clients.ts'

async function newKey(kms: KMSClient): Promise<{ KeyId: string; CiphertextBlob: Uint8Array | undefined }> {
  const KeyId = (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? ''
  const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('x') }))
  return { KeyId, CiphertextBlob }
}

test('a disabled key does no cryptography, and works again once it is enabled', async () => {
  const { kms } = await openMock()
  const { KeyId, CiphertextBlob } = await newKey(kms)
  await kms.send(new DisableKeyCommand({ KeyId }))
  await kms.send(new DisableKeyCommand({ KeyId }))
  for (const call of [
    kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('x') })),
    kms.send(new DecryptCommand({ CiphertextBlob })),
    kms.send(new DecryptCommand({ CiphertextBlob, KeyId })),
    kms.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' })),
    kms.send(new ReEncryptCommand({ CiphertextBlob, DestinationKeyId: 'alias/kmseal' })),
  ]) {
    expect(await refusal(call)).toBe(`DisabledException: ${KeyId} is disabled.`)
  }
  const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId }))
  expect(KeyMetadata).toMatchObject({ KeyState: 'Disabled', Enabled: false })
  await kms.send(new EnableKeyCommand({ KeyId }))
  await kms.send(new DecryptCommand({ CiphertextBlob }))
})

test('a key pending deletion is closed until the deletion is cancelled, and then disabled', async () => {
  const { kms } = await openMock()
  const { KeyId, CiphertextBlob } = await newKey(kms)
  const scheduled = await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }))
  expect(scheduled).toMatchObject({
    KeyId,
    KeyState: 'PendingDeletion',
    PendingWindowInDays: 7,
    DeletionDate: new Date('2030-01-09T03:04:05.678Z'),
  })
  for (const call of [
    kms.send(new DecryptCommand({ CiphertextBlob })),
    kms.send(new EncryptCommand({ KeyId, Plaintext: Buffer.from('x') })),
    kms.send(new EnableKeyCommand({ KeyId })),
    kms.send(new ScheduleKeyDeletionCommand({ KeyId })),
    kms.send(new TagResourceCommand({ KeyId, Tags: [] })),
    kms.send(new CreateAliasCommand({ AliasName: 'alias/late', TargetKeyId: KeyId })),
  ]) {
    expect(await refusal(call)).toBe(`KMSInvalidStateException: ${KeyId} is pending deletion.`)
  }
  await kms.send(new GetKeyPolicyCommand({ KeyId }))
  await kms.send(new CancelKeyDeletionCommand({ KeyId }))
  const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId }))
  expect(KeyMetadata?.KeyState).toBe('Disabled')
  expect(KeyMetadata?.DeletionDate).toBeUndefined()
  expect(await refusal(kms.send(new CancelKeyDeletionCommand({ KeyId })))).toBe(
    `KMSInvalidStateException: ${KeyId} is not pending deletion.`,
  )
})

test('after the waiting period the key and its aliases are gone', async () => {
  const mock = await openMock()
  const { kms } = mock
  const { KeyId, CiphertextBlob } = await newKey(kms)
  await kms.send(new CreateAliasCommand({ AliasName: 'alias/gone', TargetKeyId: KeyId }))
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId }))
  mock.passDays(29)
  await kms.send(new DescribeKeyCommand({ KeyId: 'alias/gone' }))
  mock.passDays(1)
  expect(await refusal(kms.send(new DescribeKeyCommand({ KeyId })))).toBe(
    `NotFoundException: Key '${KeyId}' does not exist`,
  )
  expect(await refusal(kms.send(new DescribeKeyCommand({ KeyId: 'alias/gone' })))).toContain('is not found.')
  expect(await refusal(kms.send(new DecryptCommand({ CiphertextBlob })))).toContain('AccessDeniedException')
  const { Keys } = await kms.send(new ListKeysCommand({}))
  expect(Keys?.map(key => key.KeyArn)).not.toContain(KeyId)
  const { KeyId: other } = await newKey(kms)
  await kms.send(new CreateAliasCommand({ AliasName: 'alias/gone', TargetKeyId: other }))
})

test.each([6, 31])('a waiting period of %i days is refused', async PendingWindowInDays => {
  const { kms } = await openMock()
  const { KeyId } = await newKey(kms)
  expect(await refusal(kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays })))).toBe(
    'ValidationException: PendingWindowInDays must be between 7 and 30',
  )
})
