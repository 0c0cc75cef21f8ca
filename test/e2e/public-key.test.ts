/** Encrypting for a KMS key without KMS: a public key file, and nothing else. */

import { randomBytes } from 'node:crypto'
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
const alone = (args: string[], wrapper: string[] = []) =>
  runProcess(wrapper[0] ?? process.execPath, [
    ...wrapper.slice(1),
    ...(wrapper.length > 0 ? [process.execPath] : []),
    binary,
    ...args,
  ])

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
