/** Real SDK clients on the mock, with every request on record and answers that a test can put in its place. */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { KMSClient } from '@aws-sdk/client-kms'
import { SSMClient } from '@aws-sdk/client-ssm'
import type { KmsAccess } from '../../src/core/kms-access.ts'
import { openEmulator } from '../../src/mock/emulator.ts'
import { parseFaults } from '../../src/mock/faults.ts'
import { mockRequestHandler } from '../../src/mock/request-handler.ts'
import type { SsmAccess } from '../../src/parameters/ssm-access.ts'

/** One request as it went over the wire. */
export interface Recorded {
  /** Operation, such as `PutParameter`. */
  readonly operation: string
  readonly input: Record<string, unknown>
  readonly region: string
}

/** An answer in place of the mock's: an error's name and text. */
export interface Refusal {
  readonly name: string
  readonly message?: string
  readonly status?: number
  /** How many requests still pass before it. */
  readonly after?: number
}

/** Clients on a mock of their own. */
export interface MockClients {
  readonly ssm: SSMClient
  readonly kms: KmsAccess
  readonly access: SsmAccess
  /** Requests so far, oldest first; tests empty it. */
  readonly requests: Recorded[]
  /** Operations that are refused. */
  readonly refusals: Map<string, Refusal>
  /** What happens once before an operation is answered. */
  readonly before: Map<string, () => Promise<unknown>>
  /** A client of the same mock that retries as the program's does, with faults in its way. */
  faulty(specification: string): SSMClient
  close(): Promise<void>
}

// As the program does at its start: the SDK's notice about old Node versions is noise here.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'

const account = '123456789012'

/** Opens a fresh mock. Its caller is the root of account 123456789012, and its Region us-east-1. */
export async function openMockClients(): Promise<MockClients> {
  const directory = await mkdtemp(join(tmpdir(), 'kmseal-parameters-'))
  const emulator = await openEmulator({ directory })
  const requests: Recorded[] = []
  const refusals = new Map<string, Refusal>()
  const before = new Map<string, () => Promise<unknown>>()
  const principal = `arn:aws:iam::${account}:root`

  const configOf = (region: string) => {
    const inner = mockRequestHandler(async () => emulator, { principal, region })
    const handle: typeof inner.handle = async (request, options) => {
      const operation = request.headers['x-amz-target']?.split('.')[1] ?? ''
      const input = JSON.parse(new TextDecoder().decode(request.body as Uint8Array)) as Recorded['input']
      requests.push({ operation, input, region })
      const interlude = before.get(operation)
      before.delete(operation)
      await interlude?.()
      const refusal = refusals.get(operation)
      const { after = 0 } = refusal ?? {}
      if (refusal !== undefined && after > 0) refusals.set(operation, { ...refusal, after: after - 1 })
      return refusal === undefined || after > 0 ? inner.handle(request, options) : refused(refusal)
    }
    return {
      region,
      credentials: { accessKeyId: 'mock', secretAccessKey: 'mock' },
      endpoint: 'https://mock.invalid',
      maxAttempts: 1,
      requestHandler: { ...inner, handle },
    }
  }
  const made = new Map<string, SSMClient>()
  const ssmOf = (region: string): SSMClient => {
    const client = made.get(region) ?? new SSMClient(configOf(region))
    made.set(region, client)
    return client
  }
  const kmsClient = new KMSClient(configOf('us-east-1'))
  const choice = { region: undefined, regionTyped: false }
  return {
    ssm: ssmOf('us-east-1'),
    kms: { client: async () => kmsClient, choice },
    access: { client: async region => ssmOf(region ?? 'us-east-1'), choice },
    requests,
    refusals,
    before,
    faulty: specification =>
      new SSMClient({
        region: 'us-east-1',
        credentials: { accessKeyId: 'mock', secretAccessKey: 'mock' },
        endpoint: 'https://mock.invalid',
        requestHandler: mockRequestHandler(
          async () => emulator,
          { principal, region: 'us-east-1' },
          parseFaults(specification, evenly()),
        ),
      }),
    async close() {
      await emulator.close()
      await rm(directory, { recursive: true })
    },
  }
}

/** Numbers that spread evenly, so that faults come as often as they are to, and retries meet no more by chance. */
function evenly(): () => number {
  let last = 0
  return () => {
    last = (last + (Math.sqrt(5) - 1) / 2) % 1
    return last
  }
}

function refused({ name, message, status = 400 }: Refusal) {
  const body = JSON.stringify({ __type: name, message })
  const headers = { 'content-type': 'application/x-amz-json-1.1' }
  return { response: { statusCode: status, headers, body: Readable.from([Buffer.from(body)]) } }
}
