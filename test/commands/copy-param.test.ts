import { describe, expect, it } from 'vitest'
import type { CliResult } from '../helpers/cli.ts'
import { mockEnv, runOnMock } from '../helpers/mock-env.ts'

async function workplace() {
  const env = mockEnv()
  const run = (argv: readonly string[], more: Record<string, string> = {}): Promise<CliResult> =>
    runOnMock(argv, { env: { ...env, ...more } })
  await run(['create-key', '--alias', 'alias/app'])
  const tags = ['--tag', 'Owner=ops', '--tag', 'Note=a=b c']
  await run(['put-param', '/a/x', '--value', 'vx', '--key-id', 'alias/app', '--description', 'of x', ...tags])
  await run(['put-param', '/a/y/z', '--value', 'vz', '--type', 'String'])
  await run(['put-param', '/a/own', '--value', 'vo'])
  const rows = async (...options: string[]): Promise<Map<unknown, Record<string, unknown>>> => {
    const { stdout } = await run(['list-params', '--json', ...options])
    const lines = stdout.toString().split('\n').slice(0, -1)
    return new Map(lines.map(line => JSON.parse(line)).map(row => [row.Name, row]))
  }
  const value = async (...words: string[]): Promise<string> => {
    return (await run(['get-param', ...words])).stdout.toString()
  }
  return { run, rows, value, env }
}

