/** Connections through an HTTP proxy, and what it means when the proxy does not make one. */

import type { ClientRequest } from 'node:http'
import type { Agent, AgentOptions } from 'node:https'
import type { TLSSocket } from 'node:tls'
import { HttpsProxyAgent } from 'https-proxy-agent'
import type { TlsOptions } from './aws-transport.ts'
import { KmsealError, usageError } from './errors.ts'

type ConnectOptions = Parameters<HttpsProxyAgent<string>['connect']>[1]

/**
 * An agent whose requests go through a proxy, by CONNECT.
 *
 * @param proxy its URL, which may hold a user name and a password
 * @param tls for the connection to the server, and to the proxy if that is an https one
 * @throws KmsealError `usage` for what is no URL of an http or https proxy; its requests fail with `usage` when the
 *   proxy wants other credentials, and `unavailable` when it cannot be reached or makes no connection
 * @see https://www.rfc-editor.org/rfc/rfc9110#name-connect
 */
export function proxyAgent(proxy: string, options: AgentOptions, tls: TlsOptions): Agent {
  return new TelltaleProxyAgent(checkedUrl(proxy), options, tls) as unknown as Agent
}

function checkedUrl(proxy: string): URL {
  const hint = 'write it as http://HOST:PORT, or http://USER:PASSWORD@HOST:PORT with %40 for an @'
  // The text may hold a password, so it is not shown.
  const refused = usageError('HTTPS_PROXY is no URL of an http or https proxy', hint)
  if (!URL.canParse(proxy)) throw refused
  const url = new URL(proxy)
  if (!/^https?:$/.test(url.protocol) || url.hostname === '') throw refused
  try {
    decodeURIComponent(url.username + url.password)
  } catch {
    throw refused
  }
  return url
}

class TelltaleProxyAgent extends HttpsProxyAgent<string> {
  readonly #tls: TlsOptions

  constructor(proxy: URL, options: AgentOptions, tls: TlsOptions) {
    super(proxy, { ...options, ...tls } as object)
    this.#tls = tls
  }

  override async connect(request: ClientRequest, options: ConnectOptions): Promise<TLSSocket> {
    let status = 0
    request.once('proxyConnect', ({ statusCode }: { statusCode: number }) => {
      status = statusCode
    })
    const { host } = this.proxy
    // A request that was given up, as after its time limit, must not leave a connection that keeps the process alive.
    const givenUp = new AbortController()
    const giveUp = () => givenUp.abort()
    request.once('close', giveUp)
    this.connectOpts = { ...this.connectOpts, signal: givenUp.signal } as typeof this.connectOpts
    // The library keeps the options of the agent for the connection to the proxy only.
    const socket = await super
      .connect(request, { ...options, ...this.#tls } as ConnectOptions)
      .catch(cause => {
        throw unreachable(host, cause)
      })
      .finally(() => request.removeListener('close', giveUp))
    if (status === 200) return socket as TLSSocket
    // Otherwise the library would hand over the proxy's page as if AWS had sent it.
    socket.destroy()
    throw refusal(host, status, this.proxy.username !== '')
  }
}

function unreachable(host: string, cause: unknown): KmsealError {
  const code = cause instanceof Error && 'code' in cause ? ` (${cause.code})` : ''
  return new KmsealError('unavailable', `the proxy ${host} of HTTPS_PROXY could not be used${code}`, {
    hint: 'check HTTPS_PROXY, or name hosts to reach without it in NO_PROXY',
    cause,
  })
}

function refusal(host: string, status: number, hasCredentials: boolean): KmsealError {
  if (status === 407) {
    return usageError(
      hasCredentials
        ? `the proxy ${host} does not take the user name and password of HTTPS_PROXY`
        : `the proxy ${host} wants a user name and a password`,
      'write them in HTTPS_PROXY as http://USER:PASSWORD@HOST:PORT',
    )
  }
  return new KmsealError(
    'unavailable',
    `the proxy ${host} of HTTPS_PROXY made no connection (status ${status})`,
    {
      hint: 'ask whoever runs it to let AWS through, or name the host in NO_PROXY',
    },
  )
}
