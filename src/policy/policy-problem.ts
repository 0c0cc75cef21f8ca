/** What can be wrong with a policy document, and how KMS answers each. */

/** Kinds of problems. */
export type PolicyProblemKind =
  | 'too-large'
  | 'not-json'
  | 'syntax'
  | 'no-principal'
  | 'invalid-principal'
  | 'invalid-arn'
  | 'missing-action'
  | 'missing-resource'
  | 'for-all-values'

/** One problem of a policy document. */
export interface PolicyProblem {
  readonly kind: PolicyProblemKind
  /** The element, such as `Statement[1].Principal`; empty for the whole document. */
  readonly where: string
  /** What is wrong there: lower case, no final stop, no value out of the document. */
  readonly text: string
}

/** Notes a problem of a document. */
export type Report = (kind: PolicyProblemKind, where: string, text: string) => void

/** How KMS refuses a key policy. */
export interface PolicyRefusal {
  /** The exception's name. */
  readonly name: 'MalformedPolicyDocumentException' | 'InvalidArnException' | 'LimitExceededException'
  /** KMS's text; undefined where it sends none, or none is known. */
  readonly message: string | undefined
}

const malformed = 'MalformedPolicyDocumentException'

const refusals: Readonly<Record<PolicyProblemKind, PolicyRefusal>> = {
  'too-large': { name: 'LimitExceededException', message: undefined },
  'not-json': { name: malformed, message: undefined },
  syntax: { name: malformed, message: undefined },
  'no-principal': { name: malformed, message: 'Policy contains a statement with no principal.' },
  'invalid-principal': {
    name: malformed,
    message: 'Policy contains a statement with one or more invalid principals.',
  },
  'invalid-arn': {
    name: 'InvalidArnException',
    message: 'An ARN in the specified key policy is invalid.',
  },
  'missing-action': { name: malformed, message: 'Missing required field Action' },
  'missing-resource': { name: malformed, message: 'Missing required field Resource' },
  'for-all-values': {
    name: malformed,
    message:
      'OverlyPermissiveCondition:EncryptionContext: Using the ForAllValues set operator with a single-valued ' +
      'condition key matches requests without the specified encryption context or with an unspecified ' +
      'encryption context. To fix, remove ForAllValues.',
  },
}

/**
 * KMS's answer to a key policy with a problem.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html
 */
export function refusalOf(problem: PolicyProblem): PolicyRefusal {
  return refusals[problem.kind]
}
