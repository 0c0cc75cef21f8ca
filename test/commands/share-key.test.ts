/** `kmseal share-key`: both halves printed without AWS; applied and taken back on the mock, and what they then allow. */

import { CreateGrantCommand, GetKeyPolicyCommand, PutKeyPolicyCommand } from '@aws-sdk/client-kms'
import { describe, expect, it } from 'vitest'
import { runCli } from '../helpers/cli.ts'
import { withKms } from '../helpers/kms-of-env.ts'
import { mockEnv, runOnMock } from '../helpers/mock-env.ts'

const keyArn = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab'
const foreign = 'arn:aws:iam::444455556666:role/svc/api'
const own = 'arn:aws:iam::000000000000:user/ana'

const print = (words: readonly string[], env: Record<string, string> = {}) =>
  // Nothing answers there: a call would fail the test.
  runCli(['share-key', ...words], { env: { AWS_ENDPOINT_URL: 'https://127.0.0.1:9', ...env } })
const typed = ['--key-id', keyArn, '--principal', foreign]

describe('kmseal share-key', () => {
  it('prints both halves, and asks nothing of AWS when it has the ARN of the key', async () => {
    const result = await print([...typed, '--can', 'decrypt', '--can', 'encrypt', '--can', 'decrypt'])
    expect(result).toMatchObject({ status: 0, stderr: '' })
    const Action = [
      'kms:Encrypt',
      'kms:GenerateDataKey*',
      'kms:ReEncryptTo',
      'kms:Decrypt',
      'kms:ReEncryptFrom',
    ]
    expect(JSON.parse(result.stdout.toString())).toEqual({
      KeyPolicyStatements: [
        {
          Sid: 'Allow role api of 444455556666 to encrypt and decrypt',
          Effect: 'Allow',
          Principal: { AWS: foreign },
          Action,
          Resource: '*',
        },
      ],
      IamPolicy: {
        Version: '2012-10-17',
        Statement: [{ Sid: 'AllowEncryptAndDecrypt', Effect: 'Allow', Action, Resource: keyArn }],
      },
      IamPolicyNeeded: true,
    })
  })

  it('prints each half alone', async () => {
    const words = [...typed, '--can', 'sign', '--principal', own.replace('000000000000', '111122223333')]
    const whole = JSON.parse((await print(words)).stdout.toString())
    const statements = await print([...words, '--key-policy', '--json'])
    expect(JSON.parse(statements.stdout.toString())).toEqual(whole.KeyPolicyStatements)
    expect(whole.KeyPolicyStatements).toHaveLength(2)
    const iam = await print([...words, '--iam'])
    expect(JSON.parse(iam.stdout.toString())).toEqual(whole.IamPolicy)
    const near = await print([
      '--key-id',
      keyArn,
      '--principal',
      own.replace('000000000000', '111122223333'),
      '--can',
      'sign',
    ])
    expect(JSON.parse(near.stdout.toString()).IamPolicyNeeded).toBe(false)
  })

  it('puts conditions where they can be met, in statements of their own', async () => {
    const words = ['--can', 'decrypt', '--can', 'view', '--can', 'grant', '--via-service', 'ec2']
    const result = await print([
      ...typed,
      ...words,
      '--encryption-context',
      'for=back\u20acup',
      '--key-policy',
    ])
    // KMS takes characters up to U+00FF only.
    expect(result.stdout.toString()).toContain('"kms:EncryptionContext:for": "back\\u20acup"')
    const statements: { Sid: string; Action: string[]; Condition: object }[] = JSON.parse(
      result.stdout.toString(),
    )
    const via = { 'kms:ViaService': 'ec2.eu-west-1.amazonaws.com' }
    const both = { 'kms:EncryptionContext:for': 'back\u20acup', ...via }
    const Bool = { 'kms:GrantIsForAWSResource': 'true' }
    expect(statements.map(({ Action, Condition }) => [Action, Condition])).toEqual([
      [['kms:Decrypt', 'kms:ReEncryptFrom'], { StringEquals: both }],
      [['kms:DescribeKey', 'kms:GetPublicKey', 'kms:GetKeyRotationStatus'], { StringEquals: via }],
      [['kms:CreateGrant'], { StringEquals: both, Bool }],
      [['kms:ListGrants', 'kms:RevokeGrant'], { StringEquals: via, Bool }],
    ])
    expect(new Set(statements.map(({ Sid }) => Sid)).size).toBe(4)
    for (const { Sid } of statements) expect(Sid).toMatch(/^[A-Za-z0-9 ]+$/)
  })

  it('speaks of the partition of the key, and of services as everywhere', async () => {
    const key = keyArn.replace('aws', 'aws-cn').replace('eu-west-1', 'cn-north-1')
    const principal = foreign.replace('aws', 'aws-cn')
    const words = ['--key-id', key, '--principal', principal, '--can', 'decrypt', '--via-service', 's3']
    const { KeyPolicyStatements, IamPolicy } = JSON.parse((await print(words)).stdout.toString())
    expect(KeyPolicyStatements[0].Principal.AWS).toBe(principal)
    expect(KeyPolicyStatements[0].Condition.StringEquals['kms:ViaService']).toBe(
      's3.cn-north-1.amazonaws.com',
    )
    expect(IamPolicy.Statement[0].Resource).toBe(key)
  })

  it.each<[string, readonly string[], number, RegExp]>([
    ['nothing to share', typed, 2, /name it with --can: encrypt, decrypt/],
    ['another ability', [...typed, '--can', 'fly'], 2, /--can takes one of encrypt, decrypt/],
    ['no principal', ['--key-id', keyArn, '--can', 'sign'], 2, /--principal/],
    [
      'an account id',
      ['--key-id', keyArn, '--can', 'sign', '--principal', '444455556666'],
      2,
      /arn:aws:iam::444455556666:root/,
    ],
    [
      'a session',
      ['--key-id', keyArn, '--can', 'sign', '--principal', 'arn:aws:sts::444455556666:assumed-role/api/s'],
      2,
      /a session of a role[\s\S]*name the role: arn:aws:iam::444455556666:role\/api, with its path/,
    ],
    [
      'a group',
      ['--key-id', keyArn, '--can', 'sign', '--principal', foreign.replace('role', 'group')],
      2,
      /is a group/,
    ],
    [
      'another partition',
      ['--key-id', keyArn, '--can', 'sign', '--principal', foreign.replace('aws', 'aws-cn')],
      2,
      /aws-cn/,
    ],
    [
      'administration from elsewhere',
      [...typed, '--can', 'administer'],
      2,
      /cannot be given to another account/,
    ],
    [
      'a context for what has none',
      [...typed, '--can', 'sign', '--encryption-context', 'a=b'],
      2,
      /has no meaning for --can sign/,
    ],
    ['an empty context', [...typed, '--can', 'decrypt', '--encryption-context', '{}'], 2, /has no pairs/],
    [
      'a variable',
      [...typed, '--can', 'decrypt', '--encryption-context', 'a=${aws:username}'],
      2,
      /reads as a variable/,
    ],
    [
      'keys in two letter cases',
      [...typed, '--can', 'decrypt', '--encryption-context', 'a=1,A=2'],
      2,
      /letter case/,
    ],
    [
      'another Region',
      [...typed, '--can', 'decrypt', '--via-service', 'ec2.us-east-1.amazonaws.com'],
      2,
      /the key is in eu-west-1/,
    ],
    [
      'a Region that contradicts the key',
      [...typed, '--can', 'decrypt', '--region', 'us-east-1'],
      2,
      /contradicts/,
    ],
    ['both halves alone', [...typed, '--can', 'decrypt', '--iam', '--key-policy'], 2, /cannot be used with/],
    ['--yes without a change', [...typed, '--can', 'decrypt', '--yes'], 2, /--yes needs --apply or --revoke/],
    ['conditions without --can', [...typed, '--revoke', '--via-service', 'ec2'], 2, /need --can/],
    [
      'an AWS managed key',
      ['--key-id', 'alias/aws/ebs', '--principal', foreign, '--can', 'decrypt'],
      1,
      /AWS managed key[\s\S]*customer managed/,
    ],
  ])('refuses %s', async (_what, words, status, message) => {
    const result = await print(words)
    expect(result.status).toBe(status)
    expect(result.stdout).toHaveLength(0)
    expect(result.stderr).toMatch(message)
  })
})

