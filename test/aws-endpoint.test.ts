import { writeFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { KMSClient, ListKeysCommand } from '@aws-sdk/client-kms'
import { ListTagsForResourceCommand, SSMClient } from '@aws-sdk/client-ssm'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { awsClientConfig } from '../src/aws-endpoint.ts'
import { isLoopbackHost } from '../src/aws-transport.ts'
import { type GlobalFlags, resolveSettings } from '../src/config.ts'
import { testFolder } from './helpers/folder.ts'

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'

/** The SDK reads files and variables of the process: none of them may be the machine's own. */
beforeEach(() => {
  for (const name of Object.keys(process.env))
    if (/^AWS_(?!SDK_JS_NODE)/.test(name)) vi.stubEnv(name, undefined)
  const folder = testFolder()
  vi.stubEnv('HOME', folder)
  vi.stubEnv('AWS_CONFIG_FILE', join(folder, 'config'))
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', join(folder, 'credentials'))
  // Whatever asks for instance metadata would show as a request to this address.
  vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true')
  return () => vi.unstubAllEnvs()
})

function configFile(text: string): void {
  writeFileSync(process.env['AWS_CONFIG_FILE'] ?? '', text)
}

/** The configuration for these flags and variables, which are also those of the process. */
function configOf(
  flags: GlobalFlags,
  env: Record<string, string> = {},
  service: 'kms' | 'ssm' = 'kms',
  region?: string,
) {
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value)
  return awsClientConfig(service, resolveSettings(flags, env), env, region)
}

const region = { AWS_REGION: 'eu-west-1' }
const usage = (message: string, hint?: string) => ({
  code: 'usage',
  message,
  ...(hint === undefined ? {} : { hint }),
})

