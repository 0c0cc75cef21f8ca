/** The JSON shapes of policy documents, as far as the program writes them. */

/** A value of a condition key: one string, or several of which one must match. */
export type ConditionValue = string | readonly string[]

/** Condition operators, each with its condition keys and values. */
export type ConditionBlock = Readonly<Record<string, Readonly<Record<string, ConditionValue>>>>

/**
 * One statement of a key policy or IAM policy.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
 */
export interface PolicyStatement {
  readonly Sid?: string
  readonly Effect: 'Allow' | 'Deny'
  /** Key policies only: an IAM policy belongs to the principal that it is attached to. */
  readonly Principal?: { readonly AWS: string | readonly string[] }
  readonly Action: string | readonly string[]
  /** In a key policy `*` means this key and no other. */
  readonly Resource: string | readonly string[]
  readonly Condition?: ConditionBlock
}

/**
 * A whole policy document.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html
 */
export interface PolicyDocument {
  readonly Version: '2012-10-17'
  readonly Id?: string
  readonly Statement: readonly PolicyStatement[]
}
