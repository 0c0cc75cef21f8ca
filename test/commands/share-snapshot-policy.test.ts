/** `kmseal share-snapshot-policy` as a person runs it: JSON on standard output, no AWS call. */

import { describe, expect, it } from 'vitest'
import { runCli } from '../helpers/cli.ts'

const account = ['--target-account', '222233334444']
const run = (words: readonly string[], env: Record<string, string> = {}) =>
  // Nothing answers there: a call would fail the test.
  runCli(['share-snapshot-policy', ...words], { env: { AWS_ENDPOINT_URL: 'https://127.0.0.1:9', ...env } })
const keyArn = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab'

describe('kmseal share-snapshot-policy', () => {
  it('prints the one statement and nothing else', async () => {
    const result = await run([...account, '--target-role', 'backup', '--region', 'eu-central-1'])
    expect(result.stdout.toString()).toBe(`{
  "Sid": "Allow use of the key with destination account",
  "Effect": "Allow",
  "Principal": {
    "AWS": "arn:aws:iam::222233334444:role/backup"
  },
  "Action": [
    "kms:Decrypt",
    "kms:CreateGrant"
  ],
  "Resource": "*",
  "Condition": {
    "StringEquals": {
      "kms:ViaService": "ec2.eu-central-1.amazonaws.com",
      "kms:CallerAccount": "222233334444"
    }
  }
}
`)
    expect(result).toMatchObject({ status: 0, stderr: '' })
  })

  it('prints the same as one line with --json', async () => {
    const words = [...account, '--region', 'cn-north-1']
    const pretty = await run(words)
    const compact = await run([...words, '--json'])
    expect(compact.stdout.toString().split('\n')).toHaveLength(2)
    expect(JSON.parse(compact.stdout.toString())).toEqual(JSON.parse(pretty.stdout.toString()))
    expect(compact.stdout.toString()).toContain('"arn:aws-cn:iam::222233334444:root"')
    expect(compact.stdout.toString()).toContain('"ec2.cn-north-1.amazonaws.com"')
  })

  it('prints all that copying needs with --full, for an alias of a key too', async () => {
    const result = await run([...account, '--key-id', 'alias/app', '--full', '--service', 'rds'], {
      AWS_REGION: 'eu-west-1',
    })
    const [use, grants, ...more] = JSON.parse(result.stdout.toString())
    expect(result).toMatchObject({ status: 0, stderr: '' })
    expect(more).toEqual([])
    expect(use.Action).toEqual(['kms:DescribeKey', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*'])
    expect(grants.Action).toBe('kms:CreateGrant')
    expect(grants.Condition).toEqual({
      StringEquals: {
        'kms:ViaService': 'rds.eu-west-1.amazonaws.com',
        'kms:CallerAccount': '222233334444',
      },
      Bool: { 'kms:GrantIsForAWSResource': 'true' },
    })
  })

  it('takes the Region from the ARN of the key, whatever the environment says', async () => {
    const result = await run([...account, '--iam', '--key-id', keyArn], { AWS_REGION: 'us-east-1' })
    const policy = JSON.parse(result.stdout.toString())
    expect(result).toMatchObject({ status: 0, stderr: '' })
    expect(policy.Version).toBe('2012-10-17')
    expect(policy.Statement).toHaveLength(1)
    expect(policy.Statement[0].Resource).toBe(keyArn)
    expect(policy.Statement[0].Condition.StringEquals['kms:ViaService']).toBe('ec2.eu-west-1.amazonaws.com')
  })

  it('prints both statements of the other half with --iam --full', async () => {
    const result = await run([...account, '--iam', '--full', '--key-id', keyArn])
    expect(JSON.parse(result.stdout.toString()).Statement).toHaveLength(2)
  })

  it.each([
    ['alias/aws/ebs', 1],
    ['arn:aws:kms:eu-west-1:111122223333:alias/aws/rds', 1],
  ])('refuses the AWS managed key %s with the reason and the way out', async (keyId, status) => {
    const result = await run([...account, '--key-id', keyId, '--region', 'eu-west-1'])
    expect(result.status).toBe(status)
    expect(result.stdout).toHaveLength(0)
    expect(result.stderr).toMatch(/is an AWS managed key: its key policy admits its own account only/)
    expect(result.stderr).toMatch(/hint: copy the snapshot under a customer managed key/)
  })

  it.each<[string, string[], RegExp]>([
    ['no target account', ['--region', 'eu-west-1'], /--target-account/],
    [
      'an account with dashes',
      ['--target-account', '2222-3333-4444', '--region', 'eu-west-1'],
      /twelve digits/,
    ],
    ['no Region', account, /Region of the key is not known[\s\S]*--region/],
    ['a role ARN', [...account, '--target-role', 'arn:aws:iam::222233334444:role/x'], /--target-principal/],
    ['another service', [...account, '--service', 's3'], /--service takes one of ec2, rds/],
    [
      'a typed Region that contradicts the ARN',
      [...account, '--key-id', keyArn, '--region', 'us-east-1'],
      /contradicts the key ARN/,
    ],
    [
      'an ARN whose partition is not that of its Region',
      [...account, '--key-id', keyArn.replace('eu-west-1', 'cn-north-1')],
      /names partition aws, but its Region cn-north-1 is in aws-cn/,
    ],
    [
      '--iam without a key',
      [...account, '--iam', '--region', 'eu-west-1'],
      /needs the ARN of the key, for Resource/,
    ],
    [
      '--iam with an alias',
      [...account, '--iam', '--region', 'eu-west-1', '--key-id', 'alias/app'],
      /an alias in Resource matches no key/,
    ],
    [
      '--iam with the ARN of an alias',
      [...account, '--iam', '--key-id', 'arn:aws:kms:eu-west-1:111122223333:alias/app'],
      /an alias in Resource matches no key/,
    ],
    [
      '--iam with a key id alone',
      [...account, '--iam', '--region', 'eu-west-1', '--key-id', '1234abcd-12ab-34cd-56ef-1234567890ab'],
      /a key id alone means a key of the target account/,
    ],
  ])('calls %s a usage error', async (_what, words, message) => {
    const result = await run(words)
    expect(result.status).toBe(2)
    expect(result.stdout).toHaveLength(0)
    expect(result.stderr).toMatch(message)
  })
})
