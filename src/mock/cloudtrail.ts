/** CloudTrail's LookupEvents over the mock's own trail. */

import { accessRequest, authorizeByIdentity } from './authorization.ts'
import { AwsException } from './exceptions.ts'
import { defineOperation, type Operation } from './operation.ts'
import { pagePosition, pageToken } from './paging.ts'
import { readTrail, type TrailEvent } from './trail.ts'
import { integer, list, required, string, structure, timestamp } from './validation.ts'

/** The service part of CloudTrail's `X-Amz-Target` headers: of Python's and Java's clients, and of JavaScript's. */
export const cloudTrailTargets = [
  'com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101',
  'CloudTrail_20131101',
] as const

type Attribute = (event: TrailEvent, wanted: string) => boolean

const attributes: Readonly<Record<string, Attribute>> = {
  EventId: ({ id }, wanted) => id === wanted,
  EventName: ({ name }, wanted) => name === wanted,
  ReadOnly: (event, wanted) => String(isReadOnly(event)) === wanted,
  Username: (event, wanted) => userName(event) === wanted,
  ResourceType: ({ keys = [] }, wanted) => keys.length > 0 && wanted === keyType,
  ResourceName: ({ keys = [] }, wanted) => keys.includes(wanted),
  EventSource: ({ source }, wanted) => source === wanted,
  AccessKeyId: () => false,
}
const keyType = 'AWS::KMS::Key'

/**
 * LookupEvents: the caller's account and Region, newest first, at most the 10,000 newest of all.
 *
 * @see https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
 */
export const lookupEvents = defineOperation(
  {
    LookupAttributes: list(
      structure({
        AttributeKey: required(string({ values: Object.keys(attributes) })),
        AttributeValue: required(string({ min: 1, max: 2000 })),
      }),
    ),
    StartTime: timestamp(),
    EndTime: timestamp(),
    EventCategory: string({ values: ['insight'] }),
    MaxResults: integer({ min: 1, max: 50 }),
    NextToken: string(),
  },
  (context, input) => {
    authorizeByIdentity(context, accessRequest(context, 'cloudtrail:LookupEvents', '*'))
    const { LookupAttributes: wanted = [], StartTime: start = 0, EndTime: end = Infinity } = input
    if (wanted.length > 1) throw new AwsException('InvalidLookupAttributesException')
    if (start > end) throw new AwsException('InvalidTimeRangeException')
    const found = readTrail(context.store, context).filter(
      event =>
        input.EventCategory === undefined &&
        event.time >= start * 1000 &&
        event.time < end * 1000 + 1 &&
        wanted.every(({ AttributeKey, AttributeValue }) => attributes[AttributeKey]?.(event, AttributeValue)),
    )
    const listing = JSON.stringify(['LookupEvents', context.account, context.region, wanted, start, end])
    const first = firstOfPage(listing, found, input.NextToken)
    const page = found.slice(first, first + (input.MaxResults ?? 50))
    const last = page.at(-1)
    return {
      Events: page.map(event => printed(event)),
      ...(last !== undefined && first + page.length < found.length
        ? { NextToken: pageToken(listing, last.id) }
        : {}),
    }
  },
)

/** The CloudTrail operations that the mock answers, by name. */
export const cloudTrailOperations: ReadonlyMap<string, Operation> = new Map([['LookupEvents', lookupEvents]])

function firstOfPage(listing: string, found: readonly TrailEvent[], token: string | undefined): number {
  if (token === undefined) return 0
  const position = pagePosition(listing, token)
  const before = position === undefined ? -1 : found.findIndex(({ id }) => id === position)
  if (before === -1) throw new AwsException('InvalidNextTokenException')
  return before + 1
}

/** KMS's cryptographic operations count as reading. */
const readingOperations =
  /^(Get|List|Describe|Lookup|Encrypt|Decrypt|ReEncrypt|Generate|Sign$|Verify|DeriveSharedSecret)/

function isReadOnly({ name }: TrailEvent): boolean {
  return readingOperations.test(name)
}

function userName({ principal }: TrailEvent): string | undefined {
  return principal.endsWith(':root') ? 'root' : principal.split('/').at(-1)
}

function printed(event: TrailEvent) {
  const { keys = [], account, principal } = event
  const type = principalTypes.find(([part]) => event.principal.includes(part))?.[1] ?? 'IAMUser'
  const document = {
    eventVersion: '1.08',
    userIdentity: {
      type,
      arn: principal,
      accountId: principal.split(':')[4],
      ...(event.address.endsWith('.amazonaws.com') ? { invokedBy: event.address } : {}),
    },
    eventTime: new Date(event.time).toISOString().replace(/\.\d+Z$/, 'Z'),
    eventSource: event.source,
    eventName: event.name,
    awsRegion: event.region,
    sourceIPAddress: event.address,
    userAgent: event.agent,
    ...(event.error === undefined ? {} : { errorCode: event.error }),
    requestParameters: event.parameters,
    responseElements: null,
    requestID: event.requestId,
    eventID: event.id,
    readOnly: isReadOnly(event),
    resources: keys.map(ARN => ({ accountId: ARN.split(':')[4], type: keyType, ARN })),
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: account,
    eventCategory: 'Management',
  }
  return {
    EventId: event.id,
    EventName: event.name,
    ReadOnly: String(isReadOnly(event)),
    EventTime: event.time / 1000,
    EventSource: event.source,
    Username: userName(event),
    Resources: keys.map(ResourceName => ({ ResourceType: keyType, ResourceName })),
    CloudTrailEvent: JSON.stringify(document),
  }
}

const principalTypes = [
  [':root', 'Root'],
  [':assumed-role/', 'AssumedRole'],
  [':role/', 'Role'],
  [':federated-user/', 'FederatedUser'],
] as const
