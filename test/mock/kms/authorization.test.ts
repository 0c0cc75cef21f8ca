import {
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  DeleteAliasCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateRandomCommand,
  GetKeyPolicyCommand,
  GetKeyRotationStatusCommand,
  ListAliasesCommand,
  ListKeysCommand,
  PutKeyPolicyCommand,
  ReEncryptCommand,
  ReplicateKeyCommand,
  ScheduleKeyDeletionCommand,
  SignCommand,
  TagResourceCommand,
  UpdateAliasCommand,
  UpdatePrimaryRegionCommand,
} from '@aws-sdk/client-kms'
import { GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm'
import { describe, expect, test } from 'vitest'
import { account, openMock, refusal, region, root } from '../mock-clients.ts'
import {
  alice,
  bob,
  byIdentity,
  denied,
  identityPolicy,
  keyPolicy,
  keyWith,
  other,
  otherRoot,
} from './callers.ts'

const Plaintext = Buffer.from('x')
const closed = (principal: string, action = 'kms:Decrypt') =>
  `AccessDeniedException: User: ${principal} is not authorized to perform: ${action} on the resource associated with this ciphertext because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access`

describe('in the account of a key', () => {
  test('the default policy lets identity policies decide', async () => {
    const mock = await openMock()
    const KeyId = await keyWith(mock)
    const { kms } = mock.as({ principal: alice })
    await kms.send(new EncryptCommand({ KeyId, Plaintext }))
    mock.emulator.setIdentityPolicy(alice, identityPolicy({ Action: 'kms:Decrypt', Resource: KeyId }))
    const { CiphertextBlob } = await mock.kms.send(new EncryptCommand({ KeyId, Plaintext }))
    await kms.send(new DecryptCommand({ CiphertextBlob }))
    expect(await refusal(kms.send(new EncryptCommand({ KeyId, Plaintext })))).toBe(
      denied(alice, 'kms:Encrypt', KeyId, byIdentity('kms:Encrypt')),
    )
    mock.emulator.setIdentityPolicy(alice, undefined)
    await kms.send(new EncryptCommand({ KeyId, Plaintext }))
  })

  test('a key policy that names nobody but a user closes the key to everyone else, root included', async () => {
    const mock = await openMock()
    const { KeyMetadata: key } = await mock.kms.send(new CreateKeyCommand({}))
    const KeyId = key?.Arn ?? ''
    const Policy = identityPolicy({ Principal: { AWS: alice }, Action: 'kms:*' })
    await mock.kms.send(new PutKeyPolicyCommand({ KeyId, Policy, BypassPolicyLockoutSafetyCheck: true }))
    mock.emulator.setIdentityPolicy(alice, identityPolicy({ Action: 's3:*' }))
    await mock.as({ principal: alice }).kms.send(new EncryptCommand({ KeyId, Plaintext }))
    expect(await refusal(mock.kms.send(new EncryptCommand({ KeyId, Plaintext })))).toBe(
      denied(root, 'kms:Encrypt', KeyId),
    )
    expect(await refusal(mock.kms.send(new DescribeKeyCommand({ KeyId })))).toBe(
      denied(root, 'kms:DescribeKey', KeyId),
    )
  })

  test('a denial wins on either side, and is named', async () => {
    const mock = await openMock()
    const KeyId = await keyWith(mock, {
      Effect: 'Deny',
      Principal: { AWS: alice },
      Action: 'kms:Encrypt',
    })
    const { kms } = mock.as({ principal: alice })
    expect(await refusal(kms.send(new EncryptCommand({ KeyId, Plaintext })))).toBe(
      denied(alice, 'kms:Encrypt', KeyId, 'with an explicit deny in a resource-based policy'),
    )
    mock.emulator.setIdentityPolicy(
      alice,
      identityPolicy({}, { Effect: 'Deny', Action: 'kms:GenerateDataKey' }),
    )
    expect(await refusal(kms.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' })))).toBe(
      denied(alice, 'kms:GenerateDataKey', KeyId, 'with an explicit deny in an identity-based policy'),
    )
  })

  test('a policy of a role counts for its sessions, whatever the path of the role', async () => {
    const mock = await openMock()
    const KeyId = await keyWith(mock)
    const session = `arn:aws:sts::${account}:assumed-role/deploy/run-1`
    const role = `arn:aws:iam::${account}:role/ci/deploy`
    mock.emulator.setIdentityPolicy(
      role,
      identityPolicy({
        Action: 'kms:Encrypt',
        Condition: { ArnEquals: { 'aws:PrincipalArn': role } },
      }),
    )
    const { kms } = mock.as({ principal: session })
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext }))
    expect(await refusal(kms.send(new DecryptCommand({ KeyId, CiphertextBlob })))).toBe(
      denied(session, 'kms:Decrypt', KeyId, byIdentity('kms:Decrypt')),
    )
  })

  test('what has no key is decided by IAM alone', async () => {
    const mock = await openMock()
    const { kms } = mock.as({ principal: alice })
    mock.emulator.setIdentityPolicy(alice, identityPolicy({ Action: 'kms:List*' }))
    await kms.send(new ListKeysCommand({}))
    await kms.send(new ListAliasesCommand({}))
    expect(await refusal(kms.send(new GenerateRandomCommand({ NumberOfBytes: 1 })))).toBe(
      denied(alice, 'kms:GenerateRandom', '*', byIdentity('kms:GenerateRandom')),
    )
    expect(await refusal(kms.send(new CreateKeyCommand({})))).toBe(
      denied(alice, 'kms:CreateKey', '*', byIdentity('kms:CreateKey')),
    )
  })

  test('CreateKey can be bound to a kind of key, and needs TagResource for tags', async () => {
    const mock = await openMock()
    const { kms } = mock.as({ principal: alice })
    const Condition = { StringEquals: { 'kms:KeySpec': 'HMAC_256' }, Bool: { 'kms:MultiRegion': 'false' } }
    mock.emulator.setIdentityPolicy(alice, identityPolicy({ Action: 'kms:CreateKey', Condition }))
    const KeyUsage = 'GENERATE_VERIFY_MAC'
    await kms.send(new CreateKeyCommand({ KeySpec: 'HMAC_256', KeyUsage }))
    expect(await refusal(kms.send(new CreateKeyCommand({})))).toContain('kms:CreateKey')
    const more = { KeySpec: 'HMAC_256', KeyUsage } as const
    expect(await refusal(kms.send(new CreateKeyCommand({ ...more, MultiRegion: true })))).toContain(
      'kms:CreateKey',
    )
    const Tags = [{ TagKey: 'a', TagValue: 'b' }]
    expect(await refusal(kms.send(new CreateKeyCommand({ ...more, Tags })))).toContain('kms:TagResource')
  })

  test('an alias needs permission on the alias and on its keys', async () => {
    const mock = await openMock()
    const [KeyId, second] = [await keyWith(mock), await keyWith(mock)]
    const { kms } = mock.as({ principal: alice })
    const AliasName = 'alias/app'
    const aliasArn = `arn:aws:kms:${region}:${account}:${AliasName}`
    const create = () => refusal(kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: KeyId })))
    mock.emulator.setIdentityPolicy(alice, identityPolicy({ Resource: [KeyId, second] }))
    expect(await create()).toBe(denied(alice, 'kms:CreateAlias', aliasArn, byIdentity('kms:CreateAlias')))
    mock.emulator.setIdentityPolicy(alice, identityPolicy({ Resource: aliasArn }))
    expect(await create()).toBe(denied(alice, 'kms:CreateAlias', KeyId, byIdentity('kms:CreateAlias')))
    mock.emulator.setIdentityPolicy(alice, identityPolicy({ Resource: [aliasArn, KeyId] }))
    expect(await create()).toBe('no refusal')
    expect(await refusal(kms.send(new UpdateAliasCommand({ AliasName, TargetKeyId: second })))).toBe(
      denied(alice, 'kms:UpdateAlias', second, byIdentity('kms:UpdateAlias')),
    )
    await kms.send(new DeleteAliasCommand({ AliasName }))
  })

  test('ReEncrypt needs its two permissions, each on its own key', async () => {
    const mock = await openMock()
    const [from, to] = [await keyWith(mock), await keyWith(mock)]
    const SourceEncryptionContext = { app: 'old' }
    const { CiphertextBlob } = await mock.kms.send(
      new EncryptCommand({ KeyId: from, Plaintext, EncryptionContext: SourceEncryptionContext }),
    )
    const { kms } = mock.as({ principal: alice })
    const DestinationEncryptionContext = { app: 'new' }
    const request = {
      CiphertextBlob,
      SourceEncryptionContext,
      DestinationKeyId: to,
      DestinationEncryptionContext,
    }
    const reEncrypt = (more = {}) => refusal(kms.send(new ReEncryptCommand({ ...request, ...more })))
    const half = (Action: string, Resource: string, app: string) => ({
      Action,
      Resource,
      Condition: { StringEquals: { 'kms:EncryptionContext:app': app } },
    })
    const opening = half('kms:ReEncryptFrom', from, 'old')
    const sealing = half('kms:ReEncryptTo', to, 'new')
    mock.emulator.setIdentityPolicy(alice, identityPolicy(opening, sealing))
    expect(await reEncrypt()).toBe('no refusal')
    expect(await reEncrypt({ DestinationEncryptionContext: { app: 'other' } })).toBe(
      denied(alice, 'kms:ReEncryptTo', to, byIdentity('kms:ReEncryptTo')),
    )
    mock.emulator.setIdentityPolicy(alice, identityPolicy(sealing))
    expect(await reEncrypt()).toBe(denied(alice, 'kms:ReEncryptFrom', from, byIdentity('kms:ReEncryptFrom')))
    mock.emulator.setIdentityPolicy(alice, identityPolicy(opening))
    expect(await reEncrypt({ SourceKeyId: from })).toBe(
      denied(alice, 'kms:ReEncryptTo', to, byIdentity('kms:ReEncryptTo')),
    )
  })
})

