/** Matching of wildcards: what matches, and that no pattern takes long. */

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileWildcard, matchesArn, matchesResource, matchesWildcard } from '../../src/policy/wildcard.ts'

const matches = (pattern: string, text: string): boolean => matchesWildcard(compileWildcard(pattern), text)

/** The definition, word for word. */
function reference(pattern: string, text: string): boolean {
  if (pattern === '') return text === ''
  if (pattern[0] === '*') {
    return reference(pattern.slice(1), text) || (text !== '' && reference(pattern, text.slice(1)))
  }
  if (text === '') return false
  return (pattern[0] === '?' || pattern[0] === text[0]) && reference(pattern.slice(1), text.slice(1))
}

describe('matchesWildcard', () => {
  it.each([
    ['', '', true],
    ['', 'a', false],
    ['*', '', true],
    ['?', '', false],
    ['kms:ReEncrypt*', 'kms:ReEncryptFrom', true],
    ['kms:ReEncrypt*', 'kms:ReEncrypt', true],
    ['kms:*Key', 'kms:DescribeKey', true],
    ['kms:*Key', 'kms:DescribeKeys', false],
    ['a?c', 'abc', true],
    ['a?c', 'ac', false],
    ['*aab*', 'aaaab', true],
    ['a*b*a', 'aba', true],
    ['a*b*a', 'ab', false],
    ['ab*ba', 'aba', false],
    ['A*', 'ab', false],
    ['.*', 'ab', false],
    ['***', 'x', true],
  ])('%j on %j: %j', (pattern, text, result) => {
    expect(matches(pattern, text)).toBe(result)
  })

  it('agrees with the definition', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 12 })
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '?', '*'), maxLength: 9 })
    fc.assert(
      fc.property(pattern, text, (one, other) => {
        expect(matches(one, other)).toBe(reference(one, other))
      }),
      { numRuns: 5000 },
    )
  })

  it('agrees with the definition across the words of long parts', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 60, maxLength: 200 })
    fc.assert(
      fc.property(
        text,
        fc.nat(150),
        fc.integer({ min: 30, max: 100 }),
        fc.nat(99),
        (whole, at, length, hole) => {
          const part = whole.slice(at, at + length)
          const holed = part.slice(0, hole) + part.slice(hole).replace(/^./, '?')
          expect(matches(`*${holed}*`, whole)).toBe(true)
          const broken = part.slice(0, hole) + part.slice(hole).replace(/^./, 'c')
          expect(matches(`*${broken}*`, whole)).toBe(broken === part)
        },
      ),
      { numRuns: 300 },
    )
  })

  /** Counts how often units are looked at. */
  function counted(units: readonly number[]): { units: readonly number[]; reads: () => number } {
    let reads = 0
    const proxy = new Proxy(units, {
      get(target, name) {
        if (typeof name === 'string' && /^\d/.test(name)) reads++
        return Reflect.get(target, name)
      },
    })
    return { units: proxy, reads: () => reads }
  }

  it.each([
    ['many stars', 'a*'.repeat(50_000), 'a'.repeat(99_999)],
    ['many stars that fail at the end', `${'*a'.repeat(50_000)}b`, 'a'.repeat(100_000)],
    ['stars and question marks', '*?a'.repeat(33_333), 'a'.repeat(100_000)],
    ['parts that nearly fit everywhere', `*${'a'.repeat(1000)}b*`.repeat(100), 'a'.repeat(100_000)],
    ['one long part', `*${'a'.repeat(50_000)}b*`, 'a'.repeat(60_000)],
  ])('looks at no unit more than a few times: %s', (_what, pattern, text) => {
    const [one, other] = [counted(compileWildcard(pattern)), counted(compileWildcard(text, true))]
    matchesWildcard(one.units, other.units)
    expect(one.reads()).toBeLessThanOrEqual(2 * pattern.length)
    expect(other.reads()).toBeLessThanOrEqual(2 * text.length + 2)
  })
})

describe('matchesArn', () => {
  const arn = 'arn:aws:iam::111122223333:role/team/app'
  it.each([
    [arn, true],
    ['arn:aws:iam::111122223333:role/*', true],
    ['arn:*:iam::*:role/team/app', true],
    ['arn:aws:iam:*:111122223333:role/team/???', true],
    ['arn:aws:iam::111122223334:*', false],
    // The star cannot reach over a colon.
    ['arn:aws:iam*111122223333:role/team/app', 'unknown'],
    ['arn:aws:*:111122223333:role/team/app:*', false],
    ['arn:aws:i*3:*:*:role/team/app', false],
    ['*', 'unknown'],
    ['role/team/app', false],
  ])('%j: %j', (pattern, result) => {
    expect(matchesArn(compileWildcard(pattern), arn)).toBe(result)
  })

  it('lets the sixth part have colons', () => {
    const sns = 'arn:aws:sns:eu-central-1:111122223333:topic:subscription'
    expect(matchesArn(compileWildcard('arn:aws:sns:*:*:topic:*'), sns)).toBe(true)
    expect(matchesArn(compileWildcard('arn:aws:sns:*:*:topic'), sns)).toBe(false)
  })

  it('cannot say of a value that is no ARN', () => {
    expect(matchesArn(compileWildcard('arn:aws:iam::1:x*'), 'arn:aws:iam::1:xy')).toBe(true)
    expect(matchesArn(compileWildcard('a*'), 'abc')).toBe('unknown')
  })
})

describe('matchesResource', () => {
  const key = 'arn:aws:kms:eu-central-1:111122223333:key/1234'
  it.each([
    ['*', true],
    [key, true],
    ['arn:aws:kms:*:111122223333:key/*', true],
    ['arn:aws:kms:*', true],
    ['arn:aws:k*', true],
    ['arn:aws:kms:eu-*:111122223333:key/*', true],
    ['arn:aws:kms:eu-central-1:111122223333:alias/*', false],
    ['arn:aws:s3:*', false],
    ['arn:aws:kms:eu*3:key/*', 'unknown'],
    ['arn:aws:*1234', 'unknown'],
  ])('%j: %j', (pattern, result) => {
    expect(matchesResource(compileWildcard(pattern), key)).toBe(result)
  })

  it('of a request without a resource is * alone', () => {
    expect(matchesResource(compileWildcard('*'), '*')).toBe(true)
    expect(matchesResource(compileWildcard('arn:aws:kms:*'), '*')).toBe(false)
  })
})
