import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { main } from '../../src/main.ts'
import { openEmulator } from '../../src/mock/emulator.ts'
import { runCli } from '../helpers/cli.ts'
import { type LoopbackService, startLoopbackService } from '../parameters/loopback-service.ts'

const date = '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z'

let service: LoopbackService

beforeAll(async () => {
  service = await startLoopbackService()
  await service.run(['put-param', '/app/db/password', '--value', 'hunter2'])
  await service.run(['put-param', '/app/url', '--value', 'x', '--type', 'String', '--tier', 'Advanced'])
  await service.run(['put-param', '/app/url', '--value', 'y', '--overwrite'])
})
afterAll(() => service.close())
beforeEach(() => {
  service.requests.length = 0
  service.refusals.clear()
})

describe('list-params', () => {
  it('prints aligned columns without values', async () => {
    const { status, stdout, stderr } = await service.run(['list-params', '/app'])
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const lines = stdout.toString().split('\n')
    expect(lines).toEqual([
      'NAME              TYPE          TIER      VERSION  LAST MODIFIED',
      expect.stringMatching(new RegExp(`^/app/db/password  SecureString  Standard  1        ${date}$`)),
      expect.stringMatching(new RegExp(`^/app/url          String        Advanced  2        ${date}$`)),
      '',
    ])
    expect(service.requests.map(({ operation }) => operation)).toEqual(['DescribeParameters'])
  })

  it('prints one object a line with --json', async () => {
    const { stdout } = await service.run(['list-params', '--json'])
    const rows = stdout
      .toString()
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as Record<string, unknown>)
    expect(rows).toMatchObject([
      { Name: '/app/db/password', Type: 'SecureString', KeyId: 'alias/aws/ssm', Version: 1 },
      { Name: '/app/url', Type: 'String', Tier: 'Advanced', Version: 2 },
    ])
    for (const row of rows) expect(row).not.toHaveProperty('Value')
  })

  it('lists direct children alone on request', async () => {
    const { stdout } = await service.run(['list-params', '/app/', '--one-level', '--json'])
    expect(stdout.toString()).toMatch(/^[^\n]*"\/app\/url"[^\n]*\n$/)
  })

  it.each([
    [['/typo'], 'nothing is below /typo'],
    [['/app/url'], 'nothing is below /app/url, which is a parameter itself: kmseal get-param /app/url'],
  ])('of nothing is no failure, and says so: %j', async (words, note) => {
    const { status, stdout, stderr } = await service.run(['list-params', ...words])
    expect({ status, stdout: stdout.length }).toEqual({ status: 0, stdout: 0 })
    expect(stderr).toContain(note)
  })

  it.each([[['app']], [['/a//b']], [['--one-level']], [['/a', '/b']]])('refuses %j', async words => {
    expect((await service.run(['list-params', ...words])).status).toBe(2)
    expect(service.requests).toEqual([])
  })

  it('does not show a denied listing as an empty one', async () => {
    service.refusals.set('DescribeParameters', () => ({ __type: 'AccessDeniedException', message: 'no' }))
    expect((await service.run(['list-params', '/app'])).status).toBe(4)
  })
})

describe('list-params of many', () => {
  let directory: string
  let env: Record<string, string>

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'kmseal-list-params-'))
    env = { KMSEAL_MOCK_DIR: directory }
    const emulator = await openEmulator({ directory })
    const caller = { principal: 'arn:aws:iam::000000000000:root', region: 'us-east-1' }
    for (let index = 0; index < 120; index += 1) {
      const input = { Name: `/big/${'n'.repeat(index)}x`, Value: 'v', Type: 'String' }
      await emulator.answer({
        target: 'AmazonSSM.PutParameter',
        body: Buffer.from(JSON.stringify(input)),
        caller,
      })
    }
    await emulator.close()
  })
  afterAll(() => rm(directory, { recursive: true }))

  it('prints every row once, under one head', async () => {
    const { stdout } = await runCli(['list-params', '/big', '--backend', 'mock'], { env })
    const lines = stdout.toString().trimEnd().split('\n')
    expect(lines).toHaveLength(121)
    expect(lines.filter(line => line.startsWith('NAME'))).toHaveLength(1)
    expect(new Set(lines).size).toBe(121)
  })

  it('ends silently when its reader goes away', async () => {
    const taken: string[] = []
    const stdout = new Writable({
      write(chunk: Buffer, _, done) {
        if (taken.length > 0) return done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))
        taken.push(chunk.toString())
        done()
      },
    })
    let words = ''
    const stderr = new Writable({
      write(chunk: Buffer, _, done) {
        words += chunk.toString()
        done()
      },
    })
    const io = { stdin: Readable.from([]), stdout, stderr, env }
    expect(await main(['list-params', '/big', '--backend', 'mock', '--json'], io)).toBe(141)
    expect(words).toBe('')
    expect(taken).toHaveLength(1)
  })
})

it('escapes names that come from a hostile endpoint', async () => {
  const { createServer } = await import('node:http')
  const server = createServer((_, response) => {
    const body = JSON.stringify({
      Parameters: [{ Name: '/a\u001b[31m\n\u202eb', Type: 'String', Version: 1 }],
    })
    response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' }).end(body)
  })
  await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
  const { port } = server.address() as { port: number }
  const run = await runCli([
    'list-params',
    '--endpoint-url',
    `http://127.0.0.1:${port}`,
    '--region',
    'us-east-1',
  ])
  server.closeAllConnections()
  server.close()
  expect(run.stdout.toString().split('\n')[1]).toMatch(
    /^\/a\\u\{1b\}\[31m\\n\\u\{202e\}b {2}String {8}- {9}1 {8}-$/,
  )
})
