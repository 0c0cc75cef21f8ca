/** Counts of the events of KMS. */

import { compare } from './compare.ts'
import type { TrailEvent } from './trail-events.ts'

/** How often a principal asked for an operation on one day. */
export interface UseCount {
  /** `2030-01-31`, in UTC. */
  readonly Day: string
  /** The role rather than its session, where CloudTrail tells it. */
  readonly Principal: string
  readonly EventName: string
  /** All of them, the refused ones included. */
  readonly Count: number
  readonly Refused: number
}

/** Counts events per day, principal and operation: newest day first, then most often first. */
export function countByDay(events: readonly TrailEvent[]): UseCount[] {
  const counts = new Map<string, UseCount>()
  for (const { EventTime, EventName, Role, Principal, ErrorCode } of events) {
    const found = { Day: EventTime.toISOString().slice(0, 10), Principal: Role ?? Principal ?? '', EventName }
    const key = JSON.stringify(found)
    const { Count, Refused } = counts.get(key) ?? { Count: 0, Refused: 0 }
    counts.set(key, { ...found, Count: Count + 1, Refused: Refused + (ErrorCode === undefined ? 0 : 1) })
  }
  return [...counts.values()].sort(
    (one, other) =>
      compare(other.Day, one.Day) ||
      other.Count - one.Count ||
      compare(one.Principal, other.Principal) ||
      compare(one.EventName, other.EventName),
  )
}
