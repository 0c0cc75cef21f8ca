/** What the statements of policies say about a request: whether one allows it, whether one denies it. */

import type { DecidingStatement, NotGivenReason } from './decision.ts'
import type { ParsedPolicy, ParsedStatement } from './parsed-policy.ts'
import { matchPrincipal } from './principal-element.ts'
import type { AccessRequest } from './request.ts'
import { coversRequest, undecidedParts } from './statement-match.ts'
import { allOf, type Truth } from './truth.ts'

/** Whether some statement applies, and which: the first that does, otherwise the first that may. */
export interface Finding {
  readonly truth: Truth
  /** Undefined when none applies, or when what would hold it was not given. */
  readonly statement?: DecidingStatement | undefined
  /** What is not known about the statement. */
  readonly undecided?: readonly string[] | undefined
  /** What was not given, when that is why nobody knows. */
  readonly notGiven?: NotGivenReason | undefined
}

/** What a key policy says about a request. */
export interface KeyPolicyFindings {
  readonly deny: Finding
  /** Allow statements that name the caller. */
  readonly direct: Finding
  /** Allow statements that name the caller's account, and so let its IAM policies count. */
  readonly account: Finding
}

/** What the identity policies of a caller say about a request. */
export interface IdentityFindings {
  readonly deny: Finding
  readonly allow: Finding
}

const nothing: Finding = { truth: false }

/** The finding about policies or grants that were not given. */
export function notGiven(reason: NotGivenReason): Finding {
  return { truth: 'unknown', notGiven: reason }
}

/** The stronger of two findings; the first of equals. */
export function stronger(one: Finding, other: Finding): Finding {
  if (one.truth === true || other.truth === false) return one
  return other.truth === true || one.truth === false ? other : one
}

/** Both together: the one that fails, otherwise the one that is not known, otherwise the second. */
export function together(one: Finding, other: Finding): Finding {
  if (one.truth === false) return one
  return other.truth === false || one.truth === true ? other : one
}

/**
 * Reads a key policy for a request. Not given, nothing is known of it.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
 */
export function readKeyPolicy(policy: ParsedPolicy | undefined, request: AccessRequest): KeyPolicyFindings {
  if (policy === undefined) {
    const unknown = notGiven('key-policy-not-given')
    return { deny: unknown, direct: unknown, account: unknown }
  }
  let [deny, direct, account] = [nothing, nothing, nothing]
  for (const [index, statement] of policy.statements.entries()) {
    if (statement.principal === undefined) continue
    const match = matchPrincipal(statement.principal, statement.effect, request.caller)
    if (match.direct === false && match.account === false) continue
    const covers = coversRequest(statement, policy.version, request)
    const found = (principal: Truth): Finding => {
      const truth = allOf([principal, covers])
      const parts = principal === 'unknown' ? ['Principal'] : []
      return finding(truth, { policy: 'key policy', index, sid: statement.sid }, () => [
        ...parts,
        ...undecidedParts(statement, policy.version, request),
      ])
    }
    if (statement.effect === 'Deny') {
      // Denying an account denies everyone in it.
      deny = stronger(deny, stronger(found(match.direct), found(match.account)))
    } else {
      direct = stronger(direct, found(match.direct))
      account = stronger(account, found(match.account))
    }
  }
  return { deny, direct, account }
}

/**
 * Reads the identity policies of a caller for a request. Not given, nothing is known of them, except that the root
 * user of an account can have none and needs none. Services have none.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/iam-policies.html
 */
export function readIdentityPolicies(
  policies: readonly ParsedPolicy[] | undefined,
  request: AccessRequest,
): IdentityFindings {
  const root = request.caller.kind === 'root'
  const known = policies ?? (root || request.caller.kind === 'service' ? [] : undefined)
  if (known === undefined) {
    const unknown = notGiven('identity-policies-not-given')
    return { deny: unknown, allow: unknown }
  }
  let deny = nothing
  let allow: Finding = root ? { truth: true } : nothing
  for (const [document, policy] of known.entries()) {
    for (const [index, statement] of policy.statements.entries()) {
      const found = identityFinding(policy, statement, request, document, index)
      if (statement.effect === 'Deny') deny = stronger(deny, found)
      else allow = stronger(allow, found)
    }
  }
  return { deny, allow }
}

function identityFinding(
  policy: ParsedPolicy,
  statement: ParsedStatement,
  request: AccessRequest,
  document: number,
  index: number,
): Finding {
  const truth = coversRequest(statement, policy.version, request)
  return finding(truth, { policy: 'identity policy', index, document, sid: statement.sid }, () =>
    undecidedParts(statement, policy.version, request),
  )
}

function finding(truth: Truth, statement: DecidingStatement, undecided: () => string[]): Finding {
  if (truth === false) return nothing
  return truth === true ? { truth, statement } : { truth, statement, undecided: undecided() }
}
