/** A KMS key as KMS describes it. */

import { DescribeKeyCommand, type KeyMetadata, type KMSClient } from '@aws-sdk/client-kms'
import { KmsealError } from '../errors.ts'
import { send } from './aws-errors.ts'

/**
 * What KMS knows of a key, in every state.
 *
 * @param keyId id, ARN, `alias/NAME` or alias ARN
 * @throws KmsealError `not-found`, `denied`, `unavailable`
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html
 */
export async function describeKey(client: KMSClient, keyId: string): Promise<KeyMetadata> {
  const { KeyMetadata: metadata } = await send(client, new DescribeKeyCommand({ KeyId: keyId }), {
    action: 'kms:DescribeKey',
    object: `key ${keyId}`,
  })
  if (metadata === undefined)
    throw new KmsealError('failed', `KMS answered without metadata for key ${keyId}`)
  return metadata
}
