/** Authorisation that all services share: the conditions of every request, IAM alone, and the refusals. */

import { type AccessDecision, describeDecision } from '../policy/decision.ts'
import { evaluateIdentityAccess } from '../policy/evaluate.ts'
import type { AccessRequest, ConditionValues } from '../policy/request.ts'
import { type AwsException, accessDenied } from './exceptions.ts'
import type { Context } from './operation.ts'
import { callerOf, identityPoliciesOf } from './principals.ts'
import { userId } from './user-id.ts'

/**
 * A request as policies see it, with the condition keys that every request has.
 *
 * @param action with its service prefix
 * @param more the other condition keys; each is asked for when a policy has a condition on it
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
export function accessRequest(
  context: Context,
  action: string,
  resource: string,
  more: ConditionValues = () => undefined,
  encryptionContext: Readonly<Record<string, string>> = {},
): AccessRequest {
  return {
    caller: callerOf(context),
    action,
    resource,
    encryptionContext,
    values: name => commonValues.get(name)?.(context) ?? more(name),
    others: 'absent',
    otherServices: 'absent',
  }
}

type Reader = (context: Context) => readonly string[]

const commonValues: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['aws:currenttime', ({ now }) => [new Date(now).toISOString()]],
  ['aws:epochtime', ({ now }) => [String(Math.floor(now / 1000))]],
  ['aws:requestedregion', ({ region }) => [region]],
  ['aws:securetransport', () => ['true']],
  ['aws:sourceip', ({ viaService, sourceAddress }) => (viaService ? [] : [sourceAddress])],
  ['aws:viaawsservice', ({ viaService }) => [String(viaService !== undefined)]],
  ['aws:userid', ({ principal }) => [userId(principal)]],
])

/**
 * The value of a condition key on one tag, such as `aws:RequestTag/team`.
 *
 * @param name in lower case
 * @param prefix the part before the tag's key, in lower case with its slash
 * @param tags keys and values
 * @returns undefined for the name of another condition key, or when there is no such tag
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/access_tags.html
 */
export function tagValue(
  name: string,
  prefix: string,
  tags: () => readonly (readonly [key: string, value: string])[],
): readonly string[] | undefined {
  if (!name.startsWith(prefix)) return undefined
  const found = tags().find(([key]) => prefix + key.toLowerCase() === name)
  return found && [found[1]]
}

/**
 * Passes a request that the caller's IAM policy allows.
 *
 * @throws AwsException AccessDeniedException
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function authorizeByIdentity(context: Context, request: AccessRequest): void {
  const decision = evaluateIdentityAccess({ request, identityPolicies: identityPoliciesOf(context) })
  if (decision.decision !== 'allowed') throw refusalOf(decision, context, request)
}

/**
 * The refusal of a request that is denied, or that nobody can decide: what is not known never allows.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
 */
export function refusalOf(decision: AccessDecision, context: Context, request: AccessRequest): AwsException {
  const { action, resource } = request
  if (decision.reason === 'explicit-deny') {
    const policy = decision.statement?.policy === 'key policy' ? 'a resource' : 'an identity'
    const why = `with an explicit deny in ${policy}-based policy`
    return accessDenied(context.principal, action, resource, why)
  }
  if (decision.decision === 'unknown') {
    const why = `because the kmseal mock cannot decide: ${describeDecision(decision)}`
    return accessDenied(context.principal, action, resource, why)
  }
  const half = isIdentityMissing(decision) ? 'identity' : 'resource'
  const why = `because no ${half}-based policy allows the ${action} action`
  return accessDenied(context.principal, action, resource, why)
}

/** Whether it is the caller's own policy that does not allow, or that denies. */
export function isIdentityMissing(decision: AccessDecision): boolean {
  if (decision.decision === 'allowed') return false
  if (decision.reason === 'explicit-deny') return decision.statement?.policy === 'identity policy'
  return 'missingHalf' in decision && decision.missingHalf === 'identity policy'
}
