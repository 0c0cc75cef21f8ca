/** KMS of the built-in mock, with keys of its own, in a folder that goes away with the test file. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CreateAliasCommand,
  CreateKeyCommand,
  type CreateKeyCommandInput,
  KMSClient,
} from '@aws-sdk/client-kms'
import type { RegionChoice } from '../../src/core/key-id.ts'
import type { KmsAccess } from '../../src/core/kms-access.ts'
import { openEmulator } from '../../src/mock/emulator.ts'
import { mockRequestHandler } from '../../src/mock/request-handler.ts'

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true'

const principal = 'arn:aws:iam::111122223333:root'

/** A mock with clients for every Region. */
export interface MockKms {
  client(region?: string): KMSClient
  access(choice?: Partial<RegionChoice>): KmsAccess
  /** Makes a key and gives its ARN. */
  createKey(options?: CreateKeyCommandInput & { region?: string; alias?: string }): Promise<string>
  close(): Promise<void>
}

/** Opens a mock; the caller closes it. Without a Region, clients are of eu-west-1. */
export async function openMockKms(): Promise<MockKms> {
  const folder = mkdtempSync(join(tmpdir(), 'kmseal-core-test-'))
  const emulator = await openEmulator({ directory: join(folder, 'state') })
  const client = (region = 'eu-west-1'): KMSClient =>
    new KMSClient({
      region,
      credentials: { accessKeyId: 'mock', secretAccessKey: 'mock' },
      maxAttempts: 1,
      requestHandler: mockRequestHandler(async () => emulator, { principal, region }),
    })
  return {
    client,
    access: choice => ({
      client: async region => client(region),
      choice: { region: undefined, regionTyped: false, ...choice },
    }),
    async createKey({ region, alias, ...input } = {}) {
      const { KeyMetadata } = await client(region).send(new CreateKeyCommand(input))
      if (alias !== undefined) {
        const target = { AliasName: alias, TargetKeyId: KeyMetadata?.KeyId ?? '' }
        await client(region).send(new CreateAliasCommand(target))
      }
      return KeyMetadata?.Arn ?? ''
    },
    async close() {
      await emulator.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
