import { buildClient, CommitmentPolicy, KmsKeyringNode } from '@aws-crypto/client-node'
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  DisableKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  type KMSClient,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import {
  DescribeParametersCommand,
  GetParameterCommand,
  GetParameterHistoryCommand,
  GetParametersByPathCommand,
  ParameterTier,
  PutParameterCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm'
import { describe, expect, test } from 'vitest'
import { type Mock, openMock, refusal } from '../mock-clients.ts'

const Name = '/app/key'
const PARAMETER_ARN = 'arn:aws:ssm:eu-west-1:000000000000:parameter/app/key'
const put = (ssm: SSMClient, input: { KeyId?: string; Tier?: ParameterTier; Value?: string } = {}) =>
  ssm.send(
    new PutParameterCommand({ Name, Value: 'secret', Type: 'SecureString', Overwrite: true, ...input }),
  )
const read = async (ssm: SSMClient, WithDecryption: boolean) =>
  (await ssm.send(new GetParameterCommand({ Name, WithDecryption }))).Parameter?.Value ?? ''

async function newKey(kms: KMSClient): Promise<string> {
  return (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? ''
}

test.each([ParameterTier.STANDARD, ParameterTier.ADVANCED])(
  '%s: encrypted at rest, readable with decryption',
  async Tier => {
    const { ssm } = await openMock()
    await put(ssm, { Tier, Value: 'sécret' })
    expect(await read(ssm, true)).toBe('sécret')
    const stored = await read(ssm, false)
    expect(stored).toMatch(Tier === 'Standard' ? /^AQICAH/ : /^AYAB/)
    const { Parameters } = await ssm.send(new GetParameterHistoryCommand({ Name, WithDecryption: true }))
    expect(Parameters?.[0]).toMatchObject({ Value: 'sécret', KeyId: 'alias/aws/ssm' })
  },
)

describe('the KMS key', () => {
  test('is shown by describe and history only, as it was given', async () => {
    const { kms, ssm } = await openMock()
    await kms.send(new CreateAliasCommand({ AliasName: 'alias/app', TargetKeyId: await newKey(kms) }))
    await put(ssm, { KeyId: 'alias/app' })
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name }))
    expect(Parameter).not.toHaveProperty('KeyId')
    const { Parameters } = await ssm.send(new DescribeParametersCommand({}))
    expect(Parameters?.[0]?.KeyId).toBe('alias/app')
    expect(Parameters?.[0]).not.toHaveProperty('Value')
  })

  test('falls back to the default on an overwrite that does not name it', async () => {
    const { kms, ssm } = await openMock()
    await put(ssm, { KeyId: await newKey(kms) })
    await put(ssm)
    const { Parameters } = await ssm.send(new DescribeParametersCommand({}))
    expect(Parameters?.[0]?.KeyId).toBe('alias/aws/ssm')
  })

  test('opens a stored Standard value directly, with the ARN of the parameter as context', async () => {
    const { kms, ssm } = await openMock()
    await put(ssm, { KeyId: await newKey(kms) })
    const CiphertextBlob = Buffer.from(await read(ssm, false), 'base64')
    const opened = await kms.send(
      new DecryptCommand({ CiphertextBlob, EncryptionContext: { PARAMETER_ARN } }),
    )
    expect(Buffer.from(opened.Plaintext ?? []).toString()).toBe('secret')
  })

  test('opens a stored Advanced value with the AWS Encryption SDK', async () => {
    const { kms, ssm } = await openMock()
    const key = await newKey(kms)
    await put(ssm, { KeyId: key, Tier: 'Advanced' })
    const { decrypt } = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_ALLOW_DECRYPT)
    const keyring = new KmsKeyringNode({ keyIds: [key], clientProvider: () => provided(kms) as never })
    const { plaintext, messageHeader } = await decrypt(keyring, Buffer.from(await read(ssm, false), 'base64'))
    expect(plaintext.toString()).toBe('secret')
    expect(messageHeader.encryptionContext).toEqual({ PARAMETER_ARN })
  })
})

// The library wants the call style of the SDK's aggregated client.
function provided(kms: KMSClient) {
  return {
    encrypt: (input: never) => kms.send(new EncryptCommand(input)),
    decrypt: (input: never) => kms.send(new DecryptCommand(input)),
    generateDataKey: (input: never) => kms.send(new GenerateDataKeyCommand(input)),
  }
}

describe('a key that cannot be used', () => {
  const suffix = (code: string) =>
    `\\(Service: AWSKMS; Status Code: 400; Error Code: ${code}; Request ID: [0-9a-f-]{36}; Proxy: null\\)`

  async function sealed(): Promise<Mock & { key: string }> {
    const mock = await openMock()
    const key = await newKey(mock.kms)
    await put(mock.ssm, { KeyId: key })
    return { ...mock, key }
  }

  test('disabled: reading decrypted fails, reading as stored does not', async () => {
    const { kms, ssm, key } = await sealed()
    await kms.send(new DisableKeyCommand({ KeyId: key }))
    const pattern = new RegExp(`^InvalidKeyId: ${key} is disabled\\. ${suffix('DisabledException')}$`)
    expect(await refusal(read(ssm, true))).toMatch(pattern)
    expect(await refusal(put(ssm, { KeyId: key }))).toMatch(pattern)
    expect(await read(ssm, false)).toMatch(/^AQICAH/)
    const bulk = ssm.send(new GetParametersByPathCommand({ Path: '/app', WithDecryption: true }))
    expect(await refusal(bulk)).toMatch(pattern)
  })

  test('pending deletion', async () => {
    const { kms, ssm, key } = await sealed()
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId: key }))
    expect(await refusal(read(ssm, true))).toMatch(
      new RegExp(`^InvalidKeyId: ${key} is pending deletion\\. ${suffix('KMSInvalidStateException')}$`),
    )
  })

  test('missing alias, asymmetric key', async () => {
    const { kms, ssm } = await openMock()
    expect(await refusal(put(ssm, { KeyId: 'alias/none' }))).toMatch(
      /^InvalidKeyId: Alias arn:aws:kms:eu-west-1:000000000000:alias\/none is not found\. \(Service: AWSKMS;/,
    )
    const rsa = await kms.send(new CreateKeyCommand({ KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' }))
    expect(await refusal(put(ssm, { KeyId: rsa.KeyMetadata?.Arn ?? '' }))).toContain(
      'InvalidKeyId: Algorithm',
    )
  })

  test('of another account: access denied', async () => {
    const { ssm } = await openMock()
    const KeyId = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab'
    expect(await refusal(put(ssm, { KeyId }))).toContain(
      'AccessDeniedException: User: arn:aws:iam::000000000000:root',
    )
  })
})

test('a value that was moved under another name does not open', async () => {
  const { kms, ssm } = await openMock()
  await put(ssm, { KeyId: await newKey(kms) })
  const CiphertextBlob = Buffer.from(await read(ssm, false), 'base64')
  const EncryptionContext = { PARAMETER_ARN: `${PARAMETER_ARN}2` }
  expect(await refusal(kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext })))).toBe(
    'InvalidCiphertextException',
  )
})
