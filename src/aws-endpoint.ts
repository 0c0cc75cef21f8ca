/** Client configuration for real endpoints: endpoint, Region, credentials, TLS and proxies. */

import { readFileSync } from 'node:fs'
import { Agent, type AgentOptions } from 'node:https'
import { loadConfig } from '@smithy/core/config'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import type { Settings } from './config.ts'
import { KmsealError, usageError } from './errors.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** The services that are asked, as endpoints and settings name them. */
export type ServiceName = 'kms' | 'ssm' | 'sts' | 'cloudtrail'

/** Whether a host name means this machine: 127.0.0.0/8, ::1 or localhost. */
export function isLoopbackHost(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase()
  return bare === 'localhost' || bare === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(bare)
}

/**
 * What to construct a client of a service with.
 *
 * On a loopback endpoint without credentials or Region, dummies stand in and instance metadata is never asked.
 *
 * @throws KmsealError `usage` for an endpoint that is no URL or unencrypted off loopback, or without a Region
 */
export async function awsClientConfig(
  service: ServiceName,
  settings: Settings,
  env: Environment,
  region: string | undefined,
) {
  const endpoint = await configuredEndpoint(service, settings, env)
  const loopback = endpoint !== undefined && isLoopbackHost(endpoint.hostname)
  if (endpoint !== undefined) checkTransport(endpoint.protocol, endpoint.hostname, settings, env)
  const agent = await httpsAgent(endpoint ?? new URL(`https://${service}.amazonaws.com`), env)
  return {
    region: region ?? settings.region ?? (await configuredRegion(settings, loopback)),
    ...(settings.profile === undefined ? {} : { profile: settings.profile }),
    ...(endpoint === undefined ? {} : { endpoint: endpoint.href }),
    ...(await credentials(settings, env, loopback)),
    requestHandler: guarded(
      new NodeHttpHandler(agent === undefined ? {} : { httpsAgent: agent }),
      settings,
      env,
    ),
    customUserAgent: [['kmseal']] as [string][],
  }
}

async function configuredEndpoint(
  service: ServiceName,
  settings: Settings,
  env: Environment,
): Promise<URL | undefined> {
  const text = settings.endpointUrl ?? (await ambientEndpoint(service, settings, env))
  if (text === undefined) return undefined
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw usageError(
      'the endpoint URL is no http or https URL',
      'write it as https://HOST or http://127.0.0.1:PORT',
    )
  }
  return new URL(text)
}

async function ambientEndpoint(
  service: ServiceName,
  settings: Settings,
  env: Environment,
): Promise<string | undefined> {
  if (/^true$/i.test(env.AWS_IGNORE_CONFIGURED_ENDPOINT_URLS ?? '')) return undefined
  const variable = env[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] || env.AWS_ENDPOINT_URL
  if (variable) return variable
  return loadConfig<string | undefined>(
    {
      environmentVariableSelector: () => undefined,
      configFileSelector: (profile, file) => {
        const section = profile.services === undefined ? undefined : file?.[`services.${profile.services}`]
        return section?.[`${service}.endpoint_url`] ?? profile.endpoint_url
      },
      default: undefined,
    },
    profileOption(settings),
  )()
}

async function configuredRegion(settings: Settings, loopback: boolean): Promise<string> {
  const region = await loadConfig<string | undefined>(
    {
      environmentVariableSelector: () => undefined,
      configFileSelector: profile => profile.region,
      default: undefined,
    },
    { preferredFile: 'credentials', ...profileOption(settings) },
  )()
  if (region !== undefined) return region
  if (loopback) return 'us-east-1'
  throw usageError(
    'no AWS Region is set',
    'name one with --region or AWS_REGION, or work offline with --backend mock',
  )
}

function profileOption(settings: Settings): { profile?: string } {
  return settings.profile === undefined ? {} : { profile: settings.profile }
}

async function credentials(settings: Settings, env: Environment, loopback: boolean) {
  const keysInEnvironment = Boolean(env.AWS_ACCESS_KEY_ID && env.AWS_SECRET_ACCESS_KEY)
  if (settings.profile === undefined && keysInEnvironment) {
    // The SDK would let AWS_PROFILE beat them; every other tool has it the other way round.
    const { fromEnv } = await import('@aws-sdk/credential-providers')
    return { credentials: fromEnv() }
  }
  if (!loopback) return {}
  return {
    credentials: async (request?: object) => {
      const { createCredentialChain, fromIni, fromProcess, fromTokenFile } = await import(
        '@aws-sdk/credential-providers'
      )
      const profile = profileOption(settings)
      const chain = createCredentialChain(fromIni(profile), fromProcess(profile), fromTokenFile())
      // Clients that the chain makes for itself take over our guarded transport from the request.
      return chain(request).catch(error => {
        if (settings.profile !== undefined) throw error
        return { accessKeyId: 'kmseal', secretAccessKey: 'kmseal' }
      })
    },
  }
}

/** Refuses to send anything in the clear or past unchecked certificates, off this machine. */
function checkTransport(protocol: string, host: string, settings: Settings, env: Environment): void {
  if (isLoopbackHost(host)) return
  if (protocol === 'http:' && !settings.allowHttp) {
    throw usageError(
      'the endpoint is plain http and not on this machine',
      'use https, or allow it for a container network with --allow-http',
    )
  }
  if (env.NODE_TLS_REJECT_UNAUTHORIZED === '0') {
    throw usageError(
      'NODE_TLS_REJECT_UNAUTHORIZED=0 would accept any server as AWS',
      'unset it; name a private certificate authority with AWS_CA_BUNDLE',
    )
  }
}

interface Handler {
  handle(request: unknown, options?: unknown): Promise<unknown>
}

/** The last gate: whatever endpoint rules or profiles resolved to, this is where the request really goes. */
function guarded<Inner extends Handler>(handler: Inner, settings: Settings, env: Environment): Inner {
  const handle = handler.handle.bind(handler)
  handler.handle = (request: unknown, options?: unknown) => {
    const { protocol, hostname } = request as { protocol: string; hostname: string }
    checkTransport(protocol, hostname, settings, env)
    return handle(request, options)
  }
  return handler
}

async function httpsAgent(target: URL, env: Environment): Promise<Agent | undefined> {
  const options: AgentOptions = { keepAlive: true, maxSockets: 50 }
  if (env.AWS_CA_BUNDLE) options.ca = readBundle(env.AWS_CA_BUNDLE)
  if (env.HTTPS_PROXY || env.https_proxy || env.ALL_PROXY || env.all_proxy) {
    const { getProxyForUrl } = await import('proxy-from-env')
    const proxy = getProxyForUrl(target.href)
    if (proxy !== '') {
      const { HttpsProxyAgent } = await import('https-proxy-agent')
      return new HttpsProxyAgent(proxy, options as object) as unknown as Agent
    }
  }
  return options.ca === undefined ? undefined : new Agent(options)
}

function readBundle(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new KmsealError('failed', 'the certificate bundle of AWS_CA_BUNDLE cannot be read', { cause })
  }
}
