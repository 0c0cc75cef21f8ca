import { expect, test } from 'vitest'
import { mockRequestHandler } from '../../../src/mock/request-handler.ts'
import { queryContentType } from '../../../src/mock/sts.ts'
import { serveMock, signedBy } from './served.ts'

const form = 'Action=GetCallerIdentity&Version=2011-06-15'

test('GetCallerIdentity tells the caller', async () => {
  const { send, emulator } = await serveMock()
  emulator.setPrincipal('AKIASESSION', "arn:aws:sts::111122223333:assumed-role/ops/o'neill")
  const ask = async (id: string, body = form) => {
    const headers = { authorization: signedBy(id), 'content-type': `${queryContentType}; charset=utf-8` }
    return send({ headers, body })
  }
  const root = await ask('123456789012')
  expect(root).toMatchObject({ status: 200, headers: { 'content-type': 'text/xml' } })
  expect(root.text).toContain('<Arn>arn:aws:iam::123456789012:root</Arn><UserId>123456789012</UserId>')
  const session = await ask('AKIASESSION')
  expect(session.text).toContain('<Account>111122223333</Account>')
  expect(session.text).toMatch(/<UserId>AROA[0-9A-F]{17}:o&#39;neill<\/UserId>/)
  expect((await ask('x', 'Action=AssumeRole&Version=2011-06-15')).text).toContain(
    '<Code>InvalidAction</Code>',
  )
  const unsigned = await send({ headers: { 'content-type': queryContentType }, body: form })
  expect(unsigned.text).toContain('<Arn>arn:aws:iam::000000000000:root</Arn>')
})

test('GetCallerIdentity works in process too, and opens nothing', async () => {
  const never = async () => {
    throw new Error('the emulator was opened')
  }
  const principal = 'arn:aws:iam::111122223333:user/alice'
  const { handle } = mockRequestHandler(never, { principal, region: 'eu-west-1' })
  const { response } = await handle({ headers: { 'content-type': queryContentType }, body: form })
  const text = (await response.body.toArray()).join('')
  expect(response.statusCode).toBe(200)
  expect(text).toMatch(/<Arn>arn:aws:iam::111122223333:user\/alice<\/Arn><UserId>AIDA/)
})
