/** The whole story of an encrypted snapshot on the mock, with two accounts: `--apply`, `--verify`, `--revoke`. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  CreateGrantCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  GetKeyPolicyCommand,
  type KMSClient,
  PutKeyPolicyCommand,
  ReEncryptCommand,
} from '@aws-sdk/client-kms'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createClients } from '../../src/clients.ts'
import { resolveSettings } from '../../src/config.ts'
import { runCli } from '../helpers/cli.ts'
import { testFolder } from '../helpers/folder.ts'

const [owner, target] = ['111122223333', '222233334444']
const backup = `arn:aws:iam::${target}:role/backup`
const volumes = `arn:aws:iam::${target}:role/volumes`

/** A mock, and who asks it. */
function openAccounts() {
  const folder = testFolder()
  const env = (principal: string, viaService = '') => ({
    KMSEAL_BACKEND: 'mock',
    KMSEAL_MOCK_DIR: join(folder, 'state'),
    KMSEAL_MOCK_PRINCIPAL: principal,
    KMSEAL_MOCK_VIA_SERVICE: viaService,
    AWS_REGION: 'eu-west-1',
  })
  return {
    file(name: string, value: unknown): string {
      writeFileSync(join(folder, name), typeof value === 'string' ? value : JSON.stringify(value))
      return join(folder, name)
    },
    run: (words: readonly string[], principal = `arn:aws:iam::${owner}:root`) =>
      runCli(words, { env: env(principal) }),
    async as(principal: string, viaService?: string): Promise<KMSClient> {
      const variables = env(principal, viaService)
      const clients = createClients(resolveSettings({}, variables), variables)
      onTestFinished(() => clients.close())
      return clients.kms()
    },
  }
}

type Accounts = ReturnType<typeof openAccounts>

const share = (...words: string[]) => [
  'share-snapshot-policy',
  '--key-id',
  'alias/app',
  '--target-account',
  target,
  ...words,
]

async function policyOf(
  accounts: Accounts,
): Promise<{ text: string; statements: Record<string, unknown>[] }> {
  const kms = await accounts.as(`arn:aws:iam::${owner}:root`)
  const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: 'alias/app' }))
  const { Policy = '' } = await kms.send(new GetKeyPolicyCommand({ KeyId: KeyMetadata?.KeyId }))
  return { text: Policy, statements: [JSON.parse(Policy).Statement].flat() }
}

/** What EC2 asks of the key while it copies a snapshot for somebody; gives what was refused. */
async function refusedInCopy(
  kms: KMSClient,
  key: string,
  snapshot: Uint8Array,
  copyKey: string,
): Promise<string[]> {
  const EncryptionContext = { 'aws:ebs:id': 'vol-0123456789abcdef0' }
  const calls: [string, () => Promise<unknown>][] = [
    ['DescribeKey', () => kms.send(new DescribeKeyCommand({ KeyId: key }))],
    ['Decrypt', () => kms.send(new DecryptCommand({ CiphertextBlob: snapshot, EncryptionContext }))],
    [
      'ReEncrypt',
      () =>
        kms.send(
          new ReEncryptCommand({
            CiphertextBlob: snapshot,
            SourceEncryptionContext: EncryptionContext,
            DestinationKeyId: copyKey,
            DestinationEncryptionContext: EncryptionContext,
          }),
        ),
    ],
    [
      'GenerateDataKeyWithoutPlaintext',
      () =>
        kms.send(
          new GenerateDataKeyWithoutPlaintextCommand({ KeyId: key, EncryptionContext, NumberOfBytes: 64 }),
        ),
    ],
    [
      'CreateGrant',
      () =>
        kms.send(new CreateGrantCommand({ KeyId: key, GranteePrincipal: volumes, Operations: ['Decrypt'] })),
    ],
  ]
  const refused: string[] = []
  for (const [name, call] of calls) {
    await call().catch((error: Error) => {
      expect(error.name).toBe('AccessDeniedException')
      refused.push(name)
    })
  }
  return refused
}

const all = ['DescribeKey', 'Decrypt', 'ReEncrypt', 'GenerateDataKeyWithoutPlaintext', 'CreateGrant']

async function withKey(accounts: Accounts) {
  const created = await accounts.run(['create-key', '--alias', 'alias/app', '--json'])
  const key: string = JSON.parse(created.stdout.toString()).Arn
  const ours = await accounts.as(`arn:aws:iam::${owner}:root`)
  const { CiphertextBlob: snapshot = new Uint8Array() } = await ours.send(
    new EncryptCommand({
      KeyId: key,
      Plaintext: Buffer.from('data key'),
      EncryptionContext: { 'aws:ebs:id': 'vol-0123456789abcdef0' },
    }),
  )
  const { KeyMetadata } = await (await accounts.as(`arn:aws:iam::${target}:root`)).send(
    new CreateKeyCommand({}),
  )
  const copyKey = KeyMetadata?.Arn ?? ''
  return {
    key,
    refusedAs: async (principal: string, via?: string) =>
      refusedInCopy(await accounts.as(principal, via), key, snapshot, copyKey),
  }
}

