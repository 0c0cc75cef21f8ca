import {
  CreateAliasCommand,
  CreateGrantCommand,
  type CreateGrantCommandInput,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  type GrantOperation,
  ListAliasesCommand,
  ListGrantsCommand,
  ListRetirableGrantsCommand,
  ReplicateKeyCommand,
  RetireGrantCommand,
  RevokeGrantCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms'
import { expect, test } from 'vitest'
import { type Mock, openMock, refusal, root } from '../mock-clients.ts'
import { alice, bob, denied, identityPolicy, keyWith, other, otherRoot } from './callers.ts'

const Plaintext = Buffer.from('x')
const carol = `arn:aws:iam::${other}:user/carol`

async function grant(mock: Mock, KeyId: string, more: Partial<CreateGrantCommandInput> = {}) {
  const made = await mock.kms.send(
    new CreateGrantCommand({ KeyId, GranteePrincipal: bob, Operations: ['Encrypt'], ...more }),
  )
  return { GrantId: made.GrantId ?? '', GrantToken: made.GrantToken ?? '' }
}

test('a grant opens a key to a principal of another account, at once, and no further', async () => {
  const mock = await openMock()
  const KeyId = await keyWith(mock)
  const { kms } = mock.as({ principal: bob })
  const encrypt = (more = {}) => refusal(kms.send(new EncryptCommand({ KeyId, Plaintext, ...more })))
  expect(await encrypt()).toBe(denied(bob, 'kms:Encrypt', KeyId))
  const { GrantId, GrantToken } = await grant(mock, KeyId)
  expect(GrantId).toMatch(/^[0-9a-f]{64}$/)
  expect(await encrypt()).toBe('no refusal')
  expect(await encrypt({ GrantTokens: [GrantToken] })).toBe('no refusal')
  expect(await encrypt({ GrantTokens: ['made-up'] })).toBe('InvalidGrantTokenException')
  expect(await refusal(kms.send(new DescribeKeyCommand({ KeyId })))).toBe(
    denied(bob, 'kms:DescribeKey', KeyId),
  )
  expect(
    await refusal(mock.as({ principal: carol }).kms.send(new EncryptCommand({ KeyId, Plaintext }))),
  ).toBe(denied(carol, 'kms:Encrypt', KeyId))
  // A grant needs no identity policy, and no policy takes it back but a denial.
  mock.emulator.setIdentityPolicy(bob, identityPolicy({ Action: 's3:*' }))
  expect(await encrypt()).toBe('no refusal')
  mock.emulator.setIdentityPolicy(bob, identityPolicy({ Effect: 'Deny', Action: 'kms:Encrypt' }))
  expect(await encrypt()).toContain('with an explicit deny in an identity-based policy')
})

test('a token is as good as its grant', async () => {
  const mock = await openMock()
  const KeyId = await keyWith(mock)
  const { GrantId, GrantToken } = await grant(mock, KeyId)
  const encrypt = () =>
    refusal(mock.kms.send(new EncryptCommand({ KeyId, Plaintext, GrantTokens: [GrantToken] })))
  expect(await encrypt()).toBe('no refusal')
  await mock.kms.send(new RevokeGrantCommand({ KeyId, GrantId }))
  expect(await encrypt()).toBe('InvalidGrantTokenException')
})

test('a replica that is made anew has none of the grants and aliases of the one before', async () => {
  const mock = await openMock()
  const { KeyMetadata: key } = await mock.kms.send(new CreateKeyCommand({ MultiRegion: true }))
  const KeyId = key?.KeyId ?? ''
  const far = mock.as({ region: 'us-east-2' }).kms
  const replicate = () => mock.kms.send(new ReplicateKeyCommand({ KeyId, ReplicaRegion: 'us-east-2' }))
  const replica = (await replicate()).ReplicaKeyMetadata?.Arn ?? ''
  await far.send(new CreateAliasCommand({ AliasName: 'alias/far', TargetKeyId: KeyId }))
  await far.send(new CreateGrantCommand({ KeyId, GranteePrincipal: bob, Operations: ['Encrypt'] }))
  await far.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }))
  mock.passDays(8)
  await replicate()
  expect((await far.send(new ListGrantsCommand({ KeyId }))).Grants).toEqual([])
  expect((await far.send(new ListAliasesCommand({ KeyId }))).Aliases).toEqual([])
  const theirs = mock.as({ principal: bob, region: 'us-east-2' }).kms
  expect(await refusal(theirs.send(new EncryptCommand({ KeyId: replica, Plaintext })))).toContain(
    'AccessDenied',
  )
})

