/** GetKeyPolicy, PutKeyPolicy and ListKeyPolicies. */

import { AwsException } from '../exceptions.ts'
import { defineOperation } from '../operation.ts'
import { boolean, required } from '../validation.ts'
import { keyRequest } from './authorize.ts'
import { findKey } from './key-lookup.ts'
import { saveKey } from './key-record.ts'
import { keyIdMember, limitMember, markerMember, policyMember, policyNameMember } from './members.ts'
import { checkedPolicy } from './policy-check.ts'

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
    })
    requireDefault(input.PolicyName)
    return { Policy: key.policy, PolicyName: 'default' }
  },
)

/**
 * PutKeyPolicy: replaces the policy, unless the caller would lock itself out.
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
      const request = keyRequest(context, key, 'kms:PutKeyPolicy')
      const policy = checkedPolicy(context, input.Policy, request, input.BypassPolicyLockoutSafetyCheck)
      saveKey(context, { ...key, policy })
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
    findKey(context, input.KeyId, { operation: 'ListKeyPolicies', aliases: false })
    return { PolicyNames: ['default'], Truncated: false }
  },
)

function requireDefault(name: string | undefined): void {
  if (name !== undefined && name !== 'default')
    throw new AwsException('NotFoundException', 'No such policy exists')
}
