/** What a policy must be before a key takes it: well-formed, and one that its giver can still change. */

import { hasUnknownOperator } from '../../policy/condition.ts'
import { parsePolicy } from '../../policy/document.ts'
import { keepsPolicyControl, lockoutMessage } from '../../policy/lockout.ts'
import { refusalOf } from '../../policy/policy-problem.ts'
import { maximumPolicyBytes } from '../../policy/policy-text.ts'
import type { AccessRequest } from '../../policy/request.ts'
import { AwsException } from '../exceptions.ts'
import type { Context } from '../operation.ts'
import { printPolicy } from './key-policy-text.ts'

/**
 * Checks a new key policy and prints it as the service does.
 *
 * @param request the present request, on the key that the policy is for
 * @param bypass whether the caller may lock itself out
 * @throws AwsException MalformedPolicyDocumentException, InvalidArnException, LimitExceededException
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
 */
export function checkedPolicy(
  context: Context,
  text: string,
  request: AccessRequest,
  bypass: boolean | undefined,
): string {
  if (Buffer.byteLength(text) > maximumPolicyBytes) throw new AwsException('LimitExceededException')
  const result = parsePolicy(text, 'key policy', context.partition)
  if ('problems' in result) {
    const [problem] = result.problems
    const refusal = problem && refusalOf(problem)
    // The service's own text where it is known, otherwise ours; for what is no JSON it sends none.
    const own =
      problem?.kind === 'not-json' ? undefined : `${problem?.where || 'The policy'}: ${problem?.text}`
    throw new AwsException(refusal?.name ?? 'MalformedPolicyDocumentException', refusal?.message ?? own)
  }
  if (hasUnknownOperator(result.document)) {
    throw new AwsException('MalformedPolicyDocumentException', 'A condition operator is not known.')
  }
  if (!bypass && keepsPolicyControl(result.document, context.account, request) !== true) {
    throw new AwsException('MalformedPolicyDocumentException', lockoutMessage)
  }
  return printPolicy(JSON.parse(text))
}
