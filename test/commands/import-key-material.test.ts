/** `kmseal import-key-material` on the mock. */

import { createHmac, generateKeyPairSync, randomBytes } from 'node:crypto'
import { chmodSync, copyFileSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { KeySpec, KeyUsageType } from '@aws-sdk/client-kms'
import { beforeEach, describe, expect, it } from 'vitest'
import { type CliInput, type CliResult, runCli } from '../helpers/cli.ts'
import { testFolder } from '../helpers/folder.ts'
import { mockEnv, runOnMock } from '../helpers/mock-env.ts'
import { createMockKey } from '../helpers/mock-keys.ts'

let env: Record<string, string> = {}
let folder = ''
let arn = ''
const path = (...names: string[]): string => join(folder, ...names)
const run = (words: readonly string[], input: CliInput = {}): Promise<CliResult> =>
  runOnMock(words, { env, ...input })
// The mock takes seconds to make an RSA key of the usual 4096 bits.
const importing = (words: readonly string[], input: CliInput = {}) => {
  const wraps = words.some(word => ['--key-material', '--generate', '--parameters-out'].includes(word))
  const others = words.some(word => ['--wrapping-key-spec', '--delete', '--wrap', '--import'].includes(word))
  const quick = wraps && words.includes('--key-id') && !others
  return run(['import-key-material', ...words, ...(quick ? ['--wrapping-key-spec', 'RSA_2048'] : [])], input)
}

const externalKey = (alias: string, KeySpec: KeySpec, KeyUsage: KeyUsageType) =>
  createMockKey(env, { KeySpec, KeyUsage, Origin: 'EXTERNAL', alias })
const describeKey = async (key: string) =>
  JSON.parse((await run(['describe-key', key, '--json'])).stdout.toString())
const sealed = async (): Promise<Buffer> =>
  (await run(['encrypt', '--key-id', 'alias/own'], { stdin: 'secret' })).stdout
const opened = async (stdin: Buffer) => (await run(['decrypt'], { stdin })).stdout.toString()

beforeEach(async () => {
  env = mockEnv()
  folder = testFolder()
  arn = await externalKey('alias/own', 'SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT')
})

const silent = { status: 0, stderr: '' }

describe('material from a file', () => {
  it.each([
    ['raw', (bytes: Buffer) => bytes],
    ['base64', (bytes: Buffer) => `${bytes.toString('base64')}\n`],
    ['base64url without padding', (bytes: Buffer) => bytes.toString('base64url')],
    ['hex', (bytes: Buffer) => `${bytes.toString('hex')}\n`],
  ])('is taken as %s, all being one material', async (_form, write) => {
    const material = randomBytes(32)
    writeFileSync(path('raw'), material)
    writeFileSync(path('written'), write(material))
    const first = await importing(['--key-id', 'alias/own', '--key-material', path('written'), '--json'])
    expect(first).toMatchObject(silent)
    const record = JSON.parse(first.stdout.toString())
    expect(record).toEqual({ KeyId: arn, KeyMaterialId: expect.stringMatching(/^[0-9a-f]{64}$/) })
    expect(await describeKey(arn)).toMatchObject({ KeyState: 'Enabled' })
    const ciphertext = await sealed()
    expect(await importing(['--key-id', arn, '--delete', '--yes'])).toMatchObject(silent)
    expect((await run(['decrypt'], { stdin: ciphertext })).stderr).toContain('is pending import')
    const again = await importing(['--key-id', arn, '--key-material', '-', '--json'], { stdin: material })
    expect(JSON.parse(again.stdout.toString())).toEqual(record)
    expect(await opened(ciphertext)).toBe('secret')
  })

  it('that looks like text is raw when it has the right length', async () => {
    const words = ['--key-id', arn, '--key-material', '-']
    expect(await importing(words, { stdin: '0123456789abcdef0123456789ABCDEF' })).toMatchObject(silent)
  })

  it.each<[string, Buffer, RegExp]>([
    ['nothing', Buffer.alloc(0), /has 0 bytes/],
    ['31 bytes', Buffer.alloc(31, 0xee), /has 31 bytes/],
    ['33 bytes', Buffer.alloc(33, 0xee), /has 33 bytes/],
    ['a line of 32 characters', Buffer.from(`${'hunter2!'.repeat(4)}\n`), /has 33 bytes/],
    ['base64 of 24 bytes', Buffer.from(`${Buffer.alloc(24, 1).toString('base64')}\n`), /has 33 bytes/],
    ['hex of 33 bytes', Buffer.from('ab'.repeat(33)), /has 66 bytes/],
    ['far too much', Buffer.alloc(100_000, 0xee), /has more than 16384 bytes/],
  ])(
    'is refused when it is %s, with its length only, and nothing is fetched',
    async (_what, stdin, message) => {
      const refused = await importing(['--key-id', arn, '--key-material', '-', '--stats'], { stdin })
      expect([refused.status, refused.stdout.length]).toEqual([2, 0])
      expect(refused.stderr).toMatch(message)
      expect(refused.stderr).toContain('takes exactly 32')
      expect(refused.stderr).not.toContain('hunter2')
      // DescribeKey, which says what the key takes.
      expect(refused.stderr).toContain('KMS calls: 1 ')
      expect(await describeKey(arn)).toMatchObject({ KeyState: 'PendingImport' })
    },
  )

  it.each(['RSAES_OAEP_SHA_1', 'RSA_AES_KEY_WRAP_SHA_256', 'RSA_AES_KEY_WRAP_SHA_1'])(
    'is wrapped with %s when that is wanted',
    async algorithm => {
      writeFileSync(path('own'), randomBytes(32))
      const how = ['--wrapping-algorithm', algorithm, '--wrapping-key-spec', 'RSA_2048']
      expect(await importing(['--key-id', arn, '--key-material', path('own'), ...how])).toMatchObject(silent)
    },
  )

  it('expires when it shall', async () => {
    const soon = new Date(Date.now() + 3_600_000).toISOString()
    const words = ['--key-id', arn, '--key-material', '-', '--expires-at', soon, '--json']
    const imported = await importing(words, { stdin: randomBytes(32) })
    expect(JSON.parse(imported.stdout.toString()).ValidTo).toBe(soon)
    expect(await describeKey(arn)).toMatchObject({ ExpirationModel: 'KEY_MATERIAL_EXPIRES', ValidTo: soon })
  })
})

describe('fresh material', () => {
  it('is written nowhere unless a file is named for it', async () => {
    expect(await importing(['--key-id', arn, '--generate'])).toMatchObject(silent)
    expect(readdirSync(folder)).toEqual([])
    expect(await opened(await sealed())).toBe('secret')
  })

  it('is kept in a new file of mode 0600, from which it can be imported again', async () => {
    expect(await importing(['--key-id', arn, '--generate', '--key-material-out', path('own')])).toMatchObject(
      silent,
    )
    const { size, mode } = statSync(path('own'))
    expect([size, mode & 0o777]).toEqual([32, 0o600])
    const ciphertext = await sealed()
    await importing(['--key-id', arn, '--delete', '-y'])
    expect(await importing(['--key-id', arn, '--key-material', path('own')])).toMatchObject(silent)
    expect(await opened(ciphertext)).toBe('secret')
  })

  it('never takes the place of a file', async () => {
    writeFileSync(path('own'), 'precious')
    const words = ['--key-id', arn, '--generate', '--key-material-out', path('own'), '--stats']
    const refused = await importing(words)
    expect(refused.status).toBe(8)
    expect(refused.stderr).toContain('KMS calls: 0 ')
    expect(readFileSync(path('own'), 'utf8')).toBe('precious')
  })

  it('stays in its file, and is told to be there, when the import fails', async () => {
    const failing = { env: { ...env, KMSEAL_MOCK_FAULTS: 'ImportKeyMaterial:throttle' } }
    const words = ['--key-id', arn, '--generate', '--key-material-out', path('own')]
    const failed = await importing(words, failing)
    expect(failed.status).toBe(6)
    expect(failed.stderr).toContain(`the generated material is in ${path('own')}`)
    expect(statSync(path('own')).size).toBe(32)
    expect(await importing(['--key-id', arn, '--key-material', path('own')])).toMatchObject(silent)
  })

  it('that expires and is kept nowhere is worth a note', async () => {
    const soon = new Date(Date.now() + 3_600_000).toISOString()
    const imported = await importing(['--key-id', arn, '--generate', '--expires-at', soon])
    expect(imported.status).toBe(0)
    expect(imported.stderr).toContain('kept nowhere')
  })
})

it('further material of a symmetric key is used after a rotation, and the old one still opens', async () => {
  const first = await importing(['--key-id', arn, '--generate', '--json'])
  const old = await sealed()
  const words = ['--key-id', arn, '--generate', '--import-type', 'NEW_KEY_MATERIAL', '--json']
  const second = await importing(words)
  expect(second).toMatchObject(silent)
  const [before, after] = [first, second].map(({ stdout }) => JSON.parse(stdout.toString()).KeyMaterialId)
  expect(after).not.toBe(before)
  expect((await describeKey(arn)).CurrentKeyMaterialId).toBe(before)
  expect((await run(['rotate-key', '--key-id', arn, '--now'])).status).toBe(0)
  expect((await describeKey(arn)).CurrentKeyMaterialId).toBe(after)
  expect(await opened(old)).toBe('secret')
  expect(await opened(await sealed())).toBe('secret')
})

describe('three steps', () => {
  const steps = async (material: Buffer): Promise<void> => {
    writeFileSync(path('own'), material)
    const first = await importing(['--key-id', 'alias/own', '--parameters-out', path('usb'), '-q'])
    expect(first).toMatchObject(silent)
    // The other machine: no settings, no network.
    const words = ['import-key-material', '--wrap', path('usb'), '--key-material', path('own'), '-q']
    expect(await runCli(words)).toMatchObject(silent)
  }

  it('wrap under the key of the fingerprint that the first one told, and no other', async () => {
    const first = await importing(['--key-id', 'alias/own', '--parameters-out', path('usb'), '--json'])
    const { Fingerprint } = JSON.parse(first.stdout.toString())
    const wrap = ['--wrap', path('usb'), '--generate', '--fingerprint']
    const other = await importing([...wrap, Fingerprint.replace(/.$/, '_')])
    expect([other.status, readdirSync(path('usb')).includes('EncryptedKeyMaterial.bin')]).toEqual([5, false])
    expect(other.stderr).toMatch(/which is not the expected one/)
    expect((await importing([...wrap, Fingerprint])).status).toBe(0)
  })

  it('import the same material as one', async () => {
    const material = randomBytes(32)
    await steps(material)
    expect(statSync(path('usb')).mode & 0o777).toBe(0o700)
    expect(readdirSync(path('usb')).sort()).toEqual([
      'EncryptedKeyMaterial.bin',
      'ImportToken.bin',
      'WrappingPublicKey.bin',
      'parameters.json',
    ])
    for (const name of readdirSync(path('usb'))) {
      expect(statSync(path('usb', name)).mode & 0o777).toBe(0o600)
      expect(readFileSync(path('usb', name)).includes(material)).toBe(false)
    }
    expect(JSON.parse(readFileSync(path('usb', 'parameters.json'), 'utf8'))).toEqual({
      KeyId: arn,
      KeySpec: 'SYMMETRIC_DEFAULT',
      WrappingAlgorithm: 'RSAES_OAEP_SHA_256',
      ParametersValidTo: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    })
    const third = await importing(['--import', path('usb'), '--json'])
    expect(third).toMatchObject(silent)
    const { KeyMaterialId } = JSON.parse(third.stdout.toString())
    const ciphertext = await sealed()
    await importing(['--key-id', arn, '--delete', '-y'])
    const again = await importing(['--key-id', arn, '--key-material', path('own'), '--json'])
    expect(JSON.parse(again.stdout.toString()).KeyMaterialId).toBe(KeyMaterialId)
    expect(await opened(ciphertext)).toBe('secret')
  })

  it('tell the same fingerprint twice, and what they did with --json', async () => {
    const first = await importing(['--key-id', arn, '--parameters-out', path('usb')])
    const told = /the wrapping key is (SHA256:\S+);/.exec(first.stderr)?.[1]
    const words = ['--wrap', path('usb'), '--generate', '--key-material-out', path('own')]
    const second = await importing([...words, '--json'])
    expect(JSON.parse(second.stdout.toString())).toEqual({
      KeyId: arn,
      KeySpec: 'SYMMETRIC_DEFAULT',
      WrappingAlgorithm: 'RSAES_OAEP_SHA_256',
      ParametersValidTo: expect.any(String),
      Fingerprint: told,
      Folder: path('usb'),
    })
    expect(statSync(path('own')).size).toBe(32)
    expect(await importing(['--import', path('usb')])).toMatchObject(silent)
  })

  it('never mix the files of two imports', async () => {
    await steps(randomBytes(32))
    const parameters = await importing(['--key-id', arn, '--parameters-out', path('usb'), '--stats'])
    expect(parameters.status).toBe(8)
    expect(parameters.stderr).toContain('KMS calls: 0 ')
    const wrapped = await importing(['--wrap', path('usb'), '--generate'])
    expect(wrapped.status).toBe(8)
  })

  it('say which one was forgotten', async () => {
    const missing = await importing(['--import', path('usb')])
    expect(missing.status).toBe(3)
    expect(missing.stderr).toContain('--parameters-out')
    await importing(['--key-id', arn, '--parameters-out', path('usb')])
    const unwrapped = await importing(['--import', path('usb')])
    expect(unwrapped.status).toBe(3)
    expect(unwrapped.stderr).toMatch(/EncryptedKeyMaterial\.bin does not exist[\s\S]*--wrap/)
  })

  it('note that the parameters are too old by the clock, and wrap nevertheless', async () => {
    await importing(['--key-id', arn, '--parameters-out', path('usb')])
    const file = path('usb', 'parameters.json')
    const record = JSON.parse(readFileSync(file, 'utf8'))
    writeFileSync(file, JSON.stringify({ ...record, ParametersValidTo: '2020-01-01T00:00:00.000Z' }))
    const wrapped = await importing(['--wrap', path('usb'), '--generate'])
    expect(wrapped.status).toBe(0)
    expect(wrapped.stderr).toContain('served until 2020-01-01T00:00:00.000Z only')
  })

  it.each<[string, string]>([
    ['no JSON', 'hunter2'],
    ['a list', '[]'],
    ['null', 'null'],
    ['no key', '{}'],
    ['an alias', '{"KeyId":"alias/hunter2"}'],
  ])('refuse a parameters.json that is %s', async (_what, text) => {
    await importing(['--key-id', arn, '--parameters-out', path('usb')])
    writeFileSync(path('usb', 'parameters.json'), text)
    for (const words of [
      ['--wrap', path('usb'), '--generate'],
      ['--import', path('usb')],
    ]) {
      const refused = await importing(words)
      expect(refused.status).toBe(2)
      expect(refused.stderr).toContain('does not hold the parameters of an import')
      expect(refused.stderr).not.toContain('hunter2')
    }
  })

  it('refuse a wrapping key that is none', async () => {
    await importing(['--key-id', arn, '--parameters-out', path('usb')])
    writeFileSync(path('usb', 'WrappingPublicKey.bin'), 'no key')
    const refused = await importing(['--wrap', path('usb'), '--generate', '--key-material-out', path('own')])
    expect(refused.status).toBe(2)
    expect(refused.stderr).toContain('get new parameters')
    expect(readdirSync(folder)).toEqual(['usb'])
  })
})

describe('KMS refuses, and the key stays as it was:', () => {
  const wrappedFor = async (name: string, key = 'alias/own') => {
    await importing(['--key-id', key, '--parameters-out', path(name)])
    await importing(['--wrap', path(name), '--generate'])
  }
  const refusedImport = async (words: readonly string[], error: object) => {
    const before = await describeKey(arn)
    const refused = await importing([...words, '--json'])
    expect(refused.stdout.length).toBe(0)
    expect(JSON.parse(refused.stderr.trim().split('\n').at(-1) ?? '').error).toMatchObject({
      ...error,
    })
    expect(await describeKey(arn)).toEqual(before)
  }

  it('other material than before', async () => {
    await importing(['--key-id', arn, '--generate'])
    await refusedImport(['--key-id', arn, '--generate'], {
      code: 'failed',
      name: 'IncorrectKeyMaterialException',
      hint: expect.stringContaining('the very same material'),
      message: expect.stringContaining('not what the key had before'),
    })
  })

  it('the token of another key', async () => {
    await externalKey('alias/other', 'SYMMETRIC_DEFAULT', 'ENCRYPT_DECRYPT')
    await wrappedFor('a')
    await wrappedFor('b', 'alias/other')
    copyFileSync(path('b', 'ImportToken.bin'), path('a', 'ImportToken.bin'))
    await refusedImport(['--import', path('a')], {
      name: 'InvalidImportTokenException',
      message: expect.stringContaining('is not of this key'),
      hint: expect.stringContaining('get new parameters'),
    })
  })

  it('material that was wrapped for another token', async () => {
    await wrappedFor('a')
    await wrappedFor('b')
    copyFileSync(path('b', 'ImportToken.bin'), path('a', 'ImportToken.bin'))
    await refusedImport(['--import', path('a')], {
      code: 'integrity',
      name: 'InvalidCiphertextException',
      message: expect.stringContaining('wrapped with the public key of other parameters'),
    })
  })

  it('material that was cut', async () => {
    await wrappedFor('a')
    const file = path('a', 'EncryptedKeyMaterial.bin')
    writeFileSync(file, readFileSync(file).subarray(1))
    await refusedImport(['--import', path('a')], { name: 'InvalidCiphertextException' })
  })

  it('an end beyond a year', async () => {
    await refusedImport(['--key-id', arn, '--generate', '--expires-at', '9000-01-01'], {
      code: 'usage',
      message: expect.stringContaining('365 days'),
    })
  })

  it('a key of KMS itself', async () => {
    await run(['create-key', '--alias', 'alias/kms'])
    for (const words of [['--generate'], ['--parameters-out', path('usb')], ['--delete', '--yes']]) {
      await refusedImport(['--key-id', 'alias/kms', ...words], {
        name: 'UnsupportedOperationException',
        message: expect.stringContaining('origin is AWS_KMS'),
        hint: expect.stringContaining('origin EXTERNAL'),
      })
    }
  })
})

describe('keys of other kinds', () => {
  it.each([224, 256, 384, 512])('an HMAC key takes %i bits', async bits => {
    await externalKey('alias/mac', `HMAC_${bits}` as KeySpec, 'GENERATE_VERIFY_MAC')
    const material = randomBytes(bits / 8)
    writeFileSync(path('own'), material.toString('base64'))
    expect(await importing(['--key-id', 'alias/mac', '--key-material', path('own')])).toMatchObject(silent)
    const made = await run(['mac', '--key-id', 'alias/mac', '--encoding', 'hex'], { stdin: 'hi' })
    expect(made.stdout.toString().trim()).toBe(createHmac(`sha${bits}`, material).update('hi').digest('hex'))
    const refused = await importing(['--key-id', 'alias/mac', '--key-material', '-'], { stdin: 'x' })
    expect(refused.stderr).toContain(`takes exactly ${bits / 8}`)
  })

  const pairs = {
    RSA_2048: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
    ECC_NIST_P521: () => generateKeyPairSync('ec', { namedCurve: 'P-521' }),
    ECC_SECG_P256K1: () => generateKeyPairSync('ec', { namedCurve: 'secp256k1' }),
    ECC_NIST_EDWARDS25519: () => generateKeyPairSync('ed25519'),
  } as const

  it.each(Object.entries(pairs))(
    'a key of %s takes a private key in PKCS#8, and signs with it',
    async (spec, make) => {
      await externalKey('alias/signs', spec as KeySpec, 'SIGN_VERIFY')
      const { privateKey, publicKey } = make()
      writeFileSync(path('public'), publicKey.export({ type: 'spki', format: 'pem' }))
      writeFileSync(path('pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }))
      writeFileSync(path('der'), privateKey.export({ type: 'pkcs8', format: 'der' }))
      for (const file of ['pem', 'der']) {
        // P-521 is too long for 2048 bits.
        const how = ['--wrapping-key-spec', spec === 'ECC_NIST_P521' ? 'RSA_3072' : 'RSA_2048']
        const words = ['--key-id', 'alias/signs', '--key-material', path(file), ...how]
        expect(await importing(words)).toMatchObject(silent)
      }
      await run(['sign', '--key-id', 'alias/signs', path('pem'), '-o', path('sig')])
      const words = ['verify', '--public-key', path('public'), '--signature', path('sig'), path('pem')]
      expect((await runCli(words)).status).toBe(0)
      const generated = await importing(['--key-id', 'alias/signs', '--generate'])
      expect(generated).toMatchObject({ status: 2, stderr: expect.stringContaining('openssl genpkey') })
    },
  )

  it('and no other', async () => {
    await externalKey('alias/signs', 'ECC_NIST_P256', 'SIGN_VERIFY')
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' })
    const refusals: readonly [string | Buffer, RegExp][] = [
      [privateKey.export({ type: 'pkcs8', format: 'pem' }), /a private key of ECC_NIST_P384/],
      [privateKey.export({ type: 'sec1', format: 'pem' }), /no private key in PKCS#8[\s\S]*openssl pkcs8/],
      [randomBytes(32), /no private key in PKCS#8/],
      ['', /no private key in PKCS#8/],
    ]
    for (const [stdin, message] of refusals) {
      const refused = await importing(['--key-id', 'alias/signs', '--key-material', '-'], { stdin })
      expect(refused.status).toBe(2)
      expect(refused.stderr).toMatch(message)
    }
  })

  it('a private key that OAEP alone cannot wrap needs another way, which is named', async () => {
    await externalKey('alias/signs', 'ECC_NIST_P521', 'SIGN_VERIFY')
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-521' })
    const words = ['--key-id', 'alias/signs', '--key-material', '-', '--wrapping-key-spec', 'RSA_2048']
    const stdin = privateKey.export({ type: 'pkcs8', format: 'der' })
    const refused = await importing(words, { stdin })
    expect(refused.status).toBe(2)
    expect(refused.stderr).toMatch(/larger than the 190 bytes[\s\S]*RSA_AES_KEY_WRAP_SHA_256/)
    const wrapped = [...words, '--wrapping-algorithm', 'RSA_AES_KEY_WRAP_SHA_256']
    expect(await importing(wrapped, { stdin })).toMatchObject(silent)
  })
})

describe('the command line', () => {
  it.each<[string[], RegExp]>([
    [[], /needs the key/],
    [['--generate'], /needs the key/],
    [['--key-id', 'alias/own'], /one of --key-material and --generate/],
    [['--key-id', 'alias/own', '--generate', '--key-material', 'x'], /one of --key-material and --generate/],
    [
      ['--key-id', 'alias/own', '--key-material', 'x', '--key-material-out', 'y'],
      /--key-material-out goes with --generate/,
    ],
    [['--import', 'usb', '--key-id', 'alias/own'], /--key-id does not go with --import/],
    [['--wrap', 'usb', '--key-id', 'alias/own', '--generate'], /--key-id does not go with --wrap/],
    [['--wrap', 'usb', '--import', 'usb'], /--import does not go with --wrap/],
    [
      ['--wrap', 'usb', '--generate', '--expires-at', new Date(Date.now() + 3_600_000).toISOString()],
      /--expires-at does not go with --wrap/,
    ],
    [['--parameters-out', 'usb'], /needs the key/],
    [['--parameters-out', 'usb', '--key-id', 'alias/own', '--generate'], /--generate does not go with/],
    [['--delete'], /needs the key/],
    [['--delete', '--key-id', 'alias/own', '--generate'], /--generate does not go with --delete/],
    [['--delete', '--key-id', 'alias/own'], /nobody can be asked/],
    [['--key-id', 'alias/own', '--generate', '--yes'], /--yes does not go with --key-id/],
    [['--key-id', 'alias/own', '--generate', '--expires-at', '2020-01-01'], /is in the past/],
    [['--key-id', 'alias/own', '--generate', '--expires-at', 'hunter2'], /takes a time in ISO 8601/],
  ])('%j is refused before anything is asked', async (words, message) => {
    const refused = await importing([...words, '--stats'])
    expect([refused.status, refused.stdout.length]).toEqual([2, 0])
    expect(refused.stderr).toMatch(message)
    expect(refused.stderr).not.toMatch(/hunter2|KMS calls: [1-9]/)
  })

  it('a folder that cannot be made is a plain failure', async () => {
    writeFileSync(path('file'), '')
    chmodSync(path('file'), 0o400)
    const refused = await importing(['--key-id', arn, '--parameters-out', path('file')])
    expect(refused.status).toBe(1)
    expect(refused.stderr).toMatch(/cannot write .*file/)
  })
})
