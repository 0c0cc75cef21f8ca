/** How KMS keys and aliases are kept, and the one place that loads them. */

import type { Context } from '../operation.ts'
import { table } from '../store.ts'
import type { KeyUsage } from './key-specs.ts'

/** Life stages of a key. */
export type KeyState = 'Enabled' | 'Disabled' | 'PendingDeletion' | 'PendingImport'

/** A tag in KMS's spelling. */
export interface KeyTag {
  readonly TagKey: string
  readonly TagValue: string
}

/** One key of one account and Region. Times are milliseconds since 1970. */
export interface KeyRecord {
  readonly id: string
  readonly arn: string
  readonly account: string
  readonly created: number
  readonly description: string
  readonly spec: string
  readonly usage: KeyUsage
  readonly origin: 'AWS_KMS'
  readonly manager: 'CUSTOMER' | 'AWS'
  readonly state: KeyState
  readonly deletionDate?: number | undefined
  /** Id (64 hex digits) of the material that new ciphertexts are made with. */
  readonly materialId: string
  readonly policy: string
  readonly tags: readonly KeyTag[]
}

/** An alias and the key it stands for. Times are milliseconds since 1970. */
export interface AliasRecord {
  readonly target: string
  readonly created: number
  readonly updated: number
}

/** Keys by id. */
export const keys = table<KeyRecord>('key')

/** Aliases by name, apart from the keys so that moving one is a single write. */
export const aliases = table<AliasRecord>('alias')

/** The aliases of a key: ids are `<key id>/<alias name>`. */
export const aliasesOfKeys = table<true>('alias-of-key')

/** A key that exists: one past its deletion date does not. */
export function loadKey(context: Context, id: string): KeyRecord | undefined {
  const key = keys.get(context.store, context, id)
  return key === undefined || isGone(context, key) ? undefined : key
}

/** Whether the waiting period of a scheduled deletion is over. */
export function isGone(context: Context, key: KeyRecord): boolean {
  return key.deletionDate !== undefined && context.now >= key.deletionDate
}

/** Writes a key back; only inside a transaction. */
export function saveKey(context: Context, key: KeyRecord): void {
  keys.put(context.store, context, key.id, key)
}

/** An alias that exists; with its key gone, it is gone too. */
export function loadAlias(context: Context, name: string): AliasRecord | undefined {
  const alias = aliases.get(context.store, context, name)
  return alias === undefined || loadKey(context, alias.target) === undefined ? undefined : alias
}

/** Makes an alias or moves it, keeping the index by key in step; only inside a transaction. */
export function pointAlias(context: Context, name: string, keyId: string): void {
  const { store, now } = context
  const before = aliases.get(store, context, name)
  if (before) aliasesOfKeys.remove(store, context, `${before.target}/${name}`)
  aliases.put(store, context, name, { target: keyId, created: before?.created ?? now, updated: now })
  aliasesOfKeys.put(store, context, `${keyId}/${name}`, true)
}

/** ARN of a key of the caller's account and Region. */
export function keyArn(context: Context, id: string): string {
  return `arn:${context.partition}:kms:${context.region}:${context.account}:key/${id}`
}

/** ARN of an alias (a name that begins `alias/`) of the caller's account and Region. */
export function aliasArn(context: Context, name: string): string {
  return `arn:${context.partition}:kms:${context.region}:${context.account}:${name}`
}
