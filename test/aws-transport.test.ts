import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { awsTransport } from '../src/aws-transport.ts'
import { createClients } from '../src/clients.ts'
import { resolveSettings } from '../src/config.ts'
import { send } from '../src/core/aws-errors.ts'
import { callerAccount } from '../src/core/caller-identity.ts'
import { runCli } from './helpers/cli.ts'
import { testFolder } from './helpers/folder.ts'
import { mockEnv } from './helpers/mock-env.ts'
import { Authority, startProxy, startSilence, startTlsServer } from './helpers/tls.ts'

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'

const credentials = {
  AWS_ACCESS_KEY_ID: '111122223333',
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_REGION: 'eu-west-1',
}
const kmsHost = 'kms.eu-west-1.amazonaws.com'

let authority: Authority

/** Neither the machine's own proxies nor its AWS settings count. */
beforeEach(() => {
  for (const name of Object.keys(process.env))
    if (/_proxy$/i.test(name) || /^AWS_(?!SDK_JS_NODE)/.test(name)) vi.stubEnv(name, undefined)
  const folder = testFolder()
  vi.stubEnv('HOME', folder)
  authority = new Authority(folder)
  return () => vi.unstubAllEnvs()
})

/** A mock behind plain http, as something to stand in front of. */
async function behind(): Promise<string> {
  const env = mockEnv()
  const clients = createClients(resolveSettings({}, env), env)
  const directory = env['KMSEAL_MOCK_DIR'] ?? ''
  const server = await clients.serveMock({
    directory,
    port: 0,
    host: '127.0.0.1',
    onFailure: () => undefined,
  })
  served.push(async () => {
    await server.close()
    await clients.close()
  })
  return server.url
}

const served: (() => Promise<void>)[] = []
beforeEach(() => async () => {
  for (const close of served.splice(0)) await close()
})

/** Runs the program on the aws backend; these variables are also those of the process. */
function run(argv: readonly string[], env: Record<string, string>, stdin = '') {
  const whole = { ...credentials, HOME: process.env.HOME ?? '', ...env }
  for (const [name, value] of Object.entries(whole)) vi.stubEnv(name, value)
  return runCli(argv, { env: whole, stdin })
}

const listKeys = (port: number, host = 'localhost') => [
  'list-keys',
  '-q',
  '--endpoint-url',
  `https://${host}:${port}`,
]

