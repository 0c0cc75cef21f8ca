/** GetKeyPolicy, PutKeyPolicy and ListKeyPolicies. */

import { AwsException } from '../exceptions.ts'
import { defineOperation } from '../operation.ts'
import { boolean, required } from '../validation.ts'
import { findKey } from './key-lookup.ts'
import { printPolicy } from './key-policy-text.ts'
import { saveKey } from './key-record.ts'
import { keyIdMember, limitMember, markerMember, policyMember, policyNameMember } from './members.ts'

const longestPolicy = 32768

/**
 * GetKeyPolicy.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html
 */
export const getKeyPolicy = defineOperation(
  { KeyId: required(keyIdMember), PolicyName: policyNameMember },
  (context, input) => {
    const key = findKey(context, input.KeyId, {
      operation: 'GetKeyPolicy',
      aliases: false,
      managedKeys: true,
    })
    requireDefault(input.PolicyName)
    return { Policy: key.policy, PolicyName: 'default' }
  },
)

/**
 * PutKeyPolicy: replaces the policy. Whether the caller locks itself out is not evaluated.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
 */
export const putKeyPolicy = defineOperation(
  {
    KeyId: required(keyIdMember),
    PolicyName: policyNameMember,
    Policy: required(policyMember),
    BypassPolicyLockoutSafetyCheck: boolean(),
  },
  (context, input) =>
    context.store.write(() => {
      const key = findKey(context, input.KeyId, { operation: 'PutKeyPolicy', aliases: false })
      requireDefault(input.PolicyName)
      saveKey(context, { ...key, policy: printedPolicy(input.Policy) })
      return undefined
    }),
)

/**
 * ListKeyPolicies: the one name there is.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyPolicies.html
 */
export const listKeyPolicies = defineOperation(
  { KeyId: required(keyIdMember), Limit: limitMember, Marker: markerMember },
  (context, input) => {
    findKey(context, input.KeyId, { operation: 'ListKeyPolicies', aliases: false, managedKeys: true })
    return { PolicyNames: ['default'], Truncated: false }
  },
)

/**
 * Checks a policy's outer form and prints it as the service does.
 *
 * @throws AwsException MalformedPolicyDocumentException, LimitExceededException above 32,768 bytes
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html
 */
export function printedPolicy(text: string): string {
  if (Buffer.byteLength(text) > longestPolicy) throw new AwsException('LimitExceededException')
  const policy = parsePolicy(text)
  const statements: unknown = policy['Statement']
  for (const statement of Array.isArray(statements) ? statements : [statements]) {
    if (
      typeof statement === 'object' &&
      statement !== null &&
      !('Principal' in statement || 'NotPrincipal' in statement)
    ) {
      throw new AwsException(
        'MalformedPolicyDocumentException',
        'Policy contains a statement with no principal.',
      )
    }
  }
  return printPolicy(policy)
}

function parsePolicy(text: string): Record<string, unknown> {
  let policy: unknown
  try {
    policy = JSON.parse(text)
  } catch {
    throw new AwsException('MalformedPolicyDocumentException')
  }
  if (typeof policy !== 'object' || policy === null || Array.isArray(policy)) {
    throw new AwsException('MalformedPolicyDocumentException')
  }
  return policy as Record<string, unknown>
}

function requireDefault(name: string | undefined): void {
  if (name !== undefined && name !== 'default')
    throw new AwsException('NotFoundException', 'No such policy exists')
}
