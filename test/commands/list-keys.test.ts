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
    expect(result).toMatchObject({
      status: 0,
      stderr: 'kmseal: cost: $2.00 a month, without requests (prices of 2025-07-01)\n',
    })
    const [head, first, ...others] = result.stdout.toString().split('\n')
    expect(head).toMatch(/^ALIASES +KEY ID +MANAGED BY +ORIGIN +SPEC +STATE +ROTATION +USD\/MONTH$/)
    expect(first).toBe(
      `alias/app,alias/app-2  ${id}  customer    AWS_KMS  SYMMETRIC_DEFAULT  Enabled  off       1.00`,
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
      RotationEnabled: false,
      MonthlyCostUSD: 1,
      Aliases: [{ AliasName: 'alias/app' }],
    })
  })

  it('shows AWS managed keys as such, once they exist', async () => {
    const env = mockEnv()
    await runCli(['describe-key', 'alias/aws/ssm'], { env })
    const { stdout } = await runCli(['list-keys'], { env })
    expect(stdout.toString()).toMatch(
      /^alias\/aws\/ssm +\S+ +AWS +AWS_KMS +SYMMETRIC_DEFAULT +Enabled +365d +0.00$/m,
    )
    // Aliases of services that have no key yet are no keys.
    expect(stdout.toString()).not.toContain('alias/aws/ebs')
  })
})

describe('rotation and cost in kmseal list-keys', () => {
  const rowsOf = async (env: Record<string, string>, words: string[] = []) => {
    const { stdout } = await runCli(['list-keys', '--json', ...words], { env })
    const lines = stdout.toString().split('\n').slice(0, -1)
    return lines.map(line => JSON.parse(line))
  }

  it('follow rotations, and end at the second', async () => {
    const env = mockEnv()
    const costs: number[] = []
    for (let count = 0; count < 4; count++) {
      costs.push((await rowsOf(env))[0].MonthlyCostUSD)
      await runCli(['rotate-key', '--key-id', 'alias/kmseal', '--now'], { env })
    }
    expect(costs).toEqual([1, 2, 3, 3])
    await runCli(['rotate-key', '--key-id', 'alias/kmseal', '--every', '90d'], { env })
    expect(await rowsOf(env)).toMatchObject([{ RotationEnabled: true, RotationPeriodInDays: 90 }])
    await runCli(['delete-key', '--key-id', 'alias/kmseal', '--yes'], { env })
    expect(await rowsOf(env)).toMatchObject([{ RotationEnabled: false, MonthlyCostUSD: 0 }])
  })

  it('are not known to one who may not read them, and the total says so', async () => {
    const ann = 'arn:aws:iam::000000000000:user/ann'
    const env = mockEnv()
    const policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Action: ['kms:ListKeys', 'kms:ListAliases', 'kms:DescribeKey'], Resource: '*' },
      ],
    })
    await runCli(['mock', 'set-iam-policy', ann, '-'], { env, stdin: policy })
    await runCli(['create-key', '--key-spec', 'HMAC_224'], { env })
    const asAnn = { ...env, KMSEAL_MOCK_PRINCIPAL: ann }
    const { stdout, stderr, status } = await runCli(['list-keys'], { env: asAnn })
    expect(status).toBe(0)
    expect(stdout.toString()).toMatch(/^alias\/kmseal .* Enabled +\? +\?$/m)
    expect(stdout.toString()).toMatch(/^- .* HMAC_224 +Enabled +- +1\.00$/m)
    expect(stderr).toContain('cost: at least $1.00 a month (not known for 1 of them), without requests')
    const unknown = (await rowsOf(asAnn)).find(({ KeySpec }) => KeySpec === 'SYMMETRIC_DEFAULT')
    expect(unknown).not.toHaveProperty('RotationEnabled')
    expect(unknown).not.toHaveProperty('MonthlyCostUSD')
  })

  it('are listed for the keys that a filter chooses', async () => {
    const env = mockEnv()
    await runCli(['describe-key', 'alias/aws/ssm'], { env })
    for (const words of [['--key-spec', 'HMAC_256'], ['--origin', 'EXTERNAL'], ['--multi-region']]) {
      await runCli(['create-key', ...words], { env })
    }
    await runCli(['disable-key', '--key-id', 'alias/kmseal'], { env })
    const [all, aws] = [await rowsOf(env), await rowsOf(env, ['--key-manager', 'AWS'])]
    expect(all).toHaveLength(5)
    expect(aws).toEqual([all.find(({ KeyManager }) => KeyManager === 'AWS')])
    expect(await rowsOf(env, ['--key-manager', 'CUSTOMER'])).toHaveLength(4)
    expect(await rowsOf(env, ['--key-state', 'Disabled'])).toMatchObject([{ KeyState: 'Disabled' }])
    expect(await rowsOf(env, ['--key-spec', 'HMAC_256'])).toMatchObject([{ KeySpec: 'HMAC_256' }])
    expect(await rowsOf(env, ['--key-usage', 'GENERATE_VERIFY_MAC'])).toMatchObject([{ KeySpec: 'HMAC_256' }])
    expect(await rowsOf(env, ['--origin', 'EXTERNAL'])).toMatchObject([{ Origin: 'EXTERNAL' }])
    expect(await rowsOf(env, ['--multi-region'])).toMatchObject([{ MultiRegion: true }])
    expect(await rowsOf(env, ['--multi-region', '--key-state', 'Disabled'])).toEqual([])
    const none = await runCli(['list-keys', '--key-state', 'Creating'], { env })
    expect(none).toMatchObject({
      status: 0,
      stderr: 'kmseal: there are no such keys in this account and Region\n',
    })
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
