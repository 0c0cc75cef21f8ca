/** What people do with parameters all day, as a session in a shell. */

import { existsSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Workplace } from '../helpers/process.ts'

let place: Workplace
beforeEach(() => {
  place = new Workplace()
})
afterEach(() => place.remove())

async function out(...args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await place.kmseal(args)
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return stdout.toString()
}

async function described(name: string): Promise<Record<string, unknown>> {
  const rows = (await out('param-history', name, '--json')).trim().split('\n')
  return JSON.parse(rows.at(-1) ?? '') as Record<string, unknown>
}

describe('the key of a secret', () => {
  it('stays through an overwrite, an import, a rollback and a copy', async () => {
    await out('create-key', '--alias', 'alias/app')
    await out('put-param', '/s/s', '--type', 'SecureString', '--key-id', 'alias/app', '--value', 'v1')
    await out('put-param', '/s/s', '--value', 'v2', '--overwrite')
    writeFileSync(place.path('in.env'), 's=v3\n')
    const imported = await place.kmseal(['import-params', 'in.env', '--prefix', '/s', '--yes'])
    expect(imported.status).toBe(0)
    expect(await out('rollback-param', '/s/s', '--to', '1')).toBe('4\n')
    await out('copy-param', '/s/s', '/s/t')
    for (const name of ['/s/s', '/s/t']) {
      expect(await described(name)).toMatchObject({ Type: 'SecureString', KeyId: 'alias/app' })
    }
    await out('put-param', '/s/s', '--value', 'v4', '--overwrite', '--key-id', 'alias/aws/ssm')
    expect(await described('/s/s')).toMatchObject({ KeyId: 'alias/aws/ssm', Version: 5 })
  })
})

describe('an empty value', () => {
  it('is stored by nobody', async () => {
    writeFileSync(place.path('in.env'), 'A=1\nE=\n')
    const cases: [string[], RegExp][] = [
      [['put-param', '/e', '--value', ''], /empty value/],
      [['put-param', '/e'], /empty value/],
      [['import-params', 'in.env', '--prefix', '/e', '--yes'], /line 2, E/],
    ]
    for (const [words, text] of cases) {
      const { status, stdout, stderr } = await place.kmseal(words)
      expect([status, stdout.length]).toEqual([2, 0])
      expect(stderr).toMatch(text)
    }
    const { stdout } = await place.kmseal(['list-params', '--json'])
    expect(stdout.length).toBe(0)
  })
})

describe('a missing parameter', () => {
  it('never passes unnoticed', async () => {
    await out('put-param', '/ok', '--value', 'fine')
    const cases: [string[], number, string][] = [
      [['get-param', '/ok', '/nope'], 3, '/nope'],
      [['exec', '--param', '/nope=V', '--', 'touch', 'ran'], 125, '/nope'],
      [['export-params', '/typo'], 3, '/typo'],
      [['copy-param', '/nope', '/x'], 3, '/nope'],
      [['copy-param', '/typo', '/x', '--recursive'], 3, '/typo'],
      [['param-history', '/nope'], 3, '/nope'],
      [['label-param', '/nope', 'prod'], 3, '/nope'],
      [['label-param', '/ok', 'prod', '--version', '7'], 3, 'version 7'],
      [['tag-param', '/nope'], 3, '/nope'],
      [['rollback-param', '/nope', '--to', '1'], 3, '/nope'],
      [['rollback-param', '/ok', '--to', 'prod'], 3, 'prod'],
      [['delete-param', '/typo', '--recursive', '--yes'], 3, '/typo'],
      [['delete-param', '/ok', '/nope'], 3, '/nope'],
    ]
    for (const [words, status, name] of cases) {
      const result = await place.kmseal(words)
      expect([words, result.status, result.stdout.toString()]).toEqual([words, status, ''])
      expect(result.stderr).toContain(name)
      expect(result.stderr).not.toMatch(/undefined|UnknownError|internal error/)
    }
    expect(existsSync(place.path('ran'))).toBe(false)
    expect((await place.kmseal(['get-param', '/ok'])).status).toBe(3)
    await out('delete-param', '/ok', '/nope', '--ignore-missing')
  })
})

describe('versions and labels', () => {
  it('are read under the text typed, and a label moves', async () => {
    for (const value of ['one', 'two', 'three'])
      await out('put-param', '/a/b', '--value', value, '--overwrite')
    await out('label-param', '/a/b', 'prod', '--version', '2')
    const arn = 'arn:aws:ssm:us-east-1:000000000000:parameter/a/b'
    expect(await out('get-param', '/a/b:1', '/a/b:prod', arn)).toBe('["one","two","three"]\n')
    const partly = await place.kmseal(['label-param', '/a/b', '--version', '3', 'prod', '1bad'])
    expect([partly.status, partly.stdout.length]).toEqual([1, 0])
    expect(partly.stderr).toContain('1bad')
    expect(await out('get-param', '/a/b:prod')).toBe('three')
  })

  it('are masked unless asked for, whatever the form', async () => {
    await out('put-param', '/m', '--value', 'hunter2-XYZ', '--type', 'String')
    for (const words of [[], ['--json']]) {
      expect(await out('param-history', '/m', ...words)).not.toContain('hunter2')
      expect(await out('param-history', '/m', '--show-values', ...words)).toContain('hunter2-XYZ')
    }
  })
})

describe('size and tier', () => {
  it.each([
    [4096, [], 0],
    [4097, [], 2],
    [8192, ['--tier', 'Advanced'], 0],
    [8192, ['--tier', 'Intelligent-Tiering'], 0],
    [8193, ['--tier', 'Intelligent-Tiering'], 2],
  ])('%s bytes with %j: status %s', async (size, words, status) => {
    const { stderr, ...result } = await place.kmseal(['put-param', '/t', ...words], {
      stdin: 'a'.repeat(size),
    })
    expect(result.status).toBe(status)
    if (size === 4097) expect(stderr).toMatch(/4096[\s\S]*--tier/)
    const { stdout } = await place.kmseal(['list-params', '--json'])
    expect(stdout.length > 0).toBe(status === 0)
  })
})

describe('with the mock chosen by the environment', () => {
  it('a copy says where it is written to, not where it is read', async () => {
    const env = { KMSEAL_BACKEND: 'mock' }
    await out('put-param', '/x', '--value', 'v')
    const copied = await place.run(['copy-param', '/x', '/y'], { env })
    expect([copied.status, copied.stderr]).toEqual([0, 'kmseal: using the mock, as KMSEAL_BACKEND says\n'])
    const nowhere = [
      'copy-param',
      '/x',
      '/z',
      '--to-backend',
      'aws',
      '--to-endpoint-url',
      'http://127.0.0.1:9',
    ]
    const failed = await place.run(nowhere, { env })
    expect([failed.status, failed.stdout.length]).toEqual([6, 0])
    expect(failed.stderr).not.toContain('using the mock')
  })
})
