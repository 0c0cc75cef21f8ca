/** `kmseal explain-access` on the mock: the answer, the statement that decides, and the exit status. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CreateGrantCommand, DisableKeyCommand } from '@aws-sdk/client-kms'
import { expect, it } from 'vitest'
import { runCli } from '../helpers/cli.ts'
import { testFolder } from '../helpers/folder.ts'
import { withKms } from '../helpers/kms-of-env.ts'
import { mockEnv, runOnMock } from '../helpers/mock-env.ts'

const user = 'arn:aws:iam::000000000000:user/ana'
const foreign = 'arn:aws:iam::444455556666:role/api'
const everything = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'kms:*', Resource: '*' }] }

async function newKey(more: readonly string[] = []) {
  const env = mockEnv()
  const created = await runOnMock(['create-key', '--alias', 'alias/app', ...more], { env })
  return { env, arn: created.stdout.toString().trim() }
}

function file(content: unknown): string {
  const path = join(testFolder(), 'policy.json')
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

const about = (principal: string, action = 'kms:Decrypt', key = 'alias/app') => [
  ...['explain-access', '--key-id', key, '--principal', principal, '--action', action],
]

const notLookedAt =
  'kmseal: policies of organizations, permissions boundaries and session policies were not looked at\n'

it('is denied with 4, unknown with 9, allowed with 0', async () => {
  const { env, arn } = await newKey()
  const unknown = await runOnMock(about(user), { env })
  expect(unknown.stdout.toString()).toBe(
    'unknown: statement 1 ("Enable IAM User Permissions") of the key policy allows it, but the IAM policies of the principal are not known\n',
  )
  expect(unknown).toMatchObject({
    status: 9,
    stderr:
      'kmseal: give the IAM policies of the principal with --iam-policy FILE, or --no-iam-policy if it has none\n',
  })
  const denied = await runOnMock([...about(user), '--no-iam-policy'], { env })
  expect(denied).toMatchObject({ status: 4, stderr: '' })
  expect(denied.stdout.toString()).toBe('denied: no identity policy allows it\n')
  const iam = file(everything)
  const allowed = await runOnMock([...about(user), '--iam-policy', iam, '--json'], { env })
  expect(allowed).toMatchObject({ status: 0, stderr: notLookedAt })
  expect(JSON.parse(allowed.stdout.toString())).toEqual({
    KeyId: arn,
    Principal: user,
    Action: 'kms:Decrypt',
    Decision: 'allowed',
    DecidedBy: { Policy: 'identity policy', Index: 0, File: iam },
    DelegatedBy: { Policy: 'key policy', Index: 0, Sid: 'Enable IAM User Permissions' },
    Reasons: [
      'statement 1 ("Enable IAM User Permissions") of the key policy and statement 1 of the identity policy both allow it',
    ],
    Missing: [],
    KeyState: 'Enabled',
    KeyUsage: 'ENCRYPT_DECRYPT',
  })
})

it('reads several IAM policies, one of them from standard input', async () => {
  const { env } = await newKey()
  const nothing = file({ Version: '2012-10-17', Statement: [] })
  const words = [...about(user), '--iam-policy', nothing, '--iam-policy', '-', '--json']
  const result = await runOnMock(words, { env, stdin: JSON.stringify(everything) })
  expect(JSON.parse(result.stdout.toString()).DecidedBy).toEqual({
    Policy: 'identity policy',
    Index: 0,
    File: 'standard input',
  })
})

it('counts grants, unless they are to be left out, and asks for them only when they matter', async () => {
  const { env, arn } = await newKey()
  const grant = await withKms(env, kms =>
    kms.send(new CreateGrantCommand({ KeyId: arn, GranteePrincipal: foreign, Operations: ['Decrypt'] })),
  )
  const granted = await runOnMock([...about(foreign), '--no-iam-policy', '--json'], { env })
  expect(granted.status).toBe(0)
  expect(JSON.parse(granted.stdout.toString()).DecidedBy).toEqual({
    Policy: 'grant',
    Index: 0,
    GrantId: grant.GrantId,
  })
  expect((await runOnMock([...about(foreign), '--no-iam-policy', '--no-grants'], { env })).status).toBe(4)
  const calls = async (words: readonly string[]) =>
    Number(/KMS calls: (\d+)/.exec((await runOnMock([...words, '--stats'], { env })).stderr)?.[1])
  expect(await calls([...about(foreign), '--no-iam-policy'])).toBe(3)
  expect(await calls([...about(user), '--iam-policy', file(everything)])).toBe(2)
})

it('asks nothing of AWS with the ARN of a key, a policy to try, and no grants', async () => {
  const arn = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab'
  const policy = file({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { AWS: foreign }, Action: 'kms:Sign', Resource: '*' }],
  })
  const words = [
    ...about(foreign, 'KMS:sign', arn),
    '--policy',
    policy,
    '--no-grants',
    '--iam-policy',
    file(everything),
  ]
  // Nothing answers there: a call would fail the test.
  const result = await runCli(words, { env: { AWS_ENDPOINT_URL: 'https://127.0.0.1:9' } })
  expect(result).toMatchObject({ status: 0, stderr: notLookedAt })
  expect(result.stdout.toString()).toMatch(/^allowed: statement 1 of the key policy and statement 1 /)
})

it('notes the state of the key, which decides nothing', async () => {
  const { env, arn } = await newKey()
  await withKms(env, kms => kms.send(new DisableKeyCommand({ KeyId: arn })))
  const result = await runOnMock([...about(user), '--iam-policy', file(everything)], { env })
  expect(result.status).toBe(0)
  expect(result.stderr).toBe(
    'kmseal: the key is in state Disabled: KMS may refuse to use it, whatever its policy says\n' +
      notLookedAt,
  )
})

it('notes that a key of another usage is never used so', async () => {
  const { env } = await newKey()
  const result = await runOnMock([...about(user, 'kms:Sign'), '--iam-policy', file(everything)], { env })
  expect(result.status).toBe(0)
  expect(result.stderr).toMatch(
    /the key usage is ENCRYPT_DECRYPT: KMS refuses kms:Sign, whatever its policy says/,
  )
})

it('does not know what it may not read', async () => {
  const { env, arn } = await newKey()
  const there = { ...env, KMSEAL_MOCK_PRINCIPAL: 'arn:aws:iam::444455556666:user/eve' }
  const result = await runOnMock([...about(foreign, 'kms:Decrypt', arn), '--iam-policy', file(everything)], {
    env: there,
  })
  expect(result.status).toBe(9)
  expect(result.stdout.toString()).toMatch(/^unknown: /)
  expect(result.stderr).toMatch(/kms:ListGrants was denied/)
  expect(result.stderr).toMatch(/the policy of arn:\S+ may not be read: give it with --policy FILE/)
})

it('says which statement a service or a context would have helped', async () => {
  const policy = file({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'through \u001b[31m',
        Effect: 'Allow',
        Principal: { AWS: user },
        Action: 'kms:Decrypt',
        Resource: '*',
        Condition: {
          StringEquals: { 'kms:ViaService': 'ssm.us-east-1.amazonaws.com', 'kms:EncryptionContext:a': 'b' },
        },
      },
    ],
  })
  const { env } = await newKey()
  const words = [...about(user), '--policy', policy, '--no-iam-policy']
  const direct = await runOnMock(words, { env })
  expect(direct.status).toBe(4)
  expect(direct.stdout.toString()).toContain(
    '\n  statement 1 ("through \\u001b[31m") of the key policy would allow it, but its condition StringEquals kms:ViaService does not hold\n',
  )
  const unknown = await runOnMock([...words, '--via-service', 'ssm'], { env })
  expect(unknown.status).toBe(9)
  expect(unknown.stderr).toBe(
    "kmseal: give the encryption context with --encryption-context KEY=VALUE, or '{}' for none\n",
  )
  const told = [...words, '--via-service', 'ssm.us-east-1.amazonaws.com', '--encryption-context']
  expect((await runOnMock([...told, 'a=b'], { env })).status).toBe(0)
  expect((await runOnMock([...told, '{}'], { env })).status).toBe(4)
})

it.each<[string, readonly string[], RegExp]>([
  ['a slip', about(user, 'kms:Decypt'), /no action of KMS[\s\S]*did you mean kms:Decrypt\?/],
  [
    'an action that is two',
    about(user, 'kms:ReEncrypt'),
    /did you mean kms:ReEncryptFrom or kms:ReEncryptTo\?/,
  ],
  ['an action without its service', about(user, 'decrypt'), /write it as kms:Decrypt/],
  ['a pattern', about(user, 'kms:*'), /one action, no pattern/],
  ['another service', about(user, 's3:GetObject'), /another service/],
  ['an action without a key', about(user, 'kms:CreateKey'), /kms:CreateKey is not about a key/],
  ['an account', about('444455556666'), /its root is arn:aws:iam::444455556666:root/],
  ['a group', about('arn:aws:iam::444455556666:group/x'), /--principal is a group/],
  ['a name', about('ana'), /--principal is no ARN of a principal/],
  [
    'a context for Sign',
    [...about(user, 'kms:Sign'), '--encryption-context', 'a=b'],
    /kms:Sign has no encryption context/,
  ],
  [
    'another Region',
    [...about(user), '--via-service', 'ec2.eu-west-1.amazonaws.com'],
    /is in eu-west-1, but the key is in us-east-1/,
  ],
  [
    'a service that is none',
    [...about(user), '--via-service', 'ec2.amazonaws.com'],
    /write it as ec2, or ec2\.us-east-1/,
  ],
  ['an IAM policy that is none', [...about(user), '--iam-policy', '-'], /standard input is no IAM policy/],
  ['standard input twice', [...about(user), '--iam-policy', '-', '--policy', '-'], /can be read once/],
])('refuses %s', async (_what, words, message) => {
  const { env } = await newKey()
  const result = await runOnMock(words, { env, stdin: '{}' })
  expect(result.status).toBe(2)
  expect(result.stdout).toHaveLength(0)
  expect(result.stderr).toMatch(message)
})

it('tells of a key that does not exist, and of a denial, by their own statuses', async () => {
  const { env, arn } = await newKey()
  expect((await runOnMock(about(user, 'kms:Decrypt', 'alias/none'), { env })).status).toBe(3)
  const there = { ...env, KMSEAL_MOCK_PRINCIPAL: 'arn:aws:iam::444455556666:user/eve' }
  const alias = arn.replace(/key\/.*/, 'alias/app')
  const denied = await runOnMock(about(user, 'kms:Decrypt', alias), { env: there })
  expect(denied).toMatchObject({ status: 4 })
  expect(denied.stdout).toHaveLength(0)
})

it.each([
  ['--iam-policy', '--no-iam-policy'],
  ['--no-iam-policy', '--iam-policy'],
])('refuses %s with %s, whose order would decide', async (...flags) => {
  const { env } = await newKey()
  const words = flags.flatMap(flag => (flag === '--iam-policy' ? [flag, file(everything)] : [flag]))
  const result = await runOnMock([...about(user), ...words], { env })
  expect([result.status, result.stdout.length]).toEqual([2, 0])
  expect(result.stderr).toMatch(/both given/)
})
