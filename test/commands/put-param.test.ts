import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { CliInput } from '../helpers/cli.ts'
import { type LoopbackService, startLoopbackService } from '../parameters/loopback-service.ts'

let service: LoopbackService
let folder: string

beforeAll(async () => {
  service = await startLoopbackService()
  folder = await mkdtemp(join(tmpdir(), 'kmseal-put-param-'))
})
afterAll(async () => {
  await service.close()
  await rm(folder, { recursive: true })
})
beforeEach(() => {
  service.requests.length = 0
  service.refusals.clear()
})

let names = 0
const freshName = (): string => {
  names += 1
  return `/put/p${names}`
}
const sent = (operation: string) => service.requests.filter(request => request.operation === operation)

async function stored(name: string): Promise<string> {
  return (await service.run(['get-param', name])).stdout.toString()
}

describe('put-param --value', () => {
  it.each([
    ['-Gobble --x'],
    ['-n'],
    ['--help'],
    ['-'],
    ['--'],
    ['-----BEGIN K-----'],
    ['@4=pw'],
    ['file:///etc/hostname'],
    ['fileb://x'],
    ['https://example.com/x?a=1&b=2#f'],
    ['http://127.0.0.1:9/'],
    ['get-param'],
    [' \t spaced \n'],
    ['ä€😀'],
  ])('stores %j as it is, in both spellings of the option', async value => {
    // Whatever would fetch the URL or leave for a proxy ends at a closed port.
    const closed = 'http://127.0.0.1:9'
    const env = { http_proxy: closed, https_proxy: closed, NO_PROXY: '127.0.0.1' }
    for (const words of [['--value', value], [`--value=${value}`]]) {
      const name = freshName()
      const { status, stdout, stderr } = await service.run(['put-param', name, ...words], { env })
      expect({ status, stdout: stdout.toString(), stderr }).toEqual({ status: 0, stdout: '1\n', stderr: '' })
      expect(sent('PutParameter').at(-1)?.input).toMatchObject({
        Name: name,
        Value: value,
        Type: 'SecureString',
      })
      expect(await stored(name)).toBe(value)
    }
  })

  it('as the last word is a usage error without any request', async () => {
    const { status, stdout, stderr } = await service.run(['put-param', freshName(), '--value'])
    expect({ status, stdout: stdout.length }).toEqual({ status: 2, stdout: 0 })
    expect(stderr).toContain('--value')
    expect(service.requests).toEqual([])
  })
})

describe('put-param from elsewhere', () => {
  it.each([
    ['text', Buffer.from('s3cret'), [], 's3cret', ''],
    ['lines', Buffer.from('a\nb\n'), [], 'a\nb\n', ''],
    ['one line', Buffer.from('s3cret\n'), [], 's3cret\n', '--trim'],
    ['one trimmed line', Buffer.from('s3cret\n\n'), ['--trim'], 's3cret\n', ''],
    ['a byte order mark', Buffer.from('\ufeffx'), [], '\ufeffx', ''],
    ['a hyphen, by name', Buffer.from('-'), ['--value-stdin'], '-', ''],
  ])('stores standard input as it is: %s', async (_, stdin, words, value, note) => {
    const name = freshName()
    const { status, stderr } = await service.run(['put-param', name, ...words], { stdin })
    expect(status).toBe(0)
    if (note === '') expect(stderr).toBe('')
    else expect(stderr).toContain(note)
    expect(await stored(name)).toBe(value)
  })

  it('reads a file through its own flag only, and leaves standard input alone', async () => {
    const name = freshName()
    const file = join(folder, 'value')
    await writeFile(file, 'of the file\n')
    const { status, stderr } = await service.run(['put-param', name, '--value-file', file], {
      stdin: 'not this',
    })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(await stored(name)).toBe('of the file\n')
  })

  it('never asks when standard input was named', async () => {
    const words = ['put-param', freshName(), '--value-stdin']
    const { status, stderr } = await service.run(words, { typed: 'secret\r' })
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: expect.stringMatching(/^kmseal: error: --value-stdin: standard input is a terminal\n/),
    })
  })

  it('says when the file is absent', async () => {
    const { status, stderr } = await service.run([
      'put-param',
      freshName(),
      '--value-file',
      join(folder, 'none'),
    ])
    expect(status).toBe(3)
    expect(stderr).toContain('none does not exist')
  })
})