describe('copy-param', () => {
  it('takes value, type, key, description and tags along', async () => {
    const { run, rows, value } = await workplace()
    const copied = await run(['copy-param', '/a/x', '/b/x'])
    expect({ ...copied, stdout: copied.stdout.toString() }).toEqual({
      ...{ status: 0, stdout: '/a/x -> /b/x\n', stderr: '' },
    })
    expect(await value('/b/x')).toBe('vx')
    expect((await rows()).get('/b/x')).toMatchObject({
      ...{ Type: 'SecureString', KeyId: 'alias/app', Description: 'of x', Version: 1 },
    })
    expect((await run(['tag-param', '/b/x'])).stdout.toString()).toBe('Note=a=b c\nOwner=ops\n')
  })

  it('copies a tree, and stores nothing twice', async () => {
    const { run, rows } = await workplace()
    const command = ['copy-param', '/a', '/b/c', '--recursive']
    const shown = await run([...command, '--dry-run'])
    expect(shown.stdout.toString()).toBe('/a/own -> /b/c/own\n/a/x -> /b/c/x\n/a/y/z -> /b/c/y/z\n')
    expect((await rows()).size).toBe(3)
    expect((await run(command)).status).toBe(0)
    expect((await rows()).get('/b/c/y/z')).toMatchObject({ Type: 'String' })
    const again = await run(command)
    expect(again).toMatchObject({ status: 8, stdout: Buffer.alloc(0) })
    expect(again.stderr).toMatch(/\/b\/c\/own[\s\S]*\/b\/c\/x[\s\S]*\/b\/c\/y\/z/)
    await run(['put-param', '/b/c/x', '--overwrite', '--value', 'other'])
    const over = await run([...command, '--overwrite', '--json'])
    const changes = over.stdout.toString().trim().split('\n')
    expect(changes.map(line => JSON.parse(line).Change)).toEqual(['unchanged', 'changed', 'unchanged'])
    const versions = [...(await rows()).values()].map(({ Name, Version }) => `${Name} ${Version}`)
    expect(versions).toEqual(expect.arrayContaining(['/b/c/own 1', '/b/c/x 3', '/b/c/y/z 1']))
  })

  it('copies an old version', async () => {
    const { run, value } = await workplace()
    await run(['put-param', '/a/x', '--overwrite', '--value', 'new'])
    expect((await run(['copy-param', '/a/x:1', '/b/old'])).status).toBe(0)
    expect(await value('/b/old')).toBe('vx')
  })

  it('to another Region wants to be told the key of what was under one of our own', async () => {
    const { run, rows, value } = await workplace()
    const command = ['copy-param', '/a', '/a', '--recursive', '--to-region', 'eu-west-1']
    const refused = await run(command)
    expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining('--key-id') })
    expect((await rows('--region', 'eu-west-1')).size).toBe(0)
    expect((await run([...command, '--key-id', 'alias/aws/ssm'])).status).toBe(0)
    const there = await rows('--region', 'eu-west-1')
    expect([...there.values()].map(({ KeyId }) => KeyId)).toEqual([
      'alias/aws/ssm',
      'alias/aws/ssm',
      undefined,
    ])
    expect(await value('/a/x', '--region', 'eu-west-1')).toBe('vx')
  })

  it('goes from one backend to another, and counts both', async () => {
    const { run, env } = await workplace()
    const other = { ...env, KMSEAL_BACKEND: 'mock' }
    const copied = await run(['copy-param', '/a/own', '/b/own', '--to-backend', 'mock', '--stats'], other)
    expect(copied.status).toBe(0)
    expect(copied.stderr).toMatch(/Parameter Store calls: 5\n/)
  })

  it('never makes a secret plain unasked', async () => {
    const { run, rows } = await workplace()
    expect(await run(['copy-param', '/a/x', '/a/y/z', '--overwrite'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('String'),
    })
    expect((await run(['copy-param', '/a/x', '/p', '--type', 'String'])).status).toBe(0)
    expect((await rows()).get('/p')).toMatchObject({ Type: 'String' })
    expect((await run(['copy-param', '/a/y/z', '/a/x', '--overwrite'])).status).toBe(0)
    expect((await rows()).get('/a/x')).toMatchObject({ Type: 'SecureString', KeyId: 'alias/app' })
  })

  it.each([
    [['/none', '/b'], 3],
    [['/none', '/b', '--recursive'], 3],
    [['/a/x:9', '/b'], 3],
    [['/a/x', '/a/x'], 2],
    [['/a/x:1', '/a/x', '--overwrite'], 2],
    [['/a', '/a/b', '--recursive'], 2],
    [['/a', '/a', '--recursive'], 2],
    [['/a/x', '/aws/x'], 2],
    [['/a/x', 'b/c'], 2],
    [['/a', '/ssm', '--recursive'], 2],
    [['/a/x', '/b', '--type', 'String', '--key-id', 'alias/app'], 2],
  ])('refuses %j', async (words, status) => {
    const { run, rows } = await workplace()
    expect(await run(['copy-param', ...words])).toMatchObject({ status, stdout: Buffer.alloc(0) })
    expect((await rows()).size).toBe(3)
  })

  it('knows a sealed value, which opens under its own name only', async () => {
    const { run, rows } = await workplace()
    const sealing = ['--seal', '--key-id', 'alias/app', '--tier', 'Advanced', '--value', 'x'.repeat(4100)]
    await run(['put-param', '/a/sealed', ...sealing])
    const refused = await run(['copy-param', '/a/sealed', '/b/sealed', '--tier', 'Advanced'])
    expect(refused).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('sealed for the name /a/sealed'),
    })
    expect((await rows()).size).toBe(4)
    const same = ['copy-param', '/a/sealed', '/a/sealed', '--tier', 'Advanced', '--to-region', 'eu-west-1']
    expect((await run(same)).status).toBe(0)
  })

  it('looks at a named key before anything is written', async () => {
    const { run, rows } = await workplace()
    const keys: [string, number, string][] = [
      ['alias/typo', 3, 'alias/typo'],
      ['arn:aws:kms:eu-west-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab', 2, 'eu-west-1'],
    ]
    for (const [key, status, text] of keys) {
      const refused = await run(['copy-param', '/a', '/b', '--recursive', '--key-id', key])
      expect(refused).toMatchObject({ status, stderr: expect.stringContaining(text) })
    }
    const plain = await run(['copy-param', '/a/y', '/b', '--recursive', '--key-id', 'alias/app'])
    expect(plain).toMatchObject({ status: 2, stderr: expect.stringContaining('none would be stored') })
    expect((await run(['copy-param', '/a/y/z', '/b', '--key-id', 'alias/app'])).status).toBe(2)
    expect((await rows()).size).toBe(3)
  })

  it('names everything that is wrong at once', async () => {
    const { run, rows } = await workplace()
    const deep = `/${'d/'.repeat(12)}d`
    await run(['put-param', '/a/big', '--tier', 'Advanced', '--value', 'x'.repeat(5000)])
    await run(['put-param', `${deep}/x`, '--value', 'there'])
    const refused = await run(['copy-param', '/a', deep, '--recursive'])
    expect(refused).toMatchObject({ status: 1, stdout: Buffer.alloc(0) })
    for (const text of ['/x exists already', '5000 bytes', '--tier Advanced', '--overwrite']) {
      expect(refused.stderr).toContain(text)
    }
    await run(['put-param', '/a/1/2/3', '--value', 'deep'])
    expect((await run(['copy-param', '/a', deep, '--recursive'])).stderr).toContain(
      'more than the 15 allowed',
    )
    expect((await rows()).size).toBe(6)
  })

  it('says what was stored when it fails part way', async () => {
    const { run, rows } = await workplace()
    // Forty that all pass would be one run in a million.
    for (let index = 0; index < 40; index += 1) await run(['put-param', `/m/p${index}`, '--value', 'hunter2'])
    const faults = { KMSEAL_MOCK_FAULTS: 'PutParameter:denied@0.3' }
    const failed = await run(['copy-param', '/m', '/n', '--recursive'], faults)
    expect(failed).toMatchObject({ status: 4, stdout: Buffer.alloc(0) })
    expect(failed.stderr).not.toContain('hunter2')
    const stored = [...(await rows()).keys()].filter(name => String(name).startsWith('/n/')).sort()
    const told = [...failed.stderr.matchAll(/ {2}stored: (\S+)/g)].map(([, name]) => name).sort()
    expect(told).toEqual(stored)
  })
})