test('constraints bind a grant to an encryption context', async () => {
  const mock = await openMock()
  const KeyId = await keyWith(mock)
  const Operations: GrantOperation[] = ['Encrypt', 'Decrypt', 'DescribeKey']
  const { kms } = mock.as({ principal: bob })
  const encrypt = (EncryptionContext: Record<string, string>) =>
    refusal(kms.send(new EncryptCommand({ KeyId, Plaintext, EncryptionContext })))
  const { GrantId } = await grant(mock, KeyId, {
    Operations,
    Constraints: { EncryptionContextSubset: { app: 'web' } },
  })
  expect(await encrypt({ app: 'web', more: 'x' })).toBe('no refusal')
  expect(await encrypt({ App: 'web' })).toContain('AccessDenied')
  expect(await encrypt({})).toContain('AccessDenied')
  await kms.send(new DescribeKeyCommand({ KeyId }))
  await mock.kms.send(new RevokeGrantCommand({ KeyId, GrantId }))
  await grant(mock, KeyId, { Operations, Constraints: { EncryptionContextEquals: { app: 'web' } } })
  expect(await encrypt({ app: 'web' })).toBe('no refusal')
  expect(await encrypt({ app: 'web', more: 'x' })).toContain('AccessDenied')
})

test('with a name, the same request again is the same grant with a new token', async () => {
  const mock = await openMock()
  const KeyId = await keyWith(mock)
  const first = await grant(mock, KeyId, { Name: 'a', Operations: ['Encrypt', 'Decrypt'] })
  const again = await grant(mock, KeyId, { Name: 'a', Operations: ['Decrypt', 'Encrypt'] })
  expect(again.GrantId).toBe(first.GrantId)
  expect(again.GrantToken).not.toBe(first.GrantToken)
  const different = await grant(mock, KeyId, { Name: 'a', Operations: ['Encrypt'] })
  expect(different.GrantId).not.toBe(first.GrantId)
  const [one, two] = [await grant(mock, KeyId), await grant(mock, KeyId)]
  expect(one.GrantId).not.toBe(two.GrantId)
})

test('lists the grants of a key in pages, by grantee and by id', async () => {
  const mock = await openMock()
  const KeyId = await keyWith(mock)
  await grant(mock, KeyId, { GranteePrincipal: carol })
  const { GrantId } = await grant(mock, KeyId, {
    Name: 'named',
    RetiringPrincipal: alice,
    Constraints: { EncryptionContextEquals: { a: 'b' } },
  })
  const whole = await mock.kms.send(new ListGrantsCommand({ KeyId }))
  expect(whole.Truncated).toBe(false)
  expect(whole.Grants).toHaveLength(2)
  expect(whole.Grants?.find(each => each.GrantId === GrantId)).toEqual({
    KeyId,
    GrantId,
    Name: 'named',
    CreationDate: new Date('2030-01-02T03:04:05.678Z'),
    GranteePrincipal: bob,
    RetiringPrincipal: alice,
    IssuingAccount: root,
    Operations: ['Encrypt'],
    Constraints: { EncryptionContextEquals: { a: 'b' } },
  })
  expect(whole.Grants?.find(each => each.GranteePrincipal === carol)).toMatchObject({ Name: '' })
  const byGrantee = await mock.kms.send(new ListGrantsCommand({ KeyId, GranteePrincipal: carol }))
  expect(byGrantee.Grants).toHaveLength(1)
  const byId = await mock.kms.send(new ListGrantsCommand({ KeyId, GrantId }))
  expect(byId.Grants).toHaveLength(1)
  const page = await mock.kms.send(new ListGrantsCommand({ KeyId, Limit: 1 }))
  expect(page).toMatchObject({ Truncated: true, Grants: [whole.Grants?.[0]] })
  const Marker = page.NextMarker
  expect(await mock.kms.send(new ListGrantsCommand({ KeyId, Limit: 1, Marker }))).toMatchObject({
    Truncated: false,
    Grants: [whole.Grants?.[1]],
  })
  const elsewhere = { KeyId: await keyWith(mock), Marker }
  expect(await refusal(mock.kms.send(new ListGrantsCommand(elsewhere)))).toBe('InvalidMarkerException')
})

