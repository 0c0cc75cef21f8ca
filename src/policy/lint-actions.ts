/** Checks of a statement's Action and Resource. */

import { actionsOf, suggestedAction } from './action-names.ts'
import { isActionWithoutKey, isCrossAccountAction } from './kms-actions.ts'
import { accountOf, type Find, type LintedKey, type RawStatement } from './lint-finding.ts'
import { compileWildcard, matchesResource } from './wildcard.ts'

/** Looks for actions that are none of KMS, or of no effect in a key policy, and for NotAction with Allow. */
export function lintActions({ actions, notActions, effect }: RawStatement, find: Find): void {
  if (notActions !== undefined && effect === 'Allow') {
    const text = 'NotAction with Allow gives every other action, those of the future too'
    find('warning', 'not-action-allow', 'NotAction', text, 'list what is to be allowed in Action')
  }
  const element = actions === undefined ? 'NotAction' : 'Action'
  for (const action of actions ?? notActions ?? []) lintAction(action, element, effect, find)
}

function lintAction(action: string, element: string, effect: unknown, find: Find): void {
  if (action === '*') return
  const service = /^([A-Za-z0-9-]+):[A-Za-z0-9*?]+$/.exec(action)?.[1]
  // The form is for the parser to refuse.
  if (service === undefined && action.includes(':')) return
  if (service === undefined) {
    const meant = actionsOf(`kms:${action}`).length > 0 ? `kms:${action}` : suggestedAction(`kms:${action}`)
    find('error', 'malformed-action', element, `${action} has no service`, meant && `write ${meant}`)
    return
  }
  if (service.toLowerCase() !== 'kms') {
    const text = `${action} is an action of another service, which a key policy does not give`
    find('warning', 'other-service', element, text, 'remove it, or write it into an IAM policy')
    return
  }
  const covered = actionsOf(action)
  if (covered.length === 0) {
    const meant = suggestedAction(action)
    // KMS takes any name; one that is not even similar may be newer than this list.
    const severity = meant === undefined ? 'warning' : 'error'
    const lost = effect === 'Deny' ? 'denies' : 'allows'
    const text = `${action} is no action of KMS that is known, so that it ${lost} nothing`
    find(severity, 'unknown-action', element, text, meant && `did you mean ${meant}?`)
  } else if (covered.every(isActionWithoutKey)) {
    const text = `${action} is not about a key: a key policy does not give it`
    find('warning', 'action-without-key', element, text, 'write it into an IAM policy, with Resource "*"')
  }
}

/** Looks for a Resource that is not this key: a key policy is about its own key alone. */
export function lintResources({ resources }: RawStatement, key: LintedKey, find: Find): void {
  for (const resource of resources ?? []) {
    if (resource === '*') continue
    const hint = 'write "*", which means this key'
    if (!/^arn:[^:]*:kms:[^:]*:[^:]*:(?:key\/|\*)/.test(resource) && !/[*?$]/.test(resource)) {
      const text = `${resource} is not the key, so that the statement has no effect`
      find('warning', 'other-resource', 'Resource', text, hint)
    } else if (key.arn !== undefined && matchesResource(compileWildcard(resource), key.arn) === false) {
      const text = `${resource} is not this key, so that the statement has no effect`
      find('warning', 'other-resource', 'Resource', text, hint)
    } else if (key.arn === undefined) {
      const text = `${resource} has an effect on that key only`
      find('note', 'named-resource', 'Resource', text, hint)
    }
  }
}

/** The accounts, other than the key's, that a statement names, and what it gives them in vain or too widely. */
export function lintOtherAccounts(
  { actions, effect, negated, principals, conditions }: RawStatement,
  ownAccounts: ReadonlySet<string>,
  find: Find,
): void {
  if (effect !== 'Allow' || negated || ownAccounts.size === 0) return
  const others = new Set(
    principals
      .map(([type, name]) => (type === 'AWS' ? accountOf(name) : undefined))
      .filter(account => account !== undefined && !ownAccounts.has(account)),
  )
  if (others.size === 0) return
  const who = `account ${[...others].join(', ')}`
  for (const action of actions ?? []) {
    const covered = actionsOf(action)
    // What is not about a key has been said already.
    if (covered.every(isActionWithoutKey) || covered.some(isCrossAccountAction)) continue
    const text = `${action} cannot be given to another account (${who}), so that it has no effect`
    find('warning', 'not-across-accounts', 'Action', text, "let a principal of the key's account do it")
  }
  const wide = (actions ?? []).find(action => ['*', 'kms:*'].includes(action.toLowerCase()))
  if (wide !== undefined) {
    const text = `${wide} for another account (${who}) is more than using the key needs`
    find('warning', 'wide-across-accounts', 'Action', text, 'list the actions: kmseal share-key prints them')
  }
  const grants = (actions ?? []).some(action => actionsOf(action).includes('kms:CreateGrant'))
  if (grants && !conditions.some(limitsGrants)) {
    const text = `${who} may make grants of its own, for whom and what it likes`
    const hint = 'add the condition "Bool": {"kms:GrantIsForAWSResource": "true"}, or kms:GrantOperations'
    find('warning', 'unlimited-grants', 'Action', text, hint)
  }
}

const grantKeys = ['kms:grantisforawsresource', 'kms:grantoperations', 'kms:granteeprincipal']

function limitsGrants({
  operator,
  key,
  values,
}: {
  operator: string
  key: string
  values: readonly string[]
}) {
  if (/Not|IfExists$|^Null$/.test(operator)) return false
  if (key.toLowerCase() === 'kms:grantisforawsresource') return values.every(value => /^true$/i.test(value))
  return grantKeys.includes(key.toLowerCase())
}