describe('copy-param and keys', () => {
  it('gives an old version the type, key and description that it had', async () => {
    const { run, rows } = await workplace()
    const plain = ['--type', 'String', '--description', 'now']
    await run(['put-param', '/a/x', '--overwrite', '--value', 'public', ...plain])
    expect((await run(['copy-param', '/a/x:1', '/b/old'])).status).toBe(0)
    expect((await rows()).get('/b/old')).toMatchObject({
      ...{ Type: 'SecureString', KeyId: 'alias/app', Description: 'of x' },
    })
    expect((await run(['copy-param', '/a/x', '/b/new'])).status).toBe(0)
    expect((await rows()).get('/b/new')).toMatchObject({ Type: 'String', Description: 'now' })
  })

  it('never ends under the key of the account unasked, whatever is there', async () => {
    const { run, rows } = await workplace()
    await run(['put-param', '/b/plain', '--value', 'v', '--type', 'String'])
    const cases: [string, string[], number, string | undefined][] = [
      ['/a/own', [], 2, 'alias/aws/ssm'],
      ['/b/plain', [], 1, undefined],
      ['/b/plain', ['--type', 'SecureString'], 0, 'alias/app'],
      ['/a/own', ['--key-id', 'alias/aws/ssm'], 0, 'alias/aws/ssm'],
    ]
    for (const [to, words, status, KeyId] of cases) {
      expect((await run(['copy-param', '/a/x', to, '--overwrite', ...words])).status).toBe(status)
      expect((await rows()).get(to)?.['KeyId']).toBe(KeyId)
    }
  })

  it('puts what becomes secret under the key of KMSEAL_KEY_ID, as put-param does', async () => {
    const { run, rows } = await workplace()
    const command = ['copy-param', '/a/y/z', '/b/z', '--type', 'SecureString']
    expect((await run(command, { KMSEAL_KEY_ID: 'alias/app' })).status).toBe(0)
    expect((await rows()).get('/b/z')).toMatchObject({ Type: 'SecureString', KeyId: 'alias/app' })
  })

  it('knows its own ARN, and its own Region by another name', async () => {
    const { run, rows } = await workplace()
    const arn = 'arn:aws:ssm:us-east-1:000000000000:parameter/a/x'
    expect(await run(['copy-param', arn, '/b/x', '--to-region', 'us-east-1'])).toMatchObject({
      ...{ status: 0, stderr: '' },
    })
    expect((await rows()).get('/b/x')).toMatchObject({ KeyId: 'alias/app', Description: 'of x' })
    const itself = await run(['copy-param', '/a/x', '/a/x', '--to-region', 'us-east-1'])
    expect(itself).toMatchObject({ status: 2, stderr: expect.stringContaining('onto itself') })
    const same = ['copy-param', '/a', '/a', '--recursive', '--to-region', 'us-east-1', '--overwrite']
    expect(await run(same)).toMatchObject({ status: 2, stderr: expect.stringContaining('onto itself') })
  })

  it('may go below its own path in another Region', async () => {
    const { run, rows } = await workplace()
    const words = ['--recursive', '--to-region', 'eu-west-1', '--key-id', 'alias/aws/ssm']
    expect((await run(['copy-param', '/a', '/a/b', ...words])).status).toBe(0)
    expect([...(await rows('--region', 'eu-west-1')).keys()]).toEqual(['/a/b/own', '/a/b/x', '/a/b/y/z'])
  })

  it.each([
    [['--to-profile', 'other']],
    [['--to-endpoint-url', 'http://127.0.0.1:9']],
    [['--to-backend', 'moto']],
    [['--to-region', 'no region']],
  ])('takes no place that is none: %j', async words => {
    const { run } = await workplace()
    expect(await run(['copy-param', '/a/x', '/b', ...words])).toMatchObject({ status: 2 })
  })
})

