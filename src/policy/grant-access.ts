/** What grants allow: operations of one key, to one principal, perhaps in one encryption context only. */

import { isEncryptionContextAction, isGrantAction } from './kms-actions.ts'
import { type Finding, notGiven, stronger } from './policy-findings.ts'
import { namesAccount, namesDirectly, type PrincipalEntry, parsePrincipalEntry } from './principal-element.ts'
import { type AccessRequest, contextValue } from './request.ts'
import { allOf, anyOf, type Truth } from './truth.ts'

/** Pairs that an encryption context must be, or must hold. Keys and values are case-sensitive. */
export interface GrantConstraints {
  readonly EncryptionContextEquals?: Readonly<Record<string, string>> | undefined
  readonly EncryptionContextSubset?: Readonly<Record<string, string>> | undefined
}

/** A grant, in the names of ListGrants. */
export interface Grant {
  /** ARN of a principal, or a service principal. */
  readonly GranteePrincipal?: string | undefined
  readonly RetiringPrincipal?: string | undefined
  /** Such as `Decrypt`. */
  readonly Operations?: readonly string[] | undefined
  readonly Constraints?: GrantConstraints | undefined
}

/**
 * Whether one of a key's grants allows a request, RetireGrant aside. A grant to an account holds for its root; for
 * its other principals that is not published, hence unknown.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
 */
export function readGrants(grants: readonly Grant[] | undefined, request: AccessRequest): Finding {
  if (!isGrantAction(request.action)) return { truth: false }
  if (grants === undefined) return notGiven('grants-not-given')
  return grants
    .map((grant, index) => grantFinding(index, grantAllows(grant, request)))
    .reduce(stronger, { truth: false })
}

/**
 * Whether a caller is one who can retire one of the grants, by the grant alone: its retiring principal, or its
 * grantee when RetireGrant is among its operations. When the retiring principal is an account, its IAM policies
 * delegate that.
 *
 * @param identityAllows whether the caller's identity policies allow kms:RetireGrant
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/grant-delete.html
 */
export function readRetirableGrants(
  grants: readonly Grant[] | undefined,
  request: AccessRequest,
  identityAllows: Truth,
): Finding {
  if (grants === undefined) return notGiven('grants-not-given')
  return grants
    .map((grant, index) => {
      const retiring = namesCaller(grant.RetiringPrincipal, request, identityAllows)
      const operations = grant.Operations ?? []
      const grantee =
        operations.includes('RetireGrant') && namesCaller(grant.GranteePrincipal, request, 'unknown')
      return grantFinding(index, anyOf([retiring, grantee]))
    })
    .reduce(stronger, { truth: false })
}

function grantFinding(index: number, truth: Truth): Finding {
  if (truth === false) return { truth }
  const statement = { policy: 'grant', index } as const
  return truth === true ? { truth, statement } : { truth, statement, undecided: ['grant'] }
}

function grantAllows(grant: Grant, request: AccessRequest): Truth {
  const action = request.action.toLowerCase()
  const operations = grant.Operations ?? []
  if (!operations.some(operation => `kms:${operation}`.toLowerCase() === action)) return false
  const principal = namesCaller(grant.GranteePrincipal, request, 'unknown')
  if (principal === false) return false
  if (action === 'kms:creategrant') return allOf([principal, isNarrower(grant, request)])
  return isEncryptionContextAction(action)
    ? allOf([principal, meetsConstraints(grant.Constraints, request)])
    : principal
}

function namesCaller(name: string | undefined, request: AccessRequest, ofAccount: Truth): Truth {
  if (name === undefined) return false
  const entry = entryOf(name)
  if (entry === undefined) return 'unknown'
  if (!namesAccount(entry, request.caller)) return namesDirectly(entry, request.caller)
  return request.caller.kind === 'root' ? true : ofAccount
}

/** A grant names principals as policies do, and services without a type; it cannot name everyone. */
function entryOf(name: string): PrincipalEntry | undefined {
  const entry = parsePrincipalEntry(name.startsWith('arn:') ? 'AWS' : 'Service', name)
  return typeof entry === 'string' ? undefined : entry
}

function meetsConstraints(constraints: GrantConstraints | undefined, request: AccessRequest): Truth {
  const { EncryptionContextEquals: equals, EncryptionContextSubset: subset } = constraints ?? {}
  if (equals === undefined && subset === undefined) return true
  const context = request.encryptionContext
  if (context === undefined) return 'unknown'
  return (
    (equals === undefined || (holds(context, equals) && holds(equals, context))) &&
    (subset === undefined || holds(context, subset))
  )
}

/** A grant that is made by the right of another may not allow more than that one does. */
function isNarrower(parent: Grant, request: AccessRequest): Truth {
  const operations = contextValue(request, 'kms:GrantOperations')
  const fewer =
    operations === 'absent' || operations === 'unknown'
      ? 'unknown'
      : operations.every(operation => parent.Operations?.includes(operation) === true)
  const type = contextValue(request, 'kms:GrantConstraintType')
  const asStrict =
    parent.Constraints?.EncryptionContextEquals === undefined ||
    (type === 'unknown' ? type : type !== 'absent' && type.every(name => name === 'EncryptionContextEquals'))
  return allOf([fewer, asStrict, meetsConstraints(parent.Constraints, request)])
}

function holds(context: Readonly<Record<string, string>>, pairs: Readonly<Record<string, string>>): boolean {
  return Object.entries(pairs).every(([key, value]) => context[key] === value)
}
