/** The events of KMS in CloudTrail: who asked what of which key. */

import {
  type CloudTrailClient,
  type Event,
  type LookupAttribute,
  paginateLookupEvents,
} from '@aws-sdk/client-cloudtrail'
import { translate } from './aws-errors.ts'

/** One call to KMS. */
export interface TrailEvent {
  readonly EventTime: Date
  /** The operation, such as `Decrypt`. */
  readonly EventName: string
  /** ARN of the caller, for a role that of its session; a service's name when a service called for itself. */
  readonly Principal: string | undefined
  /** ARN of the role of a session, where CloudTrail tells it. */
  readonly Role: string | undefined
  /** The service that called for the principal, such as `ec2.amazonaws.com`. */
  readonly InvokedBy: string | undefined
  /** ARNs of the keys. */
  readonly KeyIds: readonly string[]
  readonly EncryptionContext: Readonly<Record<string, string>> | undefined
  /** Name of the exception, when it was refused. */
  readonly ErrorCode: string | undefined
  readonly SourceIPAddress: string | undefined
  readonly RequestId: string | undefined
  readonly EventId: string | undefined
}

/** Which events to look up. */
export interface TrailQuery {
  /** ARN of a key. */
  readonly keyArn?: string | undefined
  /** ARN of a user, role (all its sessions) or session, or a name as CloudTrail has it: of a user, session or service. */
  readonly principal?: string | undefined
  /** Such as `Decrypt`. */
  readonly operation?: string | undefined
  /** CloudTrail keeps 90 days. */
  readonly startTime?: Date | undefined
  readonly endTime?: Date | undefined
}

/**
 * Looks up the events of KMS, newest first, as they come in. CloudTrail answers two requests a second, of fifty events
 * each, is some minutes late, and takes one condition: the others are applied here.
 *
 * @param client of the Region of the key
 * @throws KmsealError `denied` (needs cloudtrail:LookupEvents), `unavailable`, `failed`
 * @see https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
 */
export async function* lookUpTrail(client: CloudTrailClient, query: TrailQuery): AsyncGenerator<TrailEvent> {
  const input = {
    LookupAttributes: [attributeOf(query)],
    ...(query.startTime === undefined ? {} : { StartTime: query.startTime }),
    ...(query.endTime === undefined ? {} : { EndTime: query.endTime }),
  }
  try {
    for await (const { Events = [] } of paginateLookupEvents({ client, pageSize: 50 }, input)) {
      for (const event of Events) {
        const read = readEvent(event)
        if (read !== undefined && matches(read, query)) yield read
      }
    }
  } catch (error) {
    throw translate(error, {
      action: 'cloudtrail:LookupEvents',
      object: query.keyArn === undefined ? 'the events of KMS' : `the events of key ${query.keyArn}`,
    })
  }
}

/** The condition that leaves the fewest events, most likely. */
function attributeOf({ keyArn, operation, principal }: TrailQuery): LookupAttribute {
  if (keyArn !== undefined) return { AttributeKey: 'ResourceName', AttributeValue: keyArn }
  if (principal !== undefined && !/:role\/|\.amazonaws\.com$/.test(principal)) {
    const name = principal.endsWith(':root') ? 'root' : (principal.split('/').at(-1) ?? principal)
    return { AttributeKey: 'Username', AttributeValue: name }
  }
  if (operation !== undefined) return { AttributeKey: 'EventName', AttributeValue: operation }
  return { AttributeKey: 'EventSource', AttributeValue: kms }
}

const kms = 'kms.amazonaws.com'

function matches(event: TrailEvent, { principal, operation }: TrailQuery): boolean {
  if (operation !== undefined && event.EventName !== operation) return false
  if (principal === undefined) return true
  const { Principal = '', Role, InvokedBy } = event
  if ([Principal, Role, InvokedBy].includes(principal)) return true
  if (!principal.startsWith('arn:')) return Principal.split('/').at(-1) === principal
  // The ARN of a session leaves out the path of its role.
  const [, head, name] = /^(arn:[^:]*:)iam::(?<rest>.*)$/.exec(principal) ?? []
  const role = /^(\d{12}):role\/(?:.*\/)?([^/]+)$/.exec(name ?? '')
  if (role === null || Role !== undefined) return false
  return Principal.startsWith(`${head}sts::${role[1]}:assumed-role/${role[2]}/`)
}

function readEvent({
  EventTime,
  EventName,
  EventId,
  EventSource,
  Username,
  Resources,
  CloudTrailEvent,
}: Event): TrailEvent | undefined {
  const record = recordOf(CloudTrailEvent)
  if (
    EventTime === undefined ||
    EventName === undefined ||
    (EventSource ?? record.eventSource ?? kms) !== kms
  )
    return undefined
  const { userIdentity, requestParameters } = record
  const { arn, invokedBy, sessionContext } = userIdentity ?? {}
  const keys = (record.resources ?? []).map(({ ARN }) => ARN).filter(arn => arn?.includes(':key/') === true)
  const named = (Resources ?? []).map(({ ResourceName }) => ResourceName)
  return {
    EventTime,
    EventName,
    Principal: arn ?? invokedBy ?? Username,
    Role: sessionContext?.sessionIssuer?.arn,
    InvokedBy: invokedBy,
    KeyIds: (keys.length > 0 ? keys : named).filter(key => key !== undefined),
    EncryptionContext: requestParameters?.encryptionContext,
    ErrorCode: record.errorCode,
    SourceIPAddress: record.sourceIPAddress,
    RequestId: record.requestID,
    EventId,
  }
}

/** What is read of an event's own JSON text. */
interface TrailRecord {
  readonly eventSource?: string
  readonly errorCode?: string
  readonly sourceIPAddress?: string
  readonly requestID?: string
  readonly requestParameters?: { readonly encryptionContext?: Readonly<Record<string, string>> } | null
  readonly resources?: readonly { readonly ARN?: string }[] | null
  readonly userIdentity?: {
    readonly arn?: string
    readonly invokedBy?: string
    readonly sessionContext?: { readonly sessionIssuer?: { readonly arn?: string } } | null
  } | null
}

function recordOf(text: string | undefined): TrailRecord {
  try {
    const record: unknown = JSON.parse(text ?? '{}')
    return typeof record === 'object' && record !== null ? record : {}
  } catch {
    return {}
  }
}
