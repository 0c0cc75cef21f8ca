/** CreateGrant, ListGrants, ListRetirableGrants, RevokeGrant and RetireGrant. */

import { isDeepStrictEqual } from 'node:util'
import { parsePrincipalEntry } from '../../policy/principal-element.ts'
import { parseArn } from '../arn.ts'
import { AwsException, accessDenied, validationException } from '../exceptions.ts'
import { type Context, defineOperation } from '../operation.ts'
import { integer, list, required, string, structure, textMap } from '../validation.ts'
import { authorizeRetirement, authorizeWithoutKey } from './authorize.ts'
import { grantOperations, operationsOf } from './grant-operations.ts'
import {
  type GrantRecord,
  grantsOfKey,
  loadGrant,
  loadGrantToken,
  newGrantToken,
  removeGrant,
  retirableGrants,
  saveGrant,
} from './grant-record.ts'
import { findKey, resolveKey } from './key-lookup.ts'
import { type KeyRecord, keyArn, loadKeyOf } from './key-record.ts'
import { listPage } from './listing.ts'
import { dryRunMember, endDryRun, grantTokensMember, keyIdMember, markerMember } from './members.ts'
import { requireState } from './states.ts'

const principalMember = string({ min: 1, max: 256, pattern: /^[\w+=,.@:/-]+$/ })
const grantIdMember = string({ min: 1, max: 128 })
const grantsLimitMember = integer({ min: 1, max: 100 })
const mostPairs = 8
const longestConstraint = 384

/**
 * CreateGrant. With a name, the same request again gives the same grant, with a new token.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html
 */
export const createGrant = defineOperation(
  {
    KeyId: required(keyIdMember),
    GranteePrincipal: required(principalMember),
    RetiringPrincipal: principalMember,
    Operations: required(list(string({ values: grantOperations }))),
    Constraints: structure({ EncryptionContextSubset: textMap(), EncryptionContextEquals: textMap() }),
    GrantTokens: grantTokensMember,
    Name: string({ min: 1, max: 256, pattern: /^[a-zA-Z0-9:/_-]+$/ }),
    DryRun: dryRunMember,
  },
  (context, input) =>
    context.store.write(() => {
      const key = findKey(context, input.KeyId, { operation: 'CreateGrant', aliases: false })
      requireState(key, 'use')
      checkPrincipal(context, input.GranteePrincipal)
      if (input.RetiringPrincipal !== undefined) checkPrincipal(context, input.RetiringPrincipal)
      checkOperations(key, input.Operations)
      checkConstraints(key, Object.values(input.Constraints ?? {}))
      const { GranteePrincipal, RetiringPrincipal, Operations, Constraints, Name: name = '' } = input
      const wanted = { name, GranteePrincipal, RetiringPrincipal, Operations, Constraints }
      endDryRun(input.DryRun)
      const same =
        name === '' ? undefined : [...grantsOfKey(context, key)].find(grant => isSame(grant, wanted))
      const id = same?.id ?? context.randomBytes(32).toString('hex')
      if (!same) saveGrant(context, key, { ...wanted, id, created: context.now, issuer: context.account })
      return { GrantToken: newGrantToken(context, key, id), GrantId: id }
    }),
)

/**
 * ListGrants: of one key, all of them, one of them, or those of a grantee; pages of 50 by default, at most 100.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_ListGrants.html
 */
export const listGrants = defineOperation(
  {
    KeyId: required(keyIdMember),
    GrantId: grantIdMember,
    GranteePrincipal: principalMember,
    Limit: grantsLimitMember,
    Marker: markerMember,
  },
  (context, input) => {
    const key = findKey(context, input.KeyId, { operation: 'ListGrants', aliases: false })
    const { GrantId: id, GranteePrincipal: grantee } = input
    const listing = `ListGrants ${key.arn} ${id ?? ''} ${grantee ?? ''}`
    return listPage(listing, input.Marker, input.Limit ?? 50, 'Grants', entries)

    function* entries(after: string | undefined) {
      for (const grant of grantsOfKey(context, key, after)) {
        if (id !== undefined && grant.id !== id) continue
        if (grantee !== undefined && grant.GranteePrincipal !== grantee) continue
        yield [grant.id, entryOf(context, key, grant)] as const
      }
    }
  },
)

/**
 * ListRetirableGrants: the grants, of keys of all accounts, that name a principal of the caller's account as the
 * one to retire them.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_ListRetirableGrants.html
 */
export const listRetirableGrants = defineOperation(
  { RetiringPrincipal: required(principalMember), Limit: grantsLimitMember, Marker: markerMember },
  (context, input) => {
    authorizeWithoutKey(context, 'kms:ListRetirableGrants')
    const { RetiringPrincipal: principal } = input
    if (parseArn(principal)?.account !== context.account) throw invalidArn()
    const listing = `ListRetirableGrants ${context.region} ${principal}`
    return listPage(listing, input.Marker, input.Limit ?? 50, 'Grants', entries)

    function* entries(after: string | undefined) {
      for (const [position, place] of retirableGrants(context, principal, after)) {
        const key = loadKeyOf(context, place)
        const grant = key && loadGrant(context, key, place.grantId)
        if (key && grant) yield [position, entryOf(context, key, grant)] as const
      }
    }
  },
)

/**
 * RevokeGrant, by those who administer the key.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_RevokeGrant.html
 */
