/** The condition operators of IAM: how one value of a policy is compared with one value of the request. */

import { parseIsoTime } from '../iso-time.ts'
import { isInIpRange } from './ip-range.ts'
import type { ExpandedText } from './policy-variables.ts'
import type { Truth } from './truth.ts'
import { matchesArn, matchesWildcard } from './wildcard.ts'

/** An operator without its set prefix and IfExists. */
export interface BaseOperator {
  /** Compares a value of the policy with one of the request; unknown when one of both has not the right form. */
  readonly compare: (policy: ExpandedText, value: string) => Truth
  /** The condition holds when no value of the policy compares, and also when the key is absent. */
  readonly negated: boolean
}

/** An operator as it is written. */
export interface ConditionOperator {
  /** `null` for the Null operator, which looks only whether the key is there. */
  readonly base: BaseOperator | 'null'
  readonly set: 'all' | 'any' | undefined
  readonly ifExists: boolean
}

/**
 * Reads an operator's name, such as `ForAnyValue:StringLikeIfExists`.
 *
 * @returns undefined for names that are not known, in any other letter case too, and for Null with a set prefix or
 *   IfExists
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
export function parseOperator(name: string): ConditionOperator | undefined {
  const [, prefix, rest = '', ifExists] = /^(ForAllValues:|ForAnyValue:)?(.+?)(IfExists)?$/.exec(name) ?? []
  if (rest === 'Null') {
    const plain = prefix === undefined && ifExists === undefined
    return plain ? { base: 'null', set: undefined, ifExists: false } : undefined
  }
  const base = baseOperators.get(rest)
  if (base === undefined) return undefined
  const set = prefix === undefined ? undefined : prefix === 'ForAllValues:' ? 'all' : 'any'
  return { base, set, ifExists: ifExists !== undefined }
}

type Compare = BaseOperator['compare']

const stringEquals: Compare = (policy, value) => policy.text === value
const stringEqualsIgnoreCase: Compare = (policy, value) => policy.text.toLowerCase() === value.toLowerCase()
const stringLike: Compare = (policy, value) => matchesWildcard(policy.pattern, value)
const arnLike: Compare = (policy, value) => matchesArn(policy.pattern, value)
const ipAddress: Compare = (policy, value) => isInIpRange(policy.text, value)
const bool: Compare = (policy, value) => {
  const both = [policy.text.toLowerCase(), value.toLowerCase()]
  return both.every(text => text === 'true' || text === 'false') ? both[0] === both[1] : 'unknown'
}
const binaryEquals: Compare = (policy, value) =>
  [policy.text, value].every(text => base64.test(text)) ? policy.text === value : 'unknown'

const base64 = /^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/

function ordered(
  parse: (text: string) => number | undefined,
  test: (value: number, policy: number) => boolean,
): Compare {
  return (policy, value) => {
    const [given, wanted] = [parse(value), parse(policy.text)]
    return given === undefined || wanted === undefined ? 'unknown' : test(given, wanted)
  }
}

function orderedOperators(
  kind: string,
  parse: (text: string) => number | undefined,
): [string, BaseOperator][] {
  const equals = ordered(parse, (value, policy) => value === policy)
  return [
    [`${kind}Equals`, { compare: equals, negated: false }],
    [`${kind}NotEquals`, { compare: equals, negated: true }],
    [`${kind}LessThan`, { compare: ordered(parse, (value, policy) => value < policy), negated: false }],
    [
      `${kind}LessThanEquals`,
      { compare: ordered(parse, (value, policy) => value <= policy), negated: false },
    ],
    [`${kind}GreaterThan`, { compare: ordered(parse, (value, policy) => value > policy), negated: false }],
    [
      `${kind}GreaterThanEquals`,
      { compare: ordered(parse, (value, policy) => value >= policy), negated: false },
    ],
  ]
}

function parseNumber(text: string): number | undefined {
  if (!/^[+-]?\d{1,15}(?:\.\d{1,15})?$/.test(text)) return undefined
  return Number(text)
}

/** Milliseconds since 1970 of an ISO 8601 date, with a time zone when it has a time, or of epoch seconds. */
function parseDate(text: string): number | undefined {
  // Four digits could be a year.
  if (/^\d{5,12}(?:\.\d{1,9})?$/.test(text)) return Number(text) * 1000
  return parseIsoTime(text)
}

const baseOperators: ReadonlyMap<string, BaseOperator> = new Map<string, BaseOperator>([
  ['StringEquals', { compare: stringEquals, negated: false }],
  ['StringNotEquals', { compare: stringEquals, negated: true }],
  ['StringEqualsIgnoreCase', { compare: stringEqualsIgnoreCase, negated: false }],
  ['StringNotEqualsIgnoreCase', { compare: stringEqualsIgnoreCase, negated: true }],
  ['StringLike', { compare: stringLike, negated: false }],
  ['StringNotLike', { compare: stringLike, negated: true }],
  ...orderedOperators('Numeric', parseNumber),
  ...orderedOperators('Date', parseDate),
  ['Bool', { compare: bool, negated: false }],
  ['BinaryEquals', { compare: binaryEquals, negated: false }],
  ['IpAddress', { compare: ipAddress, negated: false }],
  ['NotIpAddress', { compare: ipAddress, negated: true }],
  ['ArnEquals', { compare: arnLike, negated: false }],
  ['ArnLike', { compare: arnLike, negated: false }],
  ['ArnNotEquals', { compare: arnLike, negated: true }],
  ['ArnNotLike', { compare: arnLike, negated: true }],
])

/** The names of all operators, without set prefixes and IfExists. */
export const operatorNames: readonly string[] = [...baseOperators.keys(), 'Null']
