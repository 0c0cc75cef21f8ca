/** Encrypting for a KMS key without KMS: a public key file, and nothing else. */

import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { binary, runProcess, Workplace } from '../helpers/process.ts'
import { hasProgram } from '../helpers/programs.ts'

const place = new Workplace()
const content = randomBytes(300_000)
let arn = ''
let fingerprint = ''

beforeAll(async () => {
  writeFileSync(place.path('file'), content)
  const rsa = ['--key-spec', 'RSA_2048', '--key-usage', 'ENCRYPT_DECRYPT', '--alias', 'alias/drop']
  arn = (await place.kmseal(['create-key', ...rsa])).stdout.toString().trim()
  const written = await place.kmseal([
    'public-key',
    '--key-id',
    'alias/drop',
    '-o',
    place.path('drop.pem'),
    '--json',
  ])
  const record = JSON.parse(written.stdout.toString())
  expect(record).toEqual({
    Output: place.path('drop.pem'),
    KeyId: arn,
    KeySpec: 'RSA_2048',
    KeyUsage: 'ENCRYPT_DECRYPT',
    EncryptionAlgorithm: 'RSAES_OAEP_SHA_256',
    Fingerprint: expect.stringMatching(/^SHA256:[A-Za-z0-9+/]{43}$/),
    PublicKey: expect.any(String),
  })
  fingerprint = record.Fingerprint
})
afterAll(() => place.remove())

/** Without backend, credentials, Region or network settings. */
const alone = (args: string[], wrapper: string[] = [], stdin: Uint8Array | string = '') =>
  runProcess(
    wrapper[0] ?? process.execPath,
    [...wrapper.slice(1), ...(wrapper.length > 0 ? [process.execPath] : []), binary, ...args],
    { stdin },
  )

describe('encrypt --public-key', () => {
  it('needs no settings, says whose key it was, and the key opens it', async () => {
    const [pem, file, out] = [place.path('drop.pem'), place.path('file'), place.path('file.enc')]
    const sealed = await alone(['encrypt', '--public-key', pem, file, '-o', out])
    expect(sealed).toMatchObject({
      status: 0,
      stderr: `kmseal: encrypted under public key ${fingerprint} of ${arn}\n`,
    })
    const opened = await place.kmseal(['decrypt', out])
    expect(opened.stdout.equals(content)).toBe(true)
    const pinned = await place.kmseal(['decrypt', '--key-id', 'alias/drop', out])
    expect(pinned.stdout.equals(content)).toBe(true)
  })

  it('insists on a fingerprint, and is silent when it fits', async () => {
    const seal = (wanted: string) =>
      alone(['encrypt', '--public-key', place.path('drop.pem'), '--fingerprint', wanted, place.path('file')])
    expect(await seal(fingerprint)).toMatchObject({ status: 0, stderr: '' })
    const refused = await seal('SHA256:other')
    expect(refused.status).toBe(5)
    expect(refused.stdout.length).toBe(0)
    expect(refused.stderr).toContain(`has the fingerprint ${fingerprint}, which is not the expected one`)
    expect(await alone(['encrypt', '--fingerprint', fingerprint, place.path('file')])).toMatchObject({
      status: 2,
    })
  })

  it('goes with KMS keys', async () => {
    const options = ['--public-key', place.path('drop.pem'), '--key-id', 'alias/kmseal', '--json']
    const sealed = await place.kmseal(['encrypt', ...options], { stdin: 'secret' })
    const { KeyIds, Fingerprints, CiphertextBlob } = JSON.parse(sealed.stdout.toString())
    expect(KeyIds).toEqual([expect.stringMatching(/^arn:/), arn])
    expect(Fingerprints).toEqual([fingerprint])
    for (const key of KeyIds) {
      const opened = await place.kmseal(['decrypt', '--key-id', key], { stdin: CiphertextBlob })
      expect(opened.stdout.toString()).toBe('secret')
    }
  })

  it.runIf(hasProgram('strace'))('opens no network connection', async () => {
    const trace = place.path('trace')
    const words = [
      'encrypt',
      '--public-key',
      place.path('drop.pem'),
      place.path('file'),
      '-o',
      place.path('traced'),
    ]
    const sealed = await alone(words, ['strace', '-f', '-e', 'trace=socket,connect', '-o', trace])
    expect(sealed.status).toBe(0)
    expect(readFileSync(trace, 'utf8')).not.toMatch(/AF_INET/)
  })
})