describe('put-param refuses without any request', () => {
  const binary = Buffer.from([0x68, 0xff, 0x00])
  const cases: [string, string[], CliInput, string][] = [
    ['an empty value', ['/p', '--value', ''], {}, 'empty value'],
    ['an empty standard input', ['/p'], {}, 'empty value'],
    ['an empty standard input that is named', ['/p', '--value-stdin'], {}, 'empty value'],
    ['a file and standard input', ['/p', '--value-stdin', '--value-file', 'f'], {}, '--value-file'],
    ['a value and standard input', ['/p', '--value-stdin', '--value', 'v'], {}, '--value-stdin'],
    ['nothing but a trimmed line end', ['/p', '--trim'], { stdin: '\n' }, 'empty value'],
    ['an empty value to seal', ['/p', '--seal', '--key-id', 'alias/x', '--value', ''], {}, 'empty value'],
    ['bytes that are no text', ['/p'], { stdin: binary }, '--seal'],
    ['4097 bytes', ['/p'], { stdin: 'a'.repeat(4097) }, '--tier Advanced'],
    ['8193 bytes', ['/p', '--tier', 'Advanced'], { stdin: 'a'.repeat(8193) }, 'larger than 8192 bytes'],
    ['a reference to another parameter', ['/p', '--value', 'a {{b}} c'], {}, '{{...}}'],
    ['a reserved name', ['/aws/x', '--value', 'v'], {}, 'begins with aws or ssm'],
    ['a name with a version', ['/p:3', '--value', 'v'], {}, 'without version'],
    ['a value twice', ['/p', '--value', 'v', '--value-file', 'f'], {}, '--value-file'],
    ['a trimmed typed value', ['/p', '--value', 'v', '--trim'], {}, '--trim'],
    ['two keys', ['/p', '--value', 'v', '--key-id', 'alias/a', '--key-id', 'alias/b'], {}, 'one key'],
    ['a context without --seal', ['/p', '--value', 'v', '--encryption-context', 'a=b'], {}, '--seal'],
    ['--force-write alone', ['/p', '--value', 'v', '--force-write'], {}, '--overwrite'],
    ['an unknown type', ['/p', '--value', 'v', '--type', 'hunter2'], {}, 'SecureString'],
    ['a tag without value', ['/p', '--value', 'v', '--tag', 'hunter2'], {}, 'KEY=VALUE'],
    ['a long description', ['/p', '--value', 'v', '--description', 'd'.repeat(1025)], {}, '1024'],
    ['a malformed key', ['/p', '--value', 'v', '--key-id', 'hunter2 x'], {}, 'alias/NAME'],
  ]

  it.each(cases)('%s', async (_, words, input, text) => {
    const { status, stdout, stderr } = await service.run(['put-param', ...words], input)
    expect({ status, stdout: stdout.length }).toEqual({ status: 2, stdout: 0 })
    expect(stderr).toContain(text)
    expect(stderr).not.toContain('hunter2')
    expect(service.requests).toEqual([])
  })
})

describe('put-param --overwrite', () => {
  it('is asked for when the parameter exists', async () => {
    const name = freshName()
    await service.run(['put-param', name, '--value', 'v1'])
    const { status, stdout, stderr } = await service.run(['put-param', name, '--value', 'v2'])
    expect({ status, stdout: stdout.length }).toEqual({ status: 8, stdout: 0 })
    expect(stderr).toMatch(new RegExp(`parameter ${name} exists already\n.*hint: .*--overwrite`))
    expect(await stored(name)).toBe('v1')
  })

  it('keeps the key, even one that KMSEAL_KEY_ID does not name', async () => {
    const name = freshName()
    await service.run(['put-param', name, '--value', 'v1', '--key-id', 'alias/kmseal'])
    const env = { KMSEAL_KEY_ID: 'alias/aws/ssm' }
    const { status, stdout } = await service.run(['put-param', name, '--value', 'v2', '--overwrite'], { env })
    expect({ status, stdout: stdout.toString() }).toEqual({ status: 0, stdout: '2\n' })
    expect(sent('PutParameter').map(({ input }) => input.KeyId)).toEqual(['alias/kmseal', 'alias/kmseal'])
  })

  it('tells that nothing changed, and --force-write writes', async () => {
    const name = freshName()
    await service.run(['put-param', name, '--value', 'v'])
    const again = ['put-param', name, '--value', 'v', '--overwrite']
    const same = await service.run([...again, '--json'])
    expect(JSON.parse(same.stdout.toString())).toEqual({
      Name: name,
      Version: 1,
      Tier: 'Standard',
      Changed: false,
    })
    expect(same.stderr).toContain('--force-write')
    const quiet = await service.run([...again, '--quiet'])
    expect({ stdout: quiet.stdout.toString(), stderr: quiet.stderr }).toEqual({ stdout: '1\n', stderr: '' })
    const forced = await service.run([...again, '--force-write'])
    expect({ stdout: forced.stdout.toString(), stderr: forced.stderr }).toEqual({ stdout: '2\n', stderr: '' })
  })

  it('with tags sends them apart, and keeps the values after their first =', async () => {
    const name = freshName()
    await service.run(['put-param', name, '--value', 'v1', '--tag', 'Owner=ops'])
    const tags = ['--tag', 'Env=prod', '--tag', 'Note=a=b c']
    expect((await service.run(['put-param', name, '--value', 'v2', '--overwrite', ...tags])).status).toBe(0)
    expect(sent('PutParameter').map(({ input }) => input.Tags)).toEqual([
      [{ Key: 'Owner', Value: 'ops' }],
      undefined,
    ])
    expect(sent('AddTagsToResource').map(({ input }) => input.Tags)).toEqual([
      [
        { Key: 'Env', Value: 'prod' },
        { Key: 'Note', Value: 'a=b c' },
      ],
    ])
  })

  it('says that the value was stored when only tagging fails', async () => {
    const name = freshName()
    await service.run(['put-param', name, '--value', 'v1'])
    service.refusals.set('AddTagsToResource', () => ({ __type: 'TooManyTagsError' }))
    const { status, stderr } = await service.run([
      'put-param',
      name,
      '--value',
      'v2',
      '--overwrite',
      '--tag',
      'a=b',
    ])
    expect(status).toBe(1)
    expect(stderr).toContain('was stored as version 2')
    expect(await stored(name)).toBe('v2')
  })
})

