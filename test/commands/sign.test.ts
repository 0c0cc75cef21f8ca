/** `kmseal sign` and `kmseal verify` on the mock. */

import { createHash, createVerify, generateKeyPairSync, sign as nodeSign, randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { KeySpec } from '@aws-sdk/client-kms'
import { beforeEach, describe, expect, it } from 'vitest'
import { type CliInput, type CliResult, runCli } from '../helpers/cli.ts'
import { testFolder } from '../helpers/folder.ts'
import { mockEnv, runOnMock } from '../helpers/mock-env.ts'
import { createMockKey } from '../helpers/mock-keys.ts'

let env: Record<string, string> = {}
let folder = ''
let arn = ''
const path = (name: string): string => join(folder, name)
const run = (words: readonly string[], input: CliInput = {}): Promise<CliResult> =>
  runOnMock(words, { env, ...input })

beforeEach(async () => {
  env = mockEnv()
  folder = testFolder()
  arn = await createMockKey(env, {
    KeySpec: 'ECC_NIST_P256',
    KeyUsage: 'SIGN_VERIFY',
    alias: 'alias/release',
  })
  writeFileSync(path('message'), 'attack at dawn')
})

const signMessage = async (output = path('sig')): Promise<Buffer> => {
  const signed = await run(['sign', '--key-id', 'alias/release', path('message'), '-o', output])
  expect(signed).toMatchObject({ status: 0, stderr: '' })
  return readFileSync(output)
}

describe('kmseal sign', () => {
  it('prints base64 and a newline, or what --encoding says; a file gets the raw signature alone', async () => {
    const words = ['sign', '--key-id', 'alias/release', path('message')]
    const printed = (await run(words)).stdout.toString()
    expect(printed).toMatch(/^[A-Za-z0-9+/]+=*\n$/)
    const hex = (await run([...words, '--encoding', 'hex'])).stdout.toString()
    expect(hex).toMatch(/^30[0-9a-f]+\n$/)
    const raw = (await run([...words, '--encoding', 'raw'])).stdout
    const filed = await signMessage()
    const pem = (await run(['public-key', '--key-id', arn])).stdout.toString()
    for (const signature of [Buffer.from(printed, 'base64'), Buffer.from(hex.trim(), 'hex'), raw, filed]) {
      expect(createVerify('sha256').update('attack at dawn').verify(pem, signature)).toBe(true)
    }
  })

  it('tells with --json by which key and how', async () => {
    const signed = await run(['sign', '--key-id', 'alias/release', '--json'], { stdin: 'x'.repeat(4097) })
    expect(JSON.parse(signed.stdout.toString())).toEqual({
      Signature: expect.stringMatching(/^MEQ|^MEU|^MEY|^ME/),
      KeyId: arn,
      SigningAlgorithm: 'ECDSA_SHA_256',
      MessageType: 'DIGEST',
    })
    const toFile = ['sign', '--key-id', arn, '--json', path('message'), '-o', path('sig')]
    expect(JSON.parse((await run(toFile)).stdout.toString())).toEqual({
      Output: path('sig'),
      KeyId: arn,
      SigningAlgorithm: 'ECDSA_SHA_256',
      MessageType: 'RAW',
    })
  })

  it('says that the mock signed when the environment chose it', async () => {
    const signed = await runCli(['sign', '--key-id', 'alias/release', path('message')], { env })
    expect(signed).toMatchObject({
      status: 0,
      stderr: 'kmseal: using the mock, as KMSEAL_BACKEND says\n',
    })
  })

  it('leaves the file of an older signature alone when it fails', async () => {
    writeFileSync(path('sig'), 'older')
    const failed = await run(['sign', '--key-id', 'alias/none', path('message'), '-o', path('sig')])
    expect(failed.status).toBe(3)
    expect(readFileSync(path('sig'), 'utf8')).toBe('older')
    const same = await run(['sign', '--key-id', arn, path('message'), '-o', path('message')])
    expect(same.status).toBe(2)
    expect(readFileSync(path('message'), 'utf8')).toBe('attack at dawn')
  })

  it.each<[string, string[], number, RegExp]>([
    ['an encryption key', ['--key-id', 'alias/kmseal'], 2, /does not sign: its key usage is ENCRYPT_DECRYPT/],
    [
      'an encryption key and an algorithm',
      ['--key-id', 'alias/kmseal', '--signing-algorithm', 'ECDSA_SHA_256'],
      1,
      /key usage is ENCRYPT_DECRYPT which is not valid for Sign[\s\S]*hint: kmseal describe-key/,
    ],
    [
      'an algorithm of other keys',
      ['--key-id', 'alias/release', '--signing-algorithm', 'ECDSA_SHA_384'],
      1,
      /ECDSA_SHA_384 is incompatible with key spec ECC_NIST_P256/,
    ],
    [
      'an algorithm that kmseal does not know',
      ['--key-id', 'alias/release', '--signing-algorithm', 'SM2DSA'],
      2,
      /takes one of RSASSA_PSS_SHA_512/,
    ],
    ['an empty pipe', ['--key-id', 'alias/release'], 2, /the message is empty/],
    ['no key', [], 2, /--key-id/],
  ])('refuses %s', async (_what, words, status, message) => {
    if (words.includes('alias/kmseal')) await run(['create-key', '--alias', 'alias/kmseal'])
    const stdin = _what === 'an empty pipe' ? '' : 'hunter2'
    const refused = await run(['sign', ...words], { stdin })
    expect([refused.status, refused.stdout.length]).toEqual([status, 0])
    expect(refused.stderr).toMatch(message)
    expect(refused.stderr).not.toContain('hunter2')
  })

  it('refuses a digest of another length without a call', async () => {
    writeFileSync(path('digest'), randomBytes(32))
    const words = ['--signing-algorithm', 'RSASSA_PKCS1_V1_5_SHA_512', '--message-type', 'DIGEST']
    const refused = await run(['sign', '--key-id', 'alias/release', ...words, path('digest'), '--stats'])
    expect(refused.status).toBe(2)
    expect(refused.stderr).toMatch(/has 64 bytes, and the input has 32/)
    expect(refused.stderr).toContain('KMS calls: 0 ')
  })
})

describe('kmseal verify', () => {
  const verify = (words: readonly string[], input: CliInput = {}) =>
    run(['verify', '--key-id', 'alias/release', ...words], input)

  it('prints one line, and with --json what is valid', async () => {
    await signMessage()
    const words = ['--signature', path('sig'), path('message')]
    expect(await verify(words)).toMatchObject({ status: 0, stderr: '' })
    expect((await verify(words)).stdout.toString()).toBe(`valid ECDSA_SHA_256 signature by ${arn}\n`)
    expect(JSON.parse((await verify([...words, '--json'])).stdout.toString())).toEqual({
      SignatureValid: true,
      SigningAlgorithm: 'ECDSA_SHA_256',
      KeyId: arn,
    })
  })

  it('takes signatures raw, in base64 and in hex, from files and standard input, and messages from either', async () => {
    const signature = await signMessage()
    for (const text of [
      signature,
      signature.toString('base64'),
      `${signature.toString('base64').replace(/.{20}/g, '$&\n')}\n`,
      signature.toString('base64url'),
      `${signature.toString('hex')}\n`,
    ]) {
      writeFileSync(path('text'), text)
      expect((await verify(['--signature', path('text'), path('message')])).status).toBe(0)
      expect((await verify(['--signature', '-', path('message')], { stdin: text })).status).toBe(0)
      const piped = await verify(['--signature', path('text')], { stdin: 'attack at dawn' })
      expect(piped.status).toBe(0)
    }
  })

  it('needs no settings with a public key, and says whose the file says it is', async () => {
    await signMessage()
    const written = await run(['public-key', '--key-id', arn, '-o', path('key.pem'), '--json'])
    const { Fingerprint } = JSON.parse(written.stdout.toString())
    const words = ['verify', '--public-key', path('key.pem'), '--signature', path('sig'), path('message')]
    const verified = await runCli(words)
    expect(verified).toMatchObject({ status: 0, stderr: '' })
    expect(verified.stdout.toString()).toBe(
      `valid ECDSA_SHA_256 signature by public key ${Fingerprint}, said to be of ${arn}\n`,
    )
    const record = JSON.parse((await runCli([...words, '--json'])).stdout.toString())
    expect(record).toEqual({
      SignatureValid: true,
      SigningAlgorithm: 'ECDSA_SHA_256',
      KeyId: arn,
      Fingerprint,
    })
    writeFileSync(
      path('key.pem'),
      readFileSync(path('key.pem'), 'utf8').replace(/^[\s\S]*?(?=-----BEGIN)/, ''),
    )
    expect((await runCli(words)).stdout.toString()).toBe(
      `valid ECDSA_SHA_256 signature by public key ${Fingerprint}\n`,
    )
  })

  it.each<[string, (good: Buffer) => Uint8Array | string]>([
    ['nothing', () => ''],
    ['a cut signature', good => good.subarray(0, 40)],
    ['cut base64', good => good.toString('base64').slice(0, -5)],
    ['cut hex', good => good.toString('hex').slice(0, -2)],
    ['text', () => 'no signature, but words!'],
    ['random bytes', () => randomBytes(71)],
    ['an RSA signature', () => randomBytes(256)],
    ['r and s alone', () => randomBytes(64)],
    ['something long', () => randomBytes(20_000)],
    ['a valid signature of something else', good => flipped(good)],
  ])('takes %s for no signature: exit status 5', async (_what, make) => {
    writeFileSync(path('bad'), make(await signMessage()))
    writeFileSync(path('key.pem'), (await run(['public-key', '--key-id', arn])).stdout)
    for (const key of [
      ['--key-id', arn],
      ['--public-key', path('key.pem')],
    ]) {
      const refused = await run(['verify', ...key, '--signature', path('bad'), path('message'), '--json'])
      expect([refused.status, refused.stdout.length]).toEqual([5, 0])
      expect(JSON.parse(refused.stderr).error.code).toBe('integrity')
    }
  })

  it('keeps the name that KMS has for a signature that is not valid', async () => {
    await signMessage()
    const refused = await verify(['--signature', path('sig'), '--json'], { stdin: 'attack at noon' })
    expect(refused.status).toBe(5)
    expect(JSON.parse(refused.stderr).error).toMatchObject({
      code: 'integrity',
      name: 'KMSInvalidSignatureException',
      message: expect.stringContaining('not of this message, key and algorithm'),
    })
  })

  it('suggests another algorithm for an RSA key', async () => {
    await createMockKey(env, { KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY', alias: 'alias/rsa' })
    const how = ['--key-id', 'alias/rsa', '--signing-algorithm', 'RSASSA_PKCS1_V1_5_SHA_256']
    await run(['sign', ...how, path('message'), '-o', path('sig')])
    await run(['public-key', '--key-id', 'alias/rsa', '-o', path('rsa.pem')])
    for (const key of [
      ['--key-id', 'alias/rsa'],
      ['--public-key', path('rsa.pem')],
    ]) {
      const refused = await run(['verify', ...key, '--signature', path('sig'), path('message')])
      expect(refused.status).toBe(5)
      expect(refused.stderr).toMatch(/hint: it was verified as RSASSA_PSS_SHA_512; name another/)
    }
  })

  it('tells a service that cannot be reached from a bad signature', async () => {
    await signMessage()
    const away = [
      'verify',
      '--backend',
      'aws',
      '--endpoint-url',
      'http://127.0.0.1:1',
      '--region',
      'eu-west-1',
    ]
    const words = ['--key-id', arn.replace('us-east-1', 'eu-west-1'), '--signature', path('sig')]
    const algorithm = ['--signing-algorithm', 'ECDSA_SHA_256']
    const failed = await runCli([...away, ...words, ...algorithm, path('message')])
    expect([failed.status, failed.stdout.length]).toEqual([6, 0])
  })

  it.each<[string, string[], number, RegExp]>([
    ['no key', ['--signature', 'SIG', 'MESSAGE'], 2, /name it with --key-id or --public-key/],
    [
      'two keys',
      ['--key-id', 'alias/a', '--public-key', 'KEY', '--signature', 'SIG'],
      2,
      /cannot be used with/,
    ],
    ['no signature', ['--key-id', 'alias/release', 'MESSAGE'], 2, /--signature/],
    ['two inputs from one', ['--key-id', 'alias/release', '--signature', '-'], 2, /from standard input/],
    [
      'a signature file that is not there',
      ['--key-id', arn, '--signature', 'GONE', 'MESSAGE'],
      3,
      /does not exist/,
    ],
    [
      'a digest with a public key',
      ['--public-key', 'KEY', '--message-type', 'DIGEST', '--signature', 'SIG', 'MESSAGE'],
      2,
      /cannot be used with/,
    ],
    [
      'a key file that is none',
      ['--public-key', 'MESSAGE', '--signature', 'SIG', 'MESSAGE'],
      2,
      /no public key/,
    ],
    [
      'an algorithm that the key has not',
      ['--public-key', 'KEY', '--signing-algorithm', 'ECDSA_SHA_384', '--signature', 'SIG', 'MESSAGE'],
      2,
      /is ECC_NIST_P256, which does not sign with ECDSA_SHA_384/,
    ],
  ])('refuses %s', async (_what, words, status, message) => {
    await signMessage()
    writeFileSync(path('key.pem'), (await run(['public-key', '--key-id', arn])).stdout)
    const files: Readonly<Record<string, string>> = {
      SIG: path('sig'),
      MESSAGE: path('message'),
      KEY: path('key.pem'),
      GONE: path('gone'),
    }
    const given = words.map(word => files[word] ?? (word === '' ? arn : word))
    const refused = await run(['verify', ...given])
    expect([refused.status, refused.stdout.length]).toEqual([status, 0])
    expect(refused.stderr).toMatch(message)
  })

  it.each<[string, () => string | Buffer, RegExp]>([
    ['X25519', () => spki('x25519'), /of a kind that no KMS key is/],
    ['a short RSA key', () => spki('rsa', { modulusLength: 1024 }), /of a kind that no KMS key is/],
    ['another curve', () => spki('ec', { namedCurve: 'brainpoolP256r1' }), /of a kind that no KMS key is/],
    ['DER that is cut', () => Buffer.from('308201', 'hex'), /is malformed/],
    ['PEM of nothing', () => '-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n', /is malformed/],
    [
      'a certificate',
      () => '-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n',
      /no public key in PEM/,
    ],
  ])('refuses a public key file with %s', async (_what, make, message) => {
    await signMessage()
    writeFileSync(path('key'), make())
    const refused = await runCli([
      'verify',
      '--public-key',
      path('key'),
      '--signature',
      path('sig'),
      path('message'),
    ])
    expect([refused.status, refused.stdout.length]).toEqual([2, 0])
    expect(refused.stderr).toMatch(message)
  })

  it('refuses Ed25519ph with a public key alone, and longer Ed25519 messages with KMS only', async () => {
    const pair = generateKeyPairSync('ed25519')
    writeFileSync(path('ed.pem'), pair.publicKey.export({ type: 'spki', format: 'pem' }))
    const long = randomBytes(3_000_000)
    writeFileSync(path('long'), long)
    writeFileSync(path('sig'), nodeSign(null, long, pair.privateKey))
    const words = ['verify', '--public-key', path('ed.pem'), '--signature', path('sig'), path('long')]
    expect((await runCli(words)).status).toBe(0)
    const prehashed = await runCli([...words, '--signing-algorithm', 'ED25519_PH_SHA_512'])
    expect(prehashed).toMatchObject({ status: 2, stderr: expect.stringContaining('--key-id') })
    await createMockKey(env, { KeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'SIGN_VERIFY', alias: 'alias/ed' })
    const asked = await run(['verify', '--key-id', 'alias/ed', '--signature', path('sig'), path('long')])
    expect(asked).toMatchObject({ status: 2, stderr: expect.stringContaining('at most 4096 bytes') })
  })
})

describe('kmseal public-key', () => {
  it.each<KeySpec>(['RSA_2048', 'ECC_NIST_P521', 'ECC_SECG_P256K1', 'ECC_NIST_EDWARDS25519'])(
    'writes %s as DER and as PEM, which are one key',
    async KeySpec => {
      const key = await createMockKey(env, { KeySpec, KeyUsage: 'SIGN_VERIFY' })
      const der = await run(['public-key', '--key-id', key, '--format', 'der'])
      const pem = await run(['public-key', '--key-id', key, '--format', 'pem'])
      expect([der.stderr, pem.stderr]).toEqual(['', ''])
      const body = /-----BEGIN PUBLIC KEY-----([^-]+)-----END/.exec(pem.stdout.toString())?.[1] ?? ''
      expect(Buffer.from(body, 'base64').equals(der.stdout)).toBe(true)
      expect(pem.stdout.toString()).toMatch(new RegExp(`^KeyId: ${key}\n`))
      await run(['public-key', '--key-id', key, '--format', 'der', '-o', path('der')])
      expect(readFileSync(path('der')).equals(der.stdout)).toBe(true)
      const record = JSON.parse((await run(['public-key', '--key-id', key, '--json'])).stdout.toString())
      expect(record.PublicKey).toBe(der.stdout.toString('base64'))
      expect(record.SigningAlgorithms.length).toBeGreaterThan(0)
      const digest = createHash('sha256').update(der.stdout).digest('base64').replace(/=+$/, '')
      expect(record.Fingerprint).toBe(`SHA256:${digest}`)
    },
  )

  it('refuses a format of JSON', async () => {
    const refused = await run(['public-key', '--key-id', arn, '--format', 'der', '--json'])
    expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining('DER in base64') })
  })
})

function flipped(good: Buffer): Buffer {
  const bytes = Buffer.from(good)
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
  return bytes
}

function spki(type: 'x25519' | 'rsa' | 'ec', options: object = {}): string {
  const generate = generateKeyPairSync as (
    type: string,
    options: object,
  ) => ReturnType<typeof generateKeyPairSync>
  const { publicKey } = generate(type, options) as unknown as {
    publicKey: { export(options: object): string }
  }
  return publicKey.export({ type: 'spki', format: 'pem' })
}
