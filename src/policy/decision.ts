/** The answer of an evaluation, and its reason in words. */

import type { PolicyKind } from './parsed-policy.ts'

/** Why a request is allowed. */
export type AllowedReason =
  | 'key-policy'
  | 'key-policy-and-identity-policy'
  | 'identity-policy'
  | 'root-user'
  | 'grant'

/** Why a request is denied. */
export type DeniedReason =
  | 'explicit-deny'
  | 'no-allow'
  | 'other-partition'
  | 'not-across-accounts'
  | 'not-in-grant'

/** What was not given, so that nobody can tell. */
export type NotGivenReason = 'key-policy-not-given' | 'identity-policies-not-given' | 'grants-not-given'

/** Why nobody can tell. */
export type UnknownReason = NotGivenReason | 'undecided-statement' | 'organization-policies-not-known'

/** The statement that decided, or that would if more were known. */
export interface DecidingStatement {
  readonly policy: PolicyKind | 'grant'
  /** Index of the statement in its document, or of the grant, from 0. */
  readonly index: number
  /** Index of the identity policy, from 0. */
  readonly document?: number | undefined
  readonly sid?: string | undefined
}

/** Which half of the permission does not allow the request, or was not given. */
export type MissingHalf = PolicyKind | 'both'

/** The answer to a request. */
export type AccessDecision =
  | {
      readonly decision: 'allowed'
      readonly reason: AllowedReason
      /** The statement of the last policy that had to allow it; none for the root user in IAM. */
      readonly statement?: DecidingStatement | undefined
      /** The statement of the key policy, when the identity policy had to allow it too. */
      readonly delegation?: DecidingStatement | undefined
    }
  | {
      readonly decision: 'denied'
      readonly reason: DeniedReason
      readonly statement?: DecidingStatement | undefined
      readonly missingHalf?: MissingHalf | undefined
    }
  | {
      readonly decision: 'unknown'
      readonly reason: UnknownReason
      readonly statement?: DecidingStatement | undefined
      readonly missingHalf?: MissingHalf | undefined
      /** What is not known about the statement: conditions as `operator key`, `Resource`, `Principal`. */
      readonly undecided?: readonly string[] | undefined
    }

/**
 * Says a decision in one sentence: lower case, no final stop. Names out of the policies are as written there, so
 * escape control characters before a terminal sees it.
 */
export function describeDecision(answer: AccessDecision): string {
  const statement = answer.statement === undefined ? undefined : nameOf(answer.statement)
  switch (answer.reason) {
    case 'key-policy':
      return `${statement} names the principal`
    case 'key-policy-and-identity-policy':
      return `${answer.delegation && nameOf(answer.delegation)} and ${statement} both allow it`
    case 'identity-policy':
      return `${statement} allows it, and no key policy is asked`
    case 'root-user':
      return 'the root user of an account needs no IAM policy'
    case 'grant':
      return `${statement} allows it`
    case 'explicit-deny':
      return `${statement} denies it`
    case 'no-allow':
      return noAllow(answer.missingHalf)
    case 'other-partition':
      return 'principal and key are in different partitions, which nothing crosses'
    case 'not-across-accounts':
      return 'principals of other accounts cannot be given this action'
    case 'not-in-grant':
      return 'only the principals of a grant, and the account of the key, can retire it'
    case 'undecided-statement':
      return `${statement} depends on what is not known: ${answer.undecided?.join(', ')}`
    case 'key-policy-not-given':
    case 'identity-policies-not-given':
    case 'grants-not-given':
    case 'organization-policies-not-known': {
      const but = statement === undefined ? '' : `${statement} allows it, but `
      return `${but}${notKnown[answer.reason]} are not known`
    }
  }
}

/** A decision as `--json` gives it. */
export interface DecisionRecord {
  readonly Decision: AccessDecision['decision']
  readonly Reason: AccessDecision['reason']
  /** The statement or grant that decided, or that would if more were known; indexes count from 0. */
  readonly Statement?: { readonly Policy: string; readonly Index: number; readonly Sid?: string | undefined }
  readonly MissingHalf?: MissingHalf | undefined
  readonly Undecided?: readonly string[] | undefined
  /** {@link describeDecision} */
  readonly Explanation: string
}

/**
 * A decision with the member names of the outside world.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function decisionRecord(answer: AccessDecision): DecisionRecord {
  const { decision, reason, statement } = answer
  const { policy: Policy, index: Index, sid: Sid } = statement ?? {}
  return {
    Decision: decision,
    Reason: reason,
    ...(Policy === undefined || Index === undefined ? {} : { Statement: { Policy, Index, Sid } }),
    ...('missingHalf' in answer ? { MissingHalf: answer.missingHalf } : {}),
    ...('undecided' in answer ? { Undecided: answer.undecided } : {}),
    Explanation: describeDecision(answer),
  }
}

const notKnown = {
  'key-policy-not-given': 'the statements of the key policy',
  'identity-policies-not-given': 'the IAM policies of the principal',
  'grants-not-given': 'the grants of the key',
  'organization-policies-not-known': 'the policies of the organization',
} as const

function noAllow(missing: MissingHalf | undefined): string {
  if (missing === 'both') return 'neither the key policy nor an identity policy allows it'
  return missing === 'identity policy' ? 'no identity policy allows it' : 'the key policy does not allow it'
}

/** Names a statement, such as `statement 2 ("Sid") of the key policy`; a grant by its number. */
export function nameOf({ policy, index, document, sid }: DecidingStatement): string {
  if (policy === 'grant') return `grant ${index + 1}`
  const where = document === undefined || document === 0 ? policy : `${policy} ${document + 1}`
  return `statement ${index + 1}${sid === undefined ? '' : ` (${JSON.stringify(sid)})`} of the ${where}`
}