/** A service on this machine that remembers the headers of every request. */
async function listening() {
  const requests: { host: string | undefined; headers: IncomingHttpHeaders }[] = []
  const server = createServer((request, response) => {
    requests.push({ host: request.headers.host, headers: request.headers })
    request.resume()
    response.setHeader('content-type', 'application/x-amz-json-1.1')
    response.end('{"Keys":[],"TagList":[]}')
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, requests }
}

describe('this machine', () => {
  it.each(['localhost', 'LOCALHOST', '127.0.0.1', '127.1.2.3', '::1', '[::1]'])('is %s', host => {
    expect(isLoopbackHost(host)).toBe(true)
  })

  it.each([
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    '128.0.0.1',
    '10.0.0.1',
    '0.0.0.0',
    '169.254.169.254',
    '::2',
    'evil-localhost',
    '',
  ])('is not %j', host => {
    expect(isLoopbackHost(host)).toBe(false)
  })
})

describe('an endpoint', () => {
  it('is none of ours unless something names one', async () => {
    expect((await configOf({}, region)).endpoint).toBeUndefined()
  })

  it('is taken from the flag, then the variable of the service, then the one for all, then the profile', async () => {
    configFile('[default]\nendpoint_url = https://profile.example\n')
    const general = { ...region, AWS_ENDPOINT_URL: 'https://all.example' }
    const special = {
      ...general,
      AWS_ENDPOINT_URL_KMS: 'https://kms.example',
      AWS_ENDPOINT_URL_SSM: 'https://ssm.example',
    }
    expect((await configOf({}, region)).endpoint).toBe('https://profile.example/')
    expect((await configOf({}, general)).endpoint).toBe('https://all.example/')
    expect((await configOf({}, special)).endpoint).toBe('https://kms.example/')
    expect((await configOf({}, special, 'ssm')).endpoint).toBe('https://ssm.example/')
    expect((await configOf({ endpointUrl: 'https://flag.example' }, special)).endpoint).toBe(
      'https://flag.example/',
    )
  })

  it('of a configuration file counts after the variables, and before the profile', async () => {
    configFile('[default]\nendpoint_url = http://127.0.0.1:9\n')
    const file = { path: '/p/kmseal.config.json', folder: '/p', namedBy: undefined, environment: undefined }
    const layer = { environment: undefined, endpointUrl: 'http://127.0.0.1:5', limits: {}, rules: [] }
    const config = { ...file, layers: [layer] }
    const endpointOf = async (flags: GlobalFlags, env: Record<string, string>, service: 'kms' | 'ssm') =>
      (await awsClientConfig(service, resolveSettings(flags, env, config), env, 'eu-west-1')).endpoint
    expect(await endpointOf({}, {}, 'kms')).toBe('http://127.0.0.1:5/')
    const ofKms = { AWS_ENDPOINT_URL_KMS: 'http://127.0.0.1:6' }
    expect(await endpointOf({}, ofKms, 'kms')).toBe('http://127.0.0.1:6/')
    expect(await endpointOf({}, ofKms, 'ssm')).toBe('http://127.0.0.1:5/')
    expect(await endpointOf({}, { AWS_ENDPOINT_URL: 'http://127.0.0.1:7' }, 'ssm')).toBe(
      'http://127.0.0.1:7/',
    )
    expect(await endpointOf({ endpointUrl: 'http://127.0.0.1:8' }, ofKms, 'kms')).toBe('http://127.0.0.1:8/')
    expect(await endpointOf({}, { AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' }, 'kms')).toBeUndefined()
  })

  it('of a profile may be one for each service', async () => {
    configFile(
      [
        '[profile dev]',
        'region = eu-north-1',
        'services = local',
        'endpoint_url = https://all.example',
        '[services local]',
        'kms =',
        '  endpoint_url = https://kms.example',
        '',
      ].join('\n'),
    )
    expect(await configOf({ profile: 'dev' })).toMatchObject({
      endpoint: 'https://kms.example/',
      region: 'eu-north-1',
    })
    expect((await configOf({ profile: 'dev' }, {}, 'ssm')).endpoint).toBe('https://all.example/')
    vi.stubEnv('AWS_PROFILE', 'dev')
    expect((await configOf({})).endpoint).toBe('https://kms.example/')
  })

  it.each(['true', 'TRUE'])(
    'from variables and profiles is ignored on request, and never that of the flag (%s)',
    async word => {
      configFile('[default]\nendpoint_url = https://profile.example\n')
      const env = {
        ...region,
        AWS_ENDPOINT_URL: 'https://all.example',
        AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: word,
      }
      expect((await configOf({}, env)).endpoint).toBeUndefined()
      expect((await configOf({ endpointUrl: 'https://flag.example' }, env)).endpoint).toBe(
        'https://flag.example/',
      )
    },
  )

  it.each(['hunter2', '', 'ftp://127.0.0.1', 'file:///etc/passwd', '127.0.0.1:4566', 'http://'])(
    'that is no URL of http or https is refused: %j',
    async endpointUrl => {
      await expect(configOf({ endpointUrl }, region)).rejects.toMatchObject(
        usage(
          'the endpoint URL is no http or https URL',
          'write it as https://HOST or http://127.0.0.1:PORT',
        ),
      )
    },
  )
})

describe('plain http', () => {
  it.each(['http://127.0.0.1:4566', 'http://localhost:1', 'http://[::1]:1', 'http://127.9.9.9'])(
    'is taken on this machine: %s',
    async endpointUrl => {
      expect((await configOf({ endpointUrl })).endpoint).toBe(new URL(endpointUrl).href)
    },
  )

  it.each(['http://moto:5000', 'http://10.0.0.1', 'http://169.254.169.254', 'http://127.0.0.1.evil.example'])(
    'is refused elsewhere, unless it was allowed: %s',
    async endpointUrl => {
      await expect(configOf({ endpointUrl }, region)).rejects.toMatchObject(
        usage(
          'the endpoint is plain http and not on this machine',
          'use https, or allow it for a container network with --allow-http',
        ),
      )
      expect((await configOf({ endpointUrl, allowHttp: true }, region)).endpoint).toBe(
        new URL(endpointUrl).href,
      )
    },
  )

  it('is refused wherever a request really goes, too', async () => {
    const { requestHandler } = await configOf({ endpointUrl: 'https://kms.example' }, region)
    const request = {
      protocol: 'http:',
      hostname: 'elsewhere.example',
      headers: {},
      method: 'POST',
      path: '/',
    }
    await expect(async () => requestHandler.handle(request as never)).rejects.toMatchObject(
      usage('the endpoint is plain http and not on this machine'),
    )
  })
})

describe('unchecked certificates', () => {
  const env = { ...region, NODE_TLS_REJECT_UNAUTHORIZED: '0' }
  const refusal = usage(
    'NODE_TLS_REJECT_UNAUTHORIZED=0 would accept any server as AWS',
    'unset it; name a private certificate authority with AWS_CA_BUNDLE',
  )
  const settingsOf = (flags: GlobalFlags) =>
    awsClientConfig('kms', resolveSettings(flags, env), env, undefined)

  it('are refused off this machine', async () => {
    await expect(settingsOf({ endpointUrl: 'https://kms.example' })).rejects.toMatchObject(refusal)
    const { requestHandler } = await settingsOf({})
    const request = {
      protocol: 'https:',
      hostname: 'kms.eu-west-1.amazonaws.com',
      headers: {},
      method: 'POST',
      path: '/',
    }
    await expect(async () => requestHandler.handle(request as never)).rejects.toMatchObject(refusal)
  })

  it('are taken on this machine', async () => {
    expect((await settingsOf({ endpointUrl: 'https://127.0.0.1:4566' })).endpoint).toBe(
      'https://127.0.0.1:4566/',
    )
  })
})

describe('the Region', () => {
  it('is that of the request, then the flag, then the environment, then the profile', async () => {
    configFile('[default]\nregion = sa-east-1\n')
    expect((await configOf({})).region).toBe('sa-east-1')
    expect((await configOf({}, region)).region).toBe('eu-west-1')
    expect((await configOf({ region: 'ap-south-1' }, region)).region).toBe('ap-south-1')
    expect((await configOf({ region: 'ap-south-1' }, region, 'kms', 'us-west-2')).region).toBe('us-west-2')
  })

  it('must be set somewhere, except on this machine', async () => {
    await expect(configOf({})).rejects.toMatchObject(
      usage(
        'no AWS Region is set',
        'name one with --region or AWS_REGION, or work offline with --backend mock',
      ),
    )
    expect((await configOf({ endpointUrl: 'http://127.0.0.1:1' })).region).toBe('us-east-1')
  })
})

describe('a request', () => {
  it('on this machine without credentials and Region is made with dummies', async () => {
    const { url, requests } = await listening()
    const client = new KMSClient(await configOf({ endpointUrl: url }))
    await client.send(new ListKeysCommand({}))
    const ssm = new SSMClient(await configOf({ endpointUrl: url }, {}, 'ssm'))
    await ssm.send(new ListTagsForResourceCommand({ ResourceType: 'Parameter', ResourceId: '/a' }))
    expect(
      requests.map(({ headers }) => headers.authorization?.replace(/\d{8}/, 'DATE').replace(/,.*/, '')),
    ).toEqual([
      'AWS4-HMAC-SHA256 Credential=kmseal/DATE/us-east-1/kms/aws4_request',
      'AWS4-HMAC-SHA256 Credential=kmseal/DATE/us-east-1/ssm/aws4_request',
    ])
    expect(requests[0]?.headers['user-agent']).toContain('kmseal')
  })

  it('on this machine uses the credentials that there are', async () => {
    const { url, requests } = await listening()
    const env = {
      ...region,
      AWS_ACCESS_KEY_ID: '111122223333',
      AWS_SECRET_ACCESS_KEY: 'x',
      AWS_PROFILE: 'missing',
    }
    await new KMSClient(await configOf({ endpointUrl: url }, env)).send(new ListKeysCommand({}))
    expect(requests[0]?.headers.authorization).toMatch(/Credential=111122223333\/\d{8}\/eu-west-1\/kms/)
  })

  it('with a profile uses that of the profile, also when the environment has credentials', async () => {
    configFile(
      '[profile dev]\nregion = eu-north-1\naws_access_key_id = fromprofile\naws_secret_access_key = x\n',
    )
    const { url, requests } = await listening()
    const env = { AWS_ACCESS_KEY_ID: 'fromenv', AWS_SECRET_ACCESS_KEY: 'x' }
    await new KMSClient(await configOf({ endpointUrl: url, profile: 'dev' }, env)).send(
      new ListKeysCommand({}),
    )
    expect(requests[0]?.headers.authorization).toMatch(/Credential=fromprofile\/\d{8}\/eu-north-1/)
  })

  it('with a profile that does not exist fails instead of using dummies', async () => {
    const { url, requests } = await listening()
    const client = new KMSClient(await configOf({ endpointUrl: url, profile: 'missing' }))
    await expect(client.send(new ListKeysCommand({}))).rejects.toThrow()
    expect(requests).toEqual([])
  })

  it('goes where the flag says, whatever variables name', async () => {
    const { url, requests } = await listening()
    const env = {
      ...region,
      AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
      AWS_ENDPOINT_URL_KMS: 'http://127.0.0.1:9',
    }
    await new KMSClient(await configOf({ endpointUrl: url }, env)).send(new ListKeysCommand({}))
    expect(requests.length).toBe(1)
  })

  it('does not go to a configured endpoint when those are ignored', async () => {
    const { url, requests } = await listening()
    const env = { ...region, AWS_ENDPOINT_URL: url, AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true' }
    const config = await configOf({}, { ...env, AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' })
    const went: string[] = []
    config.requestHandler.handle = async (request: unknown) => {
      went.push((request as { hostname: string }).hostname)
      throw new Error('stop')
    }
    const client = new KMSClient({ ...config, maxAttempts: 1 })
    await expect(client.send(new ListKeysCommand({}))).rejects.toThrow('stop')
    expect([went, requests]).toEqual([['kms.eu-west-1.amazonaws.com'], []])
  })
})

describe('a certificate bundle', () => {
  it('that cannot be read is refused', async () => {
    await expect(configOf({}, { ...region, AWS_CA_BUNDLE: '/nonexistent/ca.pem' })).rejects.toMatchObject({
      code: 'failed',
      message: 'the certificate bundle of AWS_CA_BUNDLE cannot be read',
    })
  })
})
