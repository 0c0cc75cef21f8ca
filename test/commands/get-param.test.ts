import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type CliResult, runCli } from '../helpers/cli.ts'
import { type LoopbackService, startLoopbackService } from '../parameters/loopback-service.ts'

const arn = 'arn:aws:ssm:us-east-1:123456789012:parameter/a/b'

let service: LoopbackService
let folder: string

beforeAll(async () => {
  service = await startLoopbackService()
  folder = await mkdtemp(join(tmpdir(), 'kmseal-get-param-'))
  for (const value of ['one', 'two', 'three']) {
    await service.run(['put-param', '/a/b', '--value', value, '--overwrite'])
  }
  await service.run(['put-param', '/ok', '--value', 'fine\n', '--type', 'String'])
  await service.run(['create-key', '--alias', 'alias/second'])
  const seal = ['--seal', '--key-id', 'alias/kmseal']
  await service.run(['put-param', '/sealed', ...seal], { stdin: 'sealed value' })
  await service.run(['put-param', '/binary', ...seal], { stdin: Buffer.from([0xff, 0, 1]) })
  await service.run(['put-param', '/paired', ...seal, '--encryption-context', 'p=x'], { stdin: 'paired' })
})
afterAll(async () => {
  await service.close()
  await rm(folder, { recursive: true })
})
beforeEach(() => {
  service.requests.length = 0
  service.refusals.clear()
})

const summary = ({ status, stdout, stderr }: CliResult) => ({ status, stdout: stdout.toString(), stderr })

describe('get-param of what is not there', () => {
  it.each([
    [['/a/b:99'], /\/a\/b has no version 99[\s\S]*hint: kmseal param-history shows the versions and labels/],
    [['/a/b:none', '/a/b:98'], /has no label none[\s\S]*hint: kmseal param-history/],
    [['/a/b:99', '/none'], /hint: check the names and --region; kmseal list-params/],
  ])('advises where to look: %j', async (names, message) => {
    const { status, stderr } = await service.run(['get-param', ...names])
    expect(status).toBe(3)
    expect(stderr).toMatch(message)
  })

  it('refuses an encoding for several', async () => {
    const result = await service.run(['get-param', '/a/b', '/ok', '--encoding', 'base64'])
    expect(summary(result)).toMatchObject({ status: 2, stdout: '' })
    expect(result.stderr).toMatch(/--encoding is for the value of one parameter/)
  })
})

describe('get-param of one', () => {
  it.each([
    ['/a/b', 'three'],
    ['/a/b:1', 'one'],
    [arn, 'three'],
    [`${arn}:2`, 'two'],
    ['/ok', 'fine\n'],
    ['ok', 'fine\n'],
  ])('%s prints the bare value', async (name, stdout) => {
    expect(summary(await service.run(['get-param', name]))).toEqual({ status: 0, stdout, stderr: '' })
  })

  it('prints one object with --json', async () => {
    const { status, stdout } = await service.run(['get-param', '/a/b:2', '--json'])
    expect(status).toBe(0)
    expect(stdout.toString().split('\n')).toHaveLength(2)
    expect(JSON.parse(stdout.toString())).toEqual({
      Name: '/a/b',
      Type: 'SecureString',
      Value: 'two',
      Version: 2,
      Selector: ':2',
      ARN: arn,
      DataType: 'text',
      LastModifiedDate: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    })
  })

  it('leaves it encrypted on request', async () => {
    const { stdout } = await service.run(['get-param', '/a/b', '--no-decryption'])
    expect(Buffer.from(stdout.toString(), 'base64').length).toBeGreaterThan(100)
    expect(service.requests.map(({ input }) => input.WithDecryption)).toEqual([false])
  })

  it('writes it to a private file, and says nothing', async () => {
    const file = join(folder, 'value')
    expect(summary(await service.run(['get-param', '/ok', '-o', file]))).toEqual({
      status: 0,
      stdout: '',
      stderr: '',
    })
    expect(await readFile(file, 'utf8')).toBe('fine\n')
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    const { stdout } = await service.run(['get-param', '/a/b', '-o', file, '--json'])
    expect(JSON.parse(stdout.toString())).toMatchObject({ Output: file, Name: '/a/b', Version: 3 })
    expect(stdout.toString()).not.toContain('three')
    expect(await readFile(file, 'utf8')).toBe('three')
  })

  it('that is missing leaves the file as it was', async () => {
    const file = join(folder, 'kept')
    await writeFile(file, 'old')
    expect((await service.run(['get-param', '/nope', '-o', file])).status).toBe(3)
    expect(await readFile(file, 'utf8')).toBe('old')
    expect((await readdir(folder)).filter(name => name.includes('tmp'))).toEqual([])
  })

  it('encodes it on request', async () => {
    expect((await service.run(['get-param', '/a/b', '--encoding', 'hex'])).stdout.toString()).toBe(
      '7468726565\n',
    )
    expect((await service.run(['get-param', '/a/b', '--encoding', 'hex', '--json'])).status).toBe(2)
  })
})