export const revokeGrant = defineOperation(
  { KeyId: required(keyIdMember), GrantId: required(grantIdMember), DryRun: dryRunMember },
  (context, input) =>
    context.store.write(() => {
      const key = findKey(context, input.KeyId, { operation: 'RevokeGrant', aliases: false })
      const grant = findGrant(context, key, input.GrantId)
      endDryRun(input.DryRun)
      removeGrant(context, key, grant)
      return undefined
    }),
)

/**
 * RetireGrant, by those whom the grant allows it: a token, or the ARN of the key and the id of the grant.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_RetireGrant.html
 */
export const retireGrant = defineOperation(
  {
    GrantToken: string({ min: 1, max: 8192 }),
    KeyId: keyIdMember,
    GrantId: grantIdMember,
    DryRun: dryRunMember,
  },
  (context, input) =>
    context.store.write(() => {
      const { key, id } = grantToRetire(context, input)
      if (key.account !== context.account && loadGrant(context, key, id) === undefined) {
        throw accessDenied(context.principal, 'kms:RetireGrant', key.arn)
      }
      const grant = findGrant(context, key, id)
      authorizeRetirement(context, key, grant)
      endDryRun(input.DryRun)
      removeGrant(context, key, grant)
      return undefined
    }),
)

function grantToRetire(
  context: Context,
  input: {
    readonly GrantToken?: string | undefined
    readonly KeyId?: string | undefined
    readonly GrantId?: string | undefined
  },
): { readonly key: KeyRecord; readonly id: string } {
  const { GrantToken: token, KeyId: keyId, GrantId: id } = input
  if (token !== undefined) {
    const place = loadGrantToken(context, token)
    if (place === undefined) throw new AwsException('InvalidGrantTokenException')
    const key = loadKeyOf(context, place)
    if (key === undefined) {
      const arn = keyArn({ ...context, account: place.account }, place.keyId)
      throw new AwsException('NotFoundException', `Key '${arn}' does not exist`)
    }
    return { key, id: place.grantId }
  }
  if (keyId === undefined || id === undefined) {
    throw validationException('Either a grant token, or a key ARN and a grant ID are required.')
  }
  if (!keyId.startsWith('arn:')) throw invalidArn()
  return { key: resolveKey(context, keyId, { operation: 'RetireGrant', aliases: false }), id }
}

function findGrant(context: Context, key: KeyRecord, id: string): GrantRecord {
  const grant = loadGrant(context, key, id)
  if (grant === undefined) throw new AwsException('NotFoundException', `Grant ID ${id} not found`)
  return grant
}

function entryOf(context: Context, key: KeyRecord, grant: GrantRecord): Record<string, unknown> {
  const { GranteePrincipal, RetiringPrincipal, Operations, Constraints } = grant
  return {
    KeyId: key.arn,
    GrantId: grant.id,
    Name: grant.name,
    CreationDate: grant.created / 1000,
    GranteePrincipal,
    ...(RetiringPrincipal === undefined ? {} : { RetiringPrincipal }),
    IssuingAccount: `arn:${context.partition}:iam::${grant.issuer}:root`,
    Operations,
    ...(Constraints === undefined ? {} : { Constraints }),
  }
}

/** Names of services may come from services only. */
function checkPrincipal(context: Context, principal: string): void {
  const entry = parsePrincipalEntry('AWS', principal, context.partition)
  if (typeof entry === 'string' || !principal.startsWith('arn:')) throw invalidArn()
}

function checkOperations(key: KeyRecord, operations: readonly string[]): void {
  const fitting = operationsOf(key)
  const foreign = operations.find(operation => !fitting.includes(operation))
  if (operations.length === 0 || foreign !== undefined) {
    const which = foreign === undefined ? 'An empty list of operations' : `Operation ${foreign}`
    throw validationException(
      `${which} is not valid for a grant on a key with key usage ${key.usage} and key spec ${key.spec}.`,
    )
  }
  if (operations.every(operation => operation === 'CreateGrant')) {
    throw validationException('Grants must not contain only the CreateGrant operation.')
  }
}

function checkConstraints(
  key: KeyRecord,
  constraints: readonly (Readonly<Record<string, string>> | undefined)[],
): void {
  const contexts = constraints.filter(each => each !== undefined)
  if (contexts.length > 0 && key.spec !== 'SYMMETRIC_DEFAULT') {
    throw validationException('Grant constraints are valid only for symmetric encryption keys.')
  }
  for (const pairs of contexts.map(each => Object.entries(each))) {
    if (pairs.length > mostPairs || pairs.some(([, value]) => value.length > longestConstraint)) {
      throw validationException(
        `A grant constraint has at most ${mostPairs} pairs, with values of at most ${longestConstraint} characters.`,
      )
    }
  }
}

function isSame(grant: GrantRecord, wanted: Omit<GrantRecord, 'id' | 'created' | 'issuer'>): boolean {
  const parametersOf = (of: typeof wanted) => [
    of.name,
    of.GranteePrincipal,
    of.RetiringPrincipal,
    [...of.Operations].sort(),
    of.Constraints?.EncryptionContextEquals,
    of.Constraints?.EncryptionContextSubset,
  ]
  return isDeepStrictEqual(parametersOf(grant), parametersOf(wanted))
}

function invalidArn(): AwsException {
  return new AwsException('InvalidArnException', 'Invalid ARN.')
}
