import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ProcessResult, runProcess, startMoto, Workplace } from '../helpers/process.ts'
import { hasProgram } from '../helpers/programs.ts'

const credentials = {
  AWS_ACCESS_KEY_ID: 'test',
  AWS_SECRET_ACCESS_KEY: 'test',
  AWS_DEFAULT_REGION: 'eu-west-1',
}

describe.runIf(hasProgram('moto_server') && hasProgram('aws'))('against moto_server', () => {
  const place = new Workplace(credentials)
  let moto: Awaited<ReturnType<typeof startMoto>>
  let keyArn = ''

  const kmseal = (args: string[], stdin: string | Uint8Array = '') =>
    place.run(['--backend', 'aws', '--endpoint-url', moto.url, ...args], { stdin })
  const aws = async (...args: string[]): Promise<string> => {
    const env = { ...credentials, HOME: process.env.HOME ?? '/' }
    const result = await runProcess('aws', ['--endpoint-url', moto.url, '--output', 'text', ...args], {
      cwd: place.folder,
      env,
    })
    expect(result.stderr).toBe('')
    expect(result.status).toBe(0)
    return result.stdout.toString().trim()
  }
  const ok = (result: ProcessResult): Buffer => {
    expect(result.stderr).toBe('')
    expect(result.status).toBe(0)
    return result.stdout
  }

  beforeAll(async () => {
    moto = await startMoto()
    keyArn = ok(await kmseal(['create-key', '--alias', 'alias/app']))
      .toString()
      .trim()
  })
  afterAll(async () => {
    await moto?.stop()
    place.remove()
  })

  it('the aws CLI opens what kmseal wrote in direct mode', async () => {
    ok(
      await kmseal(
        ['encrypt', '--key-id', 'alias/app', '--encryption-context', 'a=b', '-o', 'c'],
        'from kmseal',
      ),
    )
    const plaintext = await aws(
      'kms',
      'decrypt',
      '--ciphertext-blob',
      'fileb://c',
      '--encryption-context',
      'a=b',
      '--query',
      'Plaintext',
    )
    expect(Buffer.from(plaintext, 'base64').toString()).toBe('from kmseal')
  })

  it('kmseal opens what the aws CLI wrote', async () => {
    writeFileSync(place.path('p'), 'from aws')
    const blob = await aws(
      'kms',
      'encrypt',
      '--key-id',
      keyArn,
      '--plaintext',
      'fileb://p',
      '--query',
      'CiphertextBlob',
    )
    expect(ok(await kmseal(['decrypt'], blob)).toString()).toBe('from aws')
    expect(ok(await kmseal(['decrypt', '--key-id', 'alias/app', '--ciphertext', blob])).toString()).toBe(
      'from aws',
    )
  })

  it('envelopes round trip, pinned and by discovery', async () => {
    const bytes = randomBytes(200_000)
    writeFileSync(place.path('file'), bytes)
    ok(await kmseal(['encrypt', '--key-id', 'alias/app', '-o', 'file.enc', 'file']))
    for (const pin of [[], ['--key-id', 'alias/app'], ['--key-id', keyArn]]) {
      ok(await kmseal(['decrypt', '-o', 'file.dec', ...pin, 'file.enc']))
      expect(readFileSync(place.path('file.dec')).equals(bytes)).toBe(true)
    }
  })

  it('a key of another Region is asked in its own Region', async () => {
    const elsewhere = ok(
      await place.run(['create-key', '--endpoint-url', moto.url, '--region', 'eu-central-1']),
    )
      .toString()
      .trim()
    expect(elsewhere).toContain(':eu-central-1:')
    const sealed = ok(
      await kmseal(
        ['encrypt', '--key-id', keyArn, '--key-id', elsewhere, '--encoding', 'raw'],
        'two Regions',
      ),
    )
    const inspected = JSON.parse(ok(await place.run(['inspect', '--json'], { stdin: sealed })).toString())
    expect(inspected.EncryptedDataKeys.map((key: { KeyInfo: string }) => key.KeyInfo)).toEqual([
      keyArn,
      elsewhere,
    ])
    for (const pin of [keyArn, elsewhere]) {
      expect(ok(await kmseal(['decrypt', '--key-id', pin], sealed)).toString()).toBe('two Regions')
    }
    const contradiction = await kmseal(['encrypt', '--region', 'eu-west-1', '--key-id', elsewhere], 'x')
    expect(contradiction.status).toBe(2)
  })

  it('data keys and random bytes have their exact sizes', async () => {
    ok(await kmseal(['datakey', '--key-id', 'alias/app', '--plaintext-out', 'k', '-o', 'k.enc']))
    expect(readFileSync(place.path('k'))).toHaveLength(32)
    expect(ok(await kmseal(['decrypt', 'k.enc'])).equals(readFileSync(place.path('k')))).toBe(true)
    for (const size of [1, 1024]) {
      expect(
        ok(await kmseal(['random', '--number-of-bytes', String(size), '--encoding', 'raw'])),
      ).toHaveLength(size)
    }
  })

  it('parameters are shared with the aws CLI', async () => {
    ok(await kmseal(['put-param', '/app/password'], 'pa55'))
    expect(
      await aws(
        'ssm',
        'get-parameter',
        '--name',
        '/app/password',
        '--with-decryption',
        '--query',
        'Parameter.[Type,Value]',
      ),
    ).toBe('SecureString\tpa55')
    await aws('ssm', 'put-parameter', '--name', '/app/plain', '--type', 'String', '--value', 'visible')
    expect(ok(await kmseal(['get-param', '/app/plain'])).toString()).toBe('visible')
    expect(
      ok(await kmseal(['list-params', '/app', '--json']))
        .toString()
        .trim()
        .split('\n'),
    ).toHaveLength(2)
    ok(await kmseal(['delete-param', '/app/plain', '/app/password']))
    expect((await kmseal(['get-param', '/app/plain'])).status).toBe(3)
  })

  it('errors keep their exit statuses', async () => {
    expect((await kmseal(['encrypt', '--key-id', 'alias/nowhere'], 'x')).status).toBe(3)
    expect((await kmseal(['describe-key', 'alias/nowhere'])).status).toBe(3)
    expect((await kmseal(['decrypt', '--ciphertext', randomBytes(200).toString('base64')])).status).toBe(5)
    const nobody = await place.run(['list-keys', '--backend', 'aws', '--endpoint-url', 'http://127.0.0.1:9'])
    expect(nobody.status).toBe(6)
    expect(nobody.stderr).toContain('could not be reached')
  })

  it('neither credentials nor a Region are needed on loopback', async () => {
    const bare = new Workplace()
    const result = await bare.run(['random', '--number-of-bytes', '4'], {
      env: { AWS_ENDPOINT_URL: moto.url },
    })
    bare.remove()
    expect(result.stderr).toBe('')
    expect(result.status).toBe(0)
  })
})
