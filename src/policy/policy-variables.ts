/** Policy variables: `${key}`, `${key, 'default'}`, and `${*}`, `${?}`, `${$}` for the characters themselves. */

import type { PolicyVersion } from './parsed-policy.ts'
import { type AccessRequest, contextValue } from './request.ts'
import { compileWildcard } from './wildcard.ts'

/** A text of a policy with its variables replaced. */
export interface ExpandedText {
  /** The text, its `*` and `?` standing for themselves. */
  readonly text: string
  /** The same as a pattern; what a variable brought in matches literally. */
  readonly pattern: readonly number[]
}

/**
 * Replaces the variables of a text by the request's values. Policies of version 2008-10-17 have none.
 *
 * @returns `unknown` when a variable is malformed, has no single known value, or is absent without a default: AWS
 *   then may take the whole statement as invalid
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
export function expandVariables(
  source: string,
  version: PolicyVersion,
  request: AccessRequest,
): ExpandedText | 'unknown' {
  if (version !== '2012-10-17' || !source.includes('${')) {
    return { text: source, pattern: compileWildcard(source) }
  }
  let text = ''
  const pattern: number[] = []
  const add = (piece: string, literally: boolean): void => {
    text += piece
    for (const unit of compileWildcard(piece, literally)) pattern.push(unit)
  }
  let from = 0
  while (from < source.length) {
    const start = source.indexOf('${', from)
    add(source.slice(from, start < 0 ? undefined : start), false)
    if (start < 0) break
    const end = source.indexOf('}', start)
    const value = end < 0 ? undefined : variableValue(source.slice(start + 2, end), request)
    if (value === undefined) return 'unknown'
    add(value, true)
    from = end + 1
  }
  return { text, pattern }
}

function variableValue(variable: string, request: AccessRequest): string | undefined {
  if (variable === '*' || variable === '?' || variable === '$') return variable
  const comma = variable.indexOf(',')
  const key = (comma < 0 ? variable : variable.slice(0, comma)).trim()
  const fallback = comma < 0 ? undefined : /^\s*'([^']*)'\s*$/.exec(variable.slice(comma + 1))?.[1]
  if (comma >= 0 && fallback === undefined) return undefined
  const value = contextValue(request, key)
  if (value === 'absent') return fallback
  return value === 'unknown' || value.length !== 1 ? undefined : value[0]
}
