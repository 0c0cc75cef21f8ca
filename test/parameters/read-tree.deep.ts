/** A tree of a thousand parameters under throttling. */

import { PutParameterCommand } from '@aws-sdk/client-ssm'
import { expect, it, onTestFinished } from 'vitest'
import { readTree } from '../../src/parameters/read-tree.ts'
import { openMockClients } from './mock-clients.ts'

it('is read whole and right when forty requests pass in a second', async () => {
  const mock = await openMockClients()
  onTestFinished(() => mock.close())
  const names = Array.from({ length: 1000 }, (_, index) => `/big/${index % 9}/p${index}`)
  for (const Name of names) {
    await mock.ssm.send(new PutParameterCommand({ Name, Value: `value of ${Name}`, Type: 'SecureString' }))
  }
  const ssm = mock.faulty('throttle=40')
  const choice = { region: undefined, regionTyped: false }
  const found = await readTree({ ssm: { client: async () => ssm, choice }, withDecryption: true }, '/big')
  expect(found.map(({ Name }) => Name)).toEqual([...names].sort())
  for (const { Name, Value } of found) expect(Value).toBe(`value of ${Name}`)
})