describe('across accounts', () => {
  test('both policies must allow, and IDs and aliases of the other account need an ARN', async () => {
    const mock = await openMock()
    const KeyId = await keyWith(mock, {
      Principal: { AWS: otherRoot },
      Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:DescribeKey', 'kms:GetKeyRotationStatus'],
    })
    await mock.kms.send(new CreateAliasCommand({ AliasName: 'alias/shared', TargetKeyId: KeyId }))
    const shared = `arn:aws:kms:${region}:${account}:alias/shared`
    const { kms } = mock.as({ principal: bob })
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext }))
    await kms.send(new EncryptCommand({ KeyId: shared, Plaintext }))
    const opened = await kms.send(new DecryptCommand({ CiphertextBlob }))
    expect(Buffer.from(opened.Plaintext ?? []).toString()).toBe('x')
    expect(opened.KeyId).toBe(KeyId)
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId }))
    expect(KeyMetadata).toMatchObject({ Arn: KeyId, AWSAccountId: account })
    await kms.send(new GetKeyRotationStatusCommand({ KeyId }))

    const id = KeyId.split('/').at(-1) ?? ''
    expect(await refusal(kms.send(new DescribeKeyCommand({ KeyId: id })))).toBe(
      `NotFoundException: Key 'arn:aws:kms:${region}:${other}:key/${id}' does not exist`,
    )
    mock.emulator.setIdentityPolicy(bob, identityPolicy({ Action: 'ssm:*' }))
    expect(await refusal(kms.send(new EncryptCommand({ KeyId, Plaintext })))).toBe(
      denied(bob, 'kms:Encrypt', KeyId, byIdentity('kms:Encrypt')),
    )
    mock.emulator.setIdentityPolicy(bob, identityPolicy({ Action: 'kms:*', Resource: KeyId }))
    await kms.send(new DecryptCommand({ CiphertextBlob }))
  })

  test('a key that the policy does not open looks like one that is not there', async () => {
    const mock = await openMock()
    const KeyId = await keyWith(mock)
    const { CiphertextBlob } = await mock.kms.send(new EncryptCommand({ KeyId, Plaintext }))
    const { kms } = mock.as({ principal: bob })
    const missing = KeyId.replace(/.$/, last => (last === '0' ? '1' : '0'))
    for (const arn of [KeyId, missing, `arn:aws:kms:${region}:${account}:alias/none`]) {
      expect(await refusal(kms.send(new EncryptCommand({ KeyId: arn, Plaintext })))).toBe(
        denied(bob, 'kms:Encrypt', arn),
      )
    }
    expect(await refusal(kms.send(new DecryptCommand({ CiphertextBlob })))).toBe(closed(bob))
    expect(await refusal(kms.send(new DecryptCommand({ CiphertextBlob, KeyId })))).toBe(
      denied(bob, 'kms:Decrypt', KeyId),
    )
    const { KeyMetadata: own } = await kms.send(new CreateKeyCommand({}))
    expect(
      await refusal(kms.send(new ReEncryptCommand({ CiphertextBlob, DestinationKeyId: own?.KeyId }))),
    ).toBe(closed(bob, 'kms:ReEncryptFrom'))
  })

  test('what cannot be given to another account is refused, whatever the policy says', async () => {
    const mock = await openMock()
    const KeyId = await keyWith(mock, { Principal: { AWS: otherRoot }, Action: 'kms:*' })
    const { kms } = mock.as({ principal: bob })
    await kms.send(new EncryptCommand({ KeyId, Plaintext }))
    const Tags = [{ TagKey: 'a', TagValue: 'b' }]
    expect(await refusal(kms.send(new DisableKeyCommand({ KeyId })))).toBe(
      denied(bob, 'kms:DisableKey', KeyId),
    )
    expect(await refusal(kms.send(new ScheduleKeyDeletionCommand({ KeyId })))).toContain('AccessDenied')
    expect(await refusal(kms.send(new GetKeyPolicyCommand({ KeyId })))).toContain('AccessDenied')
    expect(await refusal(kms.send(new TagResourceCommand({ KeyId, Tags })))).toContain('AccessDenied')
    expect(
      await refusal(kms.send(new CreateAliasCommand({ AliasName: 'alias/x', TargetKeyId: KeyId }))),
    ).toContain('AccessDenied')
  })

  test('a key that is disabled or on its way out is so for the other account too', async () => {
    const mock = await openMock()
    const KeyId = await keyWith(mock, { Principal: { AWS: bob }, Action: ['kms:Encrypt', 'kms:Decrypt'] })
    const { kms } = mock.as({ principal: bob })
    const { CiphertextBlob } = await kms.send(new EncryptCommand({ KeyId, Plaintext }))
    await mock.kms.send(new DisableKeyCommand({ KeyId }))
    expect(await refusal(kms.send(new DecryptCommand({ CiphertextBlob })))).toBe(
      `DisabledException: ${KeyId} is disabled.`,
    )
    await mock.kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }))
    expect(await refusal(kms.send(new EncryptCommand({ KeyId, Plaintext })))).toBe(
      `KMSInvalidStateException: ${KeyId} is pending deletion.`,
    )
    mock.passDays(8)
    expect(await refusal(kms.send(new DecryptCommand({ CiphertextBlob })))).toBe(closed(bob))
  })

  test('a SecureString needs both policies on its key, through Parameter Store', async () => {
    const mock = await openMock()
    const KeyId = await keyWith(mock, {
      Principal: '*',
      Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:GenerateDataKey'],
      Condition: {
        StringEquals: { 'kms:CallerAccount': other, 'kms:ViaService': `ssm.${region}.amazonaws.com` },
      },
    })
    const { kms, ssm } = mock.as({ principal: bob })
    await ssm.send(new PutParameterCommand({ Name: '/a', Value: 'v', Type: 'SecureString', KeyId }))
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: '/a', WithDecryption: true }))
    expect(Parameter?.Value).toBe('v')
    expect(await refusal(kms.send(new EncryptCommand({ KeyId, Plaintext })))).toBe(
      denied(bob, 'kms:Encrypt', KeyId),
    )
    await mock.kms.send(new PutKeyPolicyCommand({ KeyId, Policy: keyPolicy() }))
    expect(await refusal(ssm.send(new GetParameterCommand({ Name: '/a', WithDecryption: true })))).toMatch(
      /^AccessDeniedException: User: \S+user\/bob is not authorized to perform: kms:Decrypt on the resource associated .* \(Service: AWSKMS;/,
    )
    await ssm.send(new GetParameterCommand({ Name: '/a' }))
  })
})

