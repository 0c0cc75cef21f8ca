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
  use: new Set(['Disabled', 'PendingDeletion', 'PendingImport']),
  toggle: new Set(['PendingDeletion', 'PendingImport']),
  change: new Set(['PendingDeletion']),
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
  const words = key.state === 'PendingDeletion' ? 'pending deletion' : 'pending import'
  throw new AwsException('KMSInvalidStateException', `${key.arn} is ${words}.`)
}
