import {
  CreateKeyCommand,
  DescribeKeyCommand,
  GetKeyPolicyCommand,
  type KeySpec,
  type KeyUsageType,
  ListKeysCommand,
  ListResourceTagsCommand,
  PutKeyPolicyCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateKeyDescriptionCommand,
} from '@aws-sdk/client-kms'
import { describe, expect, test } from 'vitest'
import { account, openMock, refusal, region, root } from '../mock-clients.ts'

const unknownId = '1234abcd-12ab-34cd-56ef-1234567890ab'
const arnOf = (id: string) => `arn:aws:kms:${region}:${account}:key/${id}`

describe('CreateKey', () => {
  test('describes a new symmetric key as the service does', async () => {
    const { kms } = await openMock()
    const { KeyMetadata: made } = await kms.send(new CreateKeyCommand({}))
    expect(made).toEqual({
      AWSAccountId: account,
      Arn: arnOf(made?.KeyId ?? ''),
      CreationDate: new Date('2030-01-02T03:04:05.678Z'),
      CurrentKeyMaterialId: expect.stringMatching(/^[0-9a-f]{64}$/),
      CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT',
      Description: '',
      Enabled: true,
      EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
      KeyId: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      KeyManager: 'CUSTOMER',
      KeySpec: 'SYMMETRIC_DEFAULT',
      KeyState: 'Enabled',
      KeyUsage: 'ENCRYPT_DECRYPT',
      MultiRegion: false,
      Origin: 'AWS_KMS',
    })
    expect(await kms.send(new DescribeKeyCommand({ KeyId: made?.Arn }))).toMatchObject({ KeyMetadata: made })
  })

  test.each([
    [
      { KeySpec: 'RSA_2048' },
      'You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.',
    ],
    [
      { KeySpec: 'RSA_2048', KeyUsage: 'KEY_AGREEMENT' },
      'KeyUsage KEY_AGREEMENT is not compatible with KeySpec RSA_2048',
    ],
    [
      { KeySpec: 'RSA_2048', CustomerMasterKeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' },
      'You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is deprecated.',
    ],
    [
      { KeyUsage: 'RANDOM' as KeyUsageType },
      "1 validation error detected: Value 'RANDOM' at 'keyUsage' failed to satisfy constraint: Member must satisfy enum value set: [ENCRYPT_DECRYPT, SIGN_VERIFY, GENERATE_VERIFY_MAC, KEY_AGREEMENT]",
    ],
  ] as const)('refuses %j', async (input, text) => {
    const { kms } = await openMock()
    expect(await refusal(kms.send(new CreateKeyCommand(input)))).toBe(`ValidationException: ${text}`)
  })

  test.each([
    [{ KeySpec: 'ML_DSA_44' as KeySpec, KeyUsage: 'SIGN_VERIFY' as const }],
    [{ Origin: 'AWS_CLOUDHSM' as const }],
    [{ Origin: 'EXTERNAL' as const, MultiRegion: true }],
  ])('says that the mock does not do %j yet', async input => {
    const { kms } = await openMock()
    expect(await refusal(kms.send(new CreateKeyCommand(input)))).toMatch(
      /^UnsupportedOperationException: .* is not emulated by the kmseal mock\.$/,
    )
  })
})

describe('a KeyId', () => {
  test.each([
    [unknownId, `NotFoundException: Key '${arnOf(unknownId)}' does not exist`],
    [arnOf(unknownId), `NotFoundException: Key '${arnOf(unknownId)}' does not exist`],
    [`mrk-${'0'.repeat(32)}`, `NotFoundException: Key '${arnOf(`mrk-${'0'.repeat(32)}`)}' does not exist`],
    ['my-key', "NotFoundException: Invalid keyId 'my-key'"],
    [
      '134f2428cec14b25a1ae9048164dba47',
      "NotFoundException: Invalid keyId '134f2428cec14b25a1ae9048164dba47'",
    ],
    ['mrk-fake-key-id', "NotFoundException: Invalid keyId 'mrk-fake-key-id'"],
    [`arn:aws:kms:us-west-2:${account}:key/${unknownId}`, 'NotFoundException: Invalid arn us-west-2'],
    ['alias/none', `NotFoundException: Alias arn:aws:kms:${region}:${account}:alias/none is not found.`],
    [
      `arn:aws:kms:${region}:111122223333:key/${unknownId}`,
      `AccessDeniedException: User: ${root} is not authorized to perform: kms:DescribeKey on resource: arn:aws:kms:${region}:111122223333:key/${unknownId} because no resource-based policy allows the kms:DescribeKey action`,
    ],
  ])("%s that leads nowhere is refused in the service's words", async (KeyId, text) => {
    const { kms } = await openMock()
    expect(await refusal(kms.send(new DescribeKeyCommand({ KeyId })))).toBe(text)
  })

  test('may not be an alias for operations that manage a key', async () => {
    const { kms } = await openMock()
    expect(await refusal(kms.send(new GetKeyPolicyCommand({ KeyId: 'alias/kmseal' })))).toBe(
      'InvalidArnException: Key Aliases are not supported for this operation.',
    )
  })

  test('belongs to the partition of the Region', async () => {
    const { kms } = (await openMock()).as({
      region: 'cn-north-1',
      principal: `arn:aws-cn:iam::${account}:root`,
    })
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: 'alias/kmseal' }))
    expect(KeyMetadata?.Arn).toContain(`arn:aws-cn:kms:cn-north-1:${account}:key/`)
  })
})

