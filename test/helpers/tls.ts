/** A TLS server and a proxy on this machine, and certificates that openssl makes for them. */

import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer as createHttpServer, request as httpRequest, type IncomingMessage } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import {
  type AddressInfo,
  connect,
  createServer as createTcpServer,
  type Server,
  type Socket,
} from 'node:net'
import { join } from 'node:path'
import type { TLSSocket, TlsOptions } from 'node:tls'
import { onTestFinished } from 'vitest'

/** A certificate of a server, with its key. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

/** A certificate authority of its own, in a folder. */
export class Authority {
  readonly #folder: string
  #made = 0

  constructor(folder: string) {
    this.#folder = folder
    const subject = ['-subj', '/CN=test authority', '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '2']
    this.#openssl(
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      ...subject,
    )
  }

  /** The file with its certificate. */
  get bundle(): string {
    return join(this.#folder, 'ca.pem')
  }

  /**
   * Makes a certificate.
   *
   * @param names as openssl writes them, such as `DNS:localhost`
   * @param days how long it is good for from now; negative for one that has expired
   */
  issue(names: string, days = 1): Certificate {
    const name = `server${this.#made++}`
    writeFileSync(join(this.#folder, `${name}.ext`), `subjectAltName=${names}\n`)
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', `${name}.key`]
    this.#openssl('req', '-new', ...key, '-subj', '/CN=test server', '-out', `${name}.csr`)
    const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', `${name}.ext`]
    this.#openssl('x509', '-req', '-in', `${name}.csr`, ...by, '-days', String(days), '-out', `${name}.pem`)
    const read = (file: string) => readFileSync(join(this.#folder, file), 'utf8')
    return { cert: read(`${name}.pem`), key: read(`${name}.key`) }
  }

  #openssl(...args: string[]): void {
    execFileSync('openssl', args, { cwd: this.#folder, stdio: 'pipe' })
  }
}

/** A server that listens on this machine, until the test ends. */
export interface Listening {
  readonly port: number
  /** What it was asked for: paths of TLS servers with their versions, targets of proxies. */
  readonly seen: string[]
}

/** A TLS server that passes on what it gets to an http one. */
export function startTlsServer(
  certificate: Certificate,
  behind: string,
  options: TlsOptions = {},
): Promise<Listening> {
  const seen: string[] = []
  const server = createHttpsServer({ ...certificate, ...options }, (incoming, answer) => {
    seen.push((incoming.socket as TLSSocket).getProtocol() ?? '')
    const { port, hostname } = new URL(behind)
    const headers = { ...incoming.headers, host: `${hostname}:${port}` }
    const passed = httpRequest({ host: hostname, port, method: 'POST', path: incoming.url, headers })
    passed.on('response', (response: IncomingMessage) => {
      answer.writeHead(response.statusCode ?? 500, response.headers)
      response.pipe(answer)
    })
    passed.on('error', () => answer.destroy())
    incoming.pipe(passed)
  })
  return listening(server, seen)
}

/**
 * A proxy that connects everybody to one port of this machine, whatever they asked for.
 *
 * @param answer the status line to refuse with, given the credentials that came; nothing to connect
 */
export function startProxy(
  target: number,
  answer: (authorization: string | undefined) => string | undefined = () => undefined,
): Promise<Listening> {
  const seen: string[] = []
  const server = createHttpServer()
  server.on('connect', (request: IncomingMessage, client: Socket) => {
    seen.push(request.url ?? '')
    client.on('error', () => undefined)
    const refusal = answer(request.headers['proxy-authorization'])
    if (refusal !== undefined) {
      client.end(`HTTP/1.1 ${refusal}\r\ncontent-type: text/html\r\n\r\n<html>no</html>`)
      return
    }
    const upstream = connect(target, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      upstream.pipe(client)
      client.pipe(upstream)
    })
    upstream.on('error', () => client.destroy())
    client.on('close', () => upstream.destroy())
  })
  return listening(server, seen)
}

/** A server that takes connections and says nothing. */
export function startSilence(): Promise<Listening> {
  return listening(createTcpServer(), [])
}

async function listening(server: Server, seen: string[]): Promise<Listening> {
  const open = new Set<Socket>()
  server.on('connection', socket => {
    open.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => open.delete(socket))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, seen }
}
