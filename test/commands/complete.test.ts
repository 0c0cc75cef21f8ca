/** What the completion scripts ask the program: names of keys and parameters, quickly and quietly or not at all. */

import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { describe, expect, it, onTestFinished } from 'vitest'
import { runCli } from '../helpers/cli.ts'
import { testFolder } from '../helpers/folder.ts'
import { mockEnv, runOnMock } from '../helpers/mock-env.ts'
import { binary, freePort, runProcess } from '../helpers/process.ts'

// Machines that run tests may be slow.
const patient = { KMSEAL_COMPLETION_MS: '60000' }
const nothing = { status: 0, stdout: Buffer.alloc(0), stderr: '' }

async function filled(): Promise<Record<string, string>> {
  const env = mockEnv(patient)
  for (const name of ['/app/db/url', '/app/db/user', '/app/token', '/ap', 'plain']) {
    await runOnMock(['put-param', name, '--type', 'String'], { env, stdin: 'x' })
  }
  await runOnMock(['put-param', '/app/token', '--overwrite'], { env, stdin: 'y' })
  await runOnMock(['label-param', '/app/token', 'prod'], { env })
  await runOnMock(['create-key', '--alias', 'alias/other'], { env })
  return env
}

describe('names', () => {
  it('of parameters go up to the next slash, and of keys are aliases, or ARNs and ids', async () => {
    const env = await filled()
    const names = async (...words: string[]): Promise<string[]> => {
      const { status, stdout, stderr } = await runCli(['__complete', ...words], { env })
      expect([status, stderr]).toEqual([0, ''])
      return stdout.toString().split('\n').slice(0, -1)
    }
    expect(await names('parameter', '')).toEqual(['/ap', '/app/', 'plain'])
    expect(await names('parameter', '/app/')).toEqual(['/app/db/', '/app/token'])
    expect(await names('parameter', '/app/db/u')).toEqual(['/app/db/url', '/app/db/user'])
    expect(await names('parameter', '/app/token:')).toEqual([
      '/app/token:1',
      '/app/token:2',
      '/app/token:prod',
    ])
    expect(await names('parameter', '/app/token:p')).toEqual(['/app/token:prod'])
    expect(await names('path', '/')).toEqual(['/app'])
    expect(await names('path', '/app/')).toEqual(['/app/db'])
    expect(await names('key', '')).toEqual(['alias/kmseal', 'alias/other'])
    expect(await names('key', 'alias/aws')).toEqual(['alias/aws/ssm'])
    const arns = await names('key', 'arn:')
    expect(arns.filter(arn => arn.includes(':alias/'))).toHaveLength(3)
    const [id = ''] = arns.filter(arn => arn.includes(':key/')).map(arn => arn.split('/')[1] ?? '')
    expect(await names('key', id.slice(0, 8))).toEqual([id])
    expect(await names('key', '', '--region', 'eu-west-1')).toEqual(['alias/kmseal'])
    expect(await names('key', '', '--region=eu-west-1', 'encrypt')).toEqual(['alias/kmseal'])
  })

  it.each([
    ['an unknown kind', ['hunter2', '']],
    ['no kind', []],
    ['a setting that is wrong', ['key', '', '--backend', 'hunter2']],
    ['a parameter that there is not', ['parameter', '/nothing:']],
    ['a name that cannot be', ['parameter', '\u001b[31m']],
  ])('are none for %s', async (_, words) => {
    const env = mockEnv(patient)
    await runOnMock(['mock', 'seed', '-'], { env, stdin: '{}' })
    expect(await runCli(['__complete', ...words], { env })).toEqual(nothing)
  })

  it('are none without a mock, which is not made', async () => {
    const env = mockEnv(patient)
    expect(await runCli(['__complete', 'key', ''], { env })).toEqual(nothing)
    expect(await runOnMock(['mock', 'status', '--json'], { env })).toMatchObject({
      stdout: Buffer.from(
        `${JSON.stringify({ directory: env['KMSEAL_MOCK_DIR'], keys: 0, aliases: 0, parameters: 0, bytes: 0 })}\n`,
      ),
    })
  })
})

describe('the process', () => {
  const ask = (cwd: string, env: Record<string, string>) =>
    runProcess(process.execPath, [binary, '__complete', 'key', ''], { cwd, env: { ...patient, ...env } })

  it('says nothing without credentials or Region, and asks no metadata service', async () => {
    let requests = 0
    const server = createServer((_, response) => {
      requests += 1
      response.end()
    })
    onTestFinished(() => void server.close())
    const port = await freePort()
    await new Promise<void>(ready => server.listen(port, '127.0.0.1', ready))
    const home = testFolder()
    const env = { HOME: home, AWS_EC2_METADATA_SERVICE_ENDPOINT: `http://127.0.0.1:${port}` }
    for (const more of [{}, { AWS_REGION: 'eu-west-1' }, { AWS_REGION: 'eu-west-1', AWS_PROFILE: 'none' }]) {
      expect(await ask(home, { ...env, ...more })).toMatchObject({ ...nothing, signal: null })
    }
    expect(requests).toBe(0)
  })

  it('gives up in time when nobody answers', async () => {
    // It takes connections, and never says anything.
    const server = createServer(() => undefined)
    onTestFinished(() => server.closeAllConnections())
    onTestFinished(() => void server.close())
    const port = await freePort()
    await new Promise<void>(ready => server.listen(port, '127.0.0.1', ready))
    const env = { AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`, KMSEAL_COMPLETION_MS: '2000' }
    expect(await ask(testFolder(), env)).toMatchObject({ ...nothing, signal: null })
  })

  it('starts no program for credentials', async () => {
    const home = testFolder()
    mkdirSync(`${home}/.aws`)
    writeFileSync(
      `${home}/.aws/config`,
      `[default]\nregion = eu-west-1\ncredential_process = touch ${home}/started\n`,
    )
    expect(await ask(home, { HOME: home })).toMatchObject(nothing)
    expect(await runProcess('ls', [home])).toMatchObject({ stdout: Buffer.alloc(0) })
  })

  it('takes nothing from a configuration file of the folder', async () => {
    const folder = testFolder()
    const env = await filled()
    const config = { backend: 'mock', KMSEAL_BACKEND: 'mock', mock: { directory: env['KMSEAL_MOCK_DIR'] } }
    writeFileSync(`${folder}/kmseal.config.json`, JSON.stringify(config))
    writeFileSync(`${folder}/kmseal.config.yaml`, JSON.stringify(config))
    expect(await ask(folder, { HOME: folder })).toMatchObject(nothing)
  })
})