describe.runIf(hasProgram('openssl'))('encrypt --mode direct --public-key', () => {
  const direct = (input: Uint8Array | string, ...more: string[]) =>
    alone(['encrypt', '--mode', 'direct', '--public-key', place.path('own.pem'), ...more], [], input)
  const opensslOpens = (ciphertext: Uint8Array, hash: string) => {
    const options = ['rsa_padding_mode:oaep', `rsa_oaep_md:${hash}`, `rsa_mgf1_md:${hash}`]
    const words = options.flatMap(option => ['-pkeyopt', option])
    return runProcess('openssl', ['pkeyutl', '-decrypt', '-inkey', place.path('own.key'), ...words], {
      stdin: ciphertext,
    })
  }

  beforeAll(async () => {
    const { privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    })
    writeFileSync(place.path('own.key'), privateKey)
    const key = { id: '00000000-0000-4000-8000-000000000043', alias: 'alias/own', material: privateKey }
    writeFileSync(place.path('seed.json'), JSON.stringify({ keys: [key] }))
    expect((await place.kmseal(['mock', 'seed', place.path('seed.json')])).status).toBe(0)
    await place.kmseal(['public-key', '--key-id', 'alias/own', '-o', place.path('own.pem')])
  })

  it.each([
    ['RSAES_OAEP_SHA_256', 'sha256', 'sha1', 190],
    ['RSAES_OAEP_SHA_1', 'sha1', 'sha256', 214],
  ])(
    '%s: one block that openssl and KMS open, digest and mask of the same hash',
    async (name, hash, other, most) => {
      const chosen = ['--encryption-algorithm', name]
      const full = randomBytes(most)
      for (const plaintext of [Buffer.from('hi'), full]) {
        const sealed = await direct(plaintext, ...chosen, '-q')
        expect(sealed).toMatchObject({ status: 0, stderr: '' })
        const ciphertext = Buffer.from(sealed.stdout.toString(), 'base64')
        expect(ciphertext.length).toBe(256)
        expect((await opensslOpens(ciphertext, hash)).stdout.equals(plaintext)).toBe(true)
        expect((await opensslOpens(ciphertext, other)).status).not.toBe(0)
        const opened = await place.kmseal(['decrypt', '--key-id', 'alias/own', ...chosen], {
          stdin: sealed.stdout,
        })
        expect(opened.stdout.equals(plaintext)).toBe(true)
      }
      const refused = await direct(Buffer.concat([full, Buffer.of(0)]), ...chosen)
      expect([refused.status, refused.stdout.length]).toEqual([2, 0])
      expect(refused.stderr).toContain(`larger than the ${most} bytes`)
    },
  )

  it('takes the algorithm from the file when none is named, and says under which key', async () => {
    const sealed = await direct('hi')
    expect(sealed.stderr).toMatch(/^kmseal: encrypted under public key SHA256:\S+ of arn:\S+00000043\n$/)
    const ciphertext = Buffer.from(sealed.stdout.toString(), 'base64')
    expect((await opensslOpens(ciphertext, 'sha256')).stdout.toString()).toBe('hi')
  })
})

describe.runIf(hasProgram('strace'))('verify --public-key', () => {
  it('opens no network connection', async () => {
    const key = ['--key-spec', 'RSA_2048', '--key-usage', 'SIGN_VERIFY', '--alias', 'alias/signs']
    await place.kmseal(['create-key', ...key])
    await place.kmseal(['public-key', '--key-id', 'alias/signs', '-o', place.path('signs.pem')])
    await place.kmseal(['sign', '--key-id', 'alias/signs', place.path('file'), '-o', place.path('file.sig')])
    const trace = place.path('trace-verify')
    const words = ['--public-key', place.path('signs.pem'), '--signature', place.path('file.sig')]
    const verified = await alone(
      ['verify', ...words, place.path('file')],
      ['strace', '-f', '-e', 'trace=socket,connect', '-o', trace],
    )
    expect(verified.status).toBe(0)
    expect(readFileSync(trace, 'utf8')).not.toMatch(/AF_INET/)
  })
})

it('public-key prints PEM that openssl reads, and refuses a symmetric key', async () => {
  const printed = await place.kmseal(['public-key', '--key-id', arn])
  expect(printed.stdout.toString()).toMatch(
    new RegExp(`^KeyId: ${arn}\nEncryptionAlgorithm: RSAES_OAEP_SHA_256\n`),
  )
  if (hasProgram('openssl')) {
    const read = await runProcess('openssl', ['pkey', '-pubin', '-noout', '-text'], { stdin: printed.stdout })
    expect(read.stdout.toString()).toContain('Public-Key: (2048 bit)')
  }
  const refused = await place.kmseal(['public-key', '--key-id', 'alias/kmseal'])
  expect(refused.status).toBe(1)
  expect(refused.stderr).toContain('only asymmetric keys have a public key')
})
