/** A served mock in a temporary state folder, and raw requests to it. */

import { request as httpRequest } from 'node:http'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type Emulator, openEmulator } from '../../../src/mock/emulator.ts'
import type { Faults } from '../../../src/mock/faults.ts'
import { type MockServer, startServer } from '../../../src/mock/server.ts'
import { temporaryFolder } from '../mock-clients.ts'

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

export interface Served extends MockServer {
  readonly emulator: Emulator
  readonly port: number
  readonly failures: unknown[]
  send(request: {
    readonly method?: string
    readonly path?: string
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: string | Uint8Array
  }): Promise<Answer>
  /** A signed call; gives status and parsed body. */
  call(
    target: string,
    body: unknown,
    accessKeyId?: string,
  ): Promise<{ status: number; body: Record<string, unknown> }>
}

/** An Authorization header with a credential scope; the mock does not check signatures. */
export function signedBy(accessKeyId: string, region = 'eu-west-1'): string {
  return `AWS4-HMAC-SHA256 Credential=${accessKeyId}/20300102/${region}/kms/aws4_request, SignedHeaders=host, Signature=0`
}

/** Starts one; it ends with the test. */
export async function serveMock(options: { host?: string; faults?: Faults } = {}): Promise<Served> {
  const emulator = await openEmulator({ directory: join(temporaryFolder(), 'state') })
  const failures: unknown[] = []
  const server = await startServer({
    emulator,
    port: 0,
    ...options,
    onFailure: error => failures.push(error),
  })
  onTestFinished(async () => {
    await server.close()
    await emulator.close()
  })
  const port = Number(new URL(server.url).port)
  const send: Served['send'] = ({ method = 'POST', path = '/', headers = {}, body = '' }) =>
    new Promise((fulfil, reject) => {
      const sent = httpRequest({ port, host: '127.0.0.1', method, path, headers: { ...headers } }, answer => {
        const chunks: Buffer[] = []
        answer.on('data', chunk => chunks.push(chunk))
        answer.on('error', reject)
        answer.on('end', () =>
          fulfil({
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            text: Buffer.concat(chunks).toString(),
          }),
        )
      })
      sent.on('error', reject)
      sent.end(body)
    })
  return {
    ...server,
    emulator,
    port,
    failures,
    send,
    async call(target, body, accessKeyId = 'test') {
      const headers = { 'x-amz-target': target, authorization: signedBy(accessKeyId) }
      const { status, text } = await send({ headers, body: JSON.stringify(body) })
      return { status, body: text === '' ? {} : JSON.parse(text) }
    },
  }
}