describe('copy-param and what costs or expires', () => {
  it('asks for --tier when the value needs a paid one, and takes what fits as Standard', async () => {
    const { run, rows } = await workplace()
    await run(['put-param', '/t/big', '--value', 'x'.repeat(4097), '--tier', 'Advanced'])
    await run(['put-param', '/t/small', '--value', 'x', '--tier', 'Advanced'])
    const refused = await run(['copy-param', '/t', '/u', '--recursive'])
    expect(refused).toMatchObject({ status: 2, stderr: expect.stringMatching(/\/u\/big[\s\S]*--tier/) })
    const adapted = ['copy-param', '/t', '/u', '--recursive', '--tier', 'Intelligent-Tiering']
    expect((await run(adapted)).status).toBe(0)
    const there = await rows()
    expect([there.get('/u/big')?.['Tier'], there.get('/u/small')?.['Tier']]).toEqual(['Advanced', 'Standard'])
  })
})

describe('copy-param and sealed values', () => {
  it('takes what KMS encrypted for sealed, under another name only', async () => {
    const { run, rows, value } = await workplace()
    await run(['put-param', '/a/sealed', '--seal', '--key-id', 'alias/app', '--value', 'hunter2'])
    const refused = await run(['copy-param', '/a', '/b', '--recursive'])
    expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining('/a/sealed looks sealed') })
    expect(refused.stderr).not.toContain('hunter2')
    expect((await rows()).size).toBe(4)
    const elsewhere = ['copy-param', '/a/sealed', '/a/sealed', '--to-region', 'eu-west-1']
    expect((await run(elsewhere)).status).toBe(0)
    expect((await run(['copy-param', '/a/sealed', '/b', '--allow-sealed'])).status).toBe(0)
    expect(await value('/b')).toBe(await value('/a/sealed'))
    expect((await run(['get-param', '/b', '--open'])).status).toBe(5)
  })

  it.each([['A'.repeat(200)], [Buffer.alloc(300, 0x01).toString('base64')], ['AQICAHi']])(
    'copies base64 of something else: %s',
    async text => {
      const { run, value } = await workplace()
      await run(['put-param', '/p', '--value', text])
      expect(await run(['copy-param', '/p', '/q'])).toMatchObject({ status: 0, stderr: '' })
      expect(await value('/q')).toBe(text)
    },
  )
})

describe('delete-param --dry-run', () => {
  it('names what is there, and misses the rest', async () => {
    const { run, rows } = await workplace()
    const command = ['delete-param', '/a/x', '/nope', '/a/x', '--dry-run']
    expect(await run(command)).toMatchObject({ status: 3, stdout: Buffer.alloc(0) })
    const { status, stdout } = await run([...command, '--ignore-missing'])
    expect([status, stdout.toString()]).toEqual([0, '/a/x\n'])
    expect((await rows()).size).toBe(3)
  })
})

describe('delete-param by name', () => {
  it('never asks, so that --yes changes nothing', async () => {
    const { run, rows } = await workplace()
    expect(await run(['delete-param', '/a/x', '--yes'])).toMatchObject({ status: 0, stderr: '' })
    expect((await rows()).size).toBe(2)
  })
})

describe('delete-param --recursive', () => {
  it('deletes what is below the path after asking, or with --yes', async () => {
    const { run, rows } = await workplace()
    await run(['put-param', '/a', '--value', 'v'])
    await run(['put-param', '/ab/c', '--value', 'v'])
    const command = ['delete-param', '/a', '--recursive']
    expect((await run([...command, '--dry-run'])).stdout.toString()).toBe('/a/own\n/a/x\n/a/y/z\n')
    const asked = await run(command)
    expect(asked).toMatchObject({ status: 2, stderr: expect.stringContaining('--yes') })
    expect(asked.stderr).toContain('- /a/y/z')
    expect((await rows()).size).toBe(5)
    expect(await run([...command, '--yes'])).toMatchObject({ status: 0, stderr: '', stdout: Buffer.alloc(0) })
    expect([...(await rows()).keys()]).toEqual(['/a', '/ab/c'])
  })

  it('misses a path with nothing below it, and then deletes nothing', async () => {
    const { run, rows } = await workplace()
    const command = ['delete-param', '/a', '/typo', '--recursive', '--yes']
    expect(await run(command)).toMatchObject({ status: 3, stderr: expect.stringContaining('/typo') })
    expect((await rows()).size).toBe(3)
    expect((await run([...command, '--ignore-missing'])).status).toBe(0)
    expect((await rows()).size).toBe(0)
  })
})
