/** Writing commands that a signal ends part way: they say how far they came. */

import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { bareEnv, binary, runProcess } from '../helpers/process.ts'

const total = 40

function workplace() {
  const folder = mkdtempSync(join(tmpdir(), 'kmseal-part-way-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const env = { KMSEAL_BACKEND: 'mock', KMSEAL_MOCK_DIR: join(folder, 'mock') }
  const file = join(folder, 'a.json')
  const values = Array.from({ length: total }, (_, index) => [`k${index}`, `hunter2-${index}`])
  writeFileSync(file, JSON.stringify(Object.fromEntries(values)))
  const run = (args: readonly string[]) => runProcess(binary, args, { env })
  const count = async (path: string): Promise<number> => {
    const { stdout } = await run(['list-params', path, '--json'])
    return stdout.toString().split('\n').length - 1
  }
  return { env, file, run, count }
}

/** Runs a slow command, and sends it a signal once a few parameters are written. */
async function interrupted(
  { env, count }: ReturnType<typeof workplace>,
  args: readonly string[],
  path: string,
  signal: NodeJS.Signals,
) {
  const faults = { KMSEAL_MOCK_FAULTS: 'PutParameter:latency=1500' }
  const child = spawn(binary, args, { env: bareEnv({ ...env, ...faults }) })
  let stderr = ''
  child.stderr.on('data', chunk => {
    stderr += chunk
  })
  const ended = new Promise<NodeJS.Signals | null>(fulfil => child.once('close', (_, by) => fulfil(by)))
  while ((await count(path)) === 0 && child.exitCode === null);
  child.kill(signal)
  return { signal: await ended, stderr }
}

function told(stderr: string, done: string): number {
  const found = new RegExp(
    `interrupted: (\\d+) of ${total} parameters were ${done}, and those under way perhaps`,
  ).exec(stderr)
  return Number(found?.[1])
}

describe('a signal part way', () => {
  it('has import-params say how much was stored, and the same command stores the rest', async () => {
    const place = workplace()
    const command = ['import-params', place.file, '--prefix', '/app', '--yes']
    const { signal, stderr } = await interrupted(place, command, '/app', 'SIGINT')
    expect(signal).toBe('SIGINT')
    const stored = await place.count('/app')
    expect(stored).toBeLessThan(total)
    expect(stored).toBeGreaterThanOrEqual(told(stderr, 'stored'))
    expect(stored).toBeLessThanOrEqual(told(stderr, 'stored') + 4)
    expect(stderr).toContain('hint: the same command stores the rest')
    expect(stderr).not.toContain('hunter2')
    expect((await place.run(command)).status).toBe(0)
    expect(await place.count('/app')).toBe(total)
  }, 60_000)

  it('has copy-param say it in one JSON line with --json', async () => {
    const place = workplace()
    await place.run(['import-params', place.file, '--prefix', '/app', '--yes'])
    const command = ['copy-param', '/app', '/new', '--recursive', '--json']
    const { signal, stderr } = await interrupted(place, command, '/new', 'SIGTERM')
    expect(signal).toBe('SIGTERM')
    const { error } = JSON.parse(stderr.trim().split('\n').at(-1) ?? '')
    expect(told(error.message, 'copied')).toBeLessThan(total)
    expect(error).toMatchObject({ code: 'failed', hint: 'the same command with --overwrite stores the rest' })
  }, 60_000)
})
