/** `kmseal audit` over the mock's own trail, and over a trail as AWS writes it. */

import { describe, expect, it } from 'vitest'
import { runCli } from '../helpers/cli.ts'
import { mockEnv } from '../helpers/mock-env.ts'

const role = 'arn:aws:sts::111122223333:assumed-role/deploy/run-1'

async function usedKey() {
  const base = mockEnv({ AWS_REGION: 'eu-west-1' })
  const as = (principal: string, via = '') => ({
    ...base,
    KMSEAL_MOCK_PRINCIPAL: principal,
    KMSEAL_MOCK_VIA_SERVICE: via,
  })
  const run = (words: string[], env = as('arn:aws:iam::111122223333:root'), stdin = '') =>
    runCli(words, { env, stdin })
  await run(['create-key', '--alias', 'alias/app'])
  const seal = ['encrypt', '--key-id', 'alias/app', '--encryption-context', 'stage=prod']
  const sealed = await run(seal, as(role), 'secret')
  const ciphertext = sealed.stdout.toString().trim()
  await run(['decrypt', '--encryption-context', 'stage=prod', '--ciphertext', ciphertext], as(role))
  await run(['decrypt', '--encryption-context', 'stage=test', '--ciphertext', ciphertext], as(role))
  await run(['decrypt', '--encryption-context', 'stage=prod', '--ciphertext', ciphertext], as(role, 'ec2'))
  return (words: string[]) => run(['audit', ...words])
}

const rows = (stdout: Buffer): Record<string, unknown>[] =>
  stdout
    .toString()
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line))

describe('kmseal audit', () => {
  it('tells who used a key, newest first, with context, service and refusal, and never the secret', async () => {
    const audit = await usedKey()
    const table = await audit(['--key-id', 'alias/app'])
    expect(table).toMatchObject({ status: 0, stderr: '' })
    const lines = table.stdout.toString().split('\n')
    expect(lines[0]).toMatch(/^TIME +OPERATION +PRINCIPAL +VIA +KEY ID +ERROR +ENCRYPTION CONTEXT$/)
    expect(lines[2]).toMatch(
      new RegExp(`Z +Decrypt +${role} +ec2.amazonaws.com +[0-9a-f-]{36} +- +stage=prod$`),
    )
    expect(lines[3]).toMatch(
      new RegExp(`Decrypt +${role} +- +[0-9a-f-]{36} +InvalidCiphertextException +stage=test$`),
    )
    expect(table.stdout.toString()).not.toMatch(/secret/)
    const json = rows((await audit(['--key-id', 'alias/app', '--operation', 'kms:Decrypt', '--json'])).stdout)
    expect(json).toHaveLength(3)
    expect(json[0]).toMatchObject({ EventName: 'Decrypt', Principal: role, InvokedBy: 'ec2.amazonaws.com' })
    expect(Object.keys(json[1] ?? {})).toEqual([
      'EventTime',
      'EventName',
      'Principal',
      'KeyIds',
      'EncryptionContext',
      'ErrorCode',
      'SourceIPAddress',
      'RequestId',
      'EventId',
    ])
  })

  it.each([
    ['the ARN of a session', role, 4],
    ['the ARN of its role', 'arn:aws:iam::111122223333:role/deploy', 4],
    ['the ARN of its role with a path', 'arn:aws:iam::111122223333:role/ci/deploy', 4],
    ['the name of the session', 'run-1', 4],
    ['a service', 'ec2.amazonaws.com', 1],
    ['another role', 'arn:aws:iam::111122223333:role/dep', 0],
    ['the same role of another account', 'arn:aws:iam::222233334444:role/deploy', 0],
  ])('finds a principal by %s', async (_what, principal, count) => {
    const audit = await usedKey()
    const found = await audit(['--principal', principal, '--json'])
    expect(rows(found.stdout).filter(({ EventName }) => /crypt$/.test(String(EventName)))).toHaveLength(count)
  })

  it('counts per day, principal and operation', async () => {
    const audit = await usedKey()
    const counts = rows((await audit(['--key-id', 'alias/app', '--summary', '--json'])).stdout)
    const Day = new Date().toISOString().slice(0, 10)
    expect(counts).toContainEqual({ Day, Principal: role, EventName: 'Decrypt', Count: 3, Refused: 1 })
    const text = (await audit(['--key-id', 'alias/app', '--summary'])).stdout.toString()
    expect(text).toMatch(new RegExp(`^${Day} +${role} +Decrypt +3 +1$`, 'm'))
  })

  it('keeps to a period, and says when there is more than it shows', async () => {
    const audit = await usedKey()
    const before = await audit(['--key-id', 'alias/app', '--end-time', '2020-01-01'])
    expect(before).toMatchObject({ status: 0, stdout: Buffer.alloc(0) })
    expect(before.stderr).toMatch(/no such event; CloudTrail keeps 90 days/)
    expect(
      rows((await audit(['--key-id', 'alias/app', '--start-time', '1h', '--json'])).stdout).length,
    ).toBeGreaterThan(3)
    const cut = await audit(['--key-id', 'alias/app', '--max-items', '2'])
    expect(cut.stdout.toString().split('\n')).toHaveLength(4)
    expect(cut.stderr).toMatch(/there are more: these are the newest 2, as --max-items says/)
  })

  it.each<[string, string[], RegExp, number]>([
    ['a time that is none', ['--start-time', '2030-02-31'], /--start-time is no time/, 2],
    [
      'a period backwards',
      ['--start-time', '2030-02-01', '--end-time', '2030-01-01'],
      /is after --end-time/,
      2,
    ],
    ['an operation that is none', ['--operation', 'decrypt it'], /no name of an operation/, 2],
    ['a key that is not there', ['--key-id', 'alias/none'], /alias\/none/, 3],
  ])('refuses %s', async (_what, words, message, status) => {
    const audit = await usedKey()
    const result = await audit(words)
    expect([result.status, result.stdout.length]).toEqual([status, 0])
    expect(result.stderr).toMatch(message)
  })
})
