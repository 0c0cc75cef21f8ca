import { expect, it } from 'vitest'
import { commonCode, exitStatusOf, integrityError, KmsealError, usageError } from '../src/errors.ts'

it('every code has the exit status of the table, and none has another’s', () => {
  expect(exitStatusOf).toEqual({
    failed: 1,
    usage: 2,
    'not-found': 3,
    denied: 4,
    integrity: 5,
    unavailable: 6,
    changes: 7,
    exists: 8,
    unknown: 9,
  })
})

it.each([
  [[], 'failed'],
  [['denied'], 'denied'],
  [['denied', 'denied'], 'denied'],
  [['denied', 'not-found'], 'failed'],
  [['denied', 'unavailable', 'not-found'], 'unavailable'],
  [['integrity', 'integrity', 'integrity'], 'integrity'],
] as const)('several failures %j are together %s', (codes, code) => {
  expect(commonCode(codes)).toBe(code)
})

it('an error carries code, hint, details, name and cause, and nothing that was not given', () => {
  const cause = new Error('x')
  const full = new KmsealError('denied', 'text', { hint: 'h', details: ['d'], awsName: 'N', cause })
  expect(full).toMatchObject({
    name: 'KmsealError',
    code: 'denied',
    message: 'text',
    hint: 'h',
    details: ['d'],
    awsName: 'N',
    cause,
  })
  expect(usageError('text')).toMatchObject({
    code: 'usage',
    hint: undefined,
    details: [],
    awsName: undefined,
  })
  expect('cause' in usageError('text')).toBe(false)
  expect(integrityError('text', 'h', cause)).toMatchObject({ code: 'integrity', hint: 'h', cause })
})
