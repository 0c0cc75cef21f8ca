/** Authorisation that all services share: the conditions of every request, IAM alone, and the refusals. */

import { type AccessDecision, describeDecision } from '../policy/decision.ts'
import { evaluateIdentityAccess } from '../policy/evaluate.ts'
import type { AccessRequest } from '../policy/request.ts'
import { type AwsException, accessDenied } from './exceptions.ts'
import type { Context } from './operation.ts'
import { callerOf, identityPoliciesOf } from './principals.ts'
import { userId } from './user-id.ts'

/** The values of condition keys. */
export type ConditionValues = readonly (readonly [name: string, values: readonly string[]])[]

/**
 * A request as policies see it, with the condition keys that every request has.
 *
 * @param action with its service prefix
 * @param more the other condition keys, asked for when a policy has conditions
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
export function accessRequest(
  context: Context,
  action: string,
  resource: string,
  more: () => ConditionValues = () => [],
  encryptionContext: Readonly<Record<string, string>> = {},
): AccessRequest {
  let values: ReadonlyMap<string, readonly string[]> | undefined
  return {
    caller: callerOf(context),
    action,
    resource,
    encryptionContext,
    // Most policies have no conditions, so this mostly costs nothing.
    get values() {
      values ??= new Map([...commonValues(context), ...more()])
      return values
    },
    others: 'absent',
    otherServices: 'absent',
  }
}

function commonValues(context: Context): ConditionValues {
  const { viaService, now, region, principal, sourceAddress } = context
  return [
    ['aws:CurrentTime', [new Date(now).toISOString()]],
    ['aws:EpochTime', [String(Math.floor(now / 1000))]],
    ['aws:RequestedRegion', [region]],
    ['aws:SecureTransport', ['true']],
    ['aws:SourceIp', viaService ? [] : [sourceAddress]],
    ['aws:ViaAWSService', [String(viaService !== undefined)]],
    ['aws:userid', [userId(principal)]],
  ]
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