test('ListKeys pages through every key once', async () => {
  const { kms } = await openMock()
  const made = new Set<string | undefined>()
  for (let i = 0; i < 12; i++) made.add((await kms.send(new CreateKeyCommand({}))).KeyMetadata?.KeyId)
  const listed: (string | undefined)[] = []
  let Marker: string | undefined
  let pages = 0
  do {
    const page = await kms.send(new ListKeysCommand({ Limit: 5, ...(Marker ? { Marker } : {}) }))
    listed.push(...(page.Keys ?? []).map(key => key.KeyId))
    expect(page.Truncated).toBe(page.NextMarker !== undefined)
    Marker = page.NextMarker
    pages += 1
  } while (Marker)
  expect(pages).toBe(3)
  expect(new Set(listed).size).toBe(13)
  expect(listed).toEqual(expect.arrayContaining([...made]))
  expect(await refusal(kms.send(new ListKeysCommand({ Marker: 'bogus' })))).toBe('InvalidMarkerException')
})

test('a description can be changed and cleared', async () => {
  const { kms } = await openMock()
  const { KeyMetadata: made } = await kms.send(new CreateKeyCommand({ Description: 'one' }))
  await kms.send(new UpdateKeyDescriptionCommand({ KeyId: made?.KeyId, Description: '' }))
  const described = await kms.send(new DescribeKeyCommand({ KeyId: made?.KeyId }))
  expect(described.KeyMetadata?.Description).toBe('')
})

describe('key policies', () => {
  test('a key made without one gives its account full access', async () => {
    const { kms } = await openMock()
    const { KeyMetadata: made } = await kms.send(new CreateKeyCommand({}))
    const { Policy, PolicyName } = await kms.send(new GetKeyPolicyCommand({ KeyId: made?.KeyId }))
    expect(PolicyName).toBe('default')
    expect(Policy).toBe(`{
  "Version" : "2012-10-17",
  "Id" : "key-default-1",
  "Statement" : [ {
    "Sid" : "Enable IAM User Permissions",
    "Effect" : "Allow",
    "Principal" : {
      "AWS" : "arn:aws:iam::000000000000:root"
    },
    "Action" : "kms:*",
    "Resource" : "*"
  } ]
}`)
  })

  test('a policy that was put is read back', async () => {
    const { kms } = await openMock()
    const { KeyMetadata: made } = await kms.send(new CreateKeyCommand({}))
    const policy = {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Principal: { AWS: root },
          Action: ['kms:GetKeyPolicy', 'kms:PutKeyPolicy'],
          Resource: '*',
        },
      ],
    }
    const input = { KeyId: made?.Arn, Policy: JSON.stringify(policy) }
    await kms.send(new PutKeyPolicyCommand(input))
    const { Policy } = await kms.send(new GetKeyPolicyCommand({ KeyId: made?.Arn, PolicyName: 'default' }))
    expect(JSON.parse(Policy ?? '')).toEqual(policy)
  })

  test.each([
    ['not json', 'MalformedPolicyDocumentException'],
    [
      '{"Statement":[{"Effect":"Allow","Action":"kms:*","Resource":"*"}]}',
      'MalformedPolicyDocumentException: Policy contains a statement with no principal.',
    ],
  ])('%s is refused', async (Policy, text) => {
    const { kms } = await openMock()
    const { KeyMetadata: made } = await kms.send(new CreateKeyCommand({}))
    expect(await refusal(kms.send(new PutKeyPolicyCommand({ KeyId: made?.Arn, Policy })))).toBe(text)
    expect(await refusal(kms.send(new CreateKeyCommand({ Policy })))).toBe(text)
  })
})

describe('tags', () => {
  test('are added, replaced and removed', async () => {
    const { kms } = await openMock()
    const made = await kms.send(new CreateKeyCommand({ Tags: [{ TagKey: 'a', TagValue: '1' }] }))
    const KeyId = made.KeyMetadata?.KeyId
    const Tags = [
      { TagKey: 'a', TagValue: '2' },
      { TagKey: 'b', TagValue: '' },
    ]
    await kms.send(new TagResourceCommand({ KeyId, Tags }))
    expect((await kms.send(new ListResourceTagsCommand({ KeyId }))).Tags).toEqual(Tags)
    const first = await kms.send(new ListResourceTagsCommand({ KeyId, Limit: 1 }))
    expect(first).toMatchObject({ Tags: [Tags[0]], Truncated: true })
    const second = await kms.send(new ListResourceTagsCommand({ KeyId, Limit: 1, Marker: first.NextMarker }))
    expect(second).toMatchObject({ Tags: [Tags[1]], Truncated: false })
    await kms.send(new UntagResourceCommand({ KeyId, TagKeys: ['a', 'none'] }))
    expect((await kms.send(new ListResourceTagsCommand({ KeyId }))).Tags).toEqual([Tags[1]])
  })

  test.each([
    [
      [
        { TagKey: 'a', TagValue: '1' },
        { TagKey: 'a', TagValue: '2' },
      ],
      'TagException: Duplicate tag keys',
    ],
    [Array.from({ length: 51 }, (_, i) => ({ TagKey: `${i}`, TagValue: '' })), 'TagException: Too many tags'],
    [[{ TagKey: 'AWS:x', TagValue: '1' }], 'TagException: Tags beginning with aws: are reserved'],
    [
      [{ TagKey: 'a'.repeat(129), TagValue: '1' }],
      `ValidationException: 1 validation error detected: Value '${'a'.repeat(129)}' at 'tags.1.member.tagKey' failed to satisfy constraint: Member must have length less than or equal to 128`,
    ],
  ])('of a bad form are refused (case %#)', async (Tags, text) => {
    const { kms } = await openMock()
    expect(await refusal(kms.send(new CreateKeyCommand({ Tags })))).toBe(text)
  })
})
