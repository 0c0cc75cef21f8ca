/** Reads one statement of a policy document. */

import type { ParsedCondition, ParsedStatement, PatternElement, PolicyKind } from './parsed-policy.ts'
import type { Report } from './policy-problem.ts'
import { type PrincipalElement, type PrincipalEntry, parsePrincipalEntry } from './principal-element.ts'

const elements = new Set(
  'Sid Effect Principal NotPrincipal Action NotAction Resource NotResource Condition'.split(' '),
)

/**
 * Reads a statement, reporting every problem.
 *
 * @returns undefined when there was a problem
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
 */
export function readStatement(
  value: unknown,
  kind: PolicyKind,
  partition: string | undefined,
  report: Report,
): ParsedStatement | undefined {
  if (!isObject(value)) {
    report('syntax', '', 'no object')
    return undefined
  }
  if (Object.keys(value).some(name => !elements.has(name))) report('syntax', '', 'an element is not known')
  const { Sid: sid, Effect: effect } = value
  if (sid !== undefined && typeof sid !== 'string') report('syntax', 'Sid', 'not a text')
  if (effect !== 'Allow' && effect !== 'Deny') report('syntax', 'Effect', 'neither Allow nor Deny')
  const principal = readPrincipal(value, kind, partition, report)
  const actions = readPatterns(value, 'Action', report)
  const resources = readPatterns(value, 'Resource', report)
  const conditions = readConditions(value['Condition'], kind, report)
  if (principal === 'wrong' || actions === undefined || resources === undefined) return undefined
  if (conditions === undefined || (effect !== 'Allow' && effect !== 'Deny')) return undefined
  return {
    sid: typeof sid === 'string' ? sid : undefined,
    effect,
    principal,
    actions,
    resources,
    conditions,
  }
}

type JsonObject = Readonly<Record<string, unknown>>

function readPrincipal(
  statement: JsonObject,
  kind: PolicyKind,
  partition: string | undefined,
  report: Report,
): PrincipalElement | undefined | 'wrong' {
  const negated = 'NotPrincipal' in statement
  const where = negated ? 'NotPrincipal' : 'Principal'
  const value = statement[where]
  if (kind === 'identity policy') {
    if (value === undefined) return undefined
    report('syntax', where, 'an identity policy names no principal')
    return 'wrong'
  }
  if (value === undefined) {
    report('no-principal', '', 'no principal')
    return 'wrong'
  }
  if (negated && 'Principal' in statement) {
    report('syntax', where, 'stands beside Principal')
    return 'wrong'
  }
  if (value === '*') return { negated, entries: [{ kind: 'any' }] }
  const entries: PrincipalEntry[] = []
  let wrong = !isObject(value) || Object.keys(value).length === 0
  for (const [type, names] of isObject(value) ? Object.entries(value) : []) {
    const list = readTexts(names)
    if (list === undefined) wrong = true
    for (const name of list ?? []) {
      const entry = parsePrincipalEntry(type, name, partition)
      if (entry === 'invalid-arn') {
        report(entry, where, 'an ARN names no principal, or one of another partition')
        return 'wrong'
      }
      if (typeof entry === 'string') wrong = true
      else entries.push(entry)
    }
  }
  if (wrong) report('invalid-principal', where, 'a principal is not valid')
  return wrong ? 'wrong' : { negated, entries }
}

function readPatterns(
  statement: JsonObject,
  name: 'Action' | 'Resource',
  report: Report,
): PatternElement | undefined {
  const negated = `Not${name}` in statement
  const where = negated ? `Not${name}` : name
  const value = statement[where]
  if (value === undefined) {
    report(name === 'Action' ? 'missing-action' : 'missing-resource', where, 'missing')
    return undefined
  }
  if (negated && name in statement) {
    report('syntax', where, `stands beside ${name}`)
    return undefined
  }
  const patterns = readTexts(value)
  const form = name === 'Action' ? actionForm : resourceForm
  if (patterns?.every(pattern => form.test(pattern)) === true) return { negated, patterns }
  const wanted = name === 'Action' ? 'service:Action' : 'an ARN'
  report('syntax', where, `neither * nor ${wanted}, nor a list of such texts`)
  return undefined
}

const actionForm = /^(?:\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+)$/
const resourceForm = /^(?:\*|arn:.+)$/s

function readConditions(value: unknown, kind: PolicyKind, report: Report): ParsedCondition[] | undefined {
  if (value === undefined) return []
  const conditions: ParsedCondition[] = []
  let right = isObject(value)
  for (const [operator, keys] of isObject(value) ? Object.entries(value) : []) {
    if (!isObject(keys)) right = false
    for (const [key, given] of isObject(keys) ? Object.entries(keys) : []) {
      const values = readValues(given)
      if (values === undefined) right = false
      else conditions.push({ operator, key, values })
      if (kind === 'key policy' && /^ForAllValues:/.test(operator) && /^kms:EncryptionContext:/i.test(key)) {
        report(
          'for-all-values',
          'Condition',
          'ForAllValues on an encryption context key, which has one value',
        )
      }
    }
  }
  if (right) return conditions
  report('syntax', 'Condition', 'not operators with condition keys and their values')
  return undefined
}

/** A text, or a list of at least one. */
function readTexts(value: unknown): string[] | undefined {
  const list: unknown[] = Array.isArray(value) ? value : [value]
  return list.length > 0 && list.every(item => typeof item === 'string') ? list : undefined
}

/** Values of conditions, which may also be written as numbers, true and false. */
function readValues(value: unknown): string[] | undefined {
  const list: unknown[] = Array.isArray(value) ? value : [value]
  return list.every(item => typeof item === 'string' || typeof item === 'number' || typeof item === 'boolean')
    ? list.map(String)
    : undefined
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
