/** copy-param from one service and account to another, each a process of its own. */

import { writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ProcessResult, startMoto, Workplace } from '../helpers/process.ts'
import { hasProgram } from '../helpers/programs.ts'
import { startServe } from '../helpers/serve.ts'

interface Service {
  readonly url: string
  stop(): Promise<unknown>
}

const place = new Workplace()
const config = { AWS_CONFIG_FILE: place.path('config'), AWS_SHARED_CREDENTIALS_FILE: place.path('none') }
beforeAll(() => {
  const profile = (name: string, region: string): string =>
    `[profile ${name}]\naws_access_key_id = AKIA${name.toUpperCase()}\naws_secret_access_key = s\nregion = ${region}\n`
  writeFileSync(config.AWS_CONFIG_FILE, profile('dev', 'eu-west-1') + profile('prod', 'eu-north-1'))
})
afterAll(() => place.remove())

async function out(run: Promise<ProcessResult>): Promise<string> {
  const { status, stdout, stderr } = await run
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return stdout.toString()
}

describe('between two accounts of one service', () => {
  let service: Service
  const accounts: Record<string, string> = { dev: '111122223333', prod: '444455556666' }
  const state = place.path('served')
  const as = (profile: string, args: readonly string[], stdin = ''): Promise<ProcessResult> => {
    const words = ['--backend', 'aws', '--endpoint-url', service.url, '--profile', profile, ...args]
    return place.run(words, { env: config, stdin })
  }
  beforeAll(async () => {
    for (const [name, account] of Object.entries(accounts)) {
      const words = ['mock', 'set-principal', `AKIA${name.toUpperCase()}`, `arn:aws:iam::${account}:root`]
      await out(place.run([...words, '--state', state]))
    }
    service = await startServe(['--state', state])
    for (const name of ['dev', 'prod']) await out(as(name, ['-q', 'create-key', '--alias', 'alias/app']))
    await out(as('dev', ['put-param', '/app/db', '--key-id', 'alias/app', '--tag', 'Owner=ops'], 'pa$$ wörd'))
    await out(as('dev', ['put-param', '/app/url', '--type', 'String', '--description', 'd'], 'http://x'))
  }, 60_000)
  afterAll(() => service?.stop())

  it('names the key of the other account before anything is written', async () => {
    const refused = await as('dev', ['copy-param', '/app', '/app', '--recursive', '--to-profile', 'prod'])
    expect(refused).toMatchObject({ status: 2, stdout: Buffer.alloc(0) })
    expect(refused.stderr).toContain('--key-id')
    expect(await out(as('prod', ['-q', 'list-params']))).toBe('')
  }, 30_000)

  it('copies with the profile, Region and key of the other account', async () => {
    const command = ['copy-param', '/app', '/app', '--recursive', '--to-profile', 'prod']
    await out(as('dev', [...command, '--key-id', 'alias/app']))
    expect(await out(as('prod', ['get-param', '/app/db']))).toBe('pa$$ wörd')
    const rows = (await out(as('prod', ['list-params', '--json']))).trim().split('\n')
    expect(rows.map(row => JSON.parse(row))).toMatchObject([
      { Name: '/app/db', ARN: 'arn:aws:ssm:eu-north-1:444455556666:parameter/app/db', KeyId: 'alias/app' },
      { Name: '/app/url', Type: 'String', Description: 'd' },
    ])
    expect(await out(as('prod', ['tag-param', '/app/db']))).toBe('Owner=ops\n')
    const again = await as('dev', [...command, '--overwrite'])
    expect(again).toMatchObject({ status: 0, stderr: expect.stringContaining('2 of 2 are there already') })
  }, 30_000)

  it('tells who may not write there', async () => {
    writeFileSync(place.path('none.json'), '{"Version":"2012-10-17","Statement":[]}')
    const alice = 'arn:aws:iam::444455556666:user/alice'
    await out(place.run(['mock', 'set-principal', 'AKIAPROD', alice, '--state', state]))
    await out(place.run(['mock', 'set-iam-policy', alice, 'none.json', '--state', state]))
    const refused = await as('dev', ['copy-param', '/app/url', '/new', '--to-profile', 'prod'])
    expect(refused).toMatchObject({ status: 4, stdout: Buffer.alloc(0) })
  }, 30_000)
})

describe.runIf(hasProgram('moto_server'))('to moto_server', () => {
  const credentials = { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test', AWS_REGION: 'eu-west-1' }
  let moto: Service
  beforeAll(async () => {
    moto = await startMoto()
  }, 60_000)
  afterAll(() => moto?.stop())
  const there = (args: readonly string[]): Promise<ProcessResult> =>
    place.run(['--backend', 'aws', '--endpoint-url', moto.url, ...args], { env: credentials })

  it('copies from the mock and back', async () => {
    const env = credentials
    await out(there(['-q', 'create-key', '--alias', 'alias/there']))
    for (const [name, value] of [
      ['/m/own', 'o'],
      ['/m/a/plain', ' v\n'],
    ] as const) {
      const type = name === '/m/own' ? 'SecureString' : 'String'
      await out(
        place.kmseal(['-q', 'put-param', name, '--type', type, '--tag', 'K=v'], { env, stdin: value }),
      )
    }
    const to = ['--to-backend', 'aws', '--to-endpoint-url', moto.url, '--key-id', 'alias/there']
    const copied = await out(place.kmseal(['copy-param', '/m', '/n', '--recursive', ...to], { env }))
    expect(copied).toBe('/m/a/plain -> /n/a/plain\n/m/own -> /n/own\n')
    expect(await out(there(['get-param', '/n/a/plain']))).toBe(' v\n')
    const rows = (await out(there(['list-params', '/n', '--json']))).trim().split('\n')
    const own = { Name: '/n/own', Type: 'SecureString', KeyId: 'alias/there' }
    expect(rows.map(row => JSON.parse(row))).toContainEqual(expect.objectContaining(own))
    expect(await out(there(['tag-param', '/n/own']))).toBe('K=v\n')

    const home = ['--to-backend', 'mock', '--key-id', 'alias/aws/ssm']
    await out(there(['copy-param', '/n', '/back', '--recursive', ...home]))
    expect(await out(place.kmseal(['get-param', '/back/own'], { env }))).toBe('o')
  }, 60_000)
})
