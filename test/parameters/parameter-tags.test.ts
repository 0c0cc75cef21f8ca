import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addTags, parseTags } from '../../src/parameters/parameter-tags.ts'
import { type MockClients, openMockClients } from './mock-clients.ts'

describe('parseTags', () => {
  it('ends the key at the first = and keeps the others in the value', () => {
    expect(parseTags(['Env=prod', 'Note=a=b c', 'Empty=', '__proto__=x'])).toEqual([
      { Key: 'Env', Value: 'prod' },
      { Key: 'Note', Value: 'a=b c' },
      { Key: 'Empty', Value: '' },
      { Key: '__proto__', Value: 'x' },
    ])
  })

  it.each([
    [['Env']],
    [['=prod']],
    [['Env=a', 'Env=b']],
    [['aws:x=1']],
    [['AWS:x=1']],
    [['Env=a,b']],
    [[`${'k'.repeat(129)}=v`]],
    [[`k=${'v'.repeat(257)}`]],
    [Array.from({ length: 51 }, (_, index) => `k${index}=v`)],
  ])('refuses %.60j', texts => {
    expect(() => parseTags(texts)).toThrow(expect.objectContaining({ code: 'usage' }))
  })
})

describe('addTags', () => {
  let mock: MockClients
  beforeAll(async () => {
    mock = await openMockClients()
  })
  afterAll(() => mock.close())

  it('names the parameter when it is not there', async () => {
    await expect(addTags(mock.ssm, '/none', [{ Key: 'a', Value: 'b' }])).rejects.toMatchObject({
      code: 'failed',
      awsName: 'InvalidResourceId',
      message: expect.stringContaining('/none'),
    })
  })
})
