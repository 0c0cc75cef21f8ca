import { chmodSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { testFolder } from '../helpers/folder.ts'
import { type ProcessResult, Workplace } from '../helpers/process.ts'
import { startServe } from '../helpers/serve.ts'
import { Authority, startTlsServer } from '../helpers/tls.ts'

/** The built program: the mock's state is looked at by a second process of it. */
function workplace(env: Record<string, string> = {}): Workplace {
  const place = new Workplace(env)
  onTestFinished(() => place.remove())
  return place
}

/** What a service answers to everything; its clock is ahead by `ahead` seconds. */
interface Answer {
  readonly status?: number
  readonly ahead?: number
  readonly body: string
}

/** Serves answers until the test ends, and gives the URL. */
async function answering(answer: (request: IncomingMessage) => Answer): Promise<string> {
  const server = createServer((request, response) => {
    const { status = 200, ahead = 0, body } = answer(request)
    request.resume()
    response.statusCode = status
    response.setHeader('date', new Date(Date.now() + ahead * 1000).toUTCString())
    response.setHeader('content-type', 'application/x-amz-json-1.1')
    response.end(body)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

interface Finding {
  readonly Check: string
  readonly Status: string
  readonly Message: string
  readonly Hint?: string
  readonly Code?: string
}

function findings({ stdout }: ProcessResult): Finding[] {
  return stdout
    .toString()
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
}

const of = (result: ProcessResult, check: string) => findings(result).find(({ Check }) => Check === check)

const credentials = {
  AWS_ACCESS_KEY_ID: '111122223333',
  AWS_SECRET_ACCESS_KEY: 'x',
  AWS_REGION: 'eu-west-1',
}

describe('doctor on the mock', () => {
  it('finds everything well, a line for each check, and writes nothing else', async () => {
    const place = workplace({ XDG_CACHE_HOME: testFolder() })
    await place.kmseal(['put-param', '/app/p'], { stdin: 'hunter2' })
    const result = await place.kmseal(['doctor', '--parameter', '/app/p'])
    expect([result.status, result.stderr]).toEqual([0, ''])
    const lines = result.stdout.toString().trim().split('\n')
    expect(lines.map(line => line.split(/ {2,}/).slice(0, 2).join(' '))).toEqual(
      [
        ...['region', 'node', 'configuration', 'lmdb', 'code cache', 'credentials', 'key', 'parameters'],
        'mock state',
      ].map(check => `ok ${check}`),
    )
    expect(result.stdout.toString()).toContain('usable: kms:Encrypt, kms:GenerateDataKey, kms:Decrypt\n')
    expect(result.stdout.toString()).not.toContain('hunter2')
  })

  it('ends with the common code of what failed, and says what to do', async () => {
    const place = workplace()
    const absent = await place.kmseal(['doctor', '--json', '--key-id', 'alias/none', '--parameter', '/none'])
    expect(absent.status).toBe(3)
    expect(of(absent, 'key')).toMatchObject({ Status: 'failed', Code: 'not-found' })
    expect(of(absent, 'parameters')).toMatchObject({ Status: 'failed', Code: 'not-found' })
    expect(of(absent, 'credentials')).toMatchObject({ Status: 'ok' })
    await place.kmseal(['create-key', '--alias', 'alias/off'])
    await place.kmseal(['disable-key', '--key-id', 'alias/off'])
    const args = ['doctor', '--json', '--key-id', 'alias/off']
    const disabled = await place.kmseal(args)
    expect([disabled.status, of(disabled, 'key')]).toMatchObject([
      1,
      { Status: 'failed', Code: 'failed', Hint: 'kmseal enable-key --key-id alias/off' },
    ])
    expect((await place.kmseal([...args, '--parameter', '/none'])).status).toBe(1)
  })

  it('tells what is not allowed with a key', async () => {
    const place = workplace()
    const principal = 'arn:aws:iam::000000000000:user/limited'
    const statement = {
      Effect: 'Allow',
      Action: ['kms:DescribeKey', 'kms:Encrypt', 'kms:ListKeys'],
      Resource: '*',
    }
    writeFileSync(place.path('p.json'), JSON.stringify({ Version: '2012-10-17', Statement: [statement] }))
    const set = ['mock', 'set-iam-policy', principal, 'p.json']
    const done = await place.kmseal(set)
    expect([done.status, done.stderr]).toEqual([0, ''])
    const result = await place.kmseal(['doctor', '--json'], { env: { KMSEAL_MOCK_PRINCIPAL: principal } })
    expect(of(result, 'key')).toMatchObject({
      Status: 'warning',
      Message:
        'key alias/kmseal is enabled; allowed: kms:Encrypt; not allowed: kms:GenerateDataKey, kms:Decrypt',
    })
    expect(of(result, 'credentials')).toMatchObject({ Message: `${principal}, account 000000000000` })
    expect(of(result, 'parameters')).toMatchObject({ Status: 'warning' })
    expect(result.status).toBe(0)
  })

  it('leaves no trace in the state that it looks at', async () => {
    const place = workplace()
    await place.kmseal(['put-param', '/p'], { stdin: 'x' })
    const records = async () => of(await place.kmseal(['doctor', '--json']), 'mock state')?.Message
    const before = await records()
    expect(before).toMatch(/: \d+ records are readable/)
    expect(await records()).toBe(before)
  })

  it('survives a damaged state, which it has another process read', async () => {
    const place = workplace()
    await place.kmseal(['put-param', '/p'], { stdin: 'x' })
    const file = place.path('mock/data.mdb')
    const size = readFileSync(file).length
    // All but the two pages that are looked at before LMDB opens the file.
    writeSync(openSync(file, 'r+'), Buffer.alloc(size - 8192, 0xa5), 0, size - 8192, 8192)
    const result = await place.kmseal(['doctor', '--json'])
    expect(result.status).toBe(1)
    expect(of(result, 'mock state')).toMatchObject({ Status: 'failed', Code: 'failed' })
    expect(of(result, 'node')).toMatchObject({ Status: 'ok' })
    // On AWS it is worth a word, and no failure.
    const aws = await place.run(['doctor', '--json'], { env: { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' } })
    expect(of(aws, 'mock state')).toMatchObject({ Status: 'warning' })
  })

  it('escapes what came from outside', async () => {
    const result = await workplace().kmseal(['doctor', '--key-id', 'alias/\u001b[31mred'])
    expect(result.stdout.toString()).not.toContain('\u001b')
    expect(result.status).not.toBe(0)
  })
})

/** The names of the checks with a status. */
const named = (result: ProcessResult, status: string) =>
  findings(result)
    .filter(({ Status }) => Status === status)
    .map(({ Check }) => Check)

const ofServices = ['credentials', 'endpoint', 'clock', 'key', 'parameters']

describe('doctor, where settings are at fault', () => {
  it('explains a configuration file that cannot be used, and checks the rest', async () => {
    const place = workplace()
    await place.kmseal(['put-param', '/p'], { stdin: 'x' })
    writeFileSync(place.path('broken.yaml'), 'region: [1')
    const result = await place.kmseal(['doctor', '--json'], { env: { KMSEAL_CONFIG: 'broken.yaml' } })
    expect([result.status, result.stderr, named(result, 'failed')]).toEqual([2, '', ['configuration']])
    expect(of(result, 'configuration')).toMatchObject({
      Code: 'usage',
      Message: expect.stringMatching(/broken\.yaml: line 1 of the file is no YAML$/),
    })
    expect(of(result, 'mock state')).toMatchObject({ Message: expect.stringContaining('are readable') })
    expect(named(result, 'skipped')).toEqual([])
  })

  it('explains an environment of a file that is no longer trusted, in the table alone', async () => {
    const place = workplace({ HOME: '/nonexistent' })
    writeFileSync(place.path('kmseal.config.yaml'), 'environments: {prod: {}}', { mode: 0o600 })
    const plain = await place.kmseal(['doctor', '--json'])
    expect([plain.status, plain.stderr]).toEqual([0, ''])
    expect(of(plain, 'configuration')).toMatchObject({
      Status: 'warning',
      Message: expect.stringContaining('is ignored: it is not trusted'),
    })
    const result = await place.kmseal(['doctor', '--json'], { env: { KMSEAL_ENV: 'prod' } })
    expect([result.status, result.stderr, named(result, 'failed')]).toEqual([2, '', ['configuration']])
    expect(of(result, 'configuration')?.Hint).toContain('kmseal config trust')
  })

  it.each([
    { KMSEAL_BACKEND: 'bogus', AWS_REGION: 'eu-west-1' },
    { KMSEAL_BACKEND: 'bogus', AWS_REGION: 'eu-west-1', KMSEAL_MOCK_PRINCIPAL: 'nobody' },
  ])('explains %j', async env => {
    const result = await workplace().run(['doctor', '--json'], { env })
    expect([result.status, result.stderr]).toEqual([2, ''])
    expect(new Set(named(result, 'failed'))).toEqual(new Set(['configuration']))
    expect(named(result, 'failed')).toHaveLength(Object.keys(env).length - 1)
    expect(named(result, 'skipped')).toEqual(['region', ...ofServices])
    expect(named(result, 'ok')).toEqual(['node', 'lmdb', 'mock state'])
  })

  it.each([[[], { AWS_REGION: 'bogus_region' }] as const, [['--region', 'bogus_region'], {}] as const])(
    'explains a Region that is none (%j %j)',
    async (flags, env) => {
      const result = await workplace().run(['doctor', '--json', ...flags], { env })
      expect([result.status, result.stderr]).toEqual([2, ''])
      expect(of(result, 'region')).toMatchObject({
        Status: 'failed',
        Code: 'usage',
        Hint: 'write it as eu-central-1',
      })
      expect(named(result, 'skipped')).toEqual(ofServices)
    },
  )

  it('asks no mock whose caller is not known', async () => {
    const result = await workplace().kmseal(['doctor', '--json'], { env: { KMSEAL_MOCK_PRINCIPAL: 'me' } })
    expect(named(result, 'failed')).toEqual(['configuration'])
    expect(named(result, 'skipped')).toEqual(['region', 'credentials', 'key', 'parameters'])
  })

  it.each([
    { AWS_CA_BUNDLE: '/nope' },
    { AWS_ENDPOINT_URL: 'http://example.com' },
    { AWS_ENDPOINT_URL: 'ftp:x' },
  ])('files %j under endpoint, and says why the rest was skipped', async env => {
    const result = await workplace(credentials).run(['doctor', '--json'], { env })
    expect([named(result, 'failed'), named(result, 'skipped')]).toEqual([
      ['endpoint'],
      ['credentials', 'clock', 'key', 'parameters'],
    ])
    expect(of(result, 'region')).toMatchObject({ Status: 'ok', Message: 'eu-west-1' })
    expect(of(result, 'key')).toMatchObject({ Message: 'the endpoint cannot be asked' })
  })

  it('says that a profile does not exist, with and without a Region', async () => {
    const env = { AWS_PROFILE: 'nope', AWS_EC2_METADATA_DISABLED: 'true' }
    const place = workplace(env)
    const without = await place.run(['doctor', '--json'])
    expect(of(without, 'region')).toMatchObject({
      Status: 'failed',
      Message: expect.stringContaining('the profile nope, which could name one, does not exist'),
    })
    const proxy = { AWS_REGION: 'eu-west-1', HTTPS_PROXY: 'http://127.0.0.1:1' }
    const within = await place.run(['doctor', '--json'], { env: proxy })
    expect(of(within, 'credentials')).toMatchObject({
      Status: 'failed',
      Code: 'denied',
      Message: 'the profile nope does not exist',
    })
  })
})

describe('doctor on the folder for compiled code', () => {
  const looked = async (env: Record<string, string>) => {
    const result = await workplace(env).kmseal(['doctor', '--json'])
    expect([result.status, result.stderr]).toEqual([0, ''])
    return of(result, 'code cache')
  }

  it('warns when other users can write to it, and not once they cannot', async () => {
    const home = testFolder()
    mkdirSync(join(home, '.cache'))
    chmodSync(join(home, '.cache'), 0o775)
    expect(await looked({ HOME: home })).toMatchObject({
      Status: 'warning',
      Message: `off: ${home}/.cache can be written by other users`,
      Hint: expect.stringContaining('chmod go-w'),
    })
    expect(readdirSync(join(home, '.cache'))).toEqual([])
    chmodSync(join(home, '.cache'), 0o755)
    expect(await looked({ HOME: home })).toMatchObject({ Status: 'ok', Message: `in ${home}/.cache/kmseal` })
    expect(readdirSync(join(home, '.cache/kmseal'))).not.toEqual([])
  })

  it('does not warn when it is not wanted', async () => {
    expect(await looked({ NODE_DISABLE_COMPILE_CACHE: '1' })).toMatchObject({
      Status: 'ok',
      Message: 'off by NODE_DISABLE_COMPILE_CACHE',
    })
  })
})

describe('doctor with credentials that are no good', () => {
  it('does not take that for a missing permission', async () => {
    const url = await answering(() => ({
      status: 400,
      body: '{"__type":"UnrecognizedClientException","message":"The security token is invalid."}',
    }))
    const result = await workplace(credentials).run(['doctor', '--json', '--endpoint-url', url])
    expect(of(result, 'parameters')).toMatchObject({ Status: 'failed', Code: 'denied' })
  })
})

describe('doctor without credentials', () => {
  it('looks at the endpoint and the clock, unsigned, and skips the rest', async () => {
    const signatures: unknown[] = []
    const url = await answering(({ headers }) => {
      signatures.push(headers.authorization)
      return { status: 400, ahead: 3600, body: '{"__type":"MissingAuthenticationTokenException"}' }
    })
    const authority = new Authority(testFolder())
    const tls = await startTlsServer(authority.issue('DNS:localhost', 100), url)
    const place = workplace()
    // Only with a profile that was chosen do no credentials stand in for those that are missing here.
    writeFileSync(place.path('aws'), '[profile empty]\nregion = eu-west-1\n')
    const args = ['doctor', '--json', '--profile', 'empty', '--key-id', 'alias/a']
    const env = { AWS_CONFIG_FILE: place.path('aws'), AWS_CA_BUNDLE: authority.bundle }
    const result = await place.run([...args, '--endpoint-url', `https://localhost:${tls.port}`], { env })
    expect(of(result, 'credentials')).toMatchObject({
      Status: 'failed',
      Code: 'denied',
      Message: 'no AWS credentials were found',
    })
    expect(of(result, 'endpoint')).toMatchObject({
      Status: 'ok',
      Message: expect.stringContaining('TLSv1.3'),
    })
    expect(of(result, 'clock')).toMatchObject({
      Status: 'failed',
      Message: expect.stringContaining('behind'),
    })
    expect(findings(result).filter(({ Status }) => Status === 'skipped')).toEqual(
      ['key', 'parameters'].map(Check => ({ Check, Status: 'skipped', Message: 'there are no credentials' })),
    )
    // The SDK asks again when the clock is that far off.
    expect(new Set(signatures)).toEqual(new Set([undefined]))
  })

  it('says that stand-ins are used on this machine', async () => {
    const place = workplace()
    const served = await startServe(['--state', place.path('served')], {})
    onTestFinished(async () => void (await served.stop()))
    const result = await place.run(['doctor', '--json', '--endpoint-url', served.url])
    expect(of(result, 'credentials')).toMatchObject({
      Status: 'ok',
      Message: 'there are none; stand-ins are used for the endpoint on this machine',
    })
    expect([of(result, 'parameters')?.Status, result.status]).toEqual(['ok', 0])
  })
})

describe('doctor on aws', () => {
  it('needs a Region, and says so once', async () => {
    const result = await workplace().run(['doctor', '--json'])
    expect(result.status).toBe(2)
    expect(findings(result).filter(({ Status }) => Status === 'failed')).toMatchObject([
      { Check: 'region', Code: 'usage', Hint: expect.stringContaining('--region') },
    ])
  })

  it('shows the version of TLS, the certificate and the clock of the endpoint', async () => {
    const place = workplace({ ...credentials, HOME: '/nonexistent' })
    const served = await startServe(['--state', place.path('served')], {})
    onTestFinished(async () => void (await served.stop()))
    const authority = new Authority(testFolder())
    const server = await startTlsServer(authority.issue('DNS:localhost', 100), served.url, {
      maxVersion: 'TLSv1.2',
    })
    const args = ['doctor', '--json', '--endpoint-url', `https://localhost:${server.port}`]
    const result = await place.run(args, { env: { AWS_CA_BUNDLE: authority.bundle } })
    expect(of(result, 'endpoint')).toMatchObject({
      Status: 'ok',
      Message: expect.stringMatching(
        /^https:\/\/localhost:\d+, TLSv1\.2, certificate valid until \d{4}-\d\d-\d\d$/,
      ),
    })
    expect(of(result, 'clock')).toMatchObject({ Status: 'ok' })
    expect(of(result, 'credentials')).toMatchObject({ Message: expect.stringContaining('111122223333') })
    expect(of(result, 'key')).toMatchObject({ Status: 'warning', Hint: expect.stringContaining('--key-id') })
    expect([result.status, result.stderr]).toEqual([0, ''])

    const untrusted = await place.run(args)
    expect(untrusted.status).toBe(6)
    expect(of(untrusted, 'endpoint')).toMatchObject({
      Status: 'failed',
      Code: 'unavailable',
      Hint: expect.stringContaining('AWS_CA_BUNDLE'),
    })
  })

  it.each([
    [3600, 'failed', 'behind'],
    [-3600, 'failed', 'ahead of'],
    [100, 'warning', 'behind'],
  ])('finds a clock that differs by %d s', async (seconds, Status, word) => {
    const url = await answering(() => ({ ahead: seconds, body: '{"Keys":[]}' }))
    const result = await workplace(credentials).run(['doctor', '--json', '--endpoint-url', url])
    expect(of(result, 'clock')).toMatchObject({
      Status,
      Message: expect.stringContaining(` s ${word} that`),
      Hint: expect.stringContaining('set the clock'),
    })
    expect(of(result, 'endpoint')).toMatchObject({ Status: 'warning', Message: `${url}, without TLS` })
  })

  it('ends though nobody answers', async () => {
    const result = await workplace(credentials).run([
      'doctor',
      '--json',
      '--endpoint-url',
      'https://127.0.0.1:1',
    ])
    expect(result.status).toBe(6)
    expect(of(result, 'endpoint')).toMatchObject({ Code: 'unavailable' })
    expect(of(result, 'node')).toMatchObject({ Status: 'ok' })
  })
})