async function newKey(more: readonly string[] = []) {
  const env = mockEnv()
  const created = await runOnMock(['create-key', '--alias', 'alias/app', ...more], { env })
  const arn = created.stdout.toString().trim()
  const policy = async (): Promise<{ Statement: { Sid?: string }[] }> => {
    const got = await withKms(env, kms => kms.send(new GetKeyPolicyCommand({ KeyId: arn })))
    return JSON.parse(got.Policy ?? '')
  }
  const share = (words: readonly string[]) =>
    runOnMock(['share-key', '--key-id', 'alias/app', ...words], { env })
  const explain = (principal: string, action: string, words: readonly string[]) =>
    runOnMock(
      ['explain-access', '--key-id', 'alias/app', '--principal', principal, '--action', action, ...words],
      { env },
    )
  return { env, arn, policy, share, explain }
}

describe('kmseal share-key --apply', () => {
  it('adds what is not there, once, and both halves then allow it', async () => {
    const { env, arn, policy, share, explain } = await newKey()
    const words = ['--principal', foreign, '--can', 'decrypt', '--encryption-context', 'for=backup']
    const applied = await share([...words, '--apply', '--yes'])
    expect(applied.status).toBe(0)
    expect(applied.stderr).toMatch(/\+ {6}"Sid": "Allow role api of 444455556666 to decrypt"/)
    expect(applied.stderr).toMatch(/the other half is an IAM policy for \S+: --iam prints it/)
    const before = await policy()
    expect(before.Statement).toHaveLength(2)
    const again = await share([...words, '--apply'])
    expect(again.stderr).toMatch(/says so already: unchanged/)
    expect(await policy()).toEqual(before)
    const iam = await share([...words, '--iam'])
    const asked = ['--encryption-context', 'for=backup', '--iam-policy', '-']
    const args = [
      'explain-access',
      '--key-id',
      arn,
      '--principal',
      foreign,
      '--action',
      'kms:Decrypt',
      ...asked,
    ]
    expect(await runOnMock(args, { env, stdin: iam.stdout })).toMatchObject({ status: 0 })
    expect(
      (await explain(foreign, 'kms:Decrypt', ['--encryption-context', 'for=other', '--no-iam-policy']))
        .status,
    ).toBe(4)
  })

  it('lets a principal of the account of the key in by itself', async () => {
    const { env, share } = await newKey()
    const role = 'arn:aws:iam::000000000000:user/ana'
    const asAna = { ...env, KMSEAL_MOCK_PRINCIPAL: role }
    const encrypt = ['encrypt', '--key-id', 'alias/app', '--mode', 'direct']
    const iam = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] }
    await runOnMock(['mock', 'set-iam-policy', role, '-'], { env, stdin: JSON.stringify(iam) })
    expect((await runOnMock(encrypt, { env: asAna, stdin: 'x' })).status).toBe(4)
    expect(
      (await share(['--principal', role, '--can', 'encrypt', '--apply', '--yes', '--quiet'])).stderr,
    ).toBe('')
    expect((await runOnMock(encrypt, { env: asAna, stdin: 'x' })).status).toBe(0)
  })

  it('lets another account decrypt what it was shared for, and nothing else, until it is taken back', async () => {
    const { env, arn, share } = await newKey()
    const seal = async (context: string) => {
      const words = ['encrypt', '--key-id', 'alias/app', '--mode', 'direct', '--encryption-context', context]
      return (await runOnMock(words, { env, stdin: 'pw' })).stdout
    }
    const [backup, rest] = [await seal('for=backup'), await seal('for=rest')]
    const there = { ...env, KMSEAL_MOCK_PRINCIPAL: 'arn:aws:sts::444455556666:assumed-role/api/s' }
    const open = (stdin: Uint8Array, context: string) =>
      runOnMock(['decrypt', '--key-id', arn, '--encryption-context', context], { env: there, stdin })
    const words = ['--principal', foreign, '--can', 'decrypt', '--encryption-context', 'for=backup']
    await share([...words, '--apply', '--yes'])
    await runOnMock(['mock', 'set-iam-policy', foreign, '-'], { env, stdin: '{"Statement":[]}' })
    expect((await open(backup, 'for=backup')).status).toBe(4)
    const iam = await share([...words, '--iam'])
    await runOnMock(['mock', 'set-iam-policy', foreign, '-'], { env, stdin: iam.stdout })
    expect(await open(backup, 'for=backup')).toMatchObject({ status: 0, stdout: Buffer.from('pw') })
    expect((await open(rest, 'for=rest')).status).toBe(4)
    expect((await share([...words, '--revoke', '--yes'])).status).toBe(0)
    expect((await open(backup, 'for=backup')).status).toBe(4)
  })

  it('shows only, with --dry-run', async () => {
    const { arn, policy, share } = await newKey()
    const before = await policy()
    const result = await share(['--principal', own, '--can', 'view', '--apply', '--dry-run', '--json'])
    expect(result.status).toBe(0)
    expect(JSON.parse(result.stdout.toString())).toMatchObject({
      KeyId: arn,
      Change: 'changed',
      DryRun: true,
    })
    expect(await policy()).toEqual(before)
  })

  it('refuses what the key cannot do', async () => {
    const { share } = await newKey()
    const result = await share(['--principal', own, '--can', 'sign', '--apply', '--yes'])
    expect(result.status).toBe(2)
    expect(result.stderr).toMatch(
      /the key is for ENCRYPT_DECRYPT: nobody can sign with it[\s\S]*it can encrypt, decrypt/,
    )
  })

  it('refuses an AWS managed key by its ARN too', async () => {
    const { env } = await newKey()
    const described = await runOnMock(['describe-key', 'alias/aws/ssm', '--json'], { env })
    const { Arn } = JSON.parse(described.stdout.toString())
    const words = ['share-key', '--key-id', Arn, '--principal', own, '--can', 'decrypt', '--apply', '--yes']
    const result = await runOnMock(words, { env })
    expect(result.status).toBe(1)
    expect(result.stderr).toMatch(/is an AWS managed key/)
  })
})

