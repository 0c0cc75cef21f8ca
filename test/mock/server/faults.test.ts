import { EncryptCommand, KMSClient } from '@aws-sdk/client-kms'
import { expect, test, vi } from 'vitest'
import { parseFaults } from '../../../src/mock/faults.ts'
import { mockRequestHandler } from '../../../src/mock/request-handler.ts'
import { openMock, root } from '../mock-clients.ts'
import { serveMock } from './served.ts'

const put = { Name: '/x', Value: 'hunter2', Type: 'String', Overwrite: true }

test.each([
  ['throttle', 400, 'ThrottlingException'],
  ['500', 500, 'InternalServerError'],
  ['503', 503, 'ServiceUnavailableException'],
  ['denied', 400, 'AccessDeniedException'],
])('%s strikes as often as told, then no more', async (kind, status, type) => {
  const { call } = await serveMock({ faults: parseFaults(`PutParameter:${kind}x2`) })
  expect((await call('AmazonSSM.GetParameter', { Name: '/x' })).body).toMatchObject({
    __type: 'ParameterNotFound',
  })
  for (let count = 0; count < 2; count += 1) {
    const answer = await call('AmazonSSM.PutParameter', put)
    expect(answer).toMatchObject({ status, body: { __type: type } })
  }
  expect((await call('AmazonSSM.PutParameter', put)).body).toMatchObject({ Version: 1 })
})

test('requests that waited together are answered one in a turn of the event loop', async () => {
  const faults = parseFaults('latency=5')
  let turn = 0
  const count = (): void => {
    turn += 1
    counting = setImmediate(count)
  }
  let counting = setImmediate(count)
  const turns: number[] = []
  const answer = () => {
    turns.push(turn)
    return Promise.resolve({ status: 200, headers: {}, body: '' })
  }
  const request = {
    target: 'TrentService.ListKeys',
    body: Buffer.from('{}'),
    caller: { principal: 'arn:aws:iam::111122223333:root', region: 'us-east-1' },
  }
  await Promise.all([1, 2, 3].map(() => faults(request, answer)))
  clearImmediate(counting)
  expect(new Set(turns).size).toBe(3)
})

test('echo quotes the value, latency waits, drop closes the connection', async () => {
  const { call } = await serveMock({
    faults: parseFaults('latency=50x1, PutParameter:echox1,ListKeys:dropx1'),
  })
  const start = performance.now()
  expect(JSON.stringify((await call('AmazonSSM.PutParameter', put)).body)).toContain('hunter2')
  expect(performance.now() - start).toBeGreaterThan(45)
  await expect(call('TrentService.ListKeys', {})).rejects.toMatchObject({ code: 'ECONNRESET' })
  expect((await call('TrentService.ListKeys', {})).status).toBe(200)
})

test('an empty page has a token that leads to the first page', async () => {
  const { call } = await serveMock({ faults: parseFaults('empty-page') })
  await call('AmazonSSM.PutParameter', put)
  const first = await call('AmazonSSM.DescribeParameters', {})
  expect(first.body).toEqual({ Parameters: [], NextToken: expect.any(String) })
  const second = await call('AmazonSSM.DescribeParameters', { NextToken: first.body['NextToken'] })
  expect(second.body['Parameters']).toHaveLength(1)
})

test('a rate is the share of requests that it strikes', async () => {
  const numbers = [0.1, 0.5, 0.49, 0.9]
  const faults = parseFaults('throttle@0.5', () => numbers.shift() ?? 1)
  const { call } = await serveMock({ faults })
  const statuses = []
  for (let count = 0; count < 4; count += 1) statuses.push((await call('TrentService.ListKeys', {})).status)
  expect(statuses).toEqual([400, 200, 400, 200])
})

test('a throttle with a number lets so many requests through in a second', async () => {
  const { call } = await serveMock({ faults: parseFaults('ListKeys:throttle=5') })
  const answers = []
  for (let count = 0; count < 12; count += 1) answers.push(call('TrentService.ListKeys', {}))
  const statuses = (await Promise.all(answers)).map(({ status }) => status)
  expect(statuses.slice(0, 5)).toEqual([200, 200, 200, 200, 200])
  expect(statuses.at(-1)).toBe(400)
  await vi.waitFor(async () => expect((await call('TrentService.ListKeys', {})).status).toBe(200))
})

test('the SDK retries what is dropped or throttled in process', async () => {
  const { emulator } = await openMock()
  const faults = parseFaults('Encrypt:dropx1,Encrypt:throttlex1')
  const kms = new KMSClient({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'mock', secretAccessKey: 'mock' },
    requestHandler: mockRequestHandler(
      async () => emulator,
      { principal: root, region: 'eu-west-1' },
      faults,
    ),
  })
  const call = kms.send(new EncryptCommand({ KeyId: 'alias/kmseal', Plaintext: Buffer.from('x') }))
  expect((await call).$metadata.attempts).toBe(3)
})

test.each([
  'nothing',
  'throttle@2',
  'latency',
  '500=3',
  'throttle=',
  'throttlex',
  'Encrypt:',
  ':throttle',
  'a b',
])('refuses %j', specification => {
  expect(() => parseFaults(specification)).toThrow('KMSEAL_MOCK_FAULTS is malformed')
})
