/** Enables and disables keys. */

import { DisableKeyCommand, EnableKeyCommand } from '@aws-sdk/client-kms'
import { send } from './aws-errors.ts'
import { findChangeableKey, subjectOf } from './changeable-key.ts'
import type { KmsAccess } from './kms-access.ts'

/** What became of a key. */
export interface KeyStateChange {
  /** The key's ARN; the id as given where kms:DescribeKey is not allowed. */
  readonly KeyId: string
  readonly KeyState: 'Enabled' | 'Disabled'
  /** False when the key was so already, and nothing was sent. */
  readonly Changed: boolean
}

/**
 * Enables a key, so that it can be used again.
 *
 * @throws KmsealError `failed` in a state that does not allow it, `not-found`, `denied`, `unavailable`
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKey.html
 */
export function enableKey(access: KmsAccess, keyId: string): Promise<KeyStateChange> {
  return changeState(access, keyId, 'Enabled')
}

/**
 * Disables a key: nothing can be encrypted or decrypted under it until it is enabled again.
 *
 * @throws KmsealError `failed` in a state that does not allow it, `not-found`, `denied`, `unavailable`
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKey.html
 */
export function disableKey(access: KmsAccess, keyId: string): Promise<KeyStateChange> {
  return changeState(access, keyId, 'Disabled')
}

async function changeState(
  access: KmsAccess,
  keyId: string,
  wanted: KeyStateChange['KeyState'],
): Promise<KeyStateChange> {
  const key = await findChangeableKey(access, keyId)
  const done = { KeyId: key.keyId, KeyState: wanted }
  if (key.metadata?.KeyState === wanted) return { ...done, Changed: false }
  const input = { KeyId: key.keyId }
  if (wanted === 'Enabled')
    await send(key.client, new EnableKeyCommand(input), subjectOf(key, 'kms:EnableKey'))
  else await send(key.client, new DisableKeyCommand(input), subjectOf(key, 'kms:DisableKey'))
  return { ...done, Changed: true }
}