describe('kmseal share-key --revoke', () => {
  const hand = (Sid: string, more: object) => ({
    ...{ Sid, Effect: 'Allow', Principal: { AWS: foreign }, Action: 'kms:Decrypt', Resource: '*' },
    ...more,
  })

  it('takes back what was given, and leaves what others wrote, whatever its Sid', async () => {
    const { env, arn, policy, share } = await newKey()
    const sid = 'Allow role api of 444455556666 to decrypt'
    const { Statement } = await policy()
    const others = [
      ...Statement,
      hand(sid, {}),
      hand(sid, { Action: ['kms:Decrypt', 'kms:ReEncryptFrom', 'kms:Encrypt'] }),
      hand(sid, { Principal: { AWS: [foreign, own] }, Action: ['kms:Decrypt', 'kms:ReEncryptFrom'] }),
      hand(sid, { Effect: 'Deny', Action: ['kms:Decrypt', 'kms:ReEncryptFrom'] }),
    ]
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: others })
    await withKms(env, kms => kms.send(new PutKeyPolicyCommand({ KeyId: arn, Policy })))
    const who = ['--principal', foreign]
    await share([...who, '--can', 'decrypt', '--apply', '--yes'])
    await share([...who, '--can', 'view', '--can', 'grant', '--via-service', 'ec2', '--apply', '--yes'])
    await share([
      ...who,
      '--can',
      'decrypt',
      '--can',
      'grant',
      '--encryption-context',
      'a=b',
      '--apply',
      '--yes',
    ])
    await share(['--principal', own, '--can', 'decrypt', '--apply', '--yes'])
    expect((await policy()).Statement).toHaveLength(others.length + 1 + 2 + 3 + 1)

    const exact = await share([...who, '--can', 'decrypt', '--revoke', '--yes', '--json'])
    expect(JSON.parse(exact.stdout.toString()).Statements.map(({ Sid }: { Sid: string }) => Sid)).toEqual([
      `${sid} 2`,
    ])
    const none = await share([...who, '--can', 'decrypt', '--revoke', '--yes'])
    expect(none.stderr).toMatch(/no such statement: nothing to take back/)
    expect(none.stderr).toMatch(/--revoke without --can takes all back/)

    const all = await share([...who, '--revoke', '--yes'])
    expect(all.status).toBe(0)
    const left = (await policy()).Statement
    expect(left.slice(0, others.length)).toEqual(others)
    expect(left.slice(others.length)).toMatchObject([{ Principal: { AWS: own } }])
    expect(all.stderr).toMatch(
      /statement 2 of the key policy still names arn:aws:iam::444455556666:role\/svc\/api/,
    )
  })

  it('takes back what a role had that was deleted since, by the id that KMS shows', async () => {
    const { env, arn, policy, share } = await newKey()
    const gone = 'AROAQ3EGRIFUEXAMPLE'
    const { Statement } = await policy()
    const orphan = hand('x', { Principal: { AWS: gone }, Action: ['kms:Decrypt', 'kms:ReEncryptFrom'] })
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [...Statement, orphan] })
    await withKms(env, kms => kms.send(new PutKeyPolicyCommand({ KeyId: arn, Policy })))
    expect((await share(['--principal', gone, '--revoke', '--yes'])).status).toBe(0)
    expect((await policy()).Statement).toEqual(Statement)
    const given = await share(['--principal', gone, '--can', 'decrypt', '--apply', '--yes'])
    expect(given.stderr).toMatch(/policies take ARNs/)
  })

  it('lists the grants of the principal that remain', async () => {
    const { env, arn, share } = await newKey()
    for (const GranteePrincipal of [foreign, own]) {
      await withKms(env, kms =>
        kms.send(new CreateGrantCommand({ KeyId: arn, GranteePrincipal, Operations: ['Decrypt'] })),
      )
    }
    await share(['--principal', foreign, '--can', 'decrypt', '--apply', '--yes'])
    const result = await share(['--principal', foreign, '--revoke', '--yes', '--json'])
    const { RemainingGrants, Statements } = JSON.parse(result.stdout.toString())
    expect(Statements).toHaveLength(1)
    expect(RemainingGrants).toMatchObject([{ GranteePrincipal: foreign, Operations: ['Decrypt'] }])
    expect(result.stderr).toMatch(
      /grant [0-9a-f]{64} remains: Decrypt for arn:aws:iam::444455556666:role\/svc\/api/,
    )
  })
})

describe('share-key --revoke', () => {
  it('leaves what the console writes for users alone, though it means the same', async () => {
    const env = mockEnv({ AWS_REGION: 'eu-west-1', KMSEAL_MOCK_PRINCIPAL: 'arn:aws:iam::111122223333:root' })
    const user = 'arn:aws:iam::111122223333:role/use'
    await runCli(['create-key', '--alias', 'alias/app', '--user', user], { env })
    const before = await runCli(['key-policy', 'get', '--key-id', 'alias/app'], { env })
    const share = ['share-key', '--key-id', 'alias/app', '--principal', user]
    await runCli([...share, '--can', 'view', '--apply', '--yes'], { env })
    const revoked = await runCli([...share, '--revoke', '--yes', '--json'], { env })
    const { Statements } = JSON.parse(revoked.stdout.toString())
    expect(Statements.map(({ Sid }: { Sid: string }) => Sid)).toEqual([
      'Allow role use of 111122223333 to view',
    ])
    const after = await runCli(['key-policy', 'get', '--key-id', 'alias/app'], { env })
    expect(JSON.parse(after.stdout.toString())).toEqual(JSON.parse(before.stdout.toString()))
  })
})
