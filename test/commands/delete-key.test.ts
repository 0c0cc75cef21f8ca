/** `kmseal delete-key` on the mock, with and without somebody to ask. */

import { describe, expect, it } from 'vitest'
import { mockEnv, runOnMock } from '../helpers/mock-env.ts'

type Env = Record<string, string>

const remove = ['delete-key', '--key-id', 'alias/old']
const dayMs = 24 * 60 * 60 * 1000

async function withKey(more: string[] = []): Promise<{ env: Env; arn: string }> {
  const env = mockEnv({ AWS_REGION: 'eu-west-1' })
  const made = await runOnMock(['create-key', '--alias', 'alias/old', ...more], { env })
  return { env, arn: made.stdout.toString().trim() }
}

async function stateOf(env: Env, key = 'alias/old') {
  return JSON.parse((await runOnMock(['describe-key', key, '--json'], { env })).stdout.toString())
}

describe('kmseal delete-key', () => {
  it('shows what would be lost, and asks; only yes is an agreement', async () => {
    const { env, arn } = await withKey(['--description', 'a \u001b[31m trap'])
    await runOnMock(['alias-key', 'alias/older', '--key-id', arn], { env })
    await runOnMock(['encrypt', '--key-id', arn], { env, stdin: 'x' })
    const refused = await runOnMock(remove, { env, typed: '\n' })
    expect(refused.status).toBe(1)
    const lines = refused.stderr.split('\n')
    expect(lines.slice(0, 4)).toEqual([
      `kmseal: key: ${arn}`,
      'kmseal: description: a \\u{1b}[31m trap',
      'kmseal: aliases: alias/old, alias/older',
      'kmseal: state: Enabled',
    ])
    expect(lines[4]).toMatch(/^kmseal: last use: 20\S+Z, Encrypt by arn:aws:iam::000000000000:root$/)
    expect(refused.stderr).toContain('Delete this key in 30 days? [y/N] ')
    expect(refused.stderr).toContain('error: nothing was deleted, since nobody agreed')
    expect((await stateOf(env)).KeyState).toBe('Enabled')
    const agreed = await runOnMock([...remove, '--pending-window-in-days', '7'], { env, typed: 'y\n' })
    expect(agreed.status).toBe(0)
    expect(agreed.stderr).toContain('Delete this key in 7 days? [y/N] ')
    expect((await stateOf(env)).KeyState).toBe('PendingDeletion')
  })

  it('says of a key that nobody used that there was no use', async () => {
    const { env } = await withKey()
    const { stderr } = await runOnMock(remove, { env, typed: 'n\n' })
    expect(stderr).toContain('last use: none in the last 90 days, as far as CloudTrail knows\n')
  })

  it('says what may not be read', async () => {
    const { env, arn } = await withKey()
    const ann = 'arn:aws:iam::000000000000:user/ann'
    const policy =
      '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"kms:DescribeKey","Resource":"*"}]}'
    await runOnMock(['mock', 'set-iam-policy', ann, '-'], { env, stdin: policy })
    const asAnn = { ...env, KMSEAL_MOCK_PRINCIPAL: ann }
    const { stderr } = await runOnMock(['delete-key', '--key-id', arn], { env: asAnn, typed: 'n\n' })
    expect(stderr).toContain('aliases: not known\n')
    expect(stderr).toContain('last use: not known: cloudtrail:LookupEvents is not allowed\n')
  })

  it('needs --yes where nobody can be asked, and then asks nothing', async () => {
    const { env, arn } = await withKey()
    const refused = await runOnMock(remove, { env, stdin: 'y\n' })
    expect(refused.status).toBe(2)
    expect(refused.stderr).toContain('nobody can be asked')
    expect((await stateOf(env)).KeyState).toBe('Enabled')
    const before = Date.now()
    const done = await runOnMock([...remove, '--yes', '--json'], { env })
    expect(done.status).toBe(0)
    const record = JSON.parse(done.stdout.toString())
    expect(record).toEqual({
      KeyId: arn,
      DeletionDate: expect.any(String),
      KeyState: 'PendingDeletion',
      PendingWindowInDays: 30,
    })
    expect((Date.parse(record.DeletionDate) - before) / dayMs).toBeCloseTo(30, 1)
    expect(done.stderr).toBe(
      `kmseal: key ${arn} will be deleted on ${record.DeletionDate}; until then: kmseal delete-key --key-id ${arn} --cancel\n`,
    )
  })

  it('calls a deletion off; the key stays disabled, and says how to enable it', async () => {
    const { env, arn } = await withKey()
    await runOnMock([...remove, '--yes'], { env })
    const cancelled = await runOnMock([...remove, '--cancel', '--json'], { env })
    expect(cancelled.status).toBe(0)
    expect(JSON.parse(cancelled.stdout.toString())).toEqual({ KeyId: arn })
    expect(cancelled.stderr).toBe(
      `kmseal: key ${arn} stays, but is disabled; enable it with: kmseal enable-key --key-id ${arn}\n`,
    )
    expect((await stateOf(env)).KeyState).toBe('Disabled')
    expect((await runOnMock(['enable-key', '--key-id', arn], { env })).status).toBe(0)
    expect((await stateOf(env)).KeyState).toBe('Enabled')
  })

  it('refuses to cancel what is not to be deleted', async () => {
    const { env } = await withKey()
    const result = await runOnMock([...remove, '--cancel'], { env })
    expect(result.status).toBe(1)
    expect(result.stderr).toMatch(
      /is not pending deletion\. \(KMSInvalidStateException\)\n.*hint: nothing is to be/,
    )
    expect((await stateOf(env)).KeyState).toBe('Enabled')
  })

  it('asks nobody about a key that is to be deleted already, or that AWS manages', async () => {
    const { env, arn } = await withKey()
    await runOnMock([...remove, '--yes'], { env })
    const { DeletionDate: date } = await stateOf(env)
    const again = await runOnMock(remove, { env, typed: 'y\n' })
    expect(again.status).toBe(1)
    expect(again.stderr).toBe(
      `kmseal: error: key ${arn} will be deleted on ${date} already; nothing changed\n` +
        `kmseal: hint: call that off with: kmseal delete-key --key-id ${arn} --cancel\n`,
    )
    const forced = await runOnMock([...remove, '--yes', '--pending-window-in-days', '7'], { env })
    expect(forced.stderr).toMatch(/is pending deletion\. \(KMSInvalidStateException\)/)
    expect((await stateOf(env)).DeletionDate).toBe(date)
    const managed = ['delete-key', '--key-id', 'alias/aws/ssm']
    const asked = await runOnMock(managed, { env, typed: 'y\n' })
    expect(asked).toMatchObject({ status: 4, stderr: expect.stringContaining('only AWS deletes it') })
    const sent = await runOnMock([...managed, '--yes', '--json'], { env })
    expect(sent.status).toBe(4)
    expect(JSON.parse(sent.stderr).error).toMatchObject({
      name: 'AccessDeniedException',
      hint: expect.stringContaining('this key is managed by AWS'),
    })
  })

  it('tells that a primary key waits for its replicas', async () => {
    const { env } = await withKey(['--multi-region'])
    const words = ['replicate-key', '--key-id', 'alias/old', '--replica-region', 'us-east-1']
    expect((await runOnMock(words, { env })).status).toBe(0)
    const asked = await runOnMock(remove, { env, typed: 'y\n' })
    expect(asked.stderr).toContain('replicas: us-east-1; it waits until they are gone')
    expect(asked.stderr).toContain('will be deleted 30 days after its last replica is gone')
    expect((await stateOf(env)).KeyState).toBe('PendingReplicaDeletion')
  })

  it.each<[string[], RegExp]>([
    [['--pending-window-in-days', '6'], /takes a whole number from 7 to 30/],
    [['--pending-window-in-days', '31'], /takes a whole number from 7 to 30/],
    [['--cancel', '--yes'], /cannot be used with/],
    [['--cancel', '--pending-window-in-days', '7'], /cannot be used with/],
  ])('refuses %j', async (words, message) => {
    const result = await runOnMock([...remove, ...words], { env: mockEnv() })
    expect(result.status).toBe(2)
    expect(result.stderr).toMatch(message)
  })
})
