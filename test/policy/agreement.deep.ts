/** As agreement.test.ts, at length. */

import { expect, it } from 'vitest'
import { compareWithMock } from './agreement.ts'

it('allows what the mock lets pass and denies what it refuses, over 10,000 requests', async () => {
  const counts = await compareWithMock(10_000)
  process.stdout.write(`${JSON.stringify(counts)}\n`)
  expect(counts.allowed).toBeGreaterThan(500)
  expect(counts.denied).toBeGreaterThan(2000)
  expect(counts.unknown).toBeLessThan(4000)
})
