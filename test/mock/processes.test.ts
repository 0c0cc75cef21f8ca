import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { DecryptCommand, ListAliasesCommand, ListKeysCommand } from '@aws-sdk/client-kms'
import { GetParameterCommand, GetParameterHistoryCommand } from '@aws-sdk/client-ssm'
import { build } from 'esbuild'
import { expect, test } from 'vitest'
import { type Mock, openMock, temporaryFolder } from './mock-clients.ts'

interface Acknowledged {
  readonly Name: string
  readonly Version: number
  readonly value: string
  readonly blob: string
}

async function buildWriter(folder: string): Promise<string> {
  const outfile = join(folder, 'writer.mjs')
  const lmdb = pathToFileURL(resolve('node_modules/lmdb/node-index.js')).href
  await build({
    entryPoints: [resolve('test/mock/child-writer.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    plugins: [
      {
        name: 'lmdb',
        setup: it => it.onResolve({ filter: /^lmdb$/ }, () => ({ path: lmdb, external: true })),
      },
    ],
  })
  return outfile
}

/**
 * Runs a writer for some rounds, closing and opening the state every so many; with `killAfter`, until it has
 * acknowledged so many rounds, and then kills it.
 */
async function runWriter(
  program: string,
  directory: string,
  name: string,
  rounds: number,
  { reopenEvery = rounds, killAfter = rounds + 1 },
) {
  const child = spawn(process.execPath, [program, directory, name, `${rounds}`, `${reopenEvery}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const closed = once(child, 'close')
  const acknowledged: Acknowledged[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged.push(JSON.parse(line))
    if (acknowledged.length === killAfter) child.kill('SIGKILL')
  }
  const [status] = await closed
  return { acknowledged, status }
}

async function expectKept(mock: Mock, acknowledged: readonly Acknowledged[]): Promise<void> {
  for (const { Name, value, blob } of acknowledged) {
    const { Parameter } = await mock.ssm.send(new GetParameterCommand({ Name, WithDecryption: true }))
    expect(Parameter?.Value).toBe(value)
    const opened = await mock.kms.send(new DecryptCommand({ CiphertextBlob: Buffer.from(blob, 'base64') }))
    expect(Buffer.from(opened.Plaintext ?? []).toString()).toBe(value)
  }
}

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
