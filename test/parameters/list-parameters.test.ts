import { PutParameterCommand } from '@aws-sdk/client-ssm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { listParameters } from '../../src/parameters/list-parameters.ts'
import { type MockClients, openMockClients } from './mock-clients.ts'

let mock: MockClients

beforeAll(async () => {
  mock = await openMockClients()
  const names = ['flat', '/app', '/app/a', '/app/b/c', '/apple/x', ...many()]
  for (const Name of names) await mock.ssm.send(new PutParameterCommand({ Name, Value: 'v', Type: 'String' }))
})
afterAll(() => mock.close())
beforeEach(() => {
  mock.requests.length = 0
  mock.refusals.clear()
})

function many(): string[] {
  return Array.from({ length: 120 }, (_, index) => `/big/p${index}`)
}

async function list(path: string | undefined, oneLevel = false): Promise<(string | undefined)[]> {
  const names: (string | undefined)[] = []
  for await (const page of listParameters({ ssm: mock.ssm, path, oneLevel }))
    names.push(...page.map(row => row.Name))
  return names.sort()
}

describe('listParameters', () => {
  it('lists what is below a path at any depth, without the path itself and its namesakes', async () => {
    expect(await list('/app')).toEqual(['/app/a', '/app/b/c'])
  })

  it('lists the direct children alone on request', async () => {
    expect(await list('/app', true)).toEqual(['/app/a'])
  })

  it.each([undefined, '/'])('lists everything below %s', async path => {
    const names = await list(path)
    expect(names).toHaveLength(125)
    expect(names).toContain('/app')
  })

  it('lists nothing for an unknown path', async () => {
    expect(await list('/none')).toEqual([])
  })

  it('gives the first rows before it asks for the last page', async () => {
    const pages = listParameters({ ssm: mock.ssm, path: '/big', oneLevel: false })
    const first = await pages.next()
    expect(first.value).toHaveLength(50)
    expect(mock.requests).toHaveLength(1)
    const rest = []
    for await (const page of pages) rest.push(...page)
    expect(rest).toHaveLength(70)
    expect(mock.requests).toHaveLength(3)
  })

  it('never asks for values', async () => {
    await list('/app')
    expect(new Set(mock.requests.map(({ operation }) => operation))).toEqual(new Set(['DescribeParameters']))
  })

  it('says that listing was denied instead of showing nothing', async () => {
    mock.refusals.set('DescribeParameters', { name: 'AccessDeniedException', message: 'no' })
    await expect(list('/app')).rejects.toMatchObject({
      code: 'denied',
      message: expect.stringContaining('/app'),
    })
  })
})
