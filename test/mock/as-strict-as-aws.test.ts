/** What emulators are often too kind about: policies, states of keys, the limit of versions, what a restart keeps. */

import {
  CreateKeyCommand,
  DecryptCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  GetKeyPolicyCommand,
  PutKeyPolicyCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import {
  GetParameterCommand,
  GetParameterHistoryCommand,
  LabelParameterVersionCommand,
  PutParameterCommand,
} from '@aws-sdk/client-ssm'
import { expect, test } from 'vitest'
import { keyPolicy, keyWith } from './kms/callers.ts'
import { openMock, refusal } from './mock-clients.ts'

const Plaintext = Buffer.from('x')

test('a key policy that was put is got', async () => {
  const { kms } = await openMock()
  const { KeyMetadata: key } = await kms.send(new CreateKeyCommand({}))
  const Policy = keyPolicy({ Sid: 'more', Principal: { AWS: '*' }, Action: 'kms:DescribeKey' })
  await kms.send(new PutKeyPolicyCommand({ KeyId: key?.KeyId, Policy }))
  const got = await kms.send(new GetKeyPolicyCommand({ KeyId: key?.KeyId }))
  expect(JSON.parse(got.Policy ?? '')).toEqual(JSON.parse(Policy))
})

test('a disabled key opens neither its blobs nor the parameters under it, and one that is to go neither', async () => {
  const mock = await openMock()
  const { kms, ssm } = mock
  const KeyId = await keyWith(mock)
  const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext }))
  await ssm.send(new PutParameterCommand({ Name: '/p', Value: 'v', Type: 'SecureString', KeyId }))
  await kms.send(new DisableKeyCommand({ KeyId }))
  expect(await refusal(kms.send(new DecryptCommand({ CiphertextBlob })))).toBe(
    `DisabledException: ${KeyId} is disabled.`,
  )
  const get = new GetParameterCommand({ Name: '/p', WithDecryption: true })
  expect(await refusal(ssm.send(get))).toMatch(
    /^InvalidKeyId: \S+ is disabled\. \(Service: AWSKMS; Status Code: 400; Error Code: DisabledException; /,
  )
  await kms.send(new EnableKeyCommand({ KeyId }))
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId }))
  expect(await refusal(kms.send(new EncryptCommand({ KeyId, Plaintext })))).toBe(
    `KMSInvalidStateException: ${KeyId} is pending deletion.`,
  )
  expect(await refusal(ssm.send(get))).toMatch(/^InvalidKeyId: .*is pending deletion\./)
})

test('the 101st version takes the place of the first, unless that one has a label', async () => {
  const { ssm } = await openMock()
  const put = (Name: string) =>
    ssm.send(new PutParameterCommand({ Name, Value: 'v', Type: 'String', Overwrite: true }))
  for (const Name of ['/plain', '/labelled']) for (let count = 0; count < 100; count += 1) await put(Name)
  const label = { Name: '/labelled', ParameterVersion: 1, Labels: ['keep'] }
  await ssm.send(new LabelParameterVersionCommand(label))
  expect(await put('/plain')).toMatchObject({ Version: 101 })
  const versions: number[] = []
  let NextToken: string | undefined
  do {
    const page = await ssm.send(new GetParameterHistoryCommand({ Name: '/plain', NextToken }))
    versions.push(...(page.Parameters ?? []).map(({ Version = 0 }) => Version))
    NextToken = page.NextToken
  } while (NextToken !== undefined)
  expect(versions).toEqual(Array.from({ length: 100 }, (_, index) => index + 2))
  expect(await refusal(put('/labelled'))).toMatch(
    /^ParameterMaxVersionLimitExceeded: .*Move the label to another version of the parameter/,
  )
})

test('what was sealed before a restart opens after it', async () => {
  const before = await openMock()
  const KeyId = await keyWith(before)
  const { CiphertextBlob } = await before.kms.send(new EncryptCommand({ KeyId, Plaintext }))
  await before.emulator.close()
  const { kms } = await openMock(before.directory)
  const opened = await kms.send(new DecryptCommand({ CiphertextBlob }))
  expect(Buffer.from(opened.Plaintext ?? []).toString()).toBe('x')
})
