/** The last use of a key, from a CloudTrail that answers as a test wants. */

import type { CloudTrailClient } from '@aws-sdk/client-cloudtrail'
import { expect, it } from 'vitest'
import { newCloudTrailClient } from '../../src/cloudtrail-client.ts'
import { lastUseOf } from '../../src/core/last-use.ts'
import type { Emulator } from '../../src/mock/emulator.ts'
import { mockRequestHandler } from '../../src/mock/request-handler.ts'

const arn = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab'
const ann = 'arn:aws:iam::111122223333:user/ann'

interface TestEvent {
  readonly name: string
  readonly record?: object | string
  readonly Username?: string
}

/** A client whose pages are these; a text is the name of an exception. */
function trailOf(
  pages: readonly (readonly TestEvent[] | string)[],
  requests: object[] = [],
): CloudTrailClient {
  let next = 0
  const answer: Emulator['answer'] = async ({ body }) => {
    requests.push(JSON.parse(Buffer.from(body).toString()))
    const page = pages[next++] ?? []
    if (typeof page === 'string') {
      return { status: 400, headers: {}, body: JSON.stringify({ __type: page, message: 'no' }) }
    }
    const Events = page.map(({ name, record = { userIdentity: { arn: ann } }, Username }, index) => ({
      EventName: name,
      EventTime: 1_900_000_000 - next * 100 - index,
      ...(Username === undefined ? {} : { Username }),
      CloudTrailEvent: typeof record === 'string' ? record : JSON.stringify(record),
    }))
    const more = next < pages.length ? { NextToken: `page ${next}` } : {}
    return { status: 200, headers: {}, body: JSON.stringify({ Events, ...more }) }
  }
  return newCloudTrailClient({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 's' },
    maxAttempts: 1,
    requestHandler: mockRequestHandler(async () => ({ answer }) as Emulator, {
      principal: ann,
      region: 'eu-west-1',
    }),
  })
}

it.each<[string, object]>([
  ['no identity', {}],
  ['an identity that is null', { userIdentity: null, requestParameters: null, resources: null }],
  ['a session that is null', { userIdentity: { sessionContext: null } }],
])('reads a record with %s', async (_what, record) => {
  const trail = trailOf([[{ name: 'Decrypt', record, Username: 'ann' }]])
  expect(await lastUseOf(trail, arn)).toMatchObject({ kind: 'used', operation: 'Decrypt', principal: 'ann' })
})

it('is the newest operation that needed the key, not one that looked at it or failed', async () => {
  const requests: object[] = []
  const failed = { userIdentity: { arn: ann }, errorCode: 'InvalidCiphertextException' }
  const trail = trailOf(
    [
      [{ name: 'DescribeKey' }, { name: 'ScheduleKeyDeletion' }, { name: 'Decrypt', record: failed }],
      [{ name: 'GetKeyPolicy' }, { name: 'GenerateDataKeyWithoutPlaintext' }, { name: 'Encrypt' }],
    ],
    requests,
  )
  expect(await lastUseOf(trail, arn)).toEqual({
    kind: 'used',
    time: new Date((1_900_000_000 - 201) * 1000),
    operation: 'GenerateDataKeyWithoutPlaintext',
    principal: ann,
  })
  const wanted = [{ AttributeKey: 'ResourceName', AttributeValue: arn }]
  expect(requests).toMatchObject([
    { LookupAttributes: wanted, MaxResults: 50 },
    { LookupAttributes: wanted, NextToken: 'page 1' },
  ])
})

it.each([
  [{ userIdentity: { invokedBy: 'ec2.amazonaws.com' } }, 'ec2.amazonaws.com'],
  ['no JSON', 'ann'],
  ['null', 'ann'],
  ['{}', 'ann'],
])('tells who it was as far as the event %j does', async (record, principal) => {
  const use = await lastUseOf(trailOf([[{ name: 'Sign', record, Username: 'ann' }]]), arn)
  expect(use).toMatchObject({ kind: 'used', operation: 'Sign', principal })
})

it('is none when CloudTrail knows of none', async () => {
  expect(await lastUseOf(trailOf([[], [{ name: 'DescribeKey' }]]), arn)).toEqual({ kind: 'unused' })
})

it('is not known when it is not among the newest events, and no more are asked for', async () => {
  const requests: object[] = []
  const pages = Array.from({ length: 12 }, () => Array.from({ length: 50 }, () => ({ name: 'DescribeKey' })))
  const use = await lastUseOf(trailOf(pages, requests), arn)
  expect(use).toEqual({ kind: 'unknown', reason: 'it is not among the newest 500 events' })
  expect(requests).toHaveLength(10)
})

it.each([
  ['AccessDeniedException', /^cloudtrail:LookupEvents is not allowed$/],
  ['ThrottlingException', /^cloudtrail:LookupEvents failed .*ThrottlingException/],
  ['UnknownOperationException', /^cloudtrail:LookupEvents failed/],
])('is not known after %s', async (name, reason) => {
  expect(await lastUseOf(trailOf([name]), arn)).toEqual({
    kind: 'unknown',
    reason: expect.stringMatching(reason),
  })
})
