import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, chownSync, cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bareEnv, Workplace } from '../helpers/process.ts'

// Root may do everything, so these runs belong to nobody.
const nobody = 65534
const isRoot = process.getuid?.() === 0
const place = new Workplace()

beforeAll(() => {
  chmodSync(place.folder, 0o755)
  for (const part of ['bin', 'dist', 'package.json']) {
    cpSync(new URL(`../../${part}`, import.meta.url).pathname, place.path(`kmseal/${part}`), {
      recursive: true,
    })
  }
})
afterAll(() => place.remove())

async function asNobody(...args: string[]): Promise<{ status: number; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [place.path('kmseal/bin/kmseal.cjs'), ...args], {
    env: bareEnv(place.env),
    cwd: place.folder,
    ...(isRoot ? { uid: nobody, gid: nobody } : {}),
  })
  let stdout = ''
  let stderr = ''
  child.stdout.on('data', chunk => {
    stdout += chunk
  })
  child.stderr.on('data', chunk => {
    stderr += chunk
  })
  child.stdin.end()
  const [status] = await once(child, 'close')
  return { status, stdout, stderr }
}

describe('without the permission', () => {
  it('to read, an input is refused with the reason', async () => {
    writeFileSync(place.path('secret'), 'x', { mode: 0o600 })
    if (!isRoot) chmodSync(place.path('secret'), 0)
    expect(await asNobody('inspect', 'secret')).toEqual({
      status: 1,
      stdout: '',
      stderr: 'kmseal: error: cannot read secret: permission denied\n',
    })
  })

  it('to write a folder, an output is refused and nothing is left', async () => {
    mkdirSync(place.path('closed'), { mode: 0o555 })
    const result = await asNobody('random', '--number-of-bytes', '1', '--backend', 'mock', '-o', 'closed/x')
    expect(result.status).not.toBe(0)
    expect(result.stdout).toBe('')
    expect(readdirSync(place.path('closed'))).toEqual([])
  })

  it('to write it, the state folder of the mock is refused and left as it is', async () => {
    const state = place.path('mock')
    mkdirSync(state, { mode: 0o500 })
    if (isRoot) chownSync(state, nobody, nobody)
    const { status, stdout, stderr } = await asNobody('--backend', 'mock', 'list-keys')
    expect([status, stdout]).toEqual([4, ''])
    expect(stderr).toMatch(/^kmseal: error: cannot use the mock's state folder .*: it cannot be written\n/)
    expect(readdirSync(state)).toEqual([])
  })
})
