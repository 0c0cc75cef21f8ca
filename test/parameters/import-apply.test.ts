import { PutParameterCommand } from '@aws-sdk/client-ssm'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { applyImport } from '../../src/parameters/import-apply.ts'
import { planImport } from '../../src/parameters/import-plan.ts'
import { type MockClients, openMockClients } from './mock-clients.ts'

let mock: MockClients

beforeAll(async () => {
  mock = await openMockClients()
})
afterAll(() => mock.close())
beforeEach(() => {
  mock.requests.length = 0
  mock.refusals.clear()
})

const request = (wanted: readonly { name: string; value: string }[]) => ({
  ssm: mock.access,
  kms: mock.kms,
  prefix: '/app',
  wanted,
  skipped: [],
  type: undefined,
  keyId: undefined,
  defaultKeyId: () => undefined,
  tier: undefined,
  prune: false,
})
const put = (Name: string, Value: string) =>
  mock.ssm.send(new PutParameterCommand({ Name, Value, Type: 'SecureString' }))

it('takes a parameter that exists after all for stored only when it has the value', async () => {
  const lost = request([{ name: '/app/lost', value: 'v' }])
  mock.before.set('PutParameter', () => put('/app/lost', 'v'))
  await applyImport(lost, await planImport(lost))
  const raced = request([{ name: '/app/raced', value: 'v' }])
  mock.before.set('PutParameter', () => put('/app/raced', 'of somebody else'))
  await expect(applyImport(raced, await planImport(raced))).rejects.toMatchObject({
    code: 'exists',
    details: ['not stored: /app/raced'],
  })
})

it('takes the same value under another type or key for somebody else’s', async () => {
  const plain = request([{ name: '/app/plain', value: 'v' }])
  mock.before.set('PutParameter', () =>
    mock.ssm.send(new PutParameterCommand({ Name: '/app/plain', Value: 'v', Type: 'String' })),
  )
  await expect(applyImport(plain, await planImport(plain))).rejects.toMatchObject({ code: 'exists' })
  const ownKey = request([{ name: '/app/key', value: 'v' }])
  mock.before.set('PutParameter', () =>
    mock.ssm.send(
      new PutParameterCommand({ Name: '/app/key', Value: 'v', Type: 'SecureString', KeyId: 'alias/kmseal' }),
    ),
  )
  await expect(applyImport(ownKey, await planImport(ownKey))).rejects.toMatchObject({ code: 'exists' })
})

it('begins nothing after a failure, and removes nothing', async () => {
  await put('/gone/x', 'v')
  const wanted = Array.from({ length: 20 }, (_, index) => ({ name: `/gone/n${index}`, value: 'v' }))
  const pruning = { ...request(wanted), prefix: '/gone', prune: true }
  const plan = await planImport(pruning)
  mock.refusals.set('PutParameter', { name: 'AccessDeniedException', after: 5 })
  const error = await applyImport(pruning, plan).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'denied', message: expect.stringMatching(/^5 of 20 /) })
  const { details } = error as { details: string[] }
  expect(details.filter(line => line.startsWith('stored: '))).toHaveLength(5)
  expect(details.filter(line => line.startsWith('not stored: '))).toHaveLength(15)
  expect(details.at(-1)).toBe('not removed: /gone/x')
  expect(mock.requests.filter(({ operation }) => operation === 'PutParameter').length).toBeLessThan(11)
  expect(mock.requests.some(({ operation }) => operation.startsWith('Delete'))).toBe(false)
})

it('asks for what the file names, not for everything below the path', async () => {
  for (let index = 0; index < 60; index += 1) await put(`/wide/p${index}`, 'v')
  mock.requests.length = 0
  const few = { ...request([{ name: '/wide/p7', value: 'v' }]), prefix: '/wide' }
  expect((await planImport(few)).unchanged).toEqual(['/wide/p7'])
  expect(mock.requests.map(({ operation }) => operation)).toEqual(['DescribeParameters', 'GetParameter'])
})

it('writes what it may not read', async () => {
  await put('/blind/x', 'same')
  const blind = { ...request([{ name: '/blind/x', value: 'same' }]), prefix: '/blind' }
  mock.refusals.set('GetParameter', { name: 'AccessDeniedException' })
  const plan = await planImport(blind)
  expect(plan).toMatchObject({ unreadable: true, changed: [{ name: '/blind/x' }], unchanged: [] })
  await applyImport(blind, plan)
})
