/** The lockout safety check: who sets a key policy must still be able to set the next one. */

import type { ParsedPolicy } from './parsed-policy.ts'
import { readKeyPolicy } from './policy-findings.ts'
import type { AccessRequest } from './request.ts'
import { allOf, anyOf, not, type Truth } from './truth.ts'

/** The text of KMS's MalformedPolicyDocumentException when the check fails. */
export const lockoutMessage = 'The new key policy will not allow you to update the key policy in the future.'

/**
 * Whether the caller of PutKeyPolicy, CreateKey or ReplicateKey may call kms:PutKeyPolicy under the new policy: the
 * policy names it or its account, and denies neither. Identity policies are not asked; conditions are those of the
 * present request.
 *
 * @param request the present request, with the key's ARN as its resource; its action does not matter
 * @returns unknown when a statement that decides cannot be decided: KMS refuses a policy whose conditions do not
 *   match the request, so only true lets a policy pass
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#prevent-unmanageable-key
 */
export function keepsPolicyControl(
  newPolicy: ParsedPolicy,
  keyAccount: string,
  request: AccessRequest,
): Truth {
  if (request.caller.account !== keyAccount) return false
  const future = { ...request, action: 'kms:PutKeyPolicy' }
  const { deny, direct, account } = readKeyPolicy(newPolicy, future)
  return allOf([anyOf([direct.truth, account.truth]), not(deny.truth)])
}
