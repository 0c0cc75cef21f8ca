/** How KMS keys and aliases are kept, and the one place that loads them. */

import type { Context } from '../operation.ts'
import { table } from '../store.ts'
import type { KeyUsage } from './key-specs.ts'

/** Life stages of a key. */
export type KeyState =
  | 'Enabled'
  | 'Disabled'
  | 'PendingDeletion'
  | 'PendingReplicaDeletion'
  | 'PendingImport'
  | 'Creating'

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
  readonly origin: 'AWS_KMS' | 'EXTERNAL'
  readonly manager: 'CUSTOMER' | 'AWS'
  readonly state: KeyState
  readonly deletionDate?: number | undefined
  /** Waiting period of a deletion that waits for replicas to go. */
  readonly deletionDays?: number | undefined
  /** Id (64 hex digits) of the material that new ciphertexts are made with; empty before the first import. */
  readonly materialId: string
  /** Automatic rotation, while it is on. */
  readonly rotation?: { readonly periodDays: number; readonly next: number } | undefined
  /** Imported material that is present: of several, what expires first. */
  readonly imported?: { readonly validTo?: number | undefined } | undefined
  /** A multi-Region key: where it is primary, and all Regions that it was ever put in. */
  readonly multiRegion?: { readonly primary: string; readonly regions: readonly string[] } | undefined
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

/** A key that exists, as the time has made it: one past its deletion date does not. */
export function loadKey(context: Context, id: string): KeyRecord | undefined {
  const stored = keys.get(context.store, context, id)
  const key = stored && aged(context, stored)
  return key === undefined || isGone(context, key) ? undefined : key
}

/** The key of whatever account that something else names: a grant, a token, a material. */
export function loadKeyOf(
  context: Context,
  { account, keyId }: { readonly account: string; readonly keyId: string },
): KeyRecord | undefined {
  return loadKey({ ...context, account }, keyId)
}

/** What passed meanwhile, which no request wrote down: imported material expires, replicas go. */
function aged(context: Context, key: KeyRecord): KeyRecord {
  const { validTo } = key.imported ?? {}
  if (validTo !== undefined && context.now >= validTo) {
    const state = key.state === 'PendingDeletion' ? key.state : 'PendingImport'
    return { ...key, state, imported: undefined }
  }
  if (key.state !== 'PendingReplicaDeletion') return key
  const others = replicasOf(context, key)
  if (others.some(replica => !isGone(context, replica))) return key
  const last = Math.max(...others.map(replica => replica.deletionDate ?? key.created))
  return {
    ...key,
    state: 'PendingDeletion',
    deletionDate: last + (key.deletionDays ?? 0) * 24 * 60 * 60 * 1000,
    deletionDays: undefined,
  }
}

/** The records of a multi-Region key in other Regions, with those that are gone already. */
export function replicasOf(context: Context, key: KeyRecord): readonly KeyRecord[] {
  const { account } = key
  return (key.multiRegion?.regions ?? [])
    .filter(region => region !== regionOf(key))
    .map(region => keys.get(context.store, { account, region }, key.id))
    .filter(record => record !== undefined)
}

/** The Region of a key. */
export function regionOf(key: KeyRecord): string {
  return key.arn.split(':')[3] ?? ''
}

/** Whether the waiting period of a scheduled deletion is over. */
export function isGone(context: Pick<Context, 'now'>, key: KeyRecord): boolean {
  return key.deletionDate !== undefined && context.now >= key.deletionDate
}

/** Writes a key back; only inside a transaction. */
export function saveKey(context: Context, key: KeyRecord): void {
  keys.put(context.store, { account: key.account, region: regionOf(key) }, key.id, key)
}

/** Writes what a multi-Region key shares to all its Regions, and to a key of one Region; only inside a transaction. */
export function saveShared(
  context: Context,
  key: KeyRecord,
  shared: Partial<Pick<KeyRecord, 'materialId' | 'rotation' | 'multiRegion'>>,
): KeyRecord {
  for (const replica of replicasOf(context, key)) saveKey(context, { ...replica, ...shared })
  const changed = { ...key, ...shared }
  saveKey(context, changed)
  return changed
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
  const { created = now } = loadAlias(context, name) ?? {}
  aliases.put(store, context, name, { target: keyId, created, updated: now })
  aliasesOfKeys.put(store, context, `${keyId}/${name}`, true)
}

/** Removes the aliases of a key that is gone; only inside a transaction. */
export function removeAliasesOf(context: Context, key: KeyRecord): void {
  const { store } = context
  const scope = { account: key.account, region: regionOf(key) }
  const lead = `${key.id}/`
  for (const [entry] of [...aliasesOfKeys.list(store, scope, lead)]) {
    aliasesOfKeys.remove(store, scope, entry)
    const name = entry.slice(lead.length)
    if (aliases.get(store, scope, name)?.target === key.id) aliases.remove(store, scope, name)
  }
}

/** ARN of a key of the caller's account and Region. */
export function keyArn(context: Context, id: string): string {
  return `arn:${context.partition}:kms:${context.region}:${context.account}:key/${id}`
}

/** ARN of an alias (a name that begins `alias/`) of the caller's account and Region. */
export function aliasArn(context: Context, name: string): string {
  return `arn:${context.partition}:kms:${context.region}:${context.account}:${name}`
}
