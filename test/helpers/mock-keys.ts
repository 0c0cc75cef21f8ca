/** Keys of any kind on the mock of an environment. */

import { CreateAliasCommand, CreateKeyCommand, type CreateKeyCommandInput } from '@aws-sdk/client-kms'
import { createClients } from '../../src/clients.ts'
import { resolveSettings } from '../../src/config.ts'

/** Makes a key and gives its ARN. */
export async function createMockKey(
  env: Readonly<Record<string, string>>,
  { alias, ...input }: CreateKeyCommandInput & { readonly alias?: string },
): Promise<string> {
  const clients = createClients(resolveSettings({ backend: 'mock' }, env), env)
  try {
    const kms = await clients.kms()
    const { KeyMetadata: { Arn = '' } = {} } = await kms.send(new CreateKeyCommand(input))
    if (alias !== undefined) await kms.send(new CreateAliasCommand({ AliasName: alias, TargetKeyId: Arn }))
    return Arn
  } finally {
    await clients.close()
  }
}
