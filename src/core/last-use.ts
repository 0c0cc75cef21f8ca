/** When a key was last used, as far as CloudTrail knows. */

import { type CloudTrailClient, type Event, paginateLookupEvents } from '@aws-sdk/client-cloudtrail'
import { KmsealError } from '../errors.ts'
import { translate } from './aws-errors.ts'

/** The last use of a key, that there was none, or why it is not known. */
export type LastUse =
  | { readonly kind: 'used'; readonly time: Date; readonly operation: string; readonly principal: string }
  | { readonly kind: 'unused' }
  | { readonly kind: 'unknown'; readonly reason: string }

/** Days that CloudTrail looks back. */
export const trailDays = 90

// LookupEvents gives at most 50 events twice a second.
const mostPages = 10

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
  const LookupAttributes = [{ AttributeKey: 'ResourceName' as const, AttributeValue: keyArn }]
  let pages = 0
  try {
    for await (const { Events } of paginateLookupEvents({ client, pageSize: 50 }, { LookupAttributes })) {
      for (const event of Events ?? []) {
        const use = useOf(event)
        if (use !== undefined) return use
      }
      if (++pages === mostPages) return { kind: 'unknown', reason: 'it is not among the newest 500 events' }
    }
  } catch (error) {
    const subject = { action: 'cloudtrail:LookupEvents', object: `key ${keyArn}` }
    const { awsName, message } = error instanceof KmsealError ? error : translate(error, subject)
    const denied = awsName === 'AccessDeniedException'
    return { kind: 'unknown', reason: denied ? 'cloudtrail:LookupEvents is not allowed' : message }
  }
  return { kind: 'unused' }
}

function useOf({ EventName = '', EventTime, Username, CloudTrailEvent }: Event): LastUse | undefined {
  if (!uses.test(EventName) || EventTime === undefined) return undefined
  const { errorCode, userIdentity } = recordOf(CloudTrailEvent)
  if (errorCode !== undefined) return undefined
  const principal = userIdentity?.arn ?? userIdentity?.invokedBy ?? Username ?? 'somebody'
  return { kind: 'used', time: EventTime, operation: EventName, principal }
}

interface TrailRecord {
  readonly errorCode?: string
  readonly userIdentity?: { readonly arn?: string; readonly invokedBy?: string }
}

function recordOf(text: string | undefined): TrailRecord {
  try {
    const record: unknown = JSON.parse(text ?? '{}')
    return typeof record === 'object' && record !== null ? record : {}
  } catch {
    return {}
  }
}
