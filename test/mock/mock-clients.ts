/** Real SDK clients over a mock in a temporary state folder, for the tests beside this file. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { KMSClient } from '@aws-sdk/client-kms'
import { SSMClient } from '@aws-sdk/client-ssm'
import { onTestFinished } from 'vitest'
import { type Emulator, openEmulator } from '../../src/mock/emulator.ts'
import { mockRequestHandler } from '../../src/mock/request-handler.ts'

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true'

export const account = '000000000000'
export const region = 'eu-west-1'
export const root = `arn:aws:iam::${account}:root`

/** A new folder that is removed when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kmseal-mock-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export interface RawAnswer<T> {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: T
}

export interface Mock {
  readonly kms: KMSClient
  readonly ssm: SSMClient
  readonly emulator: Emulator
  readonly directory: string
  /** Moves the mock's clock. */
  passDays(days: number): void
  /** Clients of another caller on the same state. */
  as(caller: { principal?: string; region?: string }): { kms: KMSClient; ssm: SSMClient }
  /** One raw request; gives status, headers and the parsed body. */
  raw<T = unknown>(target: string, body: unknown): Promise<RawAnswer<T>>
}

/** Opens a mock on a folder of its own, closed and removed when the test ends. */
export async function openMock(directory = join(temporaryFolder(), 'state')): Promise<Mock> {
  let now = Date.parse('2030-01-02T03:04:05.678Z')
  const emulator = await openEmulator({ directory, clock: () => new Date(now) })
  onTestFinished(() => emulator.close())
  const as = (caller: { principal?: string; region?: string }) => {
    const whole = { principal: root, region, ...caller }
    const config = {
      region: whole.region,
      credentials: { accessKeyId: 'mock', secretAccessKey: 'mock' },
      maxAttempts: 1,
      requestHandler: mockRequestHandler(async () => emulator, whole),
    }
    return { kms: new KMSClient(config), ssm: new SSMClient(config) }
  }
  return {
    ...as({}),
    emulator,
    directory,
    as,
    passDays: days => {
      now += days * 24 * 60 * 60 * 1000
    },
    async raw(target, body) {
      const bytes = typeof body === 'string' ? Buffer.from(body) : Buffer.from(JSON.stringify(body))
      const answer = await emulator.answer({ target, body: bytes, caller: { principal: root, region } })
      return { ...answer, body: answer.body === '' ? undefined : JSON.parse(answer.body) }
    },
  }
}

/** The name and message of a refusal: `Name: message`, or `Name` where the service sends no text. */
export async function refusal(call: Promise<unknown>): Promise<string> {
  try {
    await call
  } catch (error) {
    const { name, message } = error as Error
    return message === '' || message === 'UnknownError' ? name : `${name}: ${message}`
  }
  return 'no refusal'
}
