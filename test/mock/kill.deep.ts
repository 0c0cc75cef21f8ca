/** State folders whose writers are killed over and over. */

import { randomBytes, randomInt } from 'node:crypto'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startServe } from '../helpers/serve.ts'
import { openMock, temporaryFolder } from './mock-clients.ts'
import { type Acknowledged, buildWriter, expectKept, runWriter } from './writers.ts'

const rounds = 50
const writers = Array.from({ length: 8 }, (_, index) => index)

test('fifty rounds of eight processes, all but one killed in the middle, lose no write and hold nobody up', async () => {
  const folder = temporaryFolder()
  const directory = join(folder, 'state')
  const program = await buildWriter(folder)
  const acknowledged: Acknowledged[] = []
  for (let round = 0; round < rounds; round++) {
    const results = await Promise.all(
      writers.map(writer => {
        const name = `r${round}-w${writer}`
        // The one that lives on is alone at the end: nobody else would wake it.
        if (writer === 0) return runWriter(program, directory, name, 30, {})
        const options = { reopenEvery: randomInt(3, 12), killAfter: randomInt(2, 15) }
        return runWriter(program, directory, name, 100_000, options)
      }),
    )
    // A writer that could not start, or failed, would have ended by itself.
    expect(results.map(({ status }) => status)).toEqual(writers.map(writer => (writer === 0 ? 0 : null)))
    acknowledged.push(...results.flatMap(result => result.acknowledged))
  }
  expect(acknowledged.length).toBeGreaterThan(rounds * writers.length * 2)
  const mock = await openMock(directory)
  await expectKept(mock, acknowledged)
  expect(mock.emulator.status().parameters).toBeGreaterThan(acknowledged.length)
})

test('a served mock that is killed fifty times under eight writers loses no acknowledged write', async () => {
  const folder = temporaryFolder()
  const directory = join(folder, 'state')
  const stored = new Map<string, string>()
  for (let round = 0; round < rounds; round++) {
    const served = await startServe(['--state', directory])
    let ended = false
    const writing = writers.map(async writer => {
      for (let count = 0; !ended; count++) {
        const name = `/r${round}/w${writer}/${count}`
        const value = randomBytes(12).toString('hex')
        const answer = await call(served.url, 'PutParameter', {
          Name: name,
          Value: value,
          Type: 'SecureString',
        })
        if (answer !== undefined) stored.set(name, value)
      }
    })
    await new Promise(fulfil => setTimeout(fulfil, randomInt(20, 250)))
    await served.stop('SIGKILL')
    ended = true
    await Promise.all(writing)
  }
  expect(stored.size).toBeGreaterThan(rounds * writers.length)
  const served = await startServe(['--state', directory])
  for (const [name, value] of stored) {
    const answer = await call(served.url, 'GetParameter', { Name: name, WithDecryption: true })
    expect(answer).toMatchObject({ Parameter: { Value: value } })
  }
  expect(await served.stop()).toMatchObject({ status: 0, stderr: '' })
})

/** The answer of Parameter Store; undefined when there was none, since the server is gone. */
async function call(url: string, operation: string, body: object): Promise<unknown> {
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `AmazonSSM.${operation}` }
  try {
    const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
    const text = await answer.text()
    if (answer.status !== 200) throw new Error(`unexpected: ${text}`)
    return JSON.parse(text)
  } catch (error) {
    if ((error as Error).message.startsWith('unexpected')) throw error
    return undefined
  }
}
