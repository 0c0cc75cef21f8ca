/** Many calls, few at a time. */

import { describe, expect, it } from 'vitest'
import { boundedMap } from '../../src/core/bounded-map.ts'

const tick = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

describe('boundedMap', () => {
  it('keeps the order of the items and never has more calls in flight than allowed', async () => {
    let running = 0
    let most = 0
    const items = Array.from({ length: 50 }, (_, index) => index)
    const results = await boundedMap(items, 7, async item => {
      most = Math.max(most, ++running)
      for (let turns = item % 5; turns >= 0; turns--) await tick()
      running--
      return item * 2
    })
    expect(results).toEqual(items.map(item => item * 2))
    expect(most).toBe(7)
  })

  it('starts no further call after a failure, and throws that failure', async () => {
    const started: number[] = []
    const attempt = boundedMap([0, 1, 2, 3, 4, 5], 2, async item => {
      started.push(item)
      await tick()
      if (item === 1) throw undefined
      return item
    })
    await expect(attempt).rejects.toBeUndefined()
    expect(started).toEqual([0, 1, 2])
  })

  it('maps nothing to nothing', async () => {
    expect(await boundedMap([], 3, async item => item)).toEqual([])
  })
})
