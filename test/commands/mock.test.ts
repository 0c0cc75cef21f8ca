/** `kmseal mock`: looks at and empties the state of the mock, whatever the backend. */

import { existsSync } from 'node:fs'
import { Readable } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { confirm } from '../../src/cli/confirm.ts'
import type { Io } from '../../src/cli/io.ts'
import { runCli } from '../helpers/cli.ts'
import { mockEnv } from '../helpers/mock-env.ts'

describe('kmseal mock', () => {
  it('tells where the state is, and makes no folder to look at it', async () => {
    const env = mockEnv()
    const directory = env['KMSEAL_MOCK_DIR'] ?? ''
    const result = await runCli(['mock', 'status', '--json'], { env })
    expect(result).toMatchObject({ status: 0, stderr: '' })
    expect(JSON.parse(result.stdout.toString())).toEqual({
      directory,
      keys: 0,
      aliases: 0,
      parameters: 0,
      bytes: 0,
    })
    expect(await runCli(['mock', 'reset', '--yes'], { env })).toMatchObject({ status: 0, stderr: '' })
    expect(existsSync(directory)).toBe(false)
  })

  it('counts what there is, and needs no --backend mock', async () => {
    const env = mockEnv()
    await runCli(['create-key', '--alias', 'alias/app'], { env })
    const result = await runCli(['mock', 'status'], { env: { ...env, KMSEAL_BACKEND: 'aws' } })
    expect(result).toMatchObject({ status: 0, stderr: '' })
    expect(result.stdout.toString()).toMatch(
      /^directory: \/.*\nkeys: [12]\naliases: [12]\nparameters: 0\nbytes: \d+\n$/,
    )
  })

  it('removes everything with --yes', async () => {
    const env = mockEnv()
    await runCli(['create-key', '--alias', 'alias/app'], { env })
    const result = await runCli(['mock', 'reset', '--yes'], { env })
    expect(result).toMatchObject({ status: 0, stderr: '' })
    expect(result.stdout).toHaveLength(0)
    expect((await runCli(['mock', 'status'], { env })).stdout.toString()).toMatch(/\nkeys: 0\naliases: 0\n/)
  })

  it('removes nothing when nobody can be asked', async () => {
    const env = mockEnv()
    await runCli(['create-key', '--alias', 'alias/app'], { env })
    const result = await runCli(['mock', 'reset'], { env })
    expect(result.status).toBe(2)
    expect(result.stderr).toMatch(/nobody can be asked[\s\S]*--yes/)
    expect((await runCli(['describe-key', 'alias/app'], { env })).status).toBe(0)
  })

  it('takes global options on either side of the subcommand', async () => {
    const env = mockEnv()
    const before = await runCli(['mock', '--json', 'status'], { env })
    const after = await runCli(['mock', 'status', '--json'], { env })
    expect(before.stdout).toEqual(after.stdout)
    expect(before.stdout.toString()).toMatch(/^\{/)
  })

  it('needs a subcommand', async () => {
    expect(await runCli(['mock'], { env: mockEnv() })).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('needs a subcommand'),
    })
  })
})

describe('confirm', () => {
  const ask = (typed: string): Promise<boolean> => {
    const stdin = Object.assign(Readable.from([Buffer.from(typed)]), { isTTY: true })
    const sink = { write: () => true, on: () => sink, removeListener: () => sink, end: () => sink }
    return confirm({ stdin, stdout: sink, stderr: sink, env: {} } as unknown as Io, 'go on?')
  }

  it.each([
    ['y\n', true],
    ['Yes\n', true],
    ['\n', false],
    ['no\n', false],
    ['yesterday\n', false],
    ['', false],
  ])('takes %j as %s', async (typed, agreed) => {
    expect(await ask(typed)).toBe(agreed)
  })
})
