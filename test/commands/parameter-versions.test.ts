import { describe, expect, it } from 'vitest'
import type { CliResult } from '../helpers/cli.ts'
import { mockEnv, runOnMock } from '../helpers/mock-env.ts'

/** A mock of its own, with a parameter of some versions. */
async function withVersions(values: readonly string[], name = '/a/b') {
  const env = mockEnv()
  const run = (...argv: readonly string[]): Promise<CliResult> => runOnMock(argv, { env })
  for (const value of values) {
    await run('put-param', name, '--overwrite', '--value', value, '--description', '1')
  }
  const rows = async (...options: string[]): Promise<Record<string, unknown>[]> => {
    const { stdout } = await run('param-history', name, '--json', ...options)
    const lines = stdout.toString().split('\n').slice(0, -1)
    return lines.map(line => JSON.parse(line))
  }
  const value = async (reference: string): Promise<string> => {
    return (await run('get-param', reference)).stdout.toString()
  }
  return { env, run, rows, value }
}

describe('param-history', () => {
  it('shows every version once beyond the first page, and which is current', async () => {
    const { rows, value, run } = await withVersions(Array.from({ length: 80 }, (_, index) => `${index + 1}`))
    const versions = await rows()
    expect(versions.map(({ Version }) => Version)).toEqual(
      Array.from({ length: 80 }, (_, index) => index + 1),
    )
    expect(versions.filter(({ Current }) => Current === true).map(({ Version }) => Version)).toEqual([80])
    expect(versions.some(version => 'Value' in version)).toBe(false)
    expect(await value('/a/b:55')).toBe('55')
    expect((await rows('--show-values')).map(({ Value }) => Value)).toEqual(
      Array.from({ length: 80 }, (_, index) => `${index + 1}`),
    )
    const { stdout } = await run('param-history', '/a/b')
    expect(stdout.toString().split('\n').at(-2)).toMatch(/^80 \(current\) /)
  }, 30_000)

  it('takes the ARN of a parameter, in the Region that it names, but no version', async () => {
    const { run } = await withVersions(['one'])
    const arn = 'arn:aws:ssm:us-east-1:000000000000:parameter/a/b'
    const [named, byArn] = [await run('param-history', '/a/b'), await run('param-history', arn)]
    expect(byArn.stdout.toString()).toBe(named.stdout.toString())
    expect((await run('param-history', arn.replace('us-east', 'eu-west'))).status).toBe(3)
    for (const words of [['/a/b:1'], [arn, '--region', 'eu-west-1']])
      expect((await run('param-history', ...words)).status).toBe(2)
  })

  it('is of a parameter that is there', async () => {
    const { run } = await withVersions([])
    expect(await run('param-history', '/none')).toMatchObject({ status: 3, stdout: Buffer.alloc(0) })
  })

  it('keeps what the values say off the screen', async () => {
    const { run } = await withVersions(['\u001b[31mred\nline'])
    const { stdout } = await run('param-history', '/a/b', '--show-values')
    expect(stdout.toString()).toContain('\\u{1b}[31mred\\nline')
  })
})

