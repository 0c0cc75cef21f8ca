import { expect, test } from 'vitest'
import { openStore } from '../../../src/mock/store.ts'
import { mostEvents, openTrail, readTrail, type TrailEvent } from '../../../src/mock/trail.ts'
import { temporaryFolder } from '../mock-clients.ts'
import { serveMock } from './served.ts'

const lookup = 'com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents'

interface Found {
  readonly EventName: string
  readonly Username: string
  readonly Resources: readonly { readonly ResourceName: string }[]
  readonly CloudTrailEvent: string
}

test('LookupEvents tells who used which key, and never a secret', async () => {
  const { call } = await serveMock()
  const secret = Buffer.from('hunter2-hunter2').toString('base64')
  const context = { purpose: 'backup' }
  const sealed = await call('TrentService.Encrypt', {
    KeyId: 'alias/kmseal',
    Plaintext: secret,
    EncryptionContext: context,
  })
  await call('TrentService.Decrypt', { CiphertextBlob: sealed.body['CiphertextBlob'], EncryptionContext: {} })
  await call('AmazonSSM.PutParameter', { Name: '/x', Value: 'hunter2-hunter2', Type: 'String' })
  await call('TrentService.ListKeys', {}, '111122223333')

  const { body } = await call(lookup, {})
  const events = body['Events'] as Found[]
  expect(events.map(({ EventName }) => EventName)).toEqual(['PutParameter', 'Decrypt', 'Encrypt'])
  const text = JSON.stringify(body)
  expect(text).not.toContain('hunter2')
  expect(text).not.toContain(secret)
  expect(text).not.toContain(sealed.body['CiphertextBlob'])
  const encrypt = events[2] as Found
  expect(encrypt.Username).toBe('root')
  expect(encrypt.Resources[0]?.ResourceName).toBe(sealed.body['KeyId'])
  expect(JSON.parse(encrypt.CloudTrailEvent)).toMatchObject({
    userIdentity: { type: 'Root', arn: 'arn:aws:iam::000000000000:root', accountId: '000000000000' },
    requestParameters: { keyId: 'alias/kmseal', encryptionContext: context },
    resources: [{ ARN: sealed.body['KeyId'] }],
    sourceIPAddress: '127.0.0.1',
    readOnly: true,
  })
  expect(JSON.parse((events[1] as Found).CloudTrailEvent)).toMatchObject({
    errorCode: 'InvalidCiphertextException',
  })
})

test('LookupEvents answers to the name that the JavaScript client calls it by too', async () => {
  const { call } = await serveMock()
  await call('TrentService.ListKeys', {})
  const { body } = await call('CloudTrail_20131101.LookupEvents', {})
  expect((body['Events'] as Found[]).map(({ EventName }) => EventName)).toEqual(['ListKeys'])
})

test('a request that failed, and what Parameter Store did with a key for the caller, are on its trail', async () => {
  const { call } = await serveMock()
  const made = await call('TrentService.CreateKey', {})
  const { Arn: arn } = made.body['KeyMetadata'] as { Arn: string }
  const sealed = await call('TrentService.Encrypt', { KeyId: arn, Plaintext: 'eA==' })
  const { CiphertextBlob } = sealed.body
  await call('TrentService.Decrypt', { CiphertextBlob, EncryptionContext: { wrong: 'context' } })
  await call('AmazonSSM.PutParameter', { Name: '/s', Value: 'v', Type: 'SecureString', KeyId: arn })
  await call('AmazonSSM.GetParameters', { Names: ['/s', '/t'], WithDecryption: true })
  await call('AmazonSSM.GetParameter', { Name: '/s' })
  const { body } = await call(lookup, {
    LookupAttributes: [{ AttributeKey: 'ResourceName', AttributeValue: arn }],
  })
  const events = (body['Events'] as Found[]).map(event => JSON.parse(event.CloudTrailEvent))
  expect(
    events.map(({ eventName, errorCode, userIdentity }) => [eventName, errorCode, userIdentity.invokedBy]),
  ).toEqual([
    ['Decrypt', undefined, 'ssm.amazonaws.com'],
    ['Encrypt', undefined, 'ssm.amazonaws.com'],
    ['Decrypt', 'InvalidCiphertextException', undefined],
    ['Encrypt', undefined, undefined],
    ['CreateKey', undefined, undefined],
  ])
  expect(events[0].requestParameters).toEqual({
    encryptionContext: { PARAMETER_ARN: 'arn:aws:ssm:eu-west-1:000000000000:parameter/s' },
  })
})

