/** What is noticed about a key policy, and the statements as the checks see them. */

/**
 * How bad it is: KMS refuses the policy or it cannot be meant (`error`), it is risky or has no effect (`warning`),
 * it is odd (`note`).
 */
export type Severity = 'error' | 'warning' | 'note'

/** One thing that is noticed. */
export interface PolicyFinding {
  readonly Severity: Severity
  /** Stable name of the check, such as `unknown-action`. */
  readonly Check: string
  /** Index in Statement, from 0; undefined for the whole policy. */
  readonly StatementIndex?: number | undefined
  readonly Sid?: string | undefined
  /** Such as `Action`; undefined for the whole statement. */
  readonly Element?: string | undefined
  /** What is wrong: lower case, no final stop, values as they stand in the policy. */
  readonly Message: string
  /** What to do. */
  readonly Hint?: string | undefined
}

/** Notes a finding of the statement that is looked at. */
export type Find = (
  severity: Severity,
  check: string,
  element: string | undefined,
  message: string,
  hint?: string,
) => void

/** What is known of the key that a policy is for. */
export interface LintedKey {
  readonly arn?: string | undefined
  readonly account?: string | undefined
  readonly partition?: string | undefined
  readonly region?: string | undefined
}

/** One statement, read without insisting on its form. */
export interface RawStatement {
  readonly index: number
  readonly sid: string | undefined
  readonly effect: unknown
  /** Patterns of Action; undefined when it has NotAction, or neither. */
  readonly actions: readonly string[] | undefined
  readonly notActions: readonly string[] | undefined
  readonly resources: readonly string[] | undefined
  /** Whether the principals are those of NotPrincipal. */
  readonly negated: boolean
  /** Types and names; `*` alone is of type AWS. */
  readonly principals: readonly (readonly [type: string, name: string])[]
  readonly conditions: readonly RawCondition[]
}

/** One condition. */
export interface RawCondition {
  readonly operator: string
  readonly key: string
  readonly values: readonly string[]
}

/** Reads what can be read of a statement; undefined when it is no object. */
export function readRawStatement(value: unknown, index: number): RawStatement | undefined {
  if (!isObject(value)) return undefined
  const negated = !('Principal' in value) && 'NotPrincipal' in value
  return {
    index,
    sid: typeof value['Sid'] === 'string' ? value['Sid'] : undefined,
    effect: value['Effect'],
    actions: textsOf(value['Action']),
    notActions: textsOf(value['NotAction']),
    resources: textsOf(value['Resource']),
    negated,
    principals: principalsOf(value[negated ? 'NotPrincipal' : 'Principal']),
    conditions: conditionsOf(value['Condition']),
  }
}

/** The account in a principal's name: its id alone, or that of an ARN. */
export function accountOf(name: string): string | undefined {
  return /^(?:arn:[^:]*:(?:iam|sts)::)?(\d{12})(?::|$)/.exec(name)?.[1]
}

function principalsOf(value: unknown): [string, string][] {
  if (typeof value === 'string') return [['AWS', value]]
  if (!isObject(value)) return []
  return Object.entries(value).flatMap(([type, names]) =>
    (textsOf(names) ?? []).map((name): [string, string] => [type, name]),
  )
}

function conditionsOf(value: unknown): RawCondition[] {
  if (!isObject(value)) return []
  return Object.entries(value).flatMap(([operator, keys]) =>
    isObject(keys)
      ? Object.entries(keys).map(([key, values]) => ({ operator, key, values: textsOf(values) ?? [] }))
      : [],
  )
}

/** A text or a list of texts; numbers and booleans become texts, as in conditions. */
function textsOf(value: unknown): string[] | undefined {
  if (value === undefined) return undefined
  const list: unknown[] = Array.isArray(value) ? value : [value]
  return list.filter(item => ['string', 'number', 'boolean'].includes(typeof item)).map(String)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
