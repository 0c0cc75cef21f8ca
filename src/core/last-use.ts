/** When a key was last used, as far as CloudTrail knows. */

import type { CloudTrailClient } from '@aws-sdk/client-cloudtrail'
import { KmsealError } from '../errors.ts'
import { isAccessDenied } from './aws-errors.ts'
import { lookUpTrail } from './trail-events.ts'

/** The last use of a key, that there was none, or why it is not known. */
export type LastUse =
  | { readonly kind: 'used'; readonly time: Date; readonly operation: string; readonly principal: string }
  | { readonly kind: 'unused' }
  | { readonly kind: 'unknown'; readonly reason: string }

/** Days that CloudTrail looks back. */
export const trailDays = 90

// CloudTrail gives at most 100 events a second.
const mostEvents = 500

/** Operations that need the key material. */
const uses =
  /^(Encrypt|Decrypt|ReEncrypt|GenerateDataKey\w*|Sign|Verify|GenerateMac|VerifyMac|DeriveSharedSecret)$/

/**
 * The last cryptographic operation that a key served, within the last 90 days and the newest 500 events of the
 * key. CloudTrail is some minutes late. Whatever keeps it from answering makes the last use unknown.
 *
 * @param client of the key's own Region
 * @see https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
 */
export async function lastUseOf(client: CloudTrailClient, keyArn: string): Promise<LastUse> {
  let seen = 0
  try {
    for await (const { EventName, EventTime, ErrorCode, Principal } of lookUpTrail(client, { keyArn })) {
      if (uses.test(EventName) && ErrorCode === undefined) {
        return { kind: 'used', time: EventTime, operation: EventName, principal: Principal ?? 'somebody' }
      }
      if (++seen === mostEvents)
        return { kind: 'unknown', reason: `it is not among the newest ${mostEvents} events` }
    }
  } catch (error) {
    if (!(error instanceof KmsealError)) throw error
    return {
      kind: 'unknown',
      reason: isAccessDenied(error) ? 'cloudtrail:LookupEvents is not allowed' : error.message,
    }
  }
  return { kind: 'unused' }
}