describe('label-param', () => {
  it('labels the latest version, or the one named, and says what moved', async () => {
    const { run, value } = await withVersions(['one', 'two', 'three'])
    expect(await run('label-param', '/a/b', 'prod', '--version', '2')).toMatchObject({
      status: 0,
      stderr: '',
    })
    expect(await value('/a/b:prod')).toBe('two')
    const moved = await run('label-param', '/a/b', 'prod', 'next')
    expect(moved.stdout.toString()).toBe('3\n')
    expect(moved.stderr).toContain('moved to version 3: prod from version 2')
    expect(await value('/a/b:prod')).toBe('three')
    const arn = 'arn:aws:ssm:us-east-1:000000000000:parameter/a/b'
    const { stdout } = await run('get-param', '/a/b:1', '/a/b:next', arn)
    expect(JSON.parse(stdout.toString())).toEqual(['one', 'three', 'three'])
  })

  it.each([['1bad'], ['awsome'], ['ssm-x'], ['sp ace']])(
    'sets the good ones and fails for %j, which the service leaves out',
    async bad => {
      const { run, value } = await withVersions(['one'])
      const refused = await run('label-param', '/a/b', 'prod', bad)
      expect(refused.status).toBe(1)
      expect(refused.stderr).toContain(bad)
      expect(refused.stderr).toContain('set: prod')
      expect(await value('/a/b:prod')).toBe('one')
    },
  )

  it.each([
    [['/none', 'prod'], 3],
    [['/a/b', 'prod', '--version', '9'], 3],
    [['/a/b', 'none', '--remove'], 3],
    [['/a/b', 'prod', '--version', '1', '--remove'], 3],
    [['/a/b', 'prod', '--version', '0'], 2],
    [['/a/b', ''], 2],
    [['/a/b', 'x'.repeat(101)], 2],
    [['/a/b', ...Array.from({ length: 11 }, (_, index) => `l${index}`)], 2],
    [['/a/b:1', 'prod'], 2],
  ])('refuses %j', async (words, status) => {
    const { run } = await withVersions(['one', 'two'])
    await run('label-param', '/a/b', 'prod')
    expect(await run('label-param', ...words)).toMatchObject({ status, stdout: Buffer.alloc(0) })
  })

  it('says where the good ones came from when others are left out', async () => {
    const { run } = await withVersions(['one', 'two', 'three'])
    await run('label-param', '/a/b', 'prod', '--version', '2')
    const refused = await run('label-param', '/a/b', '--version', '3', 'prod', '1bad')
    expect(refused).toMatchObject({ status: 1, stdout: Buffer.alloc(0) })
    expect(refused.stderr).toContain('set: prod (from version 2)')
  })

  it('says what was taken off before a failure', async () => {
    const { run, rows } = await withVersions(['one', 'two'])
    await run('label-param', '/a/b', 'a', 'b', '--version', '1')
    const partly = await run('label-param', '/a/b', 'a', 'c', '--version', '1', '--remove')
    expect(partly).toMatchObject({ status: 3, stderr: expect.stringContaining('removed: a') })
    expect((await rows()).map(({ Labels }) => Labels)).toEqual([['b'], []])
  })

  it('takes labels off from whatever version has them', async () => {
    const { run, rows } = await withVersions(['one', 'two'])
    await run('label-param', '/a/b', 'a', 'b', '--version', '1')
    await run('label-param', '/a/b', 'c')
    expect(await run('label-param', '/a/b', 'a', 'c', '--remove')).toMatchObject({ status: 0, stderr: '' })
    expect((await rows()).map(({ Labels }) => Labels)).toEqual([['b'], []])
  })
})