test('the owner of a key sees who used it from another account', async () => {
  const { call } = await serveMock()
  const made = await call('TrentService.CreateKey', {})
  const { Arn: KeyId } = made.body['KeyMetadata'] as { Arn: string }
  await call('TrentService.CreateGrant', {
    KeyId,
    GranteePrincipal: 'arn:aws:iam::111122223333:root',
    Operations: ['Encrypt'],
  })
  await call('TrentService.Encrypt', { KeyId, Plaintext: 'eA==' }, '111122223333')
  await call('TrentService.DescribeKey', { KeyId }, '111122223333')
  for (const account of ['000000000000', '111122223333']) {
    const { body } = await call(lookup, {}, account)
    const [described, encrypted] = (body['Events'] as Found[]).map(event => JSON.parse(event.CloudTrailEvent))
    expect(described).toMatchObject({ eventName: 'DescribeKey', errorCode: 'AccessDeniedException' })
    expect(encrypted).toMatchObject({
      eventName: 'Encrypt',
      userIdentity: { accountId: '111122223333' },
      recipientAccountId: account,
      resources: [{ ARN: KeyId, accountId: '000000000000' }],
    })
  }
})

test('LookupEvents filters, pages, and keeps to the account and the time', async () => {
  const { call } = await serveMock()
  for (let count = 0; count < 5; count += 1) await call('TrentService.ListKeys', {})
  await call('TrentService.CreateKey', {})
  const names = async (body: object) =>
    ((await call(lookup, body)).body['Events'] as Found[]).map(({ EventName }) => EventName)
  const attribute = (AttributeKey: string, AttributeValue: string) => ({
    LookupAttributes: [{ AttributeKey, AttributeValue }],
  })
  expect(await names(attribute('EventName', 'CreateKey'))).toEqual(['CreateKey'])
  expect(await names(attribute('ReadOnly', 'false'))).toEqual(['CreateKey'])
  expect(await names(attribute('EventSource', 'ssm.amazonaws.com'))).toEqual([])
  expect(await names({ EndTime: 1000 })).toEqual([])
  expect(await names({ StartTime: Date.now() / 1000 - 60 })).toHaveLength(6)
  const seen: string[] = []
  let token: unknown
  do {
    const { body } = await call(lookup, {
      MaxResults: 4,
      ...(token === undefined ? {} : { NextToken: token }),
    })
    seen.push(...(body['Events'] as Found[]).map(({ EventName }) => EventName))
    token = body['NextToken']
  } while (token !== undefined)
  expect(seen).toHaveLength(6)
  expect((await call(lookup, { NextToken: 'x' })).body).toMatchObject({ __type: 'InvalidNextTokenException' })
  expect((await call(lookup, { StartTime: '1' })).body).toMatchObject({ __type: 'SerializationException' })
})

test('the trail keeps the newest events', async () => {
  const store = await openStore(temporaryFolder())
  const trail = openTrail(store)
  const scope = { account: '000000000000', region: 'eu-west-1' }
  for (let time = 0; time < mostEvents + 1500; time += 1) {
    trail.record([{ ...scope, time, id: String(time) } as TrailEvent])
  }
  trail.flush()
  const kept = readTrail(store, scope)
  expect(kept).toHaveLength(mostEvents)
  expect(kept[0]?.time).toBe(mostEvents + 1499)
  await store.close()
})
