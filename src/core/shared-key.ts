/** A key whose policy is to be changed for others: who owns it, and what tells whether it can be shared at all. */

import type { KMSClient } from '@aws-sdk/client-kms'
import { KmsealError } from '../errors.ts'
import { parseKeyArn } from './key-id.ts'
import { describeKey } from './keys.ts'
import { clientForKey, type KmsAccess } from './kms-access.ts'

/** A key, and what decides whether it can be shared. */
export interface SharedKey {
  /** The client of its Region. */
  readonly client: KMSClient
  readonly arn: string
  /** Twelve digits. */
  readonly account: string
  readonly region: string
  /** `AWS` for one that nobody can share. */
  readonly keyManager: string | undefined
  readonly keySpec: string | undefined
  /** What the key is for, such as `ENCRYPT_DECRYPT`. */
  readonly keyUsage: string | undefined
  /** `Enabled`, or a state in which the key cannot be used now. */
  readonly keyState: string | undefined
}

/**
 * Looks a key up that is to be shared.
 *
 * @throws KmsealError `not-found`, `denied` (needs kms:DescribeKey), `unavailable`,
 *   `usage` when a typed Region contradicts the ARN
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
 */
export async function findSharedKey(access: KmsAccess, keyId: string): Promise<SharedKey> {
  const {
    Arn: arn = '',
    KeyManager,
    KeySpec,
    KeyState,
    KeyUsage,
  } = await describeKey(await clientForKey(access, keyId), keyId)
  const parts = parseKeyArn(arn)
  if (parts === undefined) throw new KmsealError('failed', `KMS answered without an ARN for key ${keyId}`)
  const { account, region } = parts
  return {
    client: await access.client(region),
    arn,
    account,
    region,
    keyManager: KeyManager,
    keySpec: KeySpec,
    keyUsage: KeyUsage,
    keyState: KeyState,
  }
}
