/** How requests travel to real endpoints: TLS and its certificates, proxies, time limits, and the rule about http. */

import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Agent, type AgentOptions } from 'node:https'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import type { Settings } from './config.ts'
import { KmsealError, usageError } from './errors.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** What decides how requests travel. */
export interface Transport {
  readonly settings: Settings
  readonly env: Environment
  /** File of the certificate authorities to trust, instead of those that Node knows. */
  readonly bundle: string | undefined
  /** How long to wait, in milliseconds: for a connection, and for an answer over it. */
  readonly limits?: { readonly connectMs: number; readonly answerMs: number }
}

/** What every TLS connection to AWS is made with. */
export interface TlsOptions {
  readonly ca?: string
  /** Said here because NODE_OPTIONS can lower Node's own. */
  readonly minVersion: 'TLSv1.2'
}

const defaultLimits = { connectMs: 10_000, answerMs: 30_000 }

/** Whether a host name means this machine: 127.0.0.0/8, ::1 or localhost. */
export function isLoopbackHost(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase()
  return bare === 'localhost' || bare === '::1' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(bare)
}

/**
 * Refuses to send anything in the clear or past unchecked certificates, off this machine.
 *
 * @param protocol such as `https:`
 * @throws KmsealError `usage`
 */
export function checkTransport(protocol: string, host: string, settings: Settings, env: Environment): void {
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

/**
 * The request handler of SDK clients. It is the last gate: whatever endpoint rules or profiles resolved to, here is
 * seen where each request really goes, whether it may, and through which proxy.
 *
 * @throws KmsealError `failed` or `usage` for a certificate bundle that cannot be read or holds no certificates
 * @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-gen-config.html
 */
export function awsTransport({ settings, env, bundle, limits = defaultLimits }: Transport): NodeHttpHandler {
  const tls = tlsOptions(bundle)
  const handlerWith = (httpsAgent: Agent): NodeHttpHandler =>
    new NodeHttpHandler({
      httpsAgent,
      connectionTimeout: limits.connectMs,
      requestTimeout: limits.answerMs,
      throwOnRequestTimeout: true,
    })
  const direct = handlerWith(new Agent({ ...connections, ...tls }))
  const handleDirectly = direct.handle.bind(direct)
  const destroyDirect = direct.destroy.bind(direct)
  const proxied = new Map<string, Promise<NodeHttpHandler>>()
  const through = (proxy: string): Promise<NodeHttpHandler> => {
    const known =
      proxied.get(proxy) ??
      import('./proxy-agent.ts').then(({ proxyAgent }) => handlerWith(proxyAgent(proxy, connections, tls)))
    proxied.set(proxy, known)
    return known
  }
  direct.handle = async (request, options) => {
    const { protocol, hostname, port } = request
    checkTransport(protocol, hostname, settings, env)
    const proxy = await proxyFor(protocol, hostname, port, env)
    return proxy === undefined
      ? handleDirectly(request, options)
      : (await through(proxy)).handle(request, options)
  }
  direct.destroy = () => {
    destroyDirect()
    for (const made of proxied.values()) void made.then(handler => handler.destroy()).catch(() => undefined)
  }
  return direct
}

const connections = { keepAlive: true, maxSockets: 50 } as const satisfies AgentOptions

/**
 * The proxy for a request; this machine is always reached directly. The variables are read as curl reads them: a domain
 * of NO_PROXY stands for the hosts in it too.
 */
async function proxyFor(
  protocol: string,
  hostname: string,
  port: number | undefined,
  env: Environment,
): Promise<string | undefined> {
  const named = [env.https_proxy, env.HTTPS_PROXY, env.all_proxy, env.ALL_PROXY].filter(Boolean)
  if (named.length === 0 || protocol !== 'https:' || isLoopbackHost(hostname)) return undefined
  if (isInDomain(hostname, env.no_proxy || env.NO_PROXY || '')) return undefined
  const { getProxyForUrl } = await import('proxy-from-env')
  const found = getProxyForUrl(`${protocol}//${hostname}${port === undefined ? '' : `:${port}`}`)
  if (found === '') return undefined
  // Without a scheme it would be taken for a proxy that speaks TLS itself, which hardly one does.
  return named.includes(found) ? found : found.replace(/^https:/, 'http:')
}

/** Whether a host is in a domain of the list: `example.com`, where the library knows `.example.com` only. */
function isInDomain(hostname: string, list: string): boolean {
  const domains = list.toLowerCase().split(/[\s,]+/)
  return domains.some(domain => /^[a-z]/.test(domain) && hostname.toLowerCase().endsWith(`.${domain}`))
}

/**
 * The options of TLS connections: TLS 1.2 at least, and the certificate authorities of a bundle.
 *
 * @param bundle a file with certificates in PEM
 * @throws KmsealError `failed` when it cannot be read, `usage` when it holds no certificates
 */
export function tlsOptions(bundle: string | undefined): TlsOptions {
  if (bundle === undefined) return { minVersion: 'TLSv1.2' }
  const hint = 'name a file of certificates in PEM with AWS_CA_BUNDLE, or ca_bundle in the profile'
  let ca: string
  try {
    ca = readFileSync(bundle, 'utf8')
  } catch (cause) {
    throw new KmsealError('failed', 'the certificate bundle of AWS_CA_BUNDLE cannot be read', { cause, hint })
  }
  // Node takes a file without certificates in silence, and then trusts nobody.
  if (!holdsCertificate(ca))
    throw usageError('the certificate bundle of AWS_CA_BUNDLE holds no certificate', hint)
  return { ca, minVersion: 'TLSv1.2' }
}

function holdsCertificate(pem: string): boolean {
  try {
    // It reads the first one.
    new X509Certificate(pem)
    return true
  } catch {
    return false
  }
}
