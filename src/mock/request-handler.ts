/** The seam to the AWS SDK: an HTTP handler whose other end is the emulator, in the same process. */

import { Readable } from 'node:stream'
import type { Caller, Emulator } from './emulator.ts'

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
 * @throws (from `handle`) whatever opening or running the emulator throws; refusals of the services are
 *   ordinary answers
 * @see https://docs.aws.amazon.com/AWSJavaScriptSDK/v3/latest/Package/-smithy-node-http-handler/
 */
export function mockRequestHandler(emulator: () => Promise<Emulator>, caller: Caller): MockRequestHandler {
  return {
    async handle(request, options = {}) {
      if (isAborted(options.abortSignal)) throw abortError()
      const { answer } = await emulator()
      const { status, headers, body } = await answer({
        target: header(request.headers, 'x-amz-target'),
        body: bytesOf(request.body),
        caller,
      })
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
