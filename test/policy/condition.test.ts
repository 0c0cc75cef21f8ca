/** Conditions: every operator with a value that matches, one that does not, and none at all. */

import { describe, expect, it } from 'vitest'
import { meetsCondition } from '../../src/policy/condition.ts'
import { parseOperator } from '../../src/policy/condition-operators.ts'
import { type AccessRequest, conditionValues } from '../../src/policy/request.ts'
import { iam, request } from './requests.ts'

const key = 'kms:RequestAlias'

function meets(operator: string, policy: string | string[], values?: string[] | 'unknown', name = key) {
  const given: Partial<AccessRequest> =
    values === 'unknown'
      ? { others: 'unknown' }
      : values === undefined
        ? {}
        : { values: conditionValues([[name, values]]) }
  return meetsCondition(
    { operator, key: name, values: [policy].flat() },
    '2012-10-17',
    request(iam('user/alice'), given),
  )
}

// Operator, value in the policy, value of the request that compares, one that does not, one of another form.
const operators: [operator: string, policy: string, match: string, other: string, formless?: string][] = [
  ['StringEquals', 'alias/a', 'alias/a', 'alias/A'],
  ['StringEqualsIgnoreCase', 'alias/a', 'ALIAS/A', 'alias/b'],
  ['StringLike', 'alias/*', 'alias/a', 'Alias/a'],
  ['NumericEquals', '10', '10.0', '11', 'ten'],
  ['NumericLessThan', '10', '9.5', '10', ''],
  ['NumericLessThanEquals', '10', '10', '10.5', '0x1'],
  ['NumericGreaterThan', '-1', '0', '-1', '1e3'],
  ['NumericGreaterThanEquals', '10', '10', '9', 'NaN'],
  ['DateEquals', '2024-02-29T12:00:00Z', '2024-02-29T13:00:00+01:00', '2024-02-29T12:00:01Z', '2023-02-29'],
  ['DateLessThan', '2024-01-01T00:00:00Z', '1704067199', '1704067200', 'now'],
  ['DateLessThanEquals', '2024-01-01', '2024-01-01T00:00:00Z', '2024-01-01T00:00:00.5Z', '2024'],
  ['DateGreaterThan', '2024-01-01T00:00Z', '2024-01-01T00:00:01Z', '2024-01-01', '2024-01-01T25:00:00Z'],
  ['DateGreaterThanEquals', '1704067200', '2024-01-01T00:00:00Z', '2023-12-31T23:59:59Z', '2024-13-01'],
  ['Bool', 'true', 'TRUE', 'false', 'yes'],
  ['BinaryEquals', 'QmluYXJ5', 'QmluYXJ5', 'QmluYXJ4', 'Qml'],
  ['IpAddress', '203.0.113.0/24', '203.0.113.9', '203.0.114.9', '203.0.113'],
  ['ArnEquals', iam('role/*'), iam('role/a'), iam('user/a')],
  ['ArnLike', iam('role/a?'), iam('role/ab'), iam('role/a')],
]
const negations: [operator: string, of: string][] = [
  ['StringNotEquals', 'StringEquals'],
  ['StringNotEqualsIgnoreCase', 'StringEqualsIgnoreCase'],
  ['StringNotLike', 'StringLike'],
  ['NumericNotEquals', 'NumericEquals'],
  ['DateNotEquals', 'DateEquals'],
  ['NotIpAddress', 'IpAddress'],
  ['ArnNotEquals', 'ArnEquals'],
  ['ArnNotLike', 'ArnLike'],
]
const rows = [
  ...operators.map(([operator, ...values]) => ({ operator, negated: false, values })),
  ...negations.map(([operator, of]) => {
    const [, ...values] = operators.find(([name]) => name === of) ?? ['', '', '', '']
    return { operator, negated: true, values }
  }),
]

