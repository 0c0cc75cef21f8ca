/** What a key's state allows, and the refusals. */

import { AwsException } from '../exceptions.ts'
import type { KeyRecord, KeyState } from './key-record.ts'

/** Groups of operations that treat the states alike. */
export type StateRule =
  /** Cryptography, GetPublicKey, grants, rotation: an enabled key only. */
  | 'use'
  /** EnableKey, DisableKey. */
  | 'toggle'
  /** CreateAlias, tags, description, ScheduleKeyDeletion: anything that is not on its way out. */
  | 'change'

const refused: Readonly<Record<StateRule, ReadonlySet<KeyState>>> = {
  use: new Set(['Disabled', 'PendingDeletion', 'PendingReplicaDeletion', 'PendingImport']),
  toggle: new Set(['PendingDeletion', 'PendingReplicaDeletion', 'PendingImport']),
  change: new Set(['PendingDeletion', 'PendingReplicaDeletion']),
}

/**
 * Passes a key whose state allows the operation.
 *
 * @throws AwsException DisabledException or KMSInvalidStateException
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
 */
export function requireState(key: KeyRecord, rule: StateRule): void {
  if (!refused[rule].has(key.state)) return
  if (key.state === 'Disabled') throw new AwsException('DisabledException', `${key.arn} is disabled.`)
  throw new AwsException('KMSInvalidStateException', `${key.arn} is ${words[key.state]}.`)
}

const words: Readonly<Record<KeyState, string>> = {
  Enabled: 'enabled',
  Disabled: 'disabled',
  PendingDeletion: 'pending deletion',
  PendingReplicaDeletion: 'pending replica deletion',
  PendingImport: 'pending import',
  Creating: 'creating',
}