describe('put-param options', () => {
  it('reach the service in its own words', async () => {
    const name = freshName()
    const options = ['--type', 'StringList', '--description', 'what', '--tier', 'Advanced']
    const more = ['--allowed-pattern', '^[a-z]+$', '--data-type', 'text']
    expect((await service.run(['put-param', name, '--value', 'a,b', ...options, ...more])).status).toBe(0)
    expect(sent('PutParameter')[0]?.input).toMatchObject({
      Type: 'StringList',
      Description: 'what',
      Tier: 'Advanced',
      AllowedPattern: '^[a-z]+$',
      DataType: 'text',
    })
  })

  it('take the first key of KMSEAL_KEY_ID for a new SecureString only', async () => {
    const env = { KMSEAL_KEY_ID: 'alias/kmseal,alias/second' }
    await service.run(['put-param', freshName(), '--value', 'v'], { env })
    await service.run(['put-param', freshName(), '--value', 'v', '--type', 'String'], { env })
    expect(sent('PutParameter').map(({ input }) => input.KeyId)).toEqual(['alias/kmseal', undefined])
  })
})

describe('put-param errors', () => {
  it('never show the value that the service quotes, in any form', async () => {
    service.refusals.set('PutParameter', ({ Value }) => ({
      __type: 'ValidationException',
      message: `bad: ${Value}`,
    }))
    for (const words of [['--debug'], ['--json', '--debug'], []]) {
      const name = freshName()
      const { status, stdout, stderr } = await service.run([
        'put-param',
        name,
        '--value',
        'hunter2-XYZ',
        ...words,
      ])
      expect({ status, stdout: stdout.length }).toEqual({ status: 1, stdout: 0 })
      expect(stderr).not.toContain('hunter2')
      expect(stderr).toContain('ValidationException')
      expect(stderr).toContain(name)
    }
  })

  it('are one JSON line with --json', async () => {
    const { status, stderr } = await service.run([
      'put-param',
      freshName(),
      '--value',
      'v',
      '--key-id',
      'alias/no',
      '--json',
    ])
    expect(status).toBe(3)
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'not-found', name: 'InvalidKeyId' } })
  })

  it('say when the service is busy', async () => {
    service.refusals.set('PutParameter', () => ({ __type: 'TooManyUpdates' }))
    expect((await service.run(['put-param', freshName(), '--value', 'v'])).status).toBe(6)
  })
})

describe('put-param --seal', () => {
  const seal = ['--seal', '--key-id', 'alias/kmseal']

  it('lets Parameter Store see ciphertext only, bound to the name', async () => {
    const name = freshName()
    expect((await service.run(['put-param', name, ...seal], { stdin: 'hunter2' })).status).toBe(0)
    expect(JSON.stringify(sent('PutParameter'))).not.toContain('hunter2')
    expect(sent('Encrypt')[0]?.input).toMatchObject({ EncryptionContext: { 'kmseal:parameter': name } })
    expect((await service.run(['get-param', name, '--open'])).stdout.toString()).toBe('hunter2')
  })

  it('takes binary values, and keeps to the limits of the tiers', async () => {
    const name = freshName()
    const value = Buffer.alloc(3000, 0xfe)
    const refused = await service.run(['put-param', name, ...seal], { stdin: value })
    expect(refused.status).toBe(2)
    expect(refused.stderr).toMatch(/sealed value has \d+ bytes, more than the 4096/)
    expect(sent('PutParameter')).toEqual([])
    expect(
      (await service.run(['put-param', name, ...seal, '--tier', 'Advanced'], { stdin: value })).status,
    ).toBe(0)
    expect((await service.run(['get-param', name, '--open'])).stdout.equals(value)).toBe(true)
  })

  it('overwrites a String with a sealed String, and always makes a version', async () => {
    const name = freshName()
    await service.run(['put-param', name, '--value', 'v', '--type', 'String'])
    for (const version of ['2\n', '3\n']) {
      const { stdout } = await service.run(['put-param', name, ...seal, '--overwrite', '--value', 'v'])
      expect(stdout.toString()).toBe(version)
    }
    expect(sent('PutParameter').map(({ input }) => input.Type)).toEqual(['String', 'String', 'String'])
  })
})
