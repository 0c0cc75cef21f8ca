/** Whether the caller may do something to a key: the key's policy, the caller's own, and the key's grants. */

import type { AccessDecision } from '../../policy/decision.ts'
import { evaluateKeyAccess } from '../../policy/evaluate.ts'
import type { Grant } from '../../policy/grant-access.ts'
import { type AccessRequest, firstOf } from '../../policy/request.ts'
import { accessRequest, authorizeByIdentity, isIdentityMissing, refusalOf } from '../authorization.ts'
import { AwsException } from '../exceptions.ts'
import type { Context } from '../operation.ts'
import { identityPoliciesOf, parsedPolicy } from '../principals.ts'
import { aliasValues, contextOfRequest, keyValues, newKeyValues, requestValues } from './condition-values.ts'
import { grantsOfKey, loadGrant, loadGrantToken } from './grant-record.ts'
import { type KeyRecord, loadKeyOf } from './key-record.ts'

/**
 * Passes a request on a key that its policy, the caller's policy and its grants allow.
 *
 * @param action such as `kms:Encrypt`
 * @param closed the refusal when the key's side does not allow it; default one that names the key
 * @throws AwsException AccessDeniedException, InvalidGrantTokenException
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/control-access.html
 */
export function authorizeKey(
  context: Context,
  key: KeyRecord,
  action: string,
  closed?: () => AwsException,
): void {
  context.noteKey?.(key.arn)
  for (const token of (context.request?.['GrantTokens'] ?? []) as readonly string[]) {
    if (!isLiveToken(context, token)) throw new AwsException('InvalidGrantTokenException')
  }
  const request = keyRequest(context, key, action)
  let decision = decide(context, key, request, [])
  if (decision.decision !== 'allowed' && decision.reason !== 'explicit-deny') {
    // There may be thousands of grants, and mostly nobody needs them.
    const grants = [...grantsOfKey(context, key)]
    if (grants.length > 0) decision = decide(context, key, request, grants)
  }
  if (decision.decision === 'allowed') return
  if (closed !== undefined && !isIdentityMissing(decision)) throw closed()
  throw refusalOf(decision, context, request)
}

/**
 * Passes the retirement of a grant: by its retiring principal, by its grantee when it may, or by the account.
 *
 * @throws AwsException AccessDeniedException
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/grant-delete.html
 */
export function authorizeRetirement(context: Context, key: KeyRecord, grant: Grant): void {
  context.noteKey?.(key.arn)
  const request = keyRequest(context, key, 'kms:RetireGrant')
  const decision = decide(context, key, request, [grant])
  if (decision.decision !== 'allowed') throw refusalOf(decision, context, request)
}

/**
 * Passes a request without a key, which the caller's policy alone decides.
 *
 * @param resource ARN of an alias, or `*`
 * @throws AwsException AccessDeniedException
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/iam-policies.html
 */
export function authorizeWithoutKey(context: Context, action: string, resource = '*'): void {
  const values = requestValues(context, action)
  const more = action === 'kms:CreateKey' ? firstOf(values, newKeyValues(context.request)) : values
  authorizeByIdentity(context, accessRequest(context, action, resource, more))
}

/** A request on a key as policies see it. */
export function keyRequest(context: Context, key: KeyRecord, action: string): AccessRequest {
  const values = firstOf(requestValues(context, action), keyValues(key), aliasValues(context, key))
  return accessRequest(context, action, key.arn, values, contextOfRequest(context.request))
}

/** Whether a token was given out, for a grant that is still there. */
function isLiveToken(context: Context, token: string): boolean {
  const place = loadGrantToken(context, token)
  const key = place && loadKeyOf(context, place)
  return place !== undefined && key !== undefined && loadGrant(context, key, place.grantId) !== undefined
}

function decide(
  context: Context,
  key: KeyRecord,
  request: AccessRequest,
  grants: readonly Grant[],
): AccessDecision {
  return evaluateKeyAccess({
    request,
    keyPolicy: parsedPolicy(key.policy, 'key policy'),
    keyAccount: key.account,
    identityPolicies: identityPoliciesOf(context),
    grants,
  })
}
