/** One statement against one request: its Action, Resource and Condition. */

import { meetsCondition } from './condition.ts'
import type { ParsedStatement, PatternElement, PolicyVersion } from './parsed-policy.ts'
import { expandVariables } from './policy-variables.ts'
import type { AccessRequest } from './request.ts'
import { allOf, anyOf, not, type Truth } from './truth.ts'
import { compileWildcard, matchesResource, matchesWildcard } from './wildcard.ts'

/**
 * Whether a statement covers a request, its Principal aside: action without regard to letter case, resource, and
 * all conditions.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function coversRequest(
  statement: ParsedStatement,
  version: PolicyVersion,
  request: AccessRequest,
): Truth {
  const action = matchesAction(statement.actions, request.action)
  if (!action) return false
  const resource = matchesResources(statement.resources, version, request)
  if (resource === false) return false
  return allOf([
    resource,
    ...statement.conditions.map(condition => meetsCondition(condition, version, request)),
  ])
}

/**
 * What keeps a statement from being decided: its conditions as `operator key`, and `Resource`.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
 */
export function undecidedParts(
  statement: ParsedStatement,
  version: PolicyVersion,
  request: AccessRequest,
): string[] {
  const conditions = statement.conditions
    .filter(condition => meetsCondition(condition, version, request) === 'unknown')
    .map(({ operator, key }) => `${operator} ${key}`)
  return matchesResources(statement.resources, version, request) === 'unknown'
    ? ['Resource', ...conditions]
    : conditions
}

/**
 * The conditions, as `operator key`, that keep a statement from covering a request whose action and resource it
 * covers.
 *
 * @returns none when the statement covers the request, may cover it, or is about something else
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
 */
export function unmetConditions(
  statement: ParsedStatement,
  version: PolicyVersion,
  request: AccessRequest,
): string[] {
  if (!matchesAction(statement.actions, request.action)) return []
  if (matchesResources(statement.resources, version, request) === false) return []
  return statement.conditions
    .filter(condition => meetsCondition(condition, version, request) === false)
    .map(({ operator, key }) => `${operator} ${key}`)
}

function matchesAction({ negated, patterns }: PatternElement, action: string): boolean {
  const name = action.toLowerCase()
  return patterns.some(text => matchesWildcard(compileWildcard(text.toLowerCase()), name)) !== negated
}

function matchesResources(
  { negated, patterns }: PatternElement,
  version: PolicyVersion,
  request: AccessRequest,
): Truth {
  const matches = anyOf(
    patterns.map(text => {
      const expanded = expandVariables(text, version, request)
      return expanded === 'unknown' ? expanded : matchesResource(expanded.pattern, request.resource)
    }),
  )
  return negated ? not(matches) : matches
}