test('is retired by its retiring principal, by a grantee who may, and by the account', async () => {
  const mock = await openMock()
  const KeyId = await keyWith(mock)
  const retire = (principal: string, request: object) =>
    refusal(mock.as({ principal }).kms.send(new RetireGrantCommand(request)))
  const byRetiring = await grant(mock, KeyId, { RetiringPrincipal: carol })
  expect(await retire(bob, { GrantToken: byRetiring.GrantToken })).toBe(denied(bob, 'kms:RetireGrant', KeyId))
  expect(await retire(carol, { GrantToken: byRetiring.GrantToken, DryRun: true })).toContain(
    'DryRunOperationException',
  )
  expect(await retire(carol, { GrantToken: byRetiring.GrantToken })).toBe('no refusal')
  expect(await retire(carol, { GrantToken: byRetiring.GrantToken })).toBe(
    // A stranger learns nothing, a caller of the account of the key does.
    denied(carol, 'kms:RetireGrant', KeyId),
  )
  expect(await retire(alice, { GrantToken: byRetiring.GrantToken })).toBe(
    `NotFoundException: Grant ID ${byRetiring.GrantId} not found`,
  )
  const byGrantee = await grant(mock, KeyId, { Operations: ['Encrypt', 'RetireGrant'] })
  expect(await retire(bob, { KeyId, GrantId: byGrantee.GrantId })).toBe('no refusal')
  const byAccount = await grant(mock, KeyId)
  expect(await retire(alice, { KeyId: KeyId.split('/')[1], GrantId: byAccount.GrantId })).toBe(
    'InvalidArnException: Invalid ARN.',
  )
  expect(await retire(alice, { KeyId, GrantId: byAccount.GrantId })).toBe('no refusal')
  expect(await retire(alice, { KeyId })).toContain('ValidationException')
  expect(await retire(alice, { GrantToken: 'made-up' })).toBe('InvalidGrantTokenException')
  expect((await mock.kms.send(new ListGrantsCommand({ KeyId }))).Grants).toEqual([])
})

test('is found by its retiring principal over all keys, and no more once it is gone', async () => {
  const mock = await openMock()
  const [first, second] = [await keyWith(mock), await keyWith(mock)]
  await grant(mock, first, { RetiringPrincipal: carol })
  const { GrantId } = await grant(mock, second, { RetiringPrincipal: carol })
  await grant(mock, second, { RetiringPrincipal: alice })
  const { kms } = mock.as({ principal: bob })
  const list = (more = {}) => kms.send(new ListRetirableGrantsCommand({ RetiringPrincipal: carol, ...more }))
  expect((await list()).Grants?.map(each => each.KeyId).sort()).toEqual([first, second].sort())
  const page = await list({ Limit: 1 })
  expect(page.Truncated).toBe(true)
  expect((await list({ Limit: 1, Marker: page.NextMarker })).Grants).toHaveLength(1)
  await mock.kms.send(new RevokeGrantCommand({ KeyId: second, GrantId }))
  expect((await list()).Grants).toMatchObject([{ KeyId: first, IssuingAccount: root }])
  expect(await refusal(kms.send(new ListRetirableGrantsCommand({ RetiringPrincipal: alice })))).toContain(
    'InvalidArnException',
  )
})

test('a grantee who may make grants makes narrower ones only', async () => {
  const mock = await openMock()
  const KeyId = await keyWith(mock)
  await grant(mock, KeyId, {
    Operations: ['Encrypt', 'CreateGrant'],
    Constraints: { EncryptionContextSubset: { app: 'web' } },
  })
  const { kms } = mock.as({ principal: bob })
  const give = (Operations: GrantOperation[], Constraints?: CreateGrantCommandInput['Constraints']) =>
    refusal(kms.send(new CreateGrantCommand({ KeyId, GranteePrincipal: carol, Operations, Constraints })))
  expect(await give(['Encrypt'], { EncryptionContextSubset: { app: 'web', more: 'x' } })).toBe('no refusal')
  expect(await give(['Encrypt'])).toContain('AccessDenied')
  expect(await give(['Encrypt', 'Decrypt'], { EncryptionContextSubset: { app: 'web' } })).toContain(
    'AccessDenied',
  )
  const EncryptionContext = { app: 'web', more: 'x' }
  await mock.as({ principal: carol }).kms.send(new EncryptCommand({ KeyId, Plaintext, EncryptionContext }))
  const { Grants } = await mock.kms.send(new ListGrantsCommand({ KeyId, GranteePrincipal: carol }))
  expect(Grants).toMatchObject([{ IssuingAccount: otherRoot }])
})

