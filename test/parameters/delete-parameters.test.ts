import { GetParametersCommand, PutParameterCommand } from '@aws-sdk/client-ssm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { deleteParameters } from '../../src/parameters/delete-parameters.ts'
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

async function store(...names: readonly string[]): Promise<void> {
  for (const Name of names) await mock.ssm.send(new PutParameterCommand({ Name, Value: 'v', Type: 'String' }))
  mock.requests.length = 0
}

async function left(...names: readonly string[]): Promise<(string | undefined)[]> {
  const { Parameters } = await mock.ssm.send(new GetParametersCommand({ Names: [...names] }))
  return Parameters?.map(({ Name }) => Name) ?? []
}

describe('deleteParameters', () => {
  it('deletes one with the permission for one', async () => {
    await store('/one')
    expect(await deleteParameters(mock.ssm, ['/one'])).toEqual({
      DeletedParameters: ['/one'],
      InvalidParameters: [],
    })
    expect(mock.requests.map(({ operation }) => operation)).toEqual(['DeleteParameter'])
    expect(await deleteParameters(mock.ssm, ['/one'])).toEqual({
      DeletedParameters: [],
      InvalidParameters: ['/one'],
    })
  })

  it('deletes many in batches of ten, and names those that were not there', async () => {
    const names = Array.from({ length: 23 }, (_, index) => `/many/p${index}`)
    await store(...names.filter(name => name !== '/many/p3' && name !== '/many/p22'))
    const result = await deleteParameters(mock.ssm, names)
    expect(result.InvalidParameters).toEqual(['/many/p3', '/many/p22'])
    expect(result.DeletedParameters).toHaveLength(21)
    expect(mock.requests.map(({ input }) => (input.Names as string[]).length)).toEqual([10, 10, 3])
  })

  it('takes two spellings and repeats of one name once', async () => {
    await store('flat', '/other')
    const result = await deleteParameters(mock.ssm, ['flat', '/other', '/flat', '/other'])
    expect(result).toEqual({ DeletedParameters: ['/flat', '/other'], InvalidParameters: [] })
    expect(await left('flat', '/other')).toEqual([])
  })

  it('says what was deleted before a later batch failed', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `/half/p${index}`)
    await store(...names)
    mock.refusals.set('DeleteParameters', { name: 'AccessDeniedException', message: 'no', after: 1 })
    await expect(deleteParameters(mock.ssm, names)).rejects.toMatchObject({
      code: 'denied',
      details: [expect.stringMatching(/^deleted before: \/half\/p0, .*\/half\/p9$/)],
    })
    expect(await left('/half/p0', '/half/p10', '/half/p11')).toEqual(['/half/p10', '/half/p11'])
  })
})
