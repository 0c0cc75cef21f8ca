/** `kmseal alias-key` on the mock. */

import { describe, expect, it } from 'vitest'
import { runCli } from '../helpers/cli.ts'
import { mockEnv, runOnMock } from '../helpers/mock-env.ts'

async function twoKeys(): Promise<{ env: Record<string, string>; first: string; second: string }> {
  const env = mockEnv()
  const create = async (): Promise<string> =>
    (await runOnMock(['create-key'], { env })).stdout.toString().trim()
  return { env, first: await create(), second: await create() }
}

const arnOf = async (env: Record<string, string>, alias: string): Promise<string> =>
  JSON.parse((await runOnMock(['describe-key', alias, '--json'], { env })).stdout.toString()).Arn

describe('kmseal alias-key', () => {
  it('creates an alias silently', async () => {
    const { env, first } = await twoKeys()
    const result = await runOnMock(['alias-key', 'alias/app', '--key-id', first], { env })
    expect(result).toMatchObject({ status: 0, stderr: '' })
    expect(result.stdout).toHaveLength(0)
    expect(await arnOf(env, 'alias/app')).toBe(first)
  })

  it('moves an alias that exists only with --move, and says so', async () => {
    const { env, first, second } = await twoKeys()
    await runOnMock(['alias-key', 'alias/app', '--key-id', first], { env })
    const refused = await runOnMock(['alias-key', 'alias/app', '--key-id', second], { env })
    expect(refused.status).toBe(8)
    expect(refused.stderr).toMatch(/AlreadyExistsException[\s\S]*hint: move it with --move/)
    expect(await arnOf(env, 'alias/app')).toBe(first)
    const moved = await runOnMock(['alias-key', 'alias/app', '--key-id', second, '--move', '--json'], { env })
    expect(moved).toMatchObject({ status: 0, stderr: '' })
    expect(JSON.parse(moved.stdout.toString())).toEqual({ AliasName: 'alias/app', TargetKeyId: second })
    expect(await arnOf(env, 'alias/app')).toBe(second)
  })

  it('creates with --move an alias that does not exist', async () => {
    const { env, first } = await twoKeys()
    const result = await runOnMock(['alias-key', 'alias/new', '--key-id', first, '--move'], { env })
    expect(result).toMatchObject({ status: 0, stderr: '' })
    expect(await arnOf(env, 'alias/new')).toBe(first)
  })

  it('takes the key by another alias', async () => {
    const { env, first } = await twoKeys()
    await runOnMock(['alias-key', 'alias/a', '--key-id', first], { env })
    await runOnMock(['alias-key', 'alias/b', '--key-id', 'alias/a'], { env })
    expect(await arnOf(env, 'alias/b')).toBe(first)
  })

  it('removes an alias, and its key stays', async () => {
    const { env, first } = await twoKeys()
    await runOnMock(['alias-key', 'alias/app', '--key-id', first], { env })
    expect(await runOnMock(['alias-key', 'alias/app', '--delete'], { env })).toMatchObject({
      status: 0,
      stderr: '',
    })
    expect((await runOnMock(['describe-key', 'alias/app'], { env })).status).toBe(3)
    expect((await runOnMock(['describe-key', first], { env })).status).toBe(0)
    expect((await runOnMock(['alias-key', 'alias/app', '--delete'], { env })).status).toBe(3)
  })

  it.each<[string, string[], number, RegExp]>([
    ['no key', ['alias/app'], 2, /give it with --key-id, or use --delete/],
    [
      '--delete with a key',
      ['alias/app', '--delete', '--key-id', 'alias/x'],
      2,
      /--delete.*cannot be used with/,
    ],
    ['a name without alias/', ['app', '--key-id', 'alias/x'], 2, /begins with alias\//],
    ['a key that does not exist', ['alias/app', '--key-id', 'alias/none', '--move'], 3, /alias\/none/],
  ])('refuses %s', async (_what, words, status, message) => {
    const result = await runOnMock(['alias-key', ...words], { env: mockEnv() })
    expect(result.status).toBe(status)
    expect(result.stderr).toMatch(message)
  })
})

describe('a mock that the environment chose', () => {
  it('is named before anything is written to it', async () => {
    const { env, first } = await twoKeys()
    const notice = 'kmseal: using the mock, as KMSEAL_BACKEND says\n'
    expect((await runCli(['alias-key', 'alias/app', '--key-id', first], { env })).stderr).toBe(notice)
    expect((await runCli(['create-key'], { env })).stderr).toBe(notice)
    expect((await runCli(['list-keys'], { env })).stderr).not.toContain(notice)
    expect((await runCli(['create-key', '--quiet'], { env })).stderr).toBe('')
  })
})
