/** What `explain-access` says, and what the mock does with the same request. */

import { expect, it } from 'vitest'
import { compareWithMock } from './agreement.ts'

it('allows what the mock lets pass, denies what it refuses, and knows most of it', async () => {
  const { allowed, denied, unknown } = await compareWithMock(1000)
  const all = allowed + denied + unknown
  // A test that meets one answer only shows nothing.
  expect(allowed / all).toBeGreaterThan(0.05)
  expect(denied / all).toBeGreaterThan(0.2)
  expect(unknown / all).toBeLessThan(0.4)
})