describe('condition keys', () => {
  test('the encryption context, its keys, and the caller’s account', async () => {
    const mock = await openMock()
    const KeyId = await keyWith(mock, {
      Principal: { AWS: bob },
      Action: 'kms:Encrypt',
      Condition: {
        StringEquals: { 'kms:EncryptionContext:App': 'web', 'kms:CallerAccount': other },
        'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['app', 'stage'] },
      },
    })
    const { kms } = mock.as({ principal: bob })
    const encrypt = (EncryptionContext: Record<string, string>) =>
      refusal(kms.send(new EncryptCommand({ KeyId, Plaintext, EncryptionContext })))
    expect(await encrypt({ app: 'web' })).toBe('no refusal')
    expect(await encrypt({ app: 'web', stage: 'x' })).toBe('no refusal')
    expect(await encrypt({ app: 'web', more: 'x' })).toContain('AccessDenied')
    expect(await encrypt({ app: 'db' })).toContain('AccessDenied')
    expect(await encrypt({})).toContain('AccessDenied')
  })

  test('aliases of the key, the alias of the request, tags of the key and its kind', async () => {
    const mock = await openMock()
    const KeyId = await keyWith(mock)
    const AliasName = 'alias/app'
    await mock.kms.send(new CreateAliasCommand({ AliasName, TargetKeyId: KeyId }))
    await mock.kms.send(new TagResourceCommand({ KeyId, Tags: [{ TagKey: 'team', TagValue: 'blue' }] }))
    const { kms } = mock.as({ principal: alice })
    const encrypt = async (key: string, Condition: Record<string, Record<string, string>>) => {
      mock.emulator.setIdentityPolicy(alice, identityPolicy({ Condition }))
      return (await refusal(kms.send(new EncryptCommand({ KeyId: key, Plaintext })))).split(':')[0]
    }
    const allowed = 'no refusal'
    const refused = 'AccessDeniedException'
    const byAlias = { StringEquals: { 'kms:RequestAlias': AliasName } }
    expect(await encrypt(AliasName, byAlias)).toBe(allowed)
    expect(await encrypt(KeyId, byAlias)).toBe(refused)
    const hasAlias = (name: string) => ({ 'ForAnyValue:StringLike': { 'kms:ResourceAliases': name } })
    expect(await encrypt(KeyId, hasAlias('alias/a*'))).toBe(allowed)
    expect(await encrypt(KeyId, hasAlias('alias/b*'))).toBe(refused)
    expect(await encrypt(KeyId, { StringEquals: { 'aws:ResourceTag/team': 'blue' } })).toBe(allowed)
    expect(await encrypt(KeyId, { StringEquals: { 'aws:ResourceTag/team': 'red' } })).toBe(refused)
    expect(await encrypt(KeyId, { StringEquals: { 'kms:KeySpec': 'SYMMETRIC_DEFAULT' } })).toBe(allowed)
    expect(await encrypt(KeyId, { StringEquals: { 'kms:EncryptionAlgorithm': 'SYMMETRIC_DEFAULT' } })).toBe(
      allowed,
    )
    expect(await encrypt(KeyId, { DateLessThan: { 'aws:CurrentTime': '2030-01-03T00:00:00Z' } })).toBe(
      allowed,
    )
    expect(await encrypt(KeyId, { DateLessThan: { 'aws:CurrentTime': '2030-01-02T00:00:00Z' } })).toBe(
      refused,
    )
    expect(await encrypt(KeyId, { Null: { 'kms:ViaService': 'true' } })).toBe(allowed)
    expect(await encrypt(KeyId, { IpAddress: { 'aws:SourceIp': '127.0.0.0/8' } })).toBe(allowed)
    // What the mock does not know never allows.
    expect(await encrypt(KeyId, { StringEquals: { 'aws:Invented': 'x' } })).toBe(refused)
  })

  test('members of a request: algorithm, message type, waiting period', async () => {
    const mock = await openMock()
    const { KeyMetadata: key } = await mock.kms.send(
      new CreateKeyCommand({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' }),
    )
    const KeyId = key?.Arn ?? ''
    const { kms } = mock.as({ principal: alice })
    mock.emulator.setIdentityPolicy(
      alice,
      identityPolicy(
        {
          Action: 'kms:Sign',
          Condition: {
            StringEquals: { 'kms:SigningAlgorithm': 'ECDSA_SHA_256', 'kms:MessageType': 'RAW' },
          },
        },
        {
          Action: 'kms:ScheduleKeyDeletion',
          Condition: {
            NumericGreaterThanEquals: { 'kms:ScheduleKeyDeletionPendingWindowInDays': '20' },
          },
        },
      ),
    )
    const SigningAlgorithm = 'ECDSA_SHA_256'
    await kms.send(new SignCommand({ KeyId, Message: Plaintext, SigningAlgorithm }))
    const digest = { KeyId, Message: Buffer.alloc(32), MessageType: 'DIGEST', SigningAlgorithm } as const
    expect(await refusal(kms.send(new SignCommand(digest)))).toContain('AccessDenied')
    expect(
      await refusal(kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }))),
    ).toContain('AccessDenied')
    await kms.send(new ScheduleKeyDeletionCommand({ KeyId }))
  })
})

