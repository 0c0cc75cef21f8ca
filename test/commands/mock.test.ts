/** `kmseal mock`: looks at, fills and empties the state of the mock, whatever the backend. */

import { existsSync, writeFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { confirm } from '../../src/cli/confirm.ts'
import type { Io } from '../../src/cli/io.ts'
import { runCli } from '../helpers/cli.ts'
import { mockEnv } from '../helpers/mock-env.ts'

describe('kmseal mock', () => {
  it('tells where the state is, and makes no folder to look at it', async () => {
    const env = mockEnv()
    const directory = env['KMSEAL_MOCK_DIR'] ?? ''
    const result = await runCli(['mock', 'status', '--json'], { env })
    expect(result).toMatchObject({ status: 0, stderr: '' })
    expect(JSON.parse(result.stdout.toString())).toEqual({
      directory,
      keys: 0,
      aliases: 0,
      parameters: 0,
      bytes: 0,
    })
    expect(await runCli(['mock', 'reset', '--yes'], { env })).toMatchObject({ status: 0, stderr: '' })
    expect(existsSync(directory)).toBe(false)
  })

  it('counts what there is, and needs no --backend mock', async () => {
    const env = mockEnv()
    await runCli(['create-key', '--alias', 'alias/app'], { env })
    const result = await runCli(['mock', 'status'], { env: { ...env, KMSEAL_BACKEND: 'aws' } })
    expect(result).toMatchObject({ status: 0, stderr: '' })
    expect(result.stdout.toString()).toMatch(
      /^directory: \/.*\nkeys: [12]\naliases: [12]\nparameters: 0\nbytes: \d+\n$/,
    )
  })

  it('removes everything with --yes', async () => {
    const env = mockEnv()
    await runCli(['create-key', '--alias', 'alias/app'], { env })
    const result = await runCli(['mock', 'reset', '--yes'], { env })
    expect(result).toMatchObject({ status: 0, stderr: '' })
    expect(result.stdout).toHaveLength(0)
    expect((await runCli(['mock', 'status'], { env })).stdout.toString()).toMatch(/\nkeys: 0\naliases: 0\n/)
  })

  it('removes nothing when nobody can be asked', async () => {
    const env = mockEnv()
    await runCli(['create-key', '--alias', 'alias/app'], { env })
    const result = await runCli(['mock', 'reset'], { env })
    expect(result.status).toBe(2)
    expect(result.stderr).toMatch(/nobody can be asked[\s\S]*--yes/)
    expect((await runCli(['describe-key', 'alias/app'], { env })).status).toBe(0)
  })

  it('takes global options on either side of the subcommand', async () => {
    const env = mockEnv()
    const before = await runCli(['mock', '--json', 'status'], { env })
    const after = await runCli(['mock', 'status', '--json'], { env })
    expect(before.stdout).toEqual(after.stdout)
    expect(before.stdout.toString()).toMatch(/^\{/)
  })

  it('env prints what a shell evaluates', async () => {
    const env = mockEnv({ AWS_REGION: 'eu-west-1' })
    const result = await runCli(['mock', 'env', '--port', '4566'], { env })
    expect(result).toMatchObject({ status: 0, stderr: '' })
    expect(result.stdout.toString()).toBe(
      [
        'export AWS_ENDPOINT_URL=http://127.0.0.1:4566',
        'export AWS_ACCESS_KEY_ID=000000000000',
        'export AWS_SECRET_ACCESS_KEY=mock',
        'export AWS_REGION=eu-west-1',
        'export AWS_DEFAULT_REGION=eu-west-1',
        '',
      ].join('\n'),
    )
    const other = ['mock', 'env', '--port', '1', '--host', '::1', '--access-key-id', 'ALICE', '--json']
    expect(JSON.parse((await runCli(other, { env })).stdout.toString())).toMatchObject({
      AWS_ENDPOINT_URL: 'http://[::1]:1',
      AWS_ACCESS_KEY_ID: 'ALICE',
    })
    for (const [flag, value] of [
      ['--host', '$(x)'],
      ['--access-key-id', ';x'],
      ['--port', '0'],
    ] as const) {
      const refused = await runCli(['mock', 'env', '--port', '1', flag, value], { env })
      expect(refused).toMatchObject({ status: 2 })
    }
  })

  it('seed fills the mock, and says nothing', async () => {
    const env = mockEnv()
    const file = `${env['KMSEAL_MOCK_DIR']}.yaml`
    writeFileSync(file, 'keys: [{id: 1234abcd-12ab-34cd-56ef-1234567890ab, alias: alias/app}]')
    const result = await runCli(['mock', 'seed', file], { env })
    expect(result).toMatchObject({ status: 0, stderr: '', stdout: Buffer.alloc(0) })
    const described = await runCli(['describe-key', 'alias/app', '--json'], { env })
    expect(described.stdout.toString()).toContain('1234abcd-12ab-34cd-56ef-1234567890ab')
    expect(await runCli(['mock', 'seed', `${file}.none`], { env })).toMatchObject({ status: 3 })
  })

  it('set-principal writes to the state of mock serve', async () => {
    const env = mockEnv()
    const arn = 'arn:aws:iam::111122223333:user/alice'
    const result = await runCli(['mock', 'set-principal', 'AKIAALICE', arn], { env })
    expect(result).toMatchObject({ status: 0, stderr: '' })
    expect(existsSync(env['KMSEAL_MOCK_DIR'] ?? '')).toBe(false)
    expect(existsSync(`${env['KMSEAL_MOCK_DIR']}-served`)).toBe(true)
    expect(await runCli(['mock', 'set-principal', 'A', 'alice'], { env })).toMatchObject({ status: 2 })
    expect(await runCli(['mock', 'set-principal', 'A B', arn], { env })).toMatchObject({ status: 2 })
  })

  it('set-iam-policy binds a principal of the mock that is chosen', async () => {
    const bob = 'arn:aws:iam::111122223333:user/bob'
    const env = mockEnv({ KMSEAL_MOCK_PRINCIPAL: bob })
    const file = `${env['KMSEAL_MOCK_DIR']}.json`
    const statement = { Effect: 'Allow', Action: 'ssm:PutParameter', Resource: '*' }
    writeFileSync(file, JSON.stringify({ Version: '2012-10-17', Statement: statement }))
    const set = ['mock', 'set-iam-policy', bob]
    expect(await runCli([...set, file], { env })).toMatchObject({ status: 0, stderr: '' })
    const put = ['put-param', '/a', '--type', 'String']
    expect(await runCli(put, { env, stdin: 'v' })).toMatchObject({ status: 0 })
    const get = await runCli(['get-param', '/a'], { env })
    expect(get.status).toBe(4)
    expect(get.stderr).toContain('no identity-based policy allows the ssm:GetParameter')
    expect(await runCli([...set, '--remove'], { env })).toMatchObject({ status: 0, stderr: '' })
    expect(await runCli(['get-param', '/a'], { env })).toMatchObject({ status: 0 })
  })

  it('set-iam-policy goes to the state of mock serve otherwise, and says what is wrong', async () => {
    const env = mockEnv({ KMSEAL_BACKEND: '' })
    const file = `${env['KMSEAL_MOCK_DIR']}.json`
    writeFileSync(file, '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}')
    const set = ['mock', 'set-iam-policy', 'arn:aws:iam::111122223333:role/deploy']
    expect(await runCli([...set, file], { env })).toMatchObject({ status: 0, stderr: '' })
    expect(existsSync(env['KMSEAL_MOCK_DIR'] ?? '')).toBe(false)
    expect(existsSync(`${env['KMSEAL_MOCK_DIR']}-served`)).toBe(true)
    expect(await runCli(set, { env })).toMatchObject({ status: 2 })
    expect(await runCli([...set, file, '--remove'], { env })).toMatchObject({ status: 2 })
    expect(await runCli([...set, `${file}.none`], { env })).toMatchObject({ status: 3 })
    expect(await runCli(['mock', 'set-iam-policy', 'deploy', file], { env })).toMatchObject({ status: 2 })
    writeFileSync(file, '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*"}}')
    expect(await runCli([...set, file], { env })).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('Statement[0]'),
    })
  })

  it('faults reach the commands that use the mock', async () => {
    const env = mockEnv({ KMSEAL_MOCK_FAULTS: 'PutParameter:echo' })
    const result = await runCli(['put-param', '/s', '--debug'], { env, stdin: 'hunter2-XYZ' })
    expect(result.status).toBe(1)
    expect(result.stderr).toContain('/s')
    expect(result.stderr + result.stdout).not.toContain('hunter2')
    expect(await runCli(['list-keys'], { env: { ...env, KMSEAL_MOCK_FAULTS: 'x' } })).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('KMSEAL_MOCK_FAULTS is malformed'),
    })
  })

  it('needs a subcommand', async () => {
    expect(await runCli(['mock'], { env: mockEnv() })).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('needs a subcommand'),
    })
  })
})

describe('confirm', () => {
  const ask = (typed: string): Promise<boolean> => {
    const stdin = Object.assign(Readable.from([Buffer.from(typed)]), { isTTY: true })
    const sink = { write: () => true, on: () => sink, removeListener: () => sink, end: () => sink }
    return confirm({ stdin, stdout: sink, stderr: sink, env: {} } as unknown as Io, 'go on?')
  }

  it.each([
    ['y\n', true],
    ['Yes\n', true],
    ['\n', false],
    ['no\n', false],
    ['yesterday\n', false],
    ['', false],
  ])('takes %j as %s', async (typed, agreed) => {
    expect(await ask(typed)).toBe(agreed)
  })
})