describe('rollback-param', () => {
  it('stores an old value again, and nothing when it is the present one', async () => {
    const { run, rows, value } = await withVersions(['one', 'two', 'three'])
    await run('label-param', '/a/b', 'good', '--version', '2')
    expect((await run('rollback-param', '/a/b', '--to', '1')).stdout.toString()).toBe('4\n')
    expect(await value('/a/b')).toBe('one')
    expect(await run('rollback-param', '/a/b', '--to', '1')).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('nothing changed: version 4'),
    })
    expect((await run('rollback-param', '/a/b', '--to', 'good')).stdout.toString()).toBe('5\n')
    expect(await value('/a/b')).toBe('two')
    expect(await rows()).toHaveLength(5)
  })

  it('never lowers type, key or description', async () => {
    const { run, rows } = await withVersions([])
    await run('create-key', '--alias', 'alias/app')
    await run('put-param', '/a/b', '--type', 'String', '--value', 'plain')
    const secure = ['--type', 'SecureString', '--key-id', 'alias/app', '--description', 'now']
    await run('put-param', '/a/b', '--overwrite', '--value', 'secret', ...secure)
    expect((await run('rollback-param', '/a/b', '--to', '1')).status).toBe(0)
    expect((await rows('--show-values')).at(-1)).toMatchObject({
      ...{ Type: 'SecureString', KeyId: 'alias/app', Description: 'now', Value: 'plain', Version: 3 },
    })
  })

  it('brings back the protection that a secret had, and its description and pattern', async () => {
    const { run, rows } = await withVersions([])
    await run('create-key', '--alias', 'alias/app')
    const then = ['--key-id', 'alias/app', '--description', 'then', '--allowed-pattern', '^s.*$']
    await run('put-param', '/a/b', '--value', 'secret', ...then)
    const now = ['--description', 'now', '--allowed-pattern', '.*']
    await run('put-param', '/a/b', '--overwrite', '--value', 'public', '--type', 'String', ...now)
    expect((await run('rollback-param', '/a/b', '--to', '1')).status).toBe(0)
    const expected = {
      Type: 'SecureString',
      KeyId: 'alias/app',
      Description: 'then',
      AllowedPattern: '^s.*$',
    }
    expect((await rows('--show-values')).at(-1)).toMatchObject({ ...expected, Value: 'secret', Version: 3 })
    const fallen = ['--type', 'SecureString', '--key-id', 'alias/aws/ssm']
    await run('put-param', '/a/b', '--overwrite', '--value', 'soft', ...fallen)
    expect((await run('rollback-param', '/a/b', '--to', '1')).status).toBe(0)
    expect((await rows()).at(-1)).toMatchObject({ ...expected, Version: 5 })
  })

  it('writes nothing for the same value, though the description is another one', async () => {
    const { run, rows } = await withVersions(['one'])
    await run('put-param', '/a/b', '--overwrite', '--value', 'one', '--description', 'other')
    expect(await run('rollback-param', '/a/b', '--to', '1', '--json')).toMatchObject({
      status: 0,
      stdout: Buffer.from('{"Name":"/a/b","Version":2,"Tier":"Standard","Changed":false,"RolledBackTo":1}\n'),
    })
    expect(await rows()).toHaveLength(2)
  })

  it.each([
    ['9', 3],
    ['none', 3],
    ['', 2],
    ['a:b', 2],
  ])('to %j is refused, and stores nothing', async (to, status) => {
    const { run, rows } = await withVersions(['one', 'two'])
    expect((await run('rollback-param', '/a/b', '--to', to)).status).toBe(status)
    expect(await rows()).toHaveLength(2)
  })
})

describe('tag-param', () => {
  it('sets, removes and lists; others stay', async () => {
    const { run } = await withVersions(['one'])
    expect(await run('tag-param', '/a/b', '--tag', 'Owner=ops', '--tag', 'Note=a=b c')).toMatchObject({
      ...{ status: 0, stdout: Buffer.alloc(0), stderr: '' },
    })
    await run('tag-param', '/a/b', '--tag', 'Env=prod', '--remove-tag', 'Owner')
    expect((await run('tag-param', '/a/b')).stdout.toString()).toBe('Env=prod\nNote=a=b c\n')
    expect(JSON.parse((await run('tag-param', '/a/b', '--json')).stdout.toString())).toEqual({
      Name: '/a/b',
      Tags: [
        { Key: 'Env', Value: 'prod' },
        { Key: 'Note', Value: 'a=b c' },
      ],
    })
  })

  it.each([
    [['/none'], 3],
    [['/none', '--tag', 'a=b'], 3],
    [['/a/b', '--tag', 'a'], 2],
    [['/a/b', '--tag', 'a=b', '--remove-tag', 'a'], 2],
    [['/a/b', '--tag', 'aws:a=b'], 2],
  ])('refuses %j', async (words, status) => {
    const { run } = await withVersions(['one'])
    expect((await run('tag-param', ...words)).status).toBe(status)
  })
})