describe('get-param of several', () => {
  it('prints an array in the order typed, repeats kept', async () => {
    const { status, stdout, stderr } = await service.run([
      'get-param',
      '/a/b:1',
      '/ok',
      arn,
      '/a/b:1',
      '/a/b:2',
    ])
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(JSON.parse(stdout.toString())).toEqual(['one', 'fine\n', 'three', 'one', 'two'])
  })

  it('prints an array of objects with --json', async () => {
    const { stdout } = await service.run(['get-param', '/ok', '/a/b:2', '--json'])
    expect(JSON.parse(stdout.toString())).toMatchObject([
      { Name: '/ok', Type: 'String', Value: 'fine\n' },
      { Name: '/a/b', Value: 'two', Selector: ':2' },
    ])
  })

  it.each([
    [['/ok', '/nope']],
    [['/nope', '/ok', '/a/b:99', '/nope']],
    [['/nope']],
    [['/nope', '/nope2', '--json']],
  ])('prints nothing when any is missing, and names them all: %j', async words => {
    const { status, stdout, stderr } = await service.run(['get-param', ...words])
    expect({ status, stdout: stdout.length }).toEqual({ status: 3, stdout: 0 })
    for (const name of words.filter(word => word.startsWith('/nope')))
      expect(stderr).toContain(`${name} does not exist`)
    if (words.includes('/a/b:99')) expect(stderr).toContain('parameter /a/b has no version 99')
    expect(stderr).not.toContain('/ok')
    expect(stderr).not.toContain('fine')
  })
})

describe('get-param refuses without any request', () => {
  it.each([
    [['a/b'], 'leading slash'],
    [['/a/b:'], 'version nor a label'],
    [['/ok', '--key-id', 'alias/x'], '--open'],
    [['/ok', '--encryption-context', 'a=b'], '--open'],
    [['/ok', '--open', '--no-decryption'], '--no-decryption'],
    [['arn:aws:ssm:eu-west-1:123456789012:parameter/a'], 'contradicts'],
    [['/ok', '-o', 'json'], '--json'],
    [[], 'name'],
  ])('%j', async (words, text) => {
    const { status, stdout, stderr } = await service.run(['get-param', ...words])
    expect({ status, stdout: stdout.length }).toEqual({ status: 2, stdout: 0 })
    expect(stderr).toContain(text)
    expect(service.requests).toEqual([])
  })
})

describe('get-param --open', () => {
  it('opens sealed values, one or several', async () => {
    expect((await service.run(['get-param', '/sealed', '--open'])).stdout.toString()).toBe('sealed value')
    const { stdout } = await service.run(['get-param', '/sealed', '/sealed:1', '--open', '--json'])
    expect(JSON.parse(stdout.toString())).toMatchObject([
      { Value: 'sealed value' },
      { Value: 'sealed value' },
    ])
  })

  it('gives back binary values as bytes, and refuses to put them into JSON', async () => {
    expect([...(await service.run(['get-param', '/binary', '--open'])).stdout]).toEqual([0xff, 0, 1])
    const encoded = await service.run(['get-param', '/binary', '--open', '--encoding', 'base64'])
    expect(encoded.stdout.toString()).toBe('/wAB\n')
    const { status, stdout, stderr } = await service.run(['get-param', '/binary', '/sealed', '--open'])
    expect({ status, stdout: stdout.length }).toEqual({ status: 1, stdout: 0 })
    expect(stderr).toContain('--encoding base64')
  })

  it('wants the pairs that were given, and the key that is named', async () => {
    expect((await service.run(['get-param', '/paired', '--open'])).status).toBe(5)
    const paired = ['get-param', '/paired', '--open', '--encryption-context', 'p=x']
    expect((await service.run(paired)).stdout.toString()).toBe('paired')
    expect((await service.run([...paired, '--key-id', 'alias/kmseal'])).stdout.toString()).toBe('paired')
    expect((await service.run([...paired, '--key-id', 'alias/second'])).status).toBe(5)
  })

  it('refuses a sealed value that was moved to another name', async () => {
    const value = (await service.run(['get-param', '/sealed'])).stdout.toString()
    await service.run(['put-param', '/moved', '--value', value])
    const { status, stdout, stderr } = await service.run(['get-param', '/moved', '--open'])
    expect({ status, stdout: stdout.length }).toEqual({ status: 5, stdout: 0 })
    expect(stderr).toContain('/moved')
  })

  it('says that a value is not sealed', async () => {
    const { status, stderr } = await service.run(['get-param', '/ok', '--open'])
    expect(status).toBe(5)
    expect(stderr).toContain('parameter /ok is not sealed')
    expect(stderr).not.toContain('fine')
  })
})

describe('get-param on the embedded mock', () => {
  it('answers for the account and Region of its caller', async () => {
    const env = {
      KMSEAL_MOCK_DIR: join(folder, 'state'),
      KMSEAL_MOCK_PRINCIPAL: 'arn:aws:iam::123456789012:root',
      AWS_REGION: 'eu-west-1',
    }
    await runCli(['put-param', '/x', '--value', 'here', '--backend', 'mock'], { env })
    const names = ['/x', 'arn:aws:ssm:eu-west-1:123456789012:parameter/x']
    const run = await runCli(['get-param', ...names, '--backend', 'mock'], { env })
    expect(summary(run)).toEqual({ status: 0, stdout: '["here","here"]\n', stderr: '' })
    const elsewhere = ['get-param', 'arn:aws:ssm:us-east-1:123456789012:parameter/x', '--backend', 'mock']
    expect((await runCli(elsewhere, { env })).status).toBe(3)
  })
})
