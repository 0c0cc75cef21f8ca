/** Deletion of keys: what would be lost, scheduling it, and calling it off. */

import type { CloudTrailClient } from '@aws-sdk/client-cloudtrail'
import {
  CancelKeyDeletionCommand,
  ScheduleKeyDeletionCommand,
  type ScheduleKeyDeletionCommandOutput,
} from '@aws-sdk/client-kms'
import { aliasesOf } from './aliases.ts'
import { ifAllowed, send } from './aws-errors.ts'
import { type ChangeableKey, subjectOf } from './changeable-key.ts'
import { parseKeyArn } from './key-id.ts'
import { type LastUse, lastUseOf } from './last-use.ts'

/** Shortest and longest waiting period, in days; the longest is KMS's default. */
export const pendingWindowDays = { min: 7, max: 30 } as const

/** What to know of a key before it is deleted. */
export interface DeletionOutlook {
  /** Their names, which go with the key; absent when kms:ListAliases is not allowed. */
  readonly aliases: readonly string[] | undefined
  readonly lastUse: LastUse
}

/**
 * Looks at what a key is known by, and when it was last used.
 *
 * @param trail of the key's own Region
 * @throws KmsealError `unavailable` when KMS cannot be asked
 */
export async function deletionOutlook(key: ChangeableKey, trail: CloudTrailClient): Promise<DeletionOutlook> {
  const [aliases, lastUse] = await Promise.all([
    ifAllowed(aliasesOf(key.client, key.keyId)),
    parseKeyArn(key.keyId) === undefined
      ? ({ kind: 'unknown', reason: 'kms:DescribeKey is not allowed' } as const)
      : lastUseOf(trail, key.keyId),
  ])
  return { aliases, lastUse }
}

/** What KMS says of a scheduled deletion. */
export type ScheduledDeletion = Pick<
  ScheduleKeyDeletionCommandOutput,
  'DeletionDate' | 'KeyState' | 'PendingWindowInDays'
> & { readonly KeyId: string }

/**
 * Schedules the deletion of a key. From now on it cannot be used; after the waiting period nothing that was
 * encrypted under it can ever be decrypted. The primary of multi-Region keys waits for its replicas to go.
 *
 * @param days of waiting, 7 to 30
 * @throws KmsealError `failed` in a state that does not allow it, `denied`, `not-found`, `unavailable`
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html
 */
export async function scheduleDeletion(key: ChangeableKey, days: number): Promise<ScheduledDeletion> {
  const { KeyId, DeletionDate, KeyState, PendingWindowInDays } = await send(
    key.client,
    new ScheduleKeyDeletionCommand({ KeyId: key.keyId, PendingWindowInDays: days }),
    subjectOf(key, 'kms:ScheduleKeyDeletion', {
      KMSInvalidStateException: `see how it is: kmseal describe-key ${key.keyId}`,
    }),
  )
  return {
    KeyId: KeyId ?? key.keyId,
    ...(DeletionDate === undefined ? {} : { DeletionDate }),
    ...(KeyState === undefined ? {} : { KeyState }),
    ...(PendingWindowInDays === undefined ? {} : { PendingWindowInDays }),
  }
}

/**
 * Calls a scheduled deletion off. The key stays disabled until it is enabled.
 *
 * @throws KmsealError `failed` for a key that is not to be deleted, `denied`, `not-found`, `unavailable`
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_CancelKeyDeletion.html
 */
export async function cancelDeletion(key: ChangeableKey): Promise<{ readonly KeyId: string }> {
  const { KeyId = key.keyId } = await send(
    key.client,
    new CancelKeyDeletionCommand({ KeyId: key.keyId }),
    subjectOf(key, 'kms:CancelKeyDeletion', {
      KMSInvalidStateException: `nothing is to be called off; see how it is: kmseal describe-key ${key.keyId}`,
    }),
  )
  return { KeyId }
}
