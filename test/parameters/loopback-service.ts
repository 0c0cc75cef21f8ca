/** The mock behind a loopback port, for commands that run as against AWS, with every request on record. */

import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEmulator } from '../../src/mock/emulator.ts'
import { type CliInput, type CliResult, runCli } from '../helpers/cli.ts'

/** A running service, and commands that talk to it. */
export interface LoopbackService {
  /** Operations and inputs so far, oldest first; tests empty it. */
  readonly requests: { readonly operation: string; readonly input: Record<string, unknown> }[]
  /** Answers, by operation, that are given instead of the mock's. */
  readonly refusals: Map<string, (input: Record<string, unknown>) => { __type: string; message?: string }>
  /** Runs kmseal with `--backend aws` on this service. */
  run(argv: readonly string[], input?: CliInput): Promise<CliResult>
  close(): Promise<void>
}

/** Starts a service with an empty state. Its account is 123456789012, and its Region us-east-1. */
export async function startLoopbackService(): Promise<LoopbackService> {
  const directory = await mkdtemp(join(tmpdir(), 'kmseal-loopback-'))
  const emulator = await openEmulator({ directory })
  const requests: LoopbackService['requests'] = []
  const refusals: LoopbackService['refusals'] = new Map()
  const caller = { principal: 'arn:aws:iam::123456789012:root', region: 'us-east-1' }
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    const target = String(request.headers['x-amz-target'])
    const operation = target.split('.')[1] ?? ''
    const input = JSON.parse(body.toString()) as Record<string, unknown>
    requests.push({ operation, input })
    const refusal = refusals.get(operation)?.(input)
    if (refusal !== undefined) {
      response.writeHead(400, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(refusal))
      return
    }
    const answer = await emulator.answer({ target, body, caller })
    response.writeHead(answer.status, answer.headers).end(answer.body)
  })
  await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as AddressInfo
  const global = ['--backend', 'aws', '--endpoint-url', `http://127.0.0.1:${port}`, '--region', 'us-east-1']
  return {
    requests,
    refusals,
    run: ([command = '', ...rest], input = {}) => runCli([command, ...global, ...rest], input),
    async close() {
      server.closeAllConnections()
      await new Promise(closed => server.close(closed))
      await emulator.close()
      await rm(directory, { recursive: true })
    },
  }
}
