/** How grants and their tokens are kept. */

import type { Grant, GrantConstraints } from '../../policy/grant-access.ts'
import type { Context } from '../operation.ts'
import { table } from '../store.ts'
import { type KeyRecord, regionOf } from './key-record.ts'

/** One grant of a key. */
export interface GrantRecord extends Grant {
  /** 64 hex digits. */
  readonly id: string
  readonly name: string
  /** Milliseconds since 1970. */
  readonly created: number
  readonly GranteePrincipal: string
  readonly Operations: readonly string[]
  readonly RetiringPrincipal?: string | undefined
  readonly Constraints?: GrantConstraints | undefined
  /** Account that made it. */
  readonly issuer: string
}

/** Which grant of which key. */
export interface GrantPlace {
  readonly account: string
  readonly keyId: string
  readonly grantId: string
}

// Ids are `<key id>/<grant id>`.
const grants = table<GrantRecord>('grant')
const tokens = table<GrantPlace>('grant-token')
// Ids are `<retiring principal> <account>/<key id>/<grant id>`.
const retirable = table<GrantPlace>('retirable-grant')

/** The grants of a key in the order of their ids. */
export function* grantsOfKey(context: Context, key: KeyRecord, after?: string): Iterable<GrantRecord> {
  const lead = `${key.id}/`
  const range = after === undefined ? {} : { after: lead + after }
  for (const [, grant] of grants.list(context.store, scopeOf(key), lead, range)) yield grant
}

/** Removes all grants of a key that is gone; only inside a transaction. */
export function removeGrantsOf(context: Context, key: KeyRecord): void {
  for (const grant of [...grantsOfKey(context, key)]) removeGrant(context, key, grant)
}

/** A grant of a key. */
export function loadGrant(context: Context, key: KeyRecord, id: string): GrantRecord | undefined {
  return grants.get(context.store, scopeOf(key), `${key.id}/${id}`)
}

/**
 * Where the grants are that a principal can retire, of keys of all accounts in the caller's Region.
 *
 * @param after a position
 */
export function* retirableGrants(
  context: Context,
  principal: string,
  after: string | undefined,
): Iterable<readonly [position: string, GrantPlace]> {
  const lead = `${principal} `
  const range = after === undefined ? {} : { after: lead + after }
  for (const [id, place] of retirable.list(context.store, regionScope(context), lead, range)) {
    yield [id.slice(lead.length), place]
  }
}

/** Keeps a grant; only inside a transaction. */
export function saveGrant(context: Context, key: KeyRecord, grant: GrantRecord): void {
  grants.put(context.store, scopeOf(key), `${key.id}/${grant.id}`, grant)
  const { account, id: keyId } = key
  if (grant.RetiringPrincipal !== undefined) {
    const place = { account, keyId, grantId: grant.id }
    retirable.put(context.store, regionScope(context), retirableId(key, grant), place)
  }
}

/** Takes a grant away; only inside a transaction. */
export function removeGrant(context: Context, key: KeyRecord, grant: GrantRecord): void {
  grants.remove(context.store, scopeOf(key), `${key.id}/${grant.id}`)
  retirable.remove(context.store, regionScope(context), retirableId(key, grant))
}

/** Makes a token for a grant; only inside a transaction. */
export function newGrantToken(context: Context, key: KeyRecord, grantId: string): string {
  const token = context.randomBytes(96).toString('base64url')
  tokens.put(context.store, regionScope(context), token, { account: key.account, keyId: key.id, grantId })
  return token
}

/** The grant that a token was made for, which may be gone. */
export function loadGrantToken(context: Context, token: string): GrantPlace | undefined {
  return tokens.get(context.store, regionScope(context), token)
}

function retirableId(key: KeyRecord, grant: GrantRecord): string {
  return `${grant.RetiringPrincipal} ${key.account}/${key.id}/${grant.id}`
}

/** Tokens and retiring principals may be of other accounts than the key. */
function regionScope({ region }: Context): { account: string; region: string } {
  return { account: '*', region }
}

function scopeOf(key: KeyRecord): { account: string; region: string } {
  return { account: key.account, region: regionOf(key) }
}
