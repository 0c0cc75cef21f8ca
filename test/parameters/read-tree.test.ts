import { PutParameterCommand } from '@aws-sdk/client-ssm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readTree } from '../../src/parameters/read-tree.ts'
import { type MockClients, openMockClients } from './mock-clients.ts'

const choice = { region: undefined, regionTyped: false }
let mock: MockClients

beforeAll(async () => {
  mock = await openMockClients()
  const many = Array.from({ length: 137 }, (_, index) => `/big/${index % 7}/p${index}`)
  for (const Name of ['/big', '/bigger/x', '/few/a', '/few/b/c', ...many]) {
    await mock.ssm.send(new PutParameterCommand({ Name, Value: `value of ${Name}`, Type: 'SecureString' }))
  }
})
afterAll(() => mock.close())
beforeEach(() => {
  mock.requests.length = 0
  mock.refusals.clear()
})

async function read(path: string, ssm = mock.ssm): Promise<(string | undefined)[]> {
  const found = await readTree({ ssm: { client: async () => ssm, choice }, withDecryption: true }, path)
  for (const { Name, Value } of found) expect(Value).toBe(`value of ${Name}`)
  return found.map(({ Name }) => Name)
}

describe('readTree', () => {
  it('reads a small tree in one request, sorted, without the path itself and its namesakes', async () => {
    expect(await read('/few')).toEqual(['/few/a', '/few/b/c'])
    expect(mock.requests.map(({ operation }) => operation)).toEqual(['GetParametersByPath'])
  })

  it('reads nothing below an unknown path', async () => {
    expect(await read('/none')).toEqual([])
  })

  it.each(['/big', '/'])('reads everything below %s, each once', async path => {
    const names = await read(path)
    expect(names).toHaveLength(path === '/' ? 141 : 137)
    expect(new Set(names).size).toBe(names.length)
    expect(names).toEqual([...names].sort())
  })

  it('lists the names and reads the values side by side when there are many', async () => {
    await read('/big')
    const count = (operation: string) => mock.requests.filter(made => made.operation === operation).length
    expect([count('GetParametersByPath'), count('DescribeParameters'), count('GetParameters')]).toEqual([
      1, 3, 13,
    ])
  })

  it.each(['DescribeParameters', 'GetParameters'])('goes page by page when %s is denied', async operation => {
    mock.refusals.set(operation, { name: 'AccessDeniedException' })
    expect(await read('/big')).toHaveLength(137)
  })

  it.each(['throttle@0.3', 'throttle=40', 'empty-page', '500@0.05,drop@0.05'])(
    'misses nothing and has no wrong value under %s',
    async faults => {
      expect(await read('/big', mock.faulty(faults))).toHaveLength(137)
    },
  )

  it('fails when the service turns everything away', async () => {
    mock.refusals.set('GetParameters', { name: 'InternalServerError', status: 500 })
    await expect(read('/big')).rejects.toMatchObject({ code: 'unavailable' })
  })
})
