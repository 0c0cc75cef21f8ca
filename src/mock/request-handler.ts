/** The seam to the AWS SDK: an HTTP handler whose other end is the emulator, in the same process. */

import { Readable } from 'node:stream'
import type { Caller, Emulator, WireResponse } from './emulator.ts'
import type { Faults } from './faults.ts'
import { answerQuery, queryContentType } from './sts.ts'

/** The parts of an SDK HTTP request that the emulator looks at. */
export interface HandledRequest {
  readonly headers: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** What an SDK client needs of its `requestHandler`. */
export interface MockRequestHandler {
  handle(
    request: HandledRequest,
    options?: { readonly abortSignal?: unknown },
  ): Promise<{ response: { statusCode: number; headers: Record<string, string>; body: Readable } }>
  updateHttpClientConfig(): void
  httpHandlerConfigs(): Record<string, never>
  destroy(): void
}

/**
 * Gives SDK clients a `requestHandler` that answers from an emulator instead of the network.
 *
 * @param emulator opens it, on the first request; must give the same one each time
 * @param caller the principal and Region of every request; signatures are not looked at
 * @param faults what to do wrong, for tests
 * @throws (from `handle`) whatever opening or running the emulator throws; refusals of the services are
 *   ordinary answers
 * @see https://docs.aws.amazon.com/AWSJavaScriptSDK/v3/latest/Package/-smithy-node-http-handler/
 */
export function mockRequestHandler(
  emulator: () => Promise<Emulator>,
  caller: Caller,
  faults?: Faults,
): MockRequestHandler {
  const answerOf = async (headers: HandledRequest['headers'], body: Uint8Array): Promise<WireResponse> => {
    const target = header(headers, 'x-amz-target')
    if (target === '' && header(headers, 'content-type').startsWith(queryContentType)) {
      return answerQuery(body, caller)
    }
    const { answer } = await emulator()
    const request = { target, body, caller }
    const answered = await (faults === undefined ? answer(request) : faults(request, answer))
    if (answered === undefined) throw connectionReset()
    return answered
  }

  return {
    async handle(request, options = {}) {
      if (isAborted(options.abortSignal)) throw abortError()
      const { status, headers, body } = await answerOf(request.headers, bytesOf(request.body))
      return { response: { statusCode: status, headers, body: Readable.from([Buffer.from(body)]) } }
    },
    updateHttpClientConfig: () => undefined,
    httpHandlerConfigs: () => ({}),
    destroy: () => undefined,
  }
}

function header(headers: Readonly<Record<string, string>>, name: string): string {
  const entry = Object.entries(headers).find(([key]) => key.toLowerCase() === name)
  return entry?.[1] ?? ''
}

function bytesOf(body: unknown): Uint8Array {
  if (body === undefined || body === null) return new Uint8Array()
  if (typeof body === 'string') return Buffer.from(body)
  if (body instanceof Uint8Array) return body
  throw new TypeError('the mock takes request bodies that are text or bytes')
}

function isAborted(signal: unknown): boolean {
  return typeof signal === 'object' && signal !== null && 'aborted' in signal && signal.aborted === true
}

function abortError(): Error {
  const error = new Error('Request aborted')
  error.name = 'AbortError'
  return error
}

function connectionReset(): Error {
  return Object.assign(new Error('the connection was reset'), { code: 'ECONNRESET' })
}
