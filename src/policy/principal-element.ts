/** The Principal and NotPrincipal elements of key policies: whom they name. */

import { type Caller, parseCaller } from './caller.ts'
import type { PolicyProblemKind } from './policy-problem.ts'
import { allOf, anyOf, not, type Truth } from './truth.ts'

/** One entry of a Principal element. */
export type PrincipalEntry =
  | { readonly kind: 'any' }
  /** An account, by its root's ARN or its id alone, which fits every partition. */
  | { readonly kind: 'account'; readonly account: string; readonly partition: string | undefined }
  | { readonly kind: 'principal'; readonly principal: Caller }
  /** Whom no caller of KMS can be: an identity provider, or a principal that was deleted. */
  | { readonly kind: 'nobody' }

/** A Principal element, or a NotPrincipal element. */
export interface PrincipalElement {
  readonly negated: boolean
  readonly entries: readonly PrincipalEntry[]
}

/** How an element names a caller. */
export interface PrincipalMatch {
  /** By name, or by the role's, or as everyone. */
  readonly direct: Truth
  /** By the caller's account: this lets the account's IAM policies decide. Its root user needs no more. */
  readonly account: Truth
}

/**
 * Reads one entry of a Principal element.
 *
 * @param type member of the element: `AWS`, `Service` or `Federated`
 * @param partition partition of the key; ARNs of others are invalid
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
export function parsePrincipalEntry(
  type: string,
  value: string,
  partition?: string,
): PrincipalEntry | PolicyProblemKind {
  if (type === 'Federated') return { kind: 'nobody' }
  if (type !== 'AWS' && type !== 'Service') return 'invalid-principal'
  const principal = parseCaller(value)
  if (type === 'Service') {
    return principal?.kind === 'service' ? { kind: 'principal', principal } : 'invalid-principal'
  }
  if (value === '*') return { kind: 'any' }
  if (/^\d{12}$/.test(value)) return { kind: 'account', account: value, partition: undefined }
  // Ids that policies show in place of deleted users and roles.
  if (/^A(?:IDA|ROA)[A-Z0-9]{8,}$/.test(value)) return { kind: 'nobody' }
  if (!value.startsWith('arn:') || /[*?]/.test(value)) return 'invalid-principal'
  if (principal?.account === undefined) return 'invalid-arn'
  if (partition !== undefined && principal.partition !== partition) return 'invalid-arn'
  if (principal.kind !== 'root') return { kind: 'principal', principal }
  return { kind: 'account', account: principal.account, partition: principal.partition }
}

/**
 * How a Principal or NotPrincipal element of a statement applies to a caller.
 *
 * A role stands for all its sessions. NotPrincipal with Deny spares only whom it names at every level, which is
 * account, role and session; named at some of them, a caller may be denied or not. NotPrincipal with Allow is
 * not supported by AWS: unknown for all others than those.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
 */
export function matchPrincipal(
  element: PrincipalElement,
  effect: 'Allow' | 'Deny',
  caller: Caller,
): PrincipalMatch {
  const direct = anyOf(element.entries.map(entry => namesDirectly(entry, caller)))
  const account = anyOf(element.entries.map(entry => namesAccount(entry, caller)))
  if (!element.negated) return { direct, account }
  const outside = isOutside(element.entries, caller)
  const applies = effect === 'Allow' && outside !== false ? 'unknown' : outside
  return { direct: applies, account: applies }
}

/** Whether an entry names a caller itself, or a role that it is a session of. */
export function namesDirectly(entry: PrincipalEntry, caller: Caller): Truth {
  if (entry.kind === 'any') return true
  if (entry.kind !== 'principal') return false
  return anyOf([namesRole(entry, caller), namesItself(entry, caller)])
}

/** Whether an entry names the account of a caller. */
export function namesAccount(entry: PrincipalEntry, caller: Caller): boolean {
  if (entry.kind !== 'account' || entry.account !== caller.account) return false
  return entry.partition === undefined || entry.partition === caller.partition
}

function namesItself(entry: PrincipalEntry, caller: Caller): Truth {
  if (entry.kind !== 'principal') return false
  const { principal } = entry
  if (principal.arn === caller.arn) return true
  // A caller that is some session of a role may be this one.
  return principal.kind === 'assumed-role' && caller.kind === 'role' && isSameRole(principal, caller)
    ? 'unknown'
    : false
}

function namesRole(entry: PrincipalEntry, caller: Caller): Truth {
  if (entry.kind !== 'principal' || entry.principal.kind !== 'role') return false
  if (caller.kind !== 'role' && caller.kind !== 'assumed-role') return false
  if (!isSameRole(entry.principal, caller)) return false
  // Names of roles are unique in an account, whatever their path. With another path, one of both is wrong.
  return caller.roleArn === undefined || caller.roleArn === entry.principal.arn ? true : 'unknown'
}

function isSameRole(one: Caller, other: Caller): boolean {
  return one.partition === other.partition && one.account === other.account && one.name === other.name
}

function isOutside(entries: readonly PrincipalEntry[], caller: Caller): Truth {
  if (entries.some(entry => entry.kind === 'any')) return false
  const account = entries.some(entry => namesAccount(entry, caller))
  if (caller.kind === 'root') return !account
  const itself = anyOf(entries.map(entry => namesItself(entry, caller)))
  if (caller.kind === 'service') return not(itself)
  const role = anyOf(entries.map(entry => namesRole(entry, caller)))
  if (itself === false && role === false) return true
  const roleLevel = caller.kind === 'user' || caller.kind === 'federated-user' ? true : role
  const sessionLevel = caller.kind === 'role' ? 'unknown' : itself
  return allOf([account, roleLevel, sessionLevel]) === true ? false : 'unknown'
}
