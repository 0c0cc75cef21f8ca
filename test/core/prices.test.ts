import { expect, it } from 'vitest'
import { estimatedCostOf, isFreeKey, kmsPrices, monthlyCostOf } from '../../src/core/prices.ts'

it.each([
  ['a key of one’s own', { manager: 'CUSTOMER', state: 'Enabled', rotations: 0 }, 1],
  ['a disabled one', { manager: 'CUSTOMER', state: 'Disabled', rotations: 0 }, 1],
  ['after its first rotation', { manager: 'CUSTOMER', state: 'Enabled', rotations: 1 }, 2],
  ['after its second', { manager: 'CUSTOMER', state: 'Enabled', rotations: 2 }, 3],
  ['after its tenth', { manager: 'CUSTOMER', state: 'Enabled', rotations: 10 }, 3],
  ['an AWS managed key', { manager: 'AWS', state: 'Enabled', rotations: 5 }, 0],
  ['one that is to be deleted', { manager: 'CUSTOMER', state: 'PendingDeletion', rotations: 2 }, 0],
  [
    'a primary that waits for replicas',
    { manager: 'CUSTOMER', state: 'PendingReplicaDeletion', rotations: 0 },
    0,
  ],
])('%s costs what it costs a month', (_what, key, dollars) => {
  expect(monthlyCostOf(key)).toBe(dollars)
  expect(isFreeKey(key)).toBe(dollars === 0)
})

it('requests are estimated at the price of symmetric keys', () => {
  expect(estimatedCostOf(0)).toBe(0)
  expect(estimatedCostOf(10_000)).toBe(kmsPrices.requests.symmetric)
  expect(estimatedCostOf(3)).toBeCloseTo(0.000009, 12)
})

it('the table says of which day it is', () => {
  expect(kmsPrices.date).toMatch(/^\d{4}-\d\d-\d\d$/)
})