describe('an encrypted snapshot for another account', () => {
  it('goes there in the five steps, and each part is proved on the way', async () => {
    const accounts = openAccounts()
    const { run, file } = accounts
    const { key, refusedAs } = await withKey(accounts)
    const nothing = {
      Version: '2012-10-17',
      Statement: { Effect: 'Deny', Action: 'kms:Sign', Resource: '*' },
    }
    await run(['mock', 'set-iam-policy', backup, file('nothing.json', nothing)])

    const before = await run(share('--verify'))
    expect(before.status).toBe(4)
    expect(before.stdout.toString()).toMatch(/^kms:Decrypt +denied +the key policy does not allow it$/m)
    expect(before.stderr).toMatch(/a copy lacks kms:DescribeKey, kms:Decrypt, /)
    expect(await refusedAs(backup, 'ec2')).toEqual(all)

    const applied = await run(share('--full', '--apply', '--yes'))
    expect(applied.status).toBe(0)
    expect(applied.stderr).toMatch(
      /^\+ +"Sid": "Allow use of the key with destination account 222233334444",$/m,
    )

    const half = await run(share('--verify'))
    expect(half.status).toBe(9)
    expect(half.stdout.toString()).toMatch(
      /^kms:Decrypt +unknown .*allows it, but the IAM policies of the principal/m,
    )
    expect(half.stderr).toMatch(/the IAM half in 222233334444 is not given/)
    const without = await run(share('--verify', '--iam-policy', join(file('nothing.json', nothing))))
    expect(without.status).toBe(4)
    expect(without.stdout.toString()).toMatch(/^kms:Decrypt +denied +no identity policy allows it$/m)
    expect(await refusedAs(backup, 'ec2')).toEqual(all)

    const printed = await run([
      'share-snapshot-policy',
      '--key-id',
      key,
      '--target-account',
      target,
      '--iam',
      '--full',
    ])
    const statement = { Effect: 'Allow', Action: 'kms:*', Resource: `arn:aws:kms:eu-west-1:${target}:key/*` }
    const printedPolicy = JSON.parse(printed.stdout.toString())
    const iam = file('iam.json', { ...printedPolicy, Statement: [...printedPolicy.Statement, statement] })
    await run(['mock', 'set-iam-policy', backup, iam])
    const proved = await run(share('--verify', '--iam-policy', iam, '--json'))
    expect(proved.status).toBe(0)
    expect(proved.stderr).toMatch(/policies of organizations, boundaries and sessions were not looked at/)
    const { Decision, Actions } = JSON.parse(proved.stdout.toString())
    expect([Decision, Actions.map(({ Decision }: { Decision: string }) => Decision)]).toEqual([
      'allowed',
      Array(5).fill('allowed'),
    ])

    expect(await refusedAs(backup, 'ec2')).toEqual([])
    // One thing different each time: the service, no service, the account, the principal without the IAM half.
    expect(await refusedAs(backup, 'rds')).toEqual(all)
    expect(await refusedAs(backup)).toEqual(all)
    expect(await refusedAs('arn:aws:iam::333344445555:role/backup', 'ec2')).toEqual(all)
    await run(['mock', 'set-iam-policy', `arn:aws:iam::${target}:role/other`, file('nothing.json', nothing)])
    expect(await refusedAs(`arn:aws:iam::${target}:role/other`, 'ec2')).toEqual(all)

    const revoked = await run(share('--revoke', '--yes', '--json'))
    expect(revoked.status).toBe(0)
    const { RemainingGrants } = JSON.parse(revoked.stdout.toString())
    expect(
      RemainingGrants.map(({ GranteePrincipal }: { GranteePrincipal: string }) => GranteePrincipal),
    ).toEqual([volumes])
    expect(await refusedAs(backup, 'ec2')).toEqual(all)
    // What the grant allows remains.
    expect(await refusedAs(volumes, 'ec2')).toEqual(all.filter(name => name !== 'Decrypt'))
  })

  it('needs more than the default statement, and is told what', async () => {
    const accounts = openAccounts()
    const { run, file } = accounts
    await withKey(accounts)
    const applied = await run(share('--apply', '--yes'))
    expect(applied.stderr).toMatch(
      /a copy also needs kms:DescribeKey, kms:ReEncrypt\*, kms:GenerateDataKey\*: apply --full/,
    )
    const everything = {
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Action: 'kms:*', Resource: '*' },
    }
    const verified = await run(share('--verify', '--iam-policy', file('all.json', everything)))
    expect(verified.status).toBe(4)
    expect(verified.stderr).toMatch(
      /a copy lacks kms:DescribeKey, kms:ReEncryptFrom, kms:GenerateDataKeyWithoutPlaintext$/m,
    )
  })

  it('leaves the statements of others as they are, and stands beside other targets (FR-40)', async () => {
    const accounts = openAccounts()
    const { run } = accounts
    const root = {
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${owner}:root` },
      Action: 'kms:*',
      Resource: '*',
    }
    const others = [
      root,
      { ...root, Principal: { AWS: owner }, Action: ['kms:Decrypt', 'kms:Encrypt'] },
      { Sid: 'same', ...root, Action: 'kms:DescribeKey' },
      { Sid: 'same', ...root, Action: 'kms:List*' },
    ]
    await withKey(accounts)
    const kms = await accounts.as(`arn:aws:iam::${owner}:root`)
    const { KeyMetadata } = await kms.send(new DescribeKeyCommand({ KeyId: 'alias/app' }))
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: others })
    await kms.send(new PutKeyPolicyCommand({ KeyId: KeyMetadata?.KeyId, Policy }))
    const { statements: stored } = await policyOf(accounts)

    await run(share('--full', '--apply', '--yes'))
    const once = await policyOf(accounts)
    expect(once.statements.slice(0, 4)).toEqual(stored)
    expect(once.statements).toHaveLength(6)

    const again = await run(share('--full', '--apply', '--yes', '--stats'))
    expect(again).toMatchObject({ status: 0, stdout: Buffer.alloc(0) })
    expect(again.stderr).toMatch(/says so already: unchanged/)
    expect((await policyOf(accounts)).text).toBe(once.text)
    // DescribeKey and GetKeyPolicy: nothing was put.
    expect(again.stderr).toMatch(/KMS calls: 2 /)

    const other = [
      'share-snapshot-policy',
      '--key-id',
      'alias/app',
      '--target-account',
      '333344445555',
      '--full',
    ]
    await run([...other, '--apply', '--yes'])
    const both = await policyOf(accounts)
    expect(both.statements.slice(0, 6)).toEqual(once.statements)
    expect(new Set(both.statements.slice(4).map(({ Sid }) => Sid)).size).toBe(4)

    await run(share('--revoke', '--yes'))
    const { statements: left } = await policyOf(accounts)
    expect(left).toEqual([...stored, ...both.statements.slice(6)])
  })

  it('changes nothing without agreement, in a dry run, or where KMS refuses', async () => {
    const accounts = openAccounts()
    const { run } = accounts
    await withKey(accounts)
    const { text } = await policyOf(accounts)
    const unasked = await run(share('--apply'))
    expect(unasked.status).toBe(2)
    expect(unasked.stderr).toMatch(/standard input is no terminal[\s\S]*--yes/)
    const dry = await run(share('--apply', '--dry-run', '--json'))
    expect(dry.status).toBe(0)
    expect(JSON.parse(dry.stdout.toString())).toMatchObject({ Change: 'changed', DryRun: true })
    expect(dry.stderr).toMatch(/^\+ /m)
    const nothing = await run(share('--revoke', '--yes'))
    expect(nothing.stderr).toMatch(/nothing to take back/)
    expect((await policyOf(accounts)).text).toBe(text)
  })

  it.each<[string, string[], RegExp, number]>([
    ['the account of the key itself', ['--target-account', owner, '--apply'], /account of the key itself/, 2],
    ['two modes', ['--target-account', target, '--apply', '--verify'], /--apply/, 2],
    [
      'an option of another mode',
      ['--target-account', target, '--verify', '--yes'],
      /--yes needs --apply or --revoke/,
      2,
    ],
    [
      'a snapshot id of the other service',
      ['--target-account', target, '--plan', '--snapshot-id', 'my-db'],
      /no id of an ec2 snapshot/,
      2,
    ],
    [
      'a key that is not there',
      ['--target-account', target, '--apply', '--key-id', 'alias/none'],
      /alias\/none/,
      3,
    ],
  ])('refuses %s', async (_what, words, message, status) => {
    const accounts = openAccounts()
    await withKey(accounts)
    const result = await accounts.run(['share-snapshot-policy', '--key-id', 'alias/app', ...words])
    expect(result.status).toBe(status)
    expect(result.stdout).toHaveLength(0)
    expect(result.stderr).toMatch(message)
  })

  it('refuses an AWS managed key that is named by its id, and a key that cannot encrypt snapshots', async () => {
    const accounts = openAccounts()
    const { run } = accounts
    await run(['put-param', '/a', '--value', 'x'])
    const managed = await run(['describe-key', 'alias/aws/ssm', '--json'])
    const { Arn } = JSON.parse(managed.stdout.toString())
    const refused = await run([
      'share-snapshot-policy',
      '--key-id',
      Arn,
      '--target-account',
      target,
      '--apply',
      '--yes',
    ])
    expect(refused.status).toBe(1)
    expect(refused.stderr).toMatch(
      /is an AWS managed key[\s\S]*hint: copy the snapshot under a customer managed key/,
    )
    await run(['create-key', '--key-spec', 'RSA_2048', '--alias', 'alias/rsa'])
    const rsa = await run([
      'share-snapshot-policy',
      '--key-id',
      'alias/rsa',
      '--target-account',
      target,
      '--apply',
      '--yes',
    ])
    expect(rsa.status).toBe(2)
    expect(rsa.stderr).toMatch(/RSA_2048 key: snapshots are encrypted under symmetric keys only/)
  })
})