describe.each(rows)('$operator', ({ operator, negated, values: [policy, match, other, formless] }) => {
  it.each(['', 'IfExists'])('decides about a value that is there%s', suffix => {
    expect(meets(operator + suffix, policy, [match])).toBe(!negated)
    expect(meets(operator + suffix, policy, [other])).toBe(negated)
    expect(meets(operator + suffix, policy, 'unknown')).toBe('unknown')
  })

  it('takes one of several values of the policy, or, negated, none', () => {
    expect(meets(operator, [policy, policy], [match])).toBe(!negated)
    expect(meets(operator, [policy, policy], [other])).toBe(negated)
    expect(meets(operator, [], [match])).toBe('unknown')
  })

  it('fails on a key that is absent, unless it is negated or IfExists', () => {
    expect(meets(operator, policy)).toBe(negated)
    expect(meets(operator, policy, [])).toBe(negated)
    expect(meets(`${operator}IfExists`, policy)).toBe(true)
  })

  it('decides about several values with a set prefix only, or when all agree', () => {
    expect(meets(operator, policy, [match, match])).toBe(!negated)
    expect(meets(operator, policy, [match, other])).toBe('unknown')
    expect(meets(`ForAllValues:${operator}`, policy, [match, other])).toBe(false)
    expect(meets(`ForAnyValue:${operator}`, policy, [match, other])).toBe(true)
    expect(meets(`ForAllValues:${operator}`, policy, [match, match])).toBe(!negated)
    expect(meets(`ForAnyValue:${operator}`, policy, [other, other])).toBe(negated)
  })

  it('on an absent key holds with ForAllValues and fails with ForAnyValue', () => {
    expect(meets(`ForAllValues:${operator}`, policy)).toBe(true)
    expect(meets(`ForAllValues:${operator}IfExists`, policy)).toBe(true)
    expect(meets(`ForAnyValue:${operator}`, policy)).toBe(false)
    expect(meets(`ForAnyValue:${operator}IfExists`, policy)).toBe('unknown')
  })

  if (formless !== undefined) {
    it('cannot compare values of another form, on either side', () => {
      expect(meets(operator, policy, [formless])).toBe('unknown')
      expect(meets(operator, formless, [match])).toBe('unknown')
    })
  }
})

describe('Null', () => {
  it.each([
    ['true', undefined, true],
    ['true', ['x'], false],
    ['false', undefined, false],
    ['false', ['x'], true],
    ['False', ['x'], true],
    ['maybe', ['x'], 'unknown'],
    ['true', 'unknown' as const, 'unknown'],
  ] as const)('%j of %j: %j', (policy, values, result) => {
    expect(meets('Null', policy, values === 'unknown' ? values : values && [...values])).toBe(result)
  })

  it('has no set prefix and no IfExists', () => {
    for (const name of ['NullIfExists', 'ForAllValues:Null', 'ForAnyValue:Null']) {
      expect(parseOperator(name)).toBeUndefined()
    }
  })
})

describe('what is not known', () => {
  it.each([
    'StringMatches',
    'stringequals',
    'StringEqualsifexists',
    'ForEachValue:StringEquals',
    'IfExists',
    '',
  ])('is the operator %j', operator => {
    expect(meets(operator, 'x', ['x'])).toBe('unknown')
    expect(meets(operator, 'x')).toBe('unknown')
  })

  it('is a condition key of no list, however complete the description', () => {
    expect(meets('StringEquals', 'x', undefined, 'kms:NoSuchKey')).toBe('unknown')
    expect(meets('StringNotEquals', 'x', undefined, 'ec2:Vpc')).toBe('unknown')
    expect(meets('StringEquals', 'x', ['x'], 'ec2:Vpc')).toBe(true)
  })
})

describe('the set prefixes', () => {
  it('have an empty text count as no value, and leave open what that contradicts', () => {
    expect(meets('ForAllValues:StringEquals', 'x', [''])).toBe('unknown')
    expect(meets('ForAllValues:StringEquals', '', [''])).toBe(true)
    expect(meets('ForAnyValue:StringEquals', 'x', [''])).toBe(false)
    expect(meets('ForAnyValue:StringEquals', '', [''])).toBe('unknown')
    expect(meets('ForAnyValue:StringNotEquals', 'x', [''])).toBe('unknown')
  })

  it('compare the sets of an encryption context', () => {
    const context = (operator: string, keys: string[], encryptionContext: Record<string, string>) =>
      meetsCondition(
        { operator, key: 'kms:EncryptionContextKeys', values: keys },
        '2012-10-17',
        request(iam('user/alice'), { encryptionContext }),
      )
    expect(context('ForAllValues:StringEquals', ['a', 'b'], { a: '1' })).toBe(true)
    expect(context('ForAllValues:StringEquals', ['a', 'b'], { a: '1', c: '1' })).toBe(false)
    expect(context('ForAllValues:StringEquals', ['a', 'b'], {})).toBe(true)
    expect(context('ForAnyValue:StringEquals', ['a', 'b'], { a: '1', c: '1' })).toBe(true)
    expect(context('ForAnyValue:StringEquals', ['a', 'b'], { c: '1' })).toBe(false)
    expect(context('ForAnyValue:StringEquals', ['a', 'b'], {})).toBe(false)
    expect(context('ForAllValues:StringEquals', ['A'], { a: '1' })).toBe(false)
    expect(context('ForAllValues:StringEqualsIgnoreCase', ['A'], { a: '1' })).toBe(true)
  })
})
