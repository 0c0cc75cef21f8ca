import { join } from 'node:path'
import { ListAliasesCommand, ListKeysCommand } from '@aws-sdk/client-kms'
import { GetParameterHistoryCommand } from '@aws-sdk/client-ssm'
import { expect, test } from 'vitest'
import { openMock, temporaryFolder } from './mock-clients.ts'
import { type Acknowledged, buildWriter, expectKept, runWriter } from './writers.ts'

test('eight processes that begin at once on an empty folder, and open and close it all the time, lose nothing', async () => {
  const folder = temporaryFolder()
  const directory = join(folder, 'state')
  const program = await buildWriter(folder)
  const writers = Array.from({ length: 8 }, (_, i) =>
    runWriter(program, directory, `w${i}`, 50, { reopenEvery: 4 }),
  )
  const results = await Promise.all(writers)
  expect(results.map(result => result.status)).toEqual(Array(8).fill(0))
  const acknowledged = results.flatMap(result => result.acknowledged)
  expect(acknowledged).toHaveLength(400)

  const mock = await openMock(directory)
  await expectKept(mock, acknowledged)
  expect(acknowledged.map(({ Version }) => Version).sort((a, b) => a - b)).toEqual(
    Array.from({ length: 400 }, (_, i) => i + 1),
  )
  const history = await mock.ssm.send(new GetParameterHistoryCommand({ Name: '/shared' }))
  for (const version of history.Parameters ?? []) {
    expect(version.Value).toBe(acknowledged.find(({ Version }) => Version === version.Version)?.value)
  }
  // alias/kmseal and alias/aws/ssm, each made once.
  expect((await mock.kms.send(new ListKeysCommand({}))).Keys).toHaveLength(2)
  expect((await mock.kms.send(new ListAliasesCommand({}))).Aliases).toHaveLength(2)
  expect(mock.emulator.status().parameters).toBe(401)
})

test('a process killed in the middle leaves a state that opens and holds every acknowledged write', async () => {
  const folder = temporaryFolder()
  const directory = join(folder, 'state')
  const program = await buildWriter(folder)
  const acknowledged: Acknowledged[] = []
  for (let round = 0; round < 4; round++) {
    const results = await Promise.all([
      runWriter(program, directory, `a${round}`, 100_000, { killAfter: 20 + 7 * round }),
      runWriter(program, directory, `b${round}`, 100_000, { killAfter: 25 }),
    ])
    acknowledged.push(...results.flatMap(result => result.acknowledged))
  }
  const mock = await openMock(directory)
  await expectKept(mock, acknowledged)
})
