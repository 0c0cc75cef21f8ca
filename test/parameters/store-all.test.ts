import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { storeAll } from '../../src/parameters/store-all.ts'
import { changeTags, tagsOf } from '../../src/parameters/tag-parameter.ts'
import { type MockClients, openMockClients } from './mock-clients.ts'

let mock: MockClients

beforeAll(async () => {
  mock = await openMockClients()
})
afterAll(() => mock.close())
beforeEach(() => {
  mock.refusals.clear()
})

const write = (name: string, value: string, overwrite: boolean) => ({
  name,
  value,
  input: { Name: name, Value: value, Type: 'String' as const, Overwrite: overwrite },
  ...(overwrite ? { tags: [{ Key: 'Owner', Value: 'ops' }] } : {}),
})
const place = () => ({ ssm: mock.access, kms: mock.kms })

it('tells the versions that were made, and of what was there already none', async () => {
  expect([...(await storeAll(place(), [write('/s/a', 'v', false)]))]).toEqual([['/s/a', 1]])
  const unchanged = { name: '/s/a', value: 'v', input: undefined, tags: [{ Key: 'a', Value: 'b' }] }
  const versions = await storeAll(place(), [unchanged, write('/s/b', 'v', true)])
  expect([...versions]).toEqual([['/s/b', 1]])
  expect(await tagsOf(mock.ssm, '/s/a')).toEqual([{ Key: 'a', Value: 'b' }])
})

it('counts what was stored as stored, though its tags were not set', async () => {
  mock.refusals.set('AddTagsToResource', { name: 'AccessDeniedException', message: 'no' })
  const writes = [
    write('/s/c', 'v', true),
    ...Array.from({ length: 9 }, (_, i) => write(`/s/d${i}`, 'v', true)),
  ]
  const error = await storeAll(place(), writes, { again: 'do it again' }).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({
    code: 'denied',
    message: expect.stringMatching(/^\d of 10 parameters were stored, then: .*but its tags were not set/),
    hint: expect.stringContaining('do it again'),
  })
  expect((error as { details: string[] }).details).toContain('stored: /s/c')
})

it('needs no count when there is one', async () => {
  mock.refusals.set('PutParameter', { name: 'AccessDeniedException', message: 'no' })
  await expect(storeAll(place(), [write('/s/e', 'v', false)])).rejects.toMatchObject({
    message: expect.stringMatching(/^ssm:PutParameter failed for parameter \/s\/e/),
    details: ['not stored: /s/e'],
  })
})

it('says that tags were set before others could not be removed', async () => {
  await storeAll(place(), [write('/s/f', 'v', false)])
  mock.refusals.set('RemoveTagsFromResource', { name: 'AccessDeniedException', message: 'no' })
  const changes = { tags: [{ Key: 'new', Value: '1' }], removed: ['old'] }
  await expect(changeTags(mock.ssm, '/s/f', changes)).rejects.toMatchObject({
    code: 'denied',
    details: ['set before: new'],
  })
})

it('keeps the words of the service when it cannot be told whether a parameter is missing', async () => {
  mock.refusals.set('DescribeParameters', { name: 'AccessDeniedException', message: 'no' })
  await expect(tagsOf(mock.ssm, '/none')).rejects.toMatchObject({
    awsName: 'InvalidResourceId',
    code: 'failed',
  })
  mock.refusals.clear()
  await expect(tagsOf(mock.ssm, '/none')).rejects.toMatchObject({ code: 'not-found' })
})
