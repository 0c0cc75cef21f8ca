/** Whether a KMS request is allowed: key policy, identity policies and grants, in AWS's order. */

import type {
  AccessDecision,
  AllowedReason,
  DecidingStatement,
  DeniedReason,
  MissingHalf,
} from './decision.ts'
import { type Grant, readGrants, readRetirableGrants } from './grant-access.ts'
import { isActionWithoutKey, isCrossAccountAction } from './kms-actions.ts'
import type { ParsedPolicy } from './parsed-policy.ts'
import {
  type Finding,
  type IdentityFindings,
  readIdentityPolicies,
  readKeyPolicy,
  stronger,
  together,
} from './policy-findings.ts'
import type { AccessRequest } from './request.ts'
import { allOf, type Truth } from './truth.ts'

/** What an evaluation of IAM alone looks at. */
export interface IdentityAccess {
  readonly request: AccessRequest
  /** All policies of the caller, or undefined when they are not known: then nobody but a root is ever allowed. */
  readonly identityPolicies: readonly ParsedPolicy[] | undefined
  /**
   * Whether service and resource control policies, permissions boundaries or session policies may be in force.
   * They are not evaluated: `not-known` turns what would be allowed into unknown. Default `none`.
   */
  readonly organizationPolicies?: 'none' | 'not-known' | undefined
}

/** What an evaluation of a key looks at. */
export interface KeyAccess extends IdentityAccess {
  /** Undefined when it is not known. */
  readonly keyPolicy: ParsedPolicy | undefined
  /** Account that owns the key: twelve digits. */
  readonly keyAccount: string
  /** The key's grants, for kms:RetireGrant the one to retire; undefined when they are not known. */
  readonly grants: readonly Grant[] | undefined
}

/**
 * Decides a request on a key, or one without a key, such as kms:CreateKey, by IAM alone.
 *
 * An explicit deny wins. In the key's account the key policy allows by naming the principal, or by naming the
 * account together with an identity policy; a principal of another account needs both policies; a grant allows by
 * itself. What is not known never allows: an allow or a deny that depends on it makes the answer unknown, unless
 * the rest decides.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/control-access.html
 */
export function evaluateKeyAccess(access: KeyAccess): AccessDecision {
  const { request, keyAccount } = access
  const { caller, action } = request
  if (isActionWithoutKey(action)) return evaluateIdentityAccess(access)
  const partition = /^arn:([^:]*):/.exec(request.resource)?.[1]
  if (partition !== undefined && caller.partition !== undefined && caller.partition !== partition) {
    return { decision: 'denied', reason: 'other-partition' }
  }
  const identity = readIdentityPolicies(access.identityPolicies, request)
  const own = caller.account === keyAccount
  if (action.toLowerCase() === 'kms:retiregrant') return decideRetirement(access, identity, own)
  if (!own && caller.account !== undefined && !isCrossAccountAction(action)) {
    return { decision: 'denied', reason: 'not-across-accounts' }
  }
  const key = readKeyPolicy(access.keyPolicy, request)
  const deny = stronger(key.deny, identity.deny)
  const granted = readGrants(access.grants, request)
  // Services have no account and no identity policies: naming them is enough.
  const sufficient = own || caller.kind === 'service'
  const alone: Finding = sufficient ? key.direct : { truth: false }
  const delegating = own ? key.account : stronger(key.direct, key.account)
  // Root users need no identity policy.
  const delegated = caller.kind === 'root' ? delegating : together(delegating, identity.allow)
  const allow = stronger(stronger(alone, delegated), granted)
  const reason: AllowedReason =
    allow === granted
      ? 'grant'
      : allow === alone || allow === delegating
        ? 'key-policy'
        : 'key-policy-and-identity-policy'
  const delegation = reason === 'key-policy-and-identity-policy' ? delegating.statement : undefined
  const missing = missingHalf(sufficient, delegating.truth, identity.allow.truth)
  return decide(access, { allow, deny, reason, delegation, missing, refusal: 'no-allow' })
}

/**
 * Decides by IAM alone: actions without a key, with resource `*`, and the alias in the alias operations, whose
 * other half is the key.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/iam-policies.html
 */
export function evaluateIdentityAccess(access: IdentityAccess): AccessDecision {
  const { allow, deny } = readIdentityPolicies(access.identityPolicies, access.request)
  const reason = access.request.caller.kind === 'root' ? 'root-user' : 'identity-policy'
  const missing = allow.truth === true ? undefined : 'identity policy'
  return decide(access, { allow, deny, reason, missing, refusal: 'no-allow' })
}

/** The key policy has no say in who retires a grant. */
function decideRetirement(access: KeyAccess, identity: IdentityFindings, own: boolean): AccessDecision {
  const granted = readRetirableGrants(access.grants, access.request, identity.allow.truth)
  const allow = own ? stronger(granted, identity.allow) : granted
  const reason =
    allow === granted ? 'grant' : own && identity.allow.statement ? 'identity-policy' : 'root-user'
  return decide(access, { allow, deny: identity.deny, reason, refusal: 'not-in-grant' })
}

interface Outcome {
  readonly allow: Finding
  readonly deny: Finding
  readonly reason: AllowedReason
  /** What is missing when it is not allowed. */
  readonly missing?: MissingHalf | undefined
  readonly delegation?: DecidingStatement | undefined
  readonly refusal: DeniedReason
}

function decide(access: IdentityAccess, outcome: Outcome): AccessDecision {
  const { allow, deny, reason, delegation, missing } = outcome
  if (deny.truth === true) {
    return { decision: 'denied', reason: 'explicit-deny', statement: deny.statement }
  }
  if (allow.truth === false) return { decision: 'denied', reason: outcome.refusal, missingHalf: missing }
  if (allow.truth === 'unknown') return undecided(allow, delegation, missing)
  if (deny.truth === 'unknown') return undecided(deny, allow.statement, undefined)
  const { statement } = allow
  if (access.organizationPolicies === 'not-known') {
    return { decision: 'unknown', reason: 'organization-policies-not-known', statement }
  }
  return { decision: 'allowed', reason, statement, delegation }
}

function undecided(
  open: Finding,
  allowing: DecidingStatement | undefined,
  missing: MissingHalf | undefined,
): AccessDecision {
  const { statement, undecided: parts, notGiven } = open
  if (notGiven === undefined) {
    return {
      decision: 'unknown',
      reason: 'undecided-statement',
      statement,
      undecided: parts,
      missingHalf: missing,
    }
  }
  const half =
    missing ??
    (notGiven === 'key-policy-not-given'
      ? 'key policy'
      : notGiven === 'identity-policies-not-given'
        ? 'identity policy'
        : undefined)
  return { decision: 'unknown', reason: notGiven, statement: allowing, missingHalf: half }
}

/** @param sufficient whether the key policy may do without the identity policy, by naming the caller */
function missingHalf(sufficient: boolean, key: Truth, identity: Truth): MissingHalf | undefined {
  if (allOf([key, identity]) === true) return undefined
  if (key === true) return 'identity policy'
  // What is not known is not said to be missing.
  const keyAlone = identity === true || sufficient || identity === 'unknown'
  return identity === true || (key === false && keyAlone) ? 'key policy' : 'both'
}
