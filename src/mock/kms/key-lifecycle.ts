/** EnableKey, DisableKey, UpdateKeyDescription, ScheduleKeyDeletion and CancelKeyDeletion. */

import { AwsException, validationException } from '../exceptions.ts'
import { type Context, defineOperation, type Operation } from '../operation.ts'
import { integer, required, string } from '../validation.ts'
import { findKey } from './key-lookup.ts'
import { type KeyRecord, saveKey } from './key-record.ts'
import { keyIdMember } from './members.ts'
import { isPrimaryOrSingle, liveReplicas } from './multi-region.ts'
import { requireState } from './states.ts'

const dayMs = 24 * 60 * 60 * 1000

/**
 * EnableKey; an enabled key stays enabled.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKey.html
 */
export const enableKey = toggle('EnableKey', 'Enabled')

/**
 * DisableKey; takes effect at once.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKey.html
 */
export const disableKey = toggle('DisableKey', 'Disabled')

/**
 * UpdateKeyDescription.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateKeyDescription.html
 */
export const updateKeyDescription = defineOperation(
  { KeyId: required(keyIdMember), Description: required(string({ max: 8192 })) },
  (context, input) =>
    change(context, input.KeyId, 'UpdateKeyDescription', key => {
      requireState(key, 'change')
      return { ...key, description: input.Description }
    }),
)

/**
 * ScheduleKeyDeletion: in 7 to 30 days (default 30), after which the key does not exist any more. A primary key
 * waits until its last replica is gone.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html
 */
export const scheduleKeyDeletion = defineOperation(
  { KeyId: required(keyIdMember), PendingWindowInDays: integer({ min: 1, max: 365 }) },
  (context, input) => {
    const days = input.PendingWindowInDays ?? 30
    if (days < 7 || days > 30) throw validationException('PendingWindowInDays must be between 7 and 30')
    const deletionDate = context.now + days * dayMs
    const key = changed(context, input.KeyId, 'ScheduleKeyDeletion', before => {
      requireState(before, 'change')
      const waits = isPrimaryOrSingle(before) && liveReplicas(context, before).length > 0
      return waits
        ? { ...before, state: 'PendingReplicaDeletion', deletionDays: days }
        : { ...before, state: 'PendingDeletion', deletionDate }
    })
    return {
      KeyId: key.arn,
      ...(key.deletionDate === undefined ? {} : { DeletionDate: key.deletionDate / 1000 }),
      KeyState: key.state,
      PendingWindowInDays: days,
    }
  },
)

/**
 * CancelKeyDeletion: the key is disabled afterwards, or waits for its material.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_CancelKeyDeletion.html
 */
export const cancelKeyDeletion = defineOperation({ KeyId: required(keyIdMember) }, (context, input) => {
  const key = changed(context, input.KeyId, 'CancelKeyDeletion', before => {
    if (!before.state.endsWith('Deletion')) {
      throw new AwsException('KMSInvalidStateException', `${before.arn} is not pending deletion.`)
    }
    const state = before.origin === 'EXTERNAL' && !before.imported ? 'PendingImport' : 'Disabled'
    return { ...before, state, deletionDate: undefined, deletionDays: undefined }
  })
  return { KeyId: key.arn }
})

function toggle(operation: string, state: 'Enabled' | 'Disabled'): Operation {
  return defineOperation({ KeyId: required(keyIdMember) }, (context, input) =>
    change(context, input.KeyId, operation, key => {
      requireState(key, 'toggle')
      return { ...key, state }
    }),
  )
}

function change(
  context: Context,
  keyId: string,
  operation: string,
  edit: (key: KeyRecord) => KeyRecord,
): undefined {
  changed(context, keyId, operation, edit)
  return undefined
}

function changed(
  context: Context,
  keyId: string,
  operation: string,
  edit: (key: KeyRecord) => KeyRecord,
): KeyRecord {
  return context.store.write(() => {
    const key = edit(findKey(context, keyId, { operation, aliases: false }))
    saveKey(context, key)
    return key
  })
}
