/** Conditions of a statement against the context of a request, with three values. */

import { type ConditionOperator, parseOperator } from './condition-operators.ts'
import type { ParsedCondition, ParsedPolicy, PolicyVersion } from './parsed-policy.ts'
import { expandVariables } from './policy-variables.ts'
import { type AccessRequest, contextValue } from './request.ts'
import { allOf, anyOf, not, type Truth } from './truth.ts'

/**
 * Whether a request meets one condition: an operator, a condition key, its values.
 *
 * A key that the request does not have fails a condition, unless the operator is a negated one, ForAllValues, or
 * ends in IfExists. Unknown are operators and keys that are not known, values that are not known or have another
 * form than the operator's, several values without a set prefix that do not all agree, and ForAnyValue with
 * IfExists for an absent key, on which published sources differ.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
export function meetsCondition(
  condition: ParsedCondition,
  version: PolicyVersion,
  request: AccessRequest,
): Truth {
  const operator = parseOperator(condition.operator)
  const found = contextValue(request, condition.key)
  if (operator === undefined || found === 'unknown' || condition.values.length === 0) return 'unknown'
  const { base } = operator
  if (base === 'null') return meetsNull(condition.values, found === 'absent')
  if (found === 'absent') return whenAbsent(operator)
  const results = found.map(value => {
    const compared = anyOf(
      condition.values.map(policy => {
        const expanded = expandVariables(policy, version, request)
        return expanded === 'unknown' ? expanded : base.compare(expanded, value)
      }),
    )
    return base.negated ? not(compared) : compared
  })
  if (operator.set === undefined) return agreed(results)
  const result = operator.set === 'all' ? allOf(results) : anyOf(results)
  // A single empty text counts as no value at all for the set prefixes.
  const empty = found.length === 1 && found[0] === ''
  return empty ? agreed([result, operator.set === 'all']) : result
}

function meetsNull(values: readonly string[], absent: boolean): Truth {
  return anyOf(
    values.map(value => {
      const wanted = value.toLowerCase()
      return wanted === 'true' ? absent : wanted === 'false' ? !absent : 'unknown'
    }),
  )
}

function whenAbsent({ base, set, ifExists }: ConditionOperator): Truth {
  if (set === 'all') return true
  if (set === 'any') return ifExists ? 'unknown' : false
  return ifExists || (base !== 'null' && base.negated)
}

function agreed(truths: readonly Truth[]): Truth {
  const [first = 'unknown'] = truths
  return truths.every(truth => truth === first) ? first : 'unknown'
}

/** Whether a policy has a condition operator that is not known, which AWS refuses in any policy. */
export function hasUnknownOperator(policy: ParsedPolicy): boolean {
  return policy.statements.some(({ conditions }) =>
    conditions.some(({ operator }) => parseOperator(operator) === undefined),
  )
}
