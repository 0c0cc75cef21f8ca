/** Processes that write to one state folder, and the proof that it holds what they acknowledged. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { DecryptCommand } from '@aws-sdk/client-kms'
import { GetParameterCommand } from '@aws-sdk/client-ssm'
import { build } from 'esbuild'
import { expect } from 'vitest'
import type { Mock } from './mock-clients.ts'

/** What a writer acknowledged in one round. */
export interface Acknowledged {
  readonly Name: string
  readonly Version: number
  readonly value: string
  readonly blob: string
}

/** Builds the program of a writer; gives its file. */
export async function buildWriter(folder: string): Promise<string> {
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
export async function runWriter(
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

/** Expects every acknowledged write to be there and to open. */
export async function expectKept(mock: Mock, acknowledged: readonly Acknowledged[]): Promise<void> {
  for (const { Name, value, blob } of acknowledged) {
    const { Parameter } = await mock.ssm.send(new GetParameterCommand({ Name, WithDecryption: true }))
    expect(Parameter?.Value).toBe(value)
    const opened = await mock.kms.send(new DecryptCommand({ CiphertextBlob: Buffer.from(blob, 'base64') }))
    expect(Buffer.from(opened.Plaintext ?? []).toString()).toBe(value)
  }
}
