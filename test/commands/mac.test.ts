/** `kmseal mac` and `kmseal verify-mac` on the mock. */

import { createHmac, randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { type CliInput, runCli } from '../helpers/cli.ts'
import { testFolder } from '../helpers/folder.ts'
import { mockEnv, runOnMock } from '../helpers/mock-env.ts'
import { createMockKey } from '../helpers/mock-keys.ts'

let env: Record<string, string> = {}
let folder = ''
let arn = ''
const path = (name: string): string => join(folder, name)
const run = (words: readonly string[], input: CliInput = {}) => runOnMock(words, { env, ...input })

beforeEach(async () => {
  env = mockEnv()
  folder = testFolder()
  arn = await createMockKey(env, {
    KeySpec: 'HMAC_256',
    KeyUsage: 'GENERATE_VERIFY_MAC',
    alias: 'alias/tokens',
  })
})

describe.each([224, 256, 384, 512])('a MAC of %i bits', bits => {
  it('is the HMAC, and verifies in every form', async () => {
    const material = randomBytes(bits / 8)
    const id = '00000000-0000-4000-8000-000000000001'
    const key = { id, alias: 'alias/known', spec: `HMAC_${bits}`, material: material.toString('base64') }
    const seed = JSON.stringify({ keys: [{ ...key, usage: 'GENERATE_VERIFY_MAC' }] })
    writeFileSync(path('seed.json'), seed)
    const seeded = await run(['mock', 'seed', path('seed.json')])
    expect(seeded.status).toBe(0)
    for (const length of [1, 4095, 4096]) {
      const message = randomBytes(length)
      writeFileSync(path('message'), message)
      const made = await run(['mac', '--key-id', 'alias/known', path('message'), '--json'])
      expect(made).toMatchObject({ status: 0, stderr: '' })
      const record = JSON.parse(made.stdout.toString())
      const expected = createHmac(`sha${bits}`, material).update(message).digest()
      expect(record).toEqual({
        Mac: expected.toString('base64'),
        MacAlgorithm: `HMAC_SHA_${bits}`,
        KeyId: expect.stringMatching(/^arn:aws:kms:.*:key\//),
      })
      for (const form of [expected, expected.toString('base64'), `${expected.toString('hex')}\n`]) {
        writeFileSync(path('mac'), form)
        const words = ['verify-mac', '--key-id', 'alias/known', '--mac', path('mac'), path('message')]
        const verified = await run(words)
        expect(verified).toMatchObject({ status: 0, stderr: '' })
        expect(verified.stdout.toString()).toBe(`valid HMAC_SHA_${bits} MAC by ${record.KeyId}\n`)
      }
    }
  })
})

describe('kmseal mac', () => {
  it('prints base64, and writes raw bytes to a file', async () => {
    const printed = await run(['mac', '--key-id', 'alias/tokens'], { stdin: 'hi' })
    expect(printed.stdout.toString()).toMatch(/^[A-Za-z0-9+/]{43}=\n$/)
    await run(['mac', '--key-id', 'alias/tokens', '-o', path('mac')], { stdin: 'hi' })
    expect(readFileSync(path('mac')).toString('base64')).toBe(printed.stdout.toString().trim())
  })

  it.each<[string, Buffer, string[], number, RegExp]>([
    [
      'more than 4096 bytes',
      randomBytes(4097),
      [],
      2,
      /longer than the 4096 bytes[\s\S]*hint: .*kmseal sign/,
    ],
    ['nothing', Buffer.alloc(0), [], 2, /KMS makes no MAC of nothing/],
    [
      'an algorithm of other keys',
      Buffer.of(1),
      ['--mac-algorithm', 'HMAC_SHA_512'],
      1,
      /incompatible with key spec/,
    ],
  ])('refuses %s', async (_what, stdin, words, status, message) => {
    for (const command of [['mac'], ['verify-mac', '--mac', path('mac')]]) {
      writeFileSync(path('mac'), randomBytes(words.length > 0 ? 64 : 32))
      const refused = await run([...command, '--key-id', 'alias/tokens', ...words], { stdin })
      expect([refused.status, refused.stdout.length]).toEqual([status, 0])
      expect(refused.stderr).toMatch(message)
    }
  })

  it('refuses a key that makes none', async () => {
    await run(['create-key', '--alias', 'alias/app'])
    const refused = await run(['mac', '--key-id', 'alias/app'], { stdin: 'hi' })
    expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining('makes no MACs') })
  })
})

describe('kmseal verify-mac', () => {
  it.each<[string, (mac: Buffer) => string | Uint8Array]>([
    ['nothing', () => ''],
    ['a cut MAC', mac => mac.subarray(1)],
    ['cut base64', mac => mac.toString('base64').slice(0, -5)],
    ['another MAC', mac => Buffer.from(mac.map(byte => byte ^ 1))],
    ['a longer one', () => randomBytes(64)],
  ])('takes %s for no MAC: exit status 5', async (_what, make) => {
    await run(['mac', '--key-id', 'alias/tokens', '-o', path('mac')], { stdin: 'hi' })
    const mac = readFileSync(path('mac'))
    const verify = () => run(['verify-mac', '--key-id', arn, '--mac', path('mac'), '--json'], { stdin: 'hi' })
    expect(JSON.parse((await verify()).stdout.toString())).toEqual({
      MacValid: true,
      MacAlgorithm: 'HMAC_SHA_256',
      KeyId: arn,
    })
    writeFileSync(path('mac'), make(mac))
    const refused = await verify()
    expect([refused.status, refused.stdout.length]).toEqual([5, 0])
    expect(JSON.parse(refused.stderr).error.code).toBe('integrity')
  })

  it('reads one of both from standard input only', async () => {
    const refused = await run(['verify-mac', '--key-id', arn, '--mac', '-'], { stdin: 'hi' })
    expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining('standard input') })
  })

  it('tells a service that cannot be reached from a bad MAC', async () => {
    writeFileSync(path('mac'), randomBytes(32))
    const away = ['--backend', 'aws', '--endpoint-url', 'http://127.0.0.1:1', '--region', 'us-east-1']
    const words = ['verify-mac', '--key-id', arn, '--mac', path('mac'), '--mac-algorithm', 'HMAC_SHA_256']
    expect((await runCli([...away, ...words], { stdin: 'hi' })).status).toBe(6)
  })
})
