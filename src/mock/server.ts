/** The mock served over HTTP: KMS, Parameter Store, CloudTrail and STS on one port. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { KmsealError } from '../errors.ts'
import type { Emulator, WireResponse } from './emulator.ts'
import { AwsException, errorBody } from './exceptions.ts'
import type { Faults } from './faults.ts'
import { foreignRequest } from './server-guard.ts'
import { callerOf, mostHeaders, readBody, viaServiceOf } from './server-request.ts'
import { answerQuery, queryContentType, queryError } from './sts.ts'

/** What to serve, and where. */
export interface ServerOptions {
  readonly emulator: Emulator
  /** 0 takes one that is free. */
  readonly port: number
  /** Address to listen on; default 127.0.0.1. Its name is one that requests may have in Host. */
  readonly host?: string
  /** What to do wrong, for tests. */
  readonly faults?: Faults | undefined
  /** Is told what failed within the mock, such as a full disk; clients get an internal error. */
  readonly onFailure?: (error: unknown) => void
}

/** A server that listens. */
export interface MockServer {
  /** Such as `http://127.0.0.1:4566`. */
  readonly url: string
  /** Takes no more requests, lets those under way finish for two seconds, and ends. Leaves the emulator open. */
  close(): Promise<void>
}

const mostConnections = 512
const graceMs = 2000
const limits = {
  maxHeaderSize: 16 * 1024,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 2000,
  keepAliveTimeout: 60_000,
} as const

/**
 * Serves an emulator.
 *
 * @throws KmsealError failed when the address or port cannot be had
 * @see BEHAVIOUR.md beside this file
 */
export async function startServer(options: ServerOptions): Promise<MockServer> {
  const host = options.host ?? '127.0.0.1'
  const server = createServer(limits, (request, response) => {
    handle(request, response, options, host).catch((error: unknown) => {
      // A client that went away is nobody's failure.
      if (!request.destroyed || request.complete) options.onFailure?.(error)
      if (response.headersSent || response.destroyed) response.destroy()
      else send(response, refusal(500, new AwsException('InternalServerError', 'The mock failed.')), true)
    })
  })
  // Node drops what is beyond its own count without a word, and with it what the guard looks for.
  server.maxHeadersCount = 0
  server.maxConnections = mostConnections
  server.on('clientError', refuseMalformed)
  await listen(server, options.port, host)
  const { port } = server.address() as AddressInfo
  return { url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`, close: () => close(server) }
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  options: ServerOptions,
  host: string,
): Promise<void> {
  const { headers, method, url } = request
  const refuse = (status: number, code: string, text?: string) =>
    send(response, refusal(status, new AwsException(code, text)), !request.complete)
  if (request.rawHeaders.length > 2 * mostHeaders) return refuse(431, 'RequestHeaderFieldsTooLarge')
  const foreign = foreignRequest(headers, host)
  if (foreign !== undefined) return refuse(403, 'AccessDeniedException', foreign)
  if (url === '/_kmseal/health' && method === 'GET') return send(response, json(200, { status: 'ok' }))
  if (method !== 'POST') {
    response.setHeader('allow', 'POST')
    return refuse(405, 'MethodNotAllowedException')
  }
  const body = await readBody(request)
  if (body === undefined) {
    return refuse(413, 'RequestEntityTooLargeException', 'The body of a request has at most 1 MiB.')
  }
  if (url === '/_kmseal/reset' || url === '/moto-api/reset') {
    options.emulator.reset()
    return send(response, json(200, { status: 'ok' }))
  }
  if (url !== '/') return refuse(404, 'UnknownOperationException')
  const answer = await answerOf(request, body, options)
  if (answer === undefined) request.socket.destroy()
  else send(response, answer)
}

async function answerOf(
  { headers, socket }: IncomingMessage,
  body: Buffer,
  { emulator, faults }: ServerOptions,
): Promise<WireResponse | undefined> {
  const target = headers['x-amz-target']
  const isQuery = target === undefined && headers['content-type']?.startsWith(queryContentType) === true
  try {
    const signer = callerOf(headers.authorization, emulator.principalOf)
    const caller = { ...signer, viaService: viaServiceOf(headers['x-kmseal-via-service']) }
    if (isQuery) return answerQuery(body, caller)
    const source = {
      address: (socket.remoteAddress ?? '').replace(/^::ffff:/, ''),
      agent: (headers['user-agent'] ?? '').slice(0, 512),
    }
    const wire = { target: typeof target === 'string' ? target : '', body, caller, source }
    return await (faults === undefined ? emulator.answer(wire) : faults(wire, emulator.answer))
  } catch (error) {
    if (!(error instanceof AwsException)) throw error
    if (!isQuery) return refusal(400, error)
    return queryError(403, error.code.replace(/(Token|Signature)Exception$/, '$1'), error.text ?? '')
  }
}

function refusal(status: number, exception: AwsException): WireResponse {
  return json(status, errorBody(exception))
}

function json(status: number, body: object): WireResponse {
  return { status, headers: { 'content-type': 'application/x-amz-json-1.1' }, body: JSON.stringify(body) }
}

/** @param last the rest of the request is not read, so the connection cannot go on */
function send(response: ServerResponse, { status, headers, body }: WireResponse, last = false): void {
  response.writeHead(status, {
    ...headers,
    'content-length': Buffer.byteLength(body),
    ...(last ? { connection: 'close' } : {}),
  })
  response.end(body)
}

function refuseMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const status =
    error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request'
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`)
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((fulfil, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'EADDRINUSE' ? 'the port is in use' : `it cannot be listened on (${error.code ?? ''})`
      reject(
        new KmsealError('failed', `cannot serve the mock on ${host} port ${port}: ${why}`, {
          hint: 'choose another --port (0 takes a free one) or --host',
          cause: error,
        }),
      )
    })
    server.listen(port, host, () => fulfil())
  })
}

async function close(server: Server): Promise<void> {
  const ended = new Promise<void>(fulfil => server.close(() => fulfil()))
  server.closeIdleConnections()
  const timer = setTimeout(() => server.closeAllConnections(), graceMs)
  await ended
  clearTimeout(timer)
}
