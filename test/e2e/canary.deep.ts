/** The secret of canary.test.ts under every fault that the mock knows. */

import { afterAll, beforeAll, it } from 'vitest'
import type { Workplace } from '../helpers/process.ts'
import { canaryPlace, expectNoCanary } from './canary.ts'

let place: Workplace
beforeAll(async () => {
  place = await canaryPlace()
})
afterAll(() => place.remove())

it.each([
  ...['throttle@0.3', '500', '503', 'drop', 'denied', 'echo', 'empty-page', 'latency=5'],
  ...['GetParameters:denied', 'Encrypt:echo', 'PutParameter:drop', 'Decrypt:denied'],
])(
  'a secret is in no message and no file with faults %s',
  async faults => {
    await expectNoCanary(place, faults)
  },
  300_000,
)