test('policies bind what a grant may hold', async () => {
  const mock = await openMock()
  const KeyId = await keyWith(mock)
  mock.emulator.setIdentityPolicy(
    alice,
    identityPolicy({
      Action: 'kms:CreateGrant',
      Condition: {
        'ForAllValues:StringEquals': { 'kms:GrantOperations': ['Encrypt', 'Decrypt'] },
        Bool: { 'kms:GrantIsForAWSResource': 'false' },
        StringEquals: { 'kms:GranteePrincipal': bob },
      },
    }),
  )
  const { kms } = mock.as({ principal: alice })
  const give = (GranteePrincipal: string, Operations: GrantOperation[]) =>
    refusal(kms.send(new CreateGrantCommand({ KeyId, GranteePrincipal, Operations })))
  expect(await give(bob, ['Encrypt'])).toBe('no refusal')
  expect(await give(bob, ['Encrypt', 'GenerateDataKey'])).toContain('AccessDenied')
  expect(await give(carol, ['Encrypt'])).toContain('AccessDenied')
})

test('refuses what no grant can be', async () => {
  const mock = await openMock()
  const KeyId = await keyWith(mock)
  const give = (more: Partial<CreateGrantCommandInput>) => refusal(grant(mock, KeyId, more))
  expect(await give({ Operations: ['CreateGrant'] })).toBe(
    'ValidationException: Grants must not contain only the CreateGrant operation.',
  )
  expect(await give({ Operations: ['Sign'] })).toContain('ValidationException: Operation Sign')
  expect(await give({ Operations: [] })).toContain('ValidationException')
  expect(await give({ Operations: ['Fly' as GrantOperation] })).toMatch(
    /^ValidationException: 1 validation error detected: Value 'Fly' at 'operations.1.member' failed/,
  )
  for (const GranteePrincipal of [
    'alice',
    'arn:aws:iam::1:user/a',
    'ec2.amazonaws.com',
    'arn:aws-cn:iam::111122223333:root',
  ]) {
    expect(await give({ GranteePrincipal })).toBe('InvalidArnException: Invalid ARN.')
  }
  expect(await give({ RetiringPrincipal: 'nobody' })).toContain('InvalidArnException')
  const pairs = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`k${index}`, 'v']))
  expect(await give({ Constraints: { EncryptionContextEquals: pairs } })).toContain('ValidationException')
  expect(await give({ Constraints: { EncryptionContextSubset: { k: 'v'.repeat(385) } } })).toContain(
    'ValidationException',
  )
  expect(await give({ KeyId: 'alias/kmseal' })).toBe(
    'InvalidArnException: Key Aliases are not supported for this operation.',
  )
  expect(await give({ DryRun: true })).toContain('DryRunOperationException')
  expect((await mock.kms.send(new ListGrantsCommand({ KeyId }))).Grants).toEqual([])
  expect(await refusal(mock.kms.send(new RevokeGrantCommand({ KeyId, GrantId: 'none' })))).toBe(
    'NotFoundException: Grant ID none not found',
  )
  const { KeyMetadata: rsa } = await mock.kms.send(
    new CreateKeyCommand({ KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' }),
  )
  expect(await give({ KeyId: rsa?.Arn, Constraints: { EncryptionContextEquals: { a: 'b' } } })).toContain(
    'ValidationException',
  )
  expect(await give({ KeyId: rsa?.Arn, Operations: ['Encrypt', 'GetPublicKey'] })).toBe('no refusal')
  await mock.kms.send(new DisableKeyCommand({ KeyId }))
  expect(await give({})).toBe(`DisabledException: ${KeyId} is disabled.`)
})

test('an account as grantee is its root user', async () => {
  const mock = await openMock()
  const KeyId = await keyWith(mock)
  await grant(mock, KeyId, { GranteePrincipal: otherRoot, Operations: ['GenerateDataKey', 'Decrypt'] })
  const { kms } = mock.as({ principal: otherRoot })
  const { CiphertextBlob } = await kms.send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' }))
  expect(await kms.send(new DecryptCommand({ CiphertextBlob }))).toMatchObject({ KeyId })
})