describe('what nobody gets around', () => {
  test('an ARN that hides an alias behind key/ names no key', async () => {
    const mock = await openMock()
    const KeyId = await keyWith(mock)
    await mock.kms.send(new CreateAliasCommand({ AliasName: 'alias/app', TargetKeyId: KeyId }))
    const hidden = `arn:aws:kms:${region}:${account}:key/alias/app`
    expect(await refusal(mock.kms.send(new EncryptCommand({ KeyId: hidden, Plaintext })))).toBe(
      "NotFoundException: Invalid keyId 'alias/app'",
    )
  })

  test('ReEncrypt tells whether it is on the same key', async () => {
    const mock = await openMock()
    const [one, other] = [await keyWith(mock), await keyWith(mock)]
    const { CiphertextBlob } = await mock.kms.send(new EncryptCommand({ KeyId: one, Plaintext }))
    const condition = { Bool: { 'kms:ReEncryptOnSameKey': 'false' } }
    mock.emulator.setIdentityPolicy(
      alice,
      identityPolicy({}, { Effect: 'Deny', Action: 'kms:ReEncrypt*', Condition: condition }),
    )
    const { kms } = mock.as({ principal: alice })
    const reEncrypt = (DestinationKeyId: string) =>
      refusal(kms.send(new ReEncryptCommand({ CiphertextBlob, DestinationKeyId })))
    expect(await reEncrypt(one)).toBe('no refusal')
    expect(await reEncrypt(other)).toContain('explicit deny')
  })

  test('ListAliases, the target of an alias, and the trail of a refusal say nothing of foreign keys', async () => {
    const mock = await openMock()
    const KeyId = await keyWith(mock)
    await mock.kms.send(new CreateAliasCommand({ AliasName: 'alias/app', TargetKeyId: KeyId }))
    const { kms } = mock.as({ principal: bob })
    expect(await refusal(kms.send(new ListAliasesCommand({ KeyId })))).toBe(
      denied(bob, 'kms:ListAliases', KeyId),
    )
    const alias = `arn:aws:kms:${region}:${account}:alias/app`
    expect(await refusal(kms.send(new EncryptCommand({ KeyId: alias, Plaintext })))).toBe(
      denied(bob, 'kms:Encrypt', alias),
    )
    const { CiphertextBlob } = await mock.kms.send(new EncryptCommand({ KeyId, Plaintext }))
    expect(await refusal(kms.send(new DecryptCommand({ CiphertextBlob })))).toBe(closed(bob))
    const answer = await mock.emulator.answer({
      target: 'com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents',
      body: Buffer.from('{}'),
      caller: { principal: bob, region },
    })
    const events = JSON.parse(answer.body).Events as { EventName: string; Resources: unknown[] }[]
    expect(events.map(({ Resources }) => Resources)).toEqual([[], [], []])
    const decrypt = events.find(({ EventName }) => EventName === 'Decrypt')
    expect(JSON.stringify(decrypt)).not.toContain(KeyId.split('/')[1])
  })

  test('UpdatePrimaryRegion needs permission on both keys', async () => {
    const mock = await openMock()
    const { KeyMetadata: key } = await mock.kms.send(new CreateKeyCommand({ MultiRegion: true }))
    const KeyId = key?.KeyId ?? ''
    await mock.kms.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: 'us-east-2' }))
    const Policy = keyPolicy({ Effect: 'Deny', Principal: { AWS: alice }, Action: 'kms:UpdatePrimaryRegion' })
    await mock.as({ region: 'us-east-2' }).kms.send(new PutKeyPolicyCommand({ KeyId, Policy }))
    const update = new UpdatePrimaryRegionCommand({ KeyId, PrimaryRegion: 'us-east-2' })
    expect(await refusal(mock.as({ principal: alice }).kms.send(update))).toContain('explicit deny')
    await mock.kms.send(update)
  })

  test('alias/aws/ssm is made by DescribeKey and Parameter Store, not by whoever names it', async () => {
    const { kms } = await openMock()
    const KeyId = 'alias/aws/ssm'
    expect(await refusal(kms.send(new EncryptCommand({ KeyId, Plaintext })))).toContain('NotFoundException')
    await kms.send(new DescribeKeyCommand({ KeyId }))
    expect(await refusal(kms.send(new EncryptCommand({ KeyId, Plaintext })))).toContain('AccessDenied')
  })

  test('requests that no client sends are refused like others', async () => {
    const { raw, emulator } = await openMock()
    emulator.setIdentityPolicy(alice, identityPolicy({ Condition: { Null: { 'kms:ValidTo': 'true' } } }))
    const deep = `{"KeyId":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
    expect(await raw('TrentService.Encrypt', deep)).toMatchObject({ status: 400 })
    const late = { KeyId: 'x', ImportToken: 'eA==', EncryptedKeyMaterial: 'eA==', ValidTo: 1e20 }
    expect(await raw('TrentService.ImportKeyMaterial', late)).toMatchObject({
      status: 400,
      body: { __type: 'SerializationException' },
    })
    const Policies = '[{"Type":{"toString":1},"Version":"1.0"}]'
    const put = { Name: '/a', Value: 'v', Type: 'String', Tier: 'Advanced', Policies }
    expect(await raw('AmazonSSM.PutParameter', put)).toMatchObject({
      status: 400,
      body: { __type: 'InvalidPolicyTypeException' },
    })
  })
})

test('a policy with an operator that does not exist is malformed, and one that cannot be decided is said so', async () => {
  const mock = await openMock()
  const KeyId = await keyWith(mock)
  const odd = { Principal: { AWS: alice }, Condition: { StringFoo: { 'aws:userid': 'x' } } }
  const put = new PutKeyPolicyCommand({ KeyId, Policy: keyPolicy(odd) })
  expect(await refusal(mock.kms.send(put))).toBe(
    'MalformedPolicyDocumentException: A condition operator is not known.',
  )
  const { Principal: _, ...identity } = odd
  expect(() => mock.emulator.setIdentityPolicy(alice, identityPolicy(identity))).toThrow(
    'a condition operator is not known',
  )
  const { kms } = mock.as({ principal: alice })
  const denyIf = (key: string) => ({ Effect: 'Deny', Condition: { StringEquals: { [key]: 'x' } } }) as const
  mock.emulator.setIdentityPolicy(alice, identityPolicy({}, denyIf('aws:Invented')))
  expect(await refusal(kms.send(new EncryptCommand({ KeyId, Plaintext })))).toContain(
    'because the kmseal mock cannot decide: statement 2 of the identity policy depends on what is not known: StringEquals aws:Invented',
  )
  // Keys of services that are not asked are absent, so the denial does not apply.
  mock.emulator.setIdentityPolicy(alice, identityPolicy({}, denyIf('sts:ExternalId'), denyIf('saml:aud')))
  await kms.send(new EncryptCommand({ KeyId, Plaintext }))
})

test('a role that was given a policy keeps what key policies give it, in every partition', async () => {
  const mock = await openMock()
  const where = { region: 'cn-north-1' }
  const role = `arn:aws-cn:iam::${account}:role/ci/deploy`
  const Policy = identityPolicy(
    { Principal: { AWS: `arn:aws-cn:iam::${account}:root` }, Action: 'kms:*' },
    { Principal: { AWS: role }, Action: 'kms:Encrypt' },
  )
  const { KeyMetadata: key } = await mock.as(where).kms.send(new CreateKeyCommand({ Policy }))
  mock.emulator.setIdentityPolicy(
    `arn:aws:iam::${account}:role/ci/deploy`,
    identityPolicy({ Action: 's3:*' }),
  )
  const session = `arn:aws:sts::${account}:assumed-role/deploy/one`
  await mock.as({ ...where, principal: session }).kms.send(new EncryptCommand({ KeyId: key?.Arn, Plaintext }))
})

describe('the lockout check', () => {
  const lockout =
    'MalformedPolicyDocumentException: The new key policy will not allow you to update the key policy in the future.'

  test('refuses a policy that its giver cannot change any more, unless told otherwise', async () => {
    const mock = await openMock()
    const KeyId = await keyWith(mock)
    const put = (statement: object, BypassPolicyLockoutSafetyCheck = false) =>
      refusal(
        mock.kms.send(
          new PutKeyPolicyCommand({
            KeyId,
            Policy: identityPolicy({ Principal: { AWS: root }, Action: 'kms:*', ...statement }),
            BypassPolicyLockoutSafetyCheck,
          }),
        ),
      )
    expect(await put({})).toBe('no refusal')
    expect(await put({ Principal: { AWS: alice } })).toBe(lockout)
    expect(await put({ Action: 'kms:Encrypt' })).toBe(lockout)
    expect(await put({ Condition: { StringEquals: { 'aws:RequestedRegion': 'us-east-2' } } })).toBe(lockout)
    expect(await put({ Condition: { StringEquals: { 'aws:RequestedRegion': region } } })).toBe('no refusal')
    expect(await put({ Principal: { AWS: alice } }, true)).toBe('no refusal')
    expect(await put({})).toBe(denied(root, 'kms:PutKeyPolicy', KeyId))
  })

  test('at CreateKey too', async () => {
    const { kms } = await openMock()
    const Policy = identityPolicy({ Principal: { AWS: alice }, Action: 'kms:*' })
    expect(await refusal(kms.send(new CreateKeyCommand({ Policy })))).toBe(lockout)
    await kms.send(new CreateKeyCommand({ Policy, BypassPolicyLockoutSafetyCheck: true }))
  })
})

test('in a partition of its own, the caller and the default policies are of that partition', async () => {
  const mock = await openMock()
  const { kms } = mock.as({ region: 'cn-north-1' })
  const { KeyMetadata: key } = await kms.send(new CreateKeyCommand({}))
  expect(key?.Arn).toMatch(/^arn:aws-cn:/)
  await kms.send(new EncryptCommand({ KeyId: key?.KeyId, Plaintext }))
})

describe('setIdentityPolicy', () => {
  test.each([
    ['arn:aws:iam::111122223333:root', '{}', 'IAM policies do not apply to the root user'],
    ['arn:aws:sts::111122223333:assumed-role/a/b', '{}', 'a session has no IAM policy of its own'],
    ['alice', '{}', 'the principal is no user or role'],
    [alice, '{', 'the document is no IAM policy: the policy is not JSON'],
    [alice, keyPolicy(), 'the document is no IAM policy at Statement[0].Principal: '],
  ])('refuses %s with %j', async (arn, document, message) => {
    const { emulator } = await openMock()
    expect(() => emulator.setIdentityPolicy(arn, document)).toThrow(message)
  })
})
