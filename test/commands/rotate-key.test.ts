/** `kmseal rotate-key` on the mock. */

import { describe, expect, it } from 'vitest'
import { mockEnv, runOnMock } from '../helpers/mock-env.ts'

const rotate = ['rotate-key', '--key-id', 'alias/kmseal']

async function jsonOf(env: Record<string, string>, words: string[]) {
  const result = await runOnMock([...words, '--json'], { env })
  expect(result).toMatchObject({ status: 0, stderr: '' })
  return JSON.parse(result.stdout.toString())
}

async function rowsOf(env: Record<string, string>, words: string[]): Promise<Record<string, string>[]> {
  const { stdout } = await runOnMock([...words, '--json'], { env })
  const lines = stdout.toString().split('\n').slice(0, -1)
  return lines.map(line => JSON.parse(line))
}

describe('kmseal rotate-key', () => {
  it('shows how a key rotates', async () => {
    const env = mockEnv()
    const arn = (await jsonOf(env, ['describe-key', 'alias/kmseal'])).Arn
    const off = await runOnMock(rotate, { env })
    expect(off).toMatchObject({ status: 0, stderr: '' })
    expect(off.stdout.toString()).toBe(`KeyId: ${arn}\nKeyRotationEnabled: false\n`)
    await runOnMock([...rotate, '--every', '180d'], { env })
    const on = (await runOnMock(rotate, { env })).stdout.toString()
    expect(on).toMatch(/^KeyRotationEnabled: true\nRotationPeriodInDays: 180\nNextRotationDate: 20.*Z\n$/m)
  })

  it('switches automatic rotation, and leaves alone what is so already', async () => {
    const env = mockEnv()
    const on = await jsonOf(env, [...rotate, '--every', '90d'])
    expect(on).toMatchObject({ KeyRotationEnabled: true, RotationPeriodInDays: 90, Changed: true })
    const { NextRotationDate: next } = await jsonOf(env, rotate)
    const again = await runOnMock([...rotate, '--every', '90d'], { env })
    expect(again.stderr).toMatch(/^kmseal: key arn:\S+ rotates every 90 days already: nothing changed\n$/)
    // Asking KMS again would have begun the period anew.
    expect((await jsonOf(env, rotate)).NextRotationDate).toBe(next)
    expect(await jsonOf(env, [...rotate, '--every', '2560d'])).toMatchObject({ Changed: true })
    expect(await jsonOf(env, rotate)).toMatchObject({ RotationPeriodInDays: 2560 })
    expect(await jsonOf(env, [...rotate, '--off'])).toMatchObject({
      KeyRotationEnabled: false,
      Changed: true,
    })
    const off = await runOnMock([...rotate, '--off'], { env })
    expect(off).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(/does not rotate: nothing changed\n$/),
    })
  })

  it('rotates at once; what was encrypted before still opens, and the history has it all', async () => {
    const env = mockEnv()
    const seal = async () =>
      (await runOnMock(['encrypt', '--key-id', 'alias/kmseal'], { env, stdin: 'secret' })).stdout
    const never = await runOnMock([...rotate, '--history'], { env })
    expect(never.stderr).toMatch(/was never rotated\n$/)
    const old = await seal()
    const done = await runOnMock([...rotate, '--now'], { env })
    expect(done).toMatchObject({ status: 0, stderr: '', stdout: Buffer.alloc(0) })
    for (const sealed of [old, await seal()]) {
      const opened = await runOnMock(['decrypt'], { env, stdin: sealed })
      expect(opened.stdout.toString()).toBe('secret')
    }
    const [first, second] = await rowsOf(env, [...rotate, '--history'])
    expect(first).toMatchObject({ KeyMaterialState: 'NON_CURRENT' })
    expect(first).not.toHaveProperty('RotationDate')
    expect(second).toMatchObject({ KeyMaterialState: 'CURRENT', RotationType: 'ON_DEMAND' })
    const table = await runOnMock([...rotate, '--history'], { env })
    expect(table.stderr).toBe('')
    const lines = table.stdout.toString().split('\n')
    expect(lines[0]).toMatch(/^ROTATED +TYPE +STATE +KEY MATERIAL ID$/)
    expect(lines[2]).toBe(`${second?.['RotationDate']}  ON_DEMAND  CURRENT      ${second?.['KeyMaterialId']}`)
  })

  it('says that the rotations on demand are used up', async () => {
    const env = mockEnv()
    for (let count = 0; count < 25; count++) await runOnMock([...rotate, '--now'], { env })
    const refused = await runOnMock([...rotate, '--now'], { env })
    expect(refused.status).toBe(1)
    expect(refused.stderr).toMatch(/LimitExceededException\)\n.*hint: automatic rotation still works/)
    expect(await rowsOf(env, [...rotate, '--history'])).toHaveLength(26)
  })

  it.each<[string, string[], RegExp]>([
    ['--key-spec', ['RSA_2048', '--key-usage', 'SIGN_VERIFY'], /only symmetric encryption keys rotate/],
    ['--key-spec', ['HMAC_256'], /only symmetric encryption keys rotate/],
    ['--origin', ['EXTERNAL'], /imported key material rotates on demand only/],
  ])('refuses keys with %s %j, with advice', async (option, values, advice) => {
    const env = mockEnv()
    await runOnMock(['create-key', '--alias', 'alias/x', option, ...values], { env })
    const words = ['rotate-key', '--key-id', 'alias/x', '--every', '90d']
    const refused = await runOnMock(words, { env })
    expect(refused.status).toBe(1)
    expect(refused.stdout).toHaveLength(0)
    expect(refused.stderr).toMatch(/UnsupportedOperationException/)
    expect(refused.stderr).toMatch(advice)
  })

  it('names the primary key when a replica is to be rotated', async () => {
    const env = mockEnv({ AWS_REGION: 'us-east-1' })
    const made = await runOnMock(['create-key', '--multi-region', '--alias', 'alias/m'], { env })
    const primary = made.stdout.toString().trim()
    const words = ['replicate-key', '--key-id', 'alias/m', '--replica-region', 'eu-west-1']
    const replica = (await runOnMock(words, { env })).stdout.toString().trim()
    for (const how of [['--now'], ['--every', '90d']]) {
      const refused = await runOnMock(['rotate-key', '--key-id', replica, ...how], { env })
      expect(refused.status).toBe(1)
      expect(refused.stderr).toContain('is not a multi-region primary key. (UnsupportedOperationException)')
      expect(refused.stderr).toContain(
        `hint: replicas rotate with their primary key: kmseal rotate-key --key-id ${primary}\n`,
      )
    }
  })

  it('refuses an AWS managed key, a disabled one, and one without the material to rotate to', async () => {
    const env = mockEnv()
    await runOnMock(['describe-key', 'alias/aws/ssm'], { env })
    const managed = await runOnMock(['rotate-key', '--key-id', 'alias/aws/ssm', '--off'], { env })
    expect(managed.status).toBe(4)
    expect(managed.stderr).toMatch(/hint: this key is managed by AWS/)
    await runOnMock(['disable-key', '--key-id', 'alias/kmseal'], { env })
    const disabled = await runOnMock([...rotate, '--now'], { env })
    expect(disabled.stderr).toMatch(
      /DisabledException\)\n.*hint: enable it first: kmseal enable-key --key-id arn:/,
    )
    await runOnMock(['create-key', '--alias', 'alias/x', '--origin', 'EXTERNAL'], { env })
    const waiting = await runOnMock(['rotate-key', '--key-id', 'alias/x', '--now'], { env })
    expect(waiting.stderr).toMatch(/is pending import.*\n.*hint: import its key material first/)
  })

  it.each<[string[], RegExp]>([
    [['--every', '89d'], /--every takes 90d to 2560d/],
    [['--every', '2561d'], /--every takes 90d to 2560d/],
    [['--every', '365'], /write a year as 365d/],
    [['--every', '1y'], /--every takes/],
    [['--now', '--every', '90d'], /cannot be used with/],
    [['--off', '--every', '90d'], /cannot be used with/],
    [['--history', '--now'], /cannot be used with/],
  ])('refuses %j before anything is asked', async (words, message) => {
    const result = await runOnMock([...rotate, ...words], { env: {} })
    expect(result.status).toBe(2)
    expect(result.stderr).toMatch(message)
  })
})