describe('TLS', () => {
  it('goes to a server whose authority AWS_CA_BUNDLE names, with TLS 1.3 or 1.2', async () => {
    const certificate = authority.issue('DNS:localhost')
    for (const maxVersion of ['TLSv1.3', 'TLSv1.2'] as const) {
      const server = await startTlsServer(certificate, await behind(), { maxVersion })
      const result = await run(listKeys(server.port), { AWS_CA_BUNDLE: authority.bundle })
      expect([result.status, result.stderr]).toEqual([0, ''])
      expect(new Set(server.seen)).toEqual(new Set([maxVersion]))
    }
  })

  it('takes the bundle of the profile, and lets the variable beat it', async () => {
    const server = await startTlsServer(authority.issue('DNS:localhost'), await behind())
    const config = join(process.env.HOME ?? '', 'config')
    writeFileSync(
      config,
      `[default]\nca_bundle = ${authority.bundle}\n[profile bad]\nca_bundle = /nonexistent\n`,
    )
    const files = { AWS_CONFIG_FILE: config }
    expect(await run(listKeys(server.port), files)).toMatchObject({ status: 0, stderr: '' })
    const bad = { ...files, AWS_PROFILE: 'bad' }
    expect((await run(listKeys(server.port), bad)).stderr).toContain('cannot be read')
    expect((await run(listKeys(server.port), { ...bad, AWS_CA_BUNDLE: authority.bundle })).status).toBe(0)
  })

  it.each([
    {
      what: 'of an unknown authority',
      names: 'DNS:localhost',
      trusted: false,
      says: 'the certificate of the server is of an authority that is not trusted',
      hint: 'AWS_CA_BUNDLE',
    },
    {
      what: 'that has expired',
      names: 'DNS:localhost',
      days: -1,
      says: 'the certificate of the server has expired',
      hint: 'check the clock',
    },
    {
      what: 'for another host name',
      names: 'DNS:elsewhere.example',
      says: 'the certificate of the server is for another host name',
      hint: '--endpoint-url',
    },
  ])('refuses a certificate $what', async ({ names, days, trusted, says, hint }) => {
    const server = await startTlsServer(authority.issue(names, days), await behind())
    const env = trusted === false ? {} : { AWS_CA_BUNDLE: authority.bundle }
    const result = await run(listKeys(server.port), env)
    expect([result.status, result.stdout.length, server.seen]).toEqual([6, 0, []])
    expect(result.stderr).toMatch(new RegExp(`^kmseal: error: .* AWS could not be reached \\(${says}\\)\n`))
    expect(result.stderr).toContain('hint: ')
    expect(result.stderr).toContain(hint)
  })

  it('refuses a server that speaks TLS 1.1 at most', async () => {
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
    const server = await startTlsServer(authority.issue('DNS:localhost'), await behind(), old)
    const result = await run(listKeys(server.port), { AWS_CA_BUNDLE: authority.bundle })
    expect(result.status).toBe(6)
    expect(result.stderr).toContain('(the server does not speak TLS 1.2 or later)')
    expect(server.seen).toEqual([])
  })

  it('says so when the server speaks plain http', async () => {
    const { port } = new URL(await behind())
    const result = await run(listKeys(Number(port)), {})
    expect(result.status).toBe(6)
    expect(result.stderr).toContain('(the server does not speak TLS 1.2 or later)')
  })

  it('refuses a bundle without a certificate instead of trusting nobody', async () => {
    const bundle = join(process.env.HOME ?? '', 'empty.pem')
    for (const text of [
      '',
      'no certificate',
      '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
    ]) {
      writeFileSync(bundle, text)
      const result = await run(listKeys(1), { AWS_CA_BUNDLE: bundle })
      expect(result.status).toBe(2)
      expect(result.stderr).toContain('error: the certificate bundle of AWS_CA_BUNDLE holds no certificate\n')
    }
  })

  it('serves the clients of every service', async () => {
    const server = await startTlsServer(authority.issue('DNS:localhost'), await behind())
    const settings = resolveSettings({ endpointUrl: `https://localhost:${server.port}` }, credentials)
    for (const [name, value] of Object.entries(credentials)) vi.stubEnv(name, value)
    for (const ca of [authority.bundle, '']) {
      const clients = createClients(settings, { ...credentials, AWS_CA_BUNDLE: ca })
      const { LookupEventsCommand } = await import('@aws-sdk/client-cloudtrail')
      const { DescribeParametersCommand } = await import('@aws-sdk/client-ssm')
      const subject = { action: 'a', object: 'b' }
      const [sts, cloudTrail, ssm] = await Promise.all([clients.sts(), clients.cloudTrail(), clients.ssm()])
      const asked = await Promise.allSettled([
        callerAccount(sts),
        send(cloudTrail, new LookupEventsCommand({}), subject),
        send(ssm, new DescribeParametersCommand({}), subject),
      ])
      await clients.close()
      if (ca !== '') {
        expect(asked.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled'])
        expect(asked[0]).toMatchObject({ value: '111122223333' })
      } else {
        for (const each of asked)
          expect(each).toMatchObject({
            reason: { code: 'unavailable', message: expect.stringContaining('is not trusted') },
          })
      }
    }
  })
})

describe('a proxy', () => {
  /** AWS, as it looks from behind a proxy that leads to our server. */
  async function aws() {
    return startTlsServer(authority.issue(`DNS:${kmsHost},DNS:kms.example`), await behind())
  }

  const keys = ['list-keys', '-q']

  it('of HTTPS_PROXY is used for AWS, with the bundle for the server behind it', async () => {
    const server = await aws()
    const proxy = await startProxy(server.port)
    for (const url of [`http://127.0.0.1:${proxy.port}`, `127.0.0.1:${proxy.port}`]) {
      const result = await run(keys, { HTTPS_PROXY: url, AWS_CA_BUNDLE: authority.bundle })
      expect([result.status, result.stderr]).toEqual([0, ''])
    }
    expect(new Set(proxy.seen)).toEqual(new Set([`${kmsHost}:443`]))
    expect(new Set(server.seen)).toEqual(new Set(['TLSv1.3']))
    const untrusting = await run(keys, { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`, AWS_CA_BUNDLE: '' })
    expect(untrusting.stderr).toContain('is not trusted')
  })

  it('is left out for the hosts of NO_PROXY, judged by where requests really go', async () => {
    const server = await aws()
    const proxy = await startProxy(server.port)
    const env = { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`, AWS_CA_BUNDLE: authority.bundle }
    // Nobody answers at a name that does not exist, so a request that goes there by itself fails; its twins, which are
    // tried again meanwhile, may meet the variables of the next run.
    const endpoint = ['--endpoint-url', 'https://kms.example']
    expect((await run([...keys, ...endpoint], env)).status).toBe(0)
    for (const NO_PROXY of [
      'kms.example',
      '.example',
      'example',
      'x EXAMPLE',
      '*',
      'a.example,kms.example:443',
    ])
      expect((await run([...keys, ...endpoint], { ...env, NO_PROXY })).status).toBe(6)
    for (const NO_PROXY of ['other.example', 'ms.example', 'xample'])
      expect((await run([...keys, ...endpoint], { ...env, NO_PROXY })).status).toBe(0)
  })

  it('is not asked for this machine', async () => {
    const server = await startTlsServer(authority.issue('DNS:localhost'), await behind())
    const proxy = await startProxy(server.port)
    const env = { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`, AWS_CA_BUNDLE: authority.bundle }
    expect((await run(listKeys(server.port), env)).status).toBe(0)
    expect(proxy.seen.filter(host => !host.startsWith('kms.example'))).toEqual([])
  })

  it('gets the user name and password of its URL, and says when it wants others', async () => {
    const server = await aws()
    const wanted = `Basic ${Buffer.from('us:p@ss').toString('base64')}`
    const proxy = await startProxy(server.port, given =>
      given === wanted ? undefined : '407 Proxy Authentication Required',
    )
    const through = (user: string) =>
      run(keys, { HTTPS_PROXY: `http://${user}127.0.0.1:${proxy.port}`, AWS_CA_BUNDLE: authority.bundle })
    expect(await through('us:p%40ss@')).toMatchObject({ status: 0, stderr: '' })
    const none = await through('')
    expect([none.status, none.stdout.length]).toEqual([2, 0])
    expect(none.stderr).toBe(
      `kmseal: error: the proxy 127.0.0.1:${proxy.port} wants a user name and a password\n` +
        'kmseal: hint: write them in HTTPS_PROXY as http://USER:PASSWORD@HOST:PORT\n',
    )
    const wrong = await through('us:hunter2@')
    expect(wrong.status).toBe(2)
    expect(wrong.stderr).toContain('does not take the user name and password of HTTPS_PROXY')
    expect(wrong.stderr).not.toContain('hunter2')
  })

  it('that refuses, or is not there, is named', async () => {
    const server = await aws()
    const proxy = await startProxy(server.port, () => '403 Forbidden')
    const refused = await run(keys, { HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` })
    expect(refused.status).toBe(6)
    expect(refused.stderr).toContain(
      `error: the proxy 127.0.0.1:${proxy.port} of HTTPS_PROXY made no connection (status 403)\n`,
    )
    expect(refused.stderr).toContain('hint: ')
    const gone = await run(keys, { HTTPS_PROXY: 'http://127.0.0.1:1' })
    expect(gone.status).toBe(6)
    expect(gone.stderr).toContain(
      'error: the proxy 127.0.0.1:1 of HTTPS_PROXY could not be used (ECONNREFUSED)\n',
    )
  })

  it.each([
    'http://us:hunter2@',
    'socks5://us:hunter2@127.0.0.1:1',
    'http://us:hunter2%zz@127.0.0.1:1',
    '::::',
  ])('with an impossible URL is refused without showing it: %s', async HTTPS_PROXY => {
    const result = await run(keys, { HTTPS_PROXY })
    expect(result.status).toBe(2)
    expect(result.stderr).toContain('error: HTTPS_PROXY is no URL of an http or https proxy\n')
    expect(result.stderr).not.toMatch(/hunter2/)
  })
})

describe('a server or proxy that says nothing', () => {
  const request = {
    protocol: 'https:',
    hostname: '127.0.0.1',
    method: 'POST',
    path: '/',
    headers: {},
    query: {},
  }
  const limits = { connectMs: 150, answerMs: 150 }

  it('is not waited for without end', async () => {
    const { port } = await startSilence()
    const settings = resolveSettings({}, {})
    const transport = awsTransport({ settings, env: {}, bundle: undefined, limits })
    await expect(transport.handle({ ...request, port } as never)).rejects.toMatchObject({
      name: 'TimeoutError',
    })
    const env = { HTTPS_PROXY: `http://127.0.0.1:${port}` }
    vi.stubEnv('HTTPS_PROXY', env.HTTPS_PROXY)
    const proxied = awsTransport({ settings, env, bundle: undefined, limits })
    await expect(proxied.handle({ ...request, hostname: 'kms.example' } as never)).rejects.toMatchObject({
      name: 'TimeoutError',
    })
    transport.destroy()
    proxied.destroy()
  })
})
