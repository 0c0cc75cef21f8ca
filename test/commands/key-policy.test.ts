/** `kmseal key-policy` on the mock: get, put and lint. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { GetKeyPolicyCommand, PutKeyPolicyCommand } from '@aws-sdk/client-kms'
import { describe, expect, it } from 'vitest'
import { testFolder } from '../helpers/folder.ts'
import { withKms } from '../helpers/kms-of-env.ts'
import { mockEnv, runOnMock } from '../helpers/mock-env.ts'

const root = 'arn:aws:iam::000000000000:root'
const account = { Sid: 'account', Effect: 'Allow', Principal: { AWS: root }, Action: 'kms:*', Resource: '*' }
const policy = (...more: object[]) => JSON.stringify({ Version: '2012-10-17', Statement: [account, ...more] })
const reader = {
  Sid: 'reader',
  Effect: 'Allow',
  Principal: { AWS: 'arn:aws:iam::000000000000:user/ana' },
  Action: ['kms:Decrypt', 'kms:DescribeKey'],
  Resource: '*',
}

async function newKey() {
  const env = mockEnv()
  const created = await runOnMock(['create-key', '--alias', 'alias/app'], { env })
  const arn = created.stdout.toString().trim()
  const present = async (): Promise<string> => {
    const got = await withKms(env, kms => kms.send(new GetKeyPolicyCommand({ KeyId: arn })))
    return got.Policy ?? ''
  }
  return { env, arn, present }
}

function file(text: string): string {
  const path = join(testFolder(), 'policy.json')
  writeFileSync(path, text)
  return path
}

const key = ['--key-id', 'alias/app']
const escaped = (json: string) => json.replace('\u202e', '\\u202e')

describe('kmseal key-policy get', () => {
  it('prints the policy, pretty, and compact with --json', async () => {
    const { env, present } = await newKey()
    const pretty = await runOnMock(['key-policy', 'get', ...key], { env })
    expect(pretty).toMatchObject({ status: 0, stderr: '' })
    expect(pretty.stdout.toString()).toBe(`${JSON.stringify(JSON.parse(await present()), undefined, 2)}\n`)
    const compact = await runOnMock(['key-policy', 'get', ...key, '--json'], { env })
    expect(compact.stdout.toString().split('\n')).toHaveLength(2)
    expect(JSON.parse(compact.stdout.toString())).toEqual(JSON.parse(pretty.stdout.toString()))
  })

  it('shows no control or bidirectional character to a terminal, but its escape', async () => {
    const { env, arn } = await newKey()
    const odd = { ...reader, Condition: { StringEquals: { 'kms:EncryptionContext:a': '\u202ea\u009b31m' } } }
    // Somebody else wrote it.
    await withKms(env, kms => kms.send(new PutKeyPolicyCommand({ KeyId: arn, Policy: escaped(policy(odd)) })))
    const { stdout } = await runOnMock(['key-policy', 'get', ...key], { env })
    expect(stdout.toString()).toContain('"\\u202ea\\u009b31m"')
    expect(JSON.parse(stdout.toString()).Statement[1]).toEqual(odd)
  })

  it('prints what put takes back as the same policy, odd characters and all', async () => {
    const { env, present } = await newKey()
    const odd = {
      ...reader,
      Sid: 'é \u00ff " \\ \u20ac',
      Condition: { Bool: { 'aws:SecureTransport': true } },
    }
    await runOnMock(['key-policy', 'put', ...key, '-', '--yes'], { env, stdin: policy(odd) })
    const before = await present()
    expect(JSON.parse(before).Statement[1]).toEqual(odd)
    for (const words of [['get'], ['get', '--json']]) {
      const got = await runOnMock(['key-policy', ...words, ...key], { env })
      const put = await runOnMock(['key-policy', 'put', ...key, '-', '--yes'], { env, stdin: got.stdout })
      expect(put.stderr).toMatch(/says so already: unchanged/)
      const other = await newKey()
      await runOnMock(['key-policy', 'put', ...key, '-', '--yes'], { env: other.env, stdin: got.stdout })
      expect(await other.present()).toBe(before)
    }
  })

  it.each<[string, string[], number, RegExp]>([
    ['no key', [], 2, /--key-id/],
    ['a key that does not exist', ['--key-id', 'alias/none'], 3, /alias\/none/],
  ])('refuses %s', async (_what, words, status, message) => {
    const result = await runOnMock(['key-policy', 'get', ...words], { env: mockEnv() })
    expect(result.status).toBe(status)
    expect(result.stderr).toMatch(message)
  })
})

describe('kmseal key-policy put', () => {
  it('shows what changes, and writes it with --yes', async () => {
    const { env, arn, present } = await newKey()
    const words = ['key-policy', 'put', ...key, file(policy(reader))]
    const result = await runOnMock([...words, '--yes'], { env })
    expect(result.status).toBe(0)
    expect(result.stdout).toHaveLength(0)
    expect(result.stderr).toContain(`key policy of ${arn}:\n`)
    expect(result.stderr).toContain('+      "Sid": "reader",\n')
    expect(JSON.parse(await present())).toEqual(JSON.parse(policy(reader)))
    const again = await runOnMock([...words, '--yes', '--json'], { env })
    expect(JSON.parse(again.stdout.toString())).toEqual({ KeyId: arn, Change: 'unchanged' })
  })

  it('writes nothing that says the same in another way', async () => {
    const { env, present } = await newKey()
    await runOnMock(['key-policy', 'put', ...key, file(policy(reader)), '--yes'], { env })
    const before = await present()
    const same = { ...reader, Action: ['KMS:DescribeKey', 'kms:decrypt'], Resource: ['*'] }
    const result = await runOnMock(['key-policy', 'put', ...key, file(policy(same))], { env })
    expect(result).toMatchObject({ status: 0 })
    expect(result.stderr).toMatch(/^kmseal: the key policy of \S+ says so already: unchanged\n$/)
    expect(await present()).toBe(before)
  })

  it('asks, and does nothing where nobody can be asked', async () => {
    const { env, present } = await newKey()
    const before = await present()
    const result = await runOnMock(['key-policy', 'put', ...key, file(policy(reader))], { env })
    expect(result.status).toBe(2)
    expect(result.stderr).toMatch(/hint: agree beforehand with --yes/)
    expect(await present()).toBe(before)
  })

  it('changes nothing with --dry-run, whose status tells with --exit-code', async () => {
    const { env, arn, present } = await newKey()
    const before = await present()
    const words = ['key-policy', 'put', ...key, '-', '--dry-run']
    const plain = await runOnMock(words, { env, stdin: policy(reader) })
    expect(plain.status).toBe(0)
    const result = await runOnMock([...words, '--exit-code', '--json'], { env, stdin: policy(reader) })
    expect(result.status).toBe(7)
    expect(JSON.parse(result.stdout.toString())).toEqual({ KeyId: arn, Change: 'changed', DryRun: true })
    expect(await present()).toBe(before)
    expect((await runOnMock([...words, '--exit-code'], { env, stdin: before })).status).toBe(0)
  })

  it("keeps KMS's own reason when it refuses, and the policy", async () => {
    const { env, present } = await newKey()
    const before = await present()
    const locked = JSON.stringify({ Version: '2012-10-17', Statement: [reader] })
    const result = await runOnMock(['key-policy', 'put', ...key, '-', '--yes'], { env, stdin: locked })
    expect(result.status).toBe(1)
    expect(result.stderr).toMatch(/the new policy has faults \(1\): kmseal key-policy lint names them/)
    expect(result.stderr).toMatch(
      /The new key policy will not allow you to update the key policy in the future/,
    )
    expect(await present()).toBe(before)
  })

  it("says what to check when a principal is not there, in KMS's words", async () => {
    const { env } = await newKey()
    const stdin = policy({ ...reader, Principal: { AWS: 'ana' } })
    const result = await runOnMock(['key-policy', 'put', ...key, '-', '--yes'], { env, stdin })
    expect(result.status).toBe(1)
    expect(result.stderr).toMatch(/Policy contains a statement with one or more invalid principals/)
    expect(result.stderr).toMatch(/hint: .*check that every principal exists/)
  })

  it.each<[string, string, RegExp]>([
    ['what is no JSON', 'hunter2', /the key policy is not JSON/],
    ['a list', '[]', /no object/],
    ['a member twice', '{"Version":"2012-10-17","Statement":[],"Statement":[]}', /names a member twice/],
    ['what is too large', `{"Id":"${'x'.repeat(32_768)}"}`, /larger than 32768 bytes/],
  ])('refuses %s', async (_what, stdin, message) => {
    const { env } = await newKey()
    const result = await runOnMock(['key-policy', 'put', ...key, '-', '--yes'], { env, stdin })
    expect(result.status).toBe(2)
    expect(result.stderr).toMatch(message)
    expect(result.stderr).not.toContain('hunter2')
  })

  it('refuses --exit-code without --dry-run', async () => {
    const { env } = await newKey()
    const result = await runOnMock(['key-policy', 'put', ...key, '-', '--exit-code'], { env })
    expect(result).toMatchObject({ status: 2, stderr: 'kmseal: error: --exit-code needs --dry-run\n' })
  })

  it('says when an AWS managed key cannot be changed', async () => {
    const { env } = await newKey()
    await runOnMock(['describe-key', 'alias/aws/ssm'], { env })
    const words = ['key-policy', 'put', '--key-id', 'alias/aws/ssm', '-', '--yes']
    const result = await runOnMock(words, { env, stdin: policy() })
    expect(result.status).toBe(1)
    expect(result.stderr).toMatch(/AWS managed key[\s\S]*hint: make a key of your own/)
  })
})

describe('kmseal key-policy lint', () => {
  const typo = policy({ ...reader, Action: 'kms:Decypt', Sid: 'a\u001b[31m' })

  it('names findings by statement, with what to do; errors are status 1', async () => {
    const { env } = await newKey()
    const result = await runOnMock(['key-policy', 'lint', file(typo)], { env })
    expect(result).toMatchObject({ status: 1, stderr: 'kmseal: 1 error\n' })
    expect(result.stdout.toString()).toBe(
      'error: Statement[1] ("a\\u001b[31m") Action: kms:Decypt is no action of KMS that is known, ' +
        'so that it allows nothing [unknown-action]\n  hint: did you mean kms:Decrypt?\n',
    )
    const json = await runOnMock(['key-policy', 'lint', '-', '--json'], { env, stdin: typo })
    expect(JSON.parse(json.stdout.toString())).toEqual({
      Severity: 'error',
      Check: 'unknown-action',
      StatementIndex: 1,
      Sid: 'a\u001b[31m',
      Element: 'Action',
      Message: 'kms:Decypt is no action of KMS that is known, so that it allows nothing',
      Hint: 'did you mean kms:Decrypt?',
    })
  })

  it('is status 0 for warnings, and says so when there is nothing', async () => {
    const { env, arn } = await newKey()
    const warned = policy({ ...reader, Sid: 'account' })
    const result = await runOnMock(['key-policy', 'lint', '-', '--key-id', arn], { env, stdin: warned })
    expect(result).toMatchObject({ status: 0, stderr: 'kmseal: 1 warning\n' })
    const clean = await runOnMock(['key-policy', 'lint', ...key], { env })
    expect(clean).toMatchObject({ status: 0, stderr: 'kmseal: nothing was found\n' })
    expect(clean.stdout).toHaveLength(0)
  })

  it('reads the policy of a key, which may have what KMS takes and nobody wants', async () => {
    const { env, arn } = await newKey()
    const open = { Effect: 'Allow', Principal: '*', Action: 'kms:Decrypt', Resource: '*' }
    await withKms(env, kms => kms.send(new PutKeyPolicyCommand({ KeyId: arn, Policy: policy(open) })))
    const result = await runOnMock(['key-policy', 'lint', ...key], { env })
    expect(result.status).toBe(1)
    expect(result.stdout.toString()).toMatch(/^error: Statement\[1\] Principal: everyone of every account/)
  })

  it('needs a policy', async () => {
    const result = await runOnMock(['key-policy', 'lint'], { env: mockEnv() })
    expect(result.status).toBe(2)
    expect(result.stderr).toMatch(/name a file, or a key with --key-id/)
  })
})
