/** `kmseal list-keys` and `kmseal describe-key` on the mock. */

import { describe, expect, it } from 'vitest'
import { runCli } from '../helpers/cli.ts'
import { mockEnv } from '../helpers/mock-env.ts'

describe('kmseal list-keys', () => {
  it('prints aligned columns, the same bytes in a pipe and on a terminal', async () => {
    const env = mockEnv()
    const arn = (await runCli(['create-key', '--alias', 'alias/app'], { env })).stdout.toString().trim()
    const id = arn.split('/')[1]
    await runCli(['alias-key', 'alias/app-2', '--key-id', arn], { env })
    const result = await runCli(['list-keys'], { env })
    expect(result).toMatchObject({ status: 0, stderr: '' })
    const [head, first, ...others] = result.stdout.toString().split('\n')
    expect(head).toMatch(/^ALIASES +KEY ID +MANAGED BY +SPEC +USAGE +ORIGIN +STATE$/)
    expect(first).toBe(
      `alias/app,alias/app-2  ${id}  customer    SYMMETRIC_DEFAULT  ENCRYPT_DECRYPT  AWS_KMS  Enabled`,
    )
    expect(others.at(-1)).toBe('')
    expect(result.stdout.toString()).not.toMatch(/ \n/)
  })

  it('prints one object a line with --json, with the aliases as KMS gives them', async () => {
    const env = mockEnv()
    const arn = (await runCli(['create-key', '--alias', 'alias/app'], { env })).stdout.toString().trim()
    const result = await runCli(['list-keys', '--json'], { env })
    expect(result).toMatchObject({ status: 0, stderr: '' })
    const rows = result.stdout
      .toString()
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(rows.find(({ Arn }) => Arn === arn)).toMatchObject({
      KeyManager: 'CUSTOMER',
      KeyState: 'Enabled',
      Aliases: [{ AliasName: 'alias/app' }],
    })
  })

  it('shows AWS managed keys as such, once they exist', async () => {
    const env = mockEnv()
    await runCli(['describe-key', 'alias/aws/ssm'], { env })
    const { stdout } = await runCli(['list-keys'], { env })
    expect(stdout.toString()).toMatch(/^alias\/aws\/ssm +\S+ +AWS +SYMMETRIC_DEFAULT/m)
    // Aliases of services that have no key yet are no keys.
    expect(stdout.toString()).not.toContain('alias/aws/ebs')
  })
})

describe('kmseal describe-key', () => {
  it('prints a line for each member, what people look for first', async () => {
    const env = mockEnv()
    const words = ['--alias', 'alias/app', '--description', 'a \u001b[31m trap']
    const arn = (await runCli(['create-key', ...words], { env })).stdout.toString().trim()
    const result = await runCli(['describe-key', 'alias/app'], { env })
    expect(result).toMatchObject({ status: 0, stderr: '' })
    const lines = result.stdout.toString().split('\n')
    expect(lines.slice(0, 6)).toEqual([
      `Arn: ${arn}`,
      `KeyId: ${arn.split('/')[1]}`,
      'AWSAccountId: 000000000000',
      'Description: a \\u{1b}[31m trap',
      'KeyState: Enabled',
      'Enabled: true',
    ])
    expect(lines).toContain('EncryptionAlgorithms: SYMMETRIC_DEFAULT')
    expect(lines.at(-1)).toBe('')
  })

  it('says which key does not exist', async () => {
    const result = await runCli(['describe-key', 'alias/none'], { env: mockEnv() })
    expect(result.status).toBe(3)
    expect(result.stdout).toHaveLength(0)
    expect(result.stderr).toMatch(/kms:DescribeKey failed for key alias\/none/)
  })
})
