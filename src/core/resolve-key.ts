/** Finds the ARN of a key that was named in another way. */

import { DescribeKeyCommand, type KMSClient } from '@aws-sdk/client-kms'
import { KmsealError } from '../errors.ts'
import { send } from './aws-errors.ts'
import { parseKeyArn } from './key-id.ts'
import { clientForKey, type KmsAccess } from './kms-access.ts'

/**
 * The key ARN behind an id, alias or alias ARN. A key ARN is itself, without a request; anything else is asked for
 * once, so that all the files of a run have the same key.
 *
 * @throws KmsealError `not-found`, `denied` (needs kms:DescribeKey), `unavailable`; `usage` when a typed
 *   Region contradicts the ARN
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html
 */
export async function resolveKeyArn(access: KmsAccess, keyId: string): Promise<string> {
  const client = await clientForKey(access, keyId)
  if (parseKeyArn(keyId)?.resource.startsWith('key/')) return keyId
  const known = resolved.get(access) ?? new Map<string, Promise<string>>()
  resolved.set(access, known)
  const asked = known.get(keyId) ?? describe(client, keyId)
  known.set(keyId, asked)
  return asked.catch(error => {
    known.delete(keyId)
    throw error
  })
}

const resolved = new WeakMap<KmsAccess, Map<string, Promise<string>>>()

async function describe(client: KMSClient, keyId: string): Promise<string> {
  const { KeyMetadata: metadata } = await send(client, new DescribeKeyCommand({ KeyId: keyId }), {
    action: 'kms:DescribeKey',
    object: `key ${keyId}`,
    hints: { AccessDeniedException: 'name the key by its ARN, which needs no kms:DescribeKey' },
  })
  const arn = metadata?.Arn ?? ''
  // It ends up in policies, scripts and file headers.
  if (parseKeyArn(arn)?.resource.startsWith('key/') === true) return arn
  throw new KmsealError('failed', `KMS answered without an ARN for key ${keyId}`)
}
