/** `kmseal replicate-key` on the mock. */

import { describe, expect, it } from 'vitest'
import { mockEnv, runOnMock } from '../helpers/mock-env.ts'

const replicate = ['replicate-key', '--key-id', 'alias/m', '--replica-region', 'us-east-1']

async function withPrimary(): Promise<{ env: Record<string, string>; primary: string; there: string }> {
  const env = mockEnv({ AWS_REGION: 'eu-west-1' })
  const made = await runOnMock(['create-key', '--multi-region', '--alias', 'alias/m'], { env })
  const primary = made.stdout.toString().trim()
  return { env, primary, there: primary.replace('eu-west-1', 'us-east-1') }
}

describe('kmseal replicate-key', () => {
  it('makes a replica with description, tags and alias of its own, which opens what the primary sealed', async () => {
    const { env, primary, there } = await withPrimary()
    const own = ['--description', 'the copy', '--tag', 'team=x', '--alias', 'alias/copy']
    const result = await runOnMock([...replicate, ...own], { env })
    expect(result).toMatchObject({ status: 0, stderr: '' })
    expect(result.stdout.toString()).toBe(`${there}\n`)
    const words = ['describe-key', 'alias/copy', '--region', 'us-east-1', '--json']
    expect(JSON.parse((await runOnMock(words, { env })).stdout.toString())).toMatchObject({
      Arn: there,
      Description: 'the copy',
      MultiRegionConfiguration: { MultiRegionKeyType: 'REPLICA', PrimaryKey: { Arn: primary } },
    })
    const sealed = await runOnMock(['encrypt', '--key-id', primary], { env, stdin: 'secret' })
    const opened = await runOnMock(['decrypt', '--key-id', there], { env, stdin: sealed.stdout })
    expect(opened.stdout.toString()).toBe('secret')
  })

  it('takes the primary by its ARN whatever the Region, and prints the replica with --json', async () => {
    const { env, primary, there } = await withPrimary()
    const words = ['replicate-key', '--key-id', primary, '--replica-region', 'us-east-1', '--json']
    const result = await runOnMock(words, { env: { ...env, AWS_REGION: 'ap-south-1' } })
    expect(result).toMatchObject({ status: 0, stderr: '' })
    expect(JSON.parse(result.stdout.toString())).toMatchObject({ Arn: there, KeyState: 'Creating' })
  })

  it('makes no replica when its alias is taken there', async () => {
    const { env } = await withPrimary()
    const refused = await runOnMock([...replicate, '--alias', 'alias/kmseal'], { env })
    expect(refused.status).toBe(8)
    expect(refused.stderr).toMatch(
      /alias\/kmseal exists already and names arn:aws:kms:us-east-1:.*no key was created/,
    )
    const list = await runOnMock(['list-keys', '--multi-region', '--region', 'us-east-1', '--json'], { env })
    expect(list.stdout).toHaveLength(0)
  })

  it('sends a key policy, and keeps the reason of KMS when it does not take it', async () => {
    const { env } = await withPrimary()
    const policy = (principal: string) =>
      JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { AWS: principal }, Action: 'kms:*', Resource: '*' }],
      })
    const words = [...replicate, '--policy', '-']
    const locked = await runOnMock(words, { env, stdin: policy('arn:aws:iam::111122223333:root') })
    expect(locked.status).toBe(1)
    expect(locked.stderr).toMatch(
      /will not allow you to update.*MalformedPolicyDocumentException\)\n.*hint: check that/,
    )
    const taken = await runOnMock(words, { env, stdin: policy('arn:aws:iam::000000000000:root') })
    expect(taken).toMatchObject({ status: 0, stderr: '' })
  })

  it.each<[string, string[], number, RegExp]>([
    [
      'a key of one Region',
      ['--key-id', 'alias/kmseal', '--replica-region', 'us-east-1'],
      1,
      /not a multi-region primary key\. \(UnsupportedOperationException\)\n.*hint: only multi-Region keys can be/,
    ],
    [
      'the Region of the primary',
      ['--key-id', 'alias/m', '--replica-region', 'eu-west-1'],
      8,
      /eu-west-1 cannot have a replica because it contains the primary\. \(AlreadyExistsException\)/,
    ],
    ['no Region', ['--key-id', 'alias/m', '--replica-region', 'Hunter2'], 2, /is no name of a Region/],
    [
      'a malformed tag',
      ['--key-id', 'alias/m', '--replica-region', 'us-east-1', '--tag', 'x'],
      2,
      /KEY=VALUE/,
    ],
  ])('refuses %s', async (_what, words, status, message) => {
    const { env } = await withPrimary()
    const result = await runOnMock(['replicate-key', ...words], { env })
    expect(result.status).toBe(status)
    expect(result.stdout).toHaveLength(0)
    expect(result.stderr).toMatch(message)
    expect(result.stderr).not.toContain('Hunter2')
  })

  it('names the primary key when a replica is to be replicated, and refuses a disabled one', async () => {
    const { env, primary, there } = await withPrimary()
    await runOnMock(replicate, { env })
    const further = ['replicate-key', '--key-id', there, '--replica-region', 'eu-central-1']
    const refused = await runOnMock(further, { env })
    expect(refused.status).toBe(1)
    expect(refused.stderr).toContain(`hint: this is a replica; replicate its primary key ${primary}\n`)
    await runOnMock(['disable-key', '--key-id', primary], { env })
    const words = ['replicate-key', '--key-id', primary, '--replica-region', 'eu-central-1']
    const disabled = await runOnMock(words, { env })
    expect(disabled.stderr).toMatch(/DisabledException\)\n.*hint: enable it first/)
  })
})
