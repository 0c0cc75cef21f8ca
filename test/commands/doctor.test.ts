import { openSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
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
    const place = workplace()
    await place.kmseal(['put-param', '/app/p'], { stdin: 'hunter2' })
    const result = await place.kmseal(['doctor', '--parameter', '/app/p'])
    expect([result.status, result.stderr]).toEqual([0, ''])
    const lines = result.stdout.toString().trim().split('\n')
    expect(lines.map(line => line.split(/ {2,}/).slice(0, 2).join(' '))).toEqual(
      [...['region', 'node', 'configuration', 'lmdb', 'credentials', 'key', 'parameters'], 'mock state'].map(
        check => `ok ${check}`,
      ),
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
    const server = createServer((request, response) => {
      request.resume()
      response.setHeader('date', new Date(Date.now() + seconds * 1000).toUTCString())
      response.setHeader('content-type', 'application/x-amz-json-1.1')
      response.end('{"Keys":[]}')
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
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
