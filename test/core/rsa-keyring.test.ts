import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { CreateKeyCommand, DisableKeyCommand } from '@aws-sdk/client-kms'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bytesSource, MemorySink } from '../../src/byte-stream.ts'
import { inspect } from '../../src/core/inspect.ts'
import type { KmsAccess } from '../../src/core/kms-access.ts'
import { open } from '../../src/core/open.ts'
import { getPublicKeyRecipient } from '../../src/core/public-key.ts'
import { fingerprintOf, parsePublicKey, publicKeyText } from '../../src/core/public-key-file.ts'
import { type SealRequest, seal } from '../../src/core/seal.ts'
import { testBytes } from '../helpers/byte-streams.ts'
import { type MockKms, openMockKms } from '../helpers/mock-kms.ts'

let kms: MockKms
let rsa: string
beforeAll(async () => {
  kms = await openMockKms()
  rsa = await rsaKey('RSA_2048')
})
afterAll(() => kms.close())

async function rsaKey(KeySpec: 'RSA_2048' | 'RSA_4096'): Promise<string> {
  const client = await kms.access().client()
  const made = await client.send(new CreateKeyCommand({ KeySpec, KeyUsage: 'ENCRYPT_DECRYPT' }))
  return made.KeyMetadata?.Arn ?? ''
}

/** No client at all: whoever asks for one fails. */
const nowhere: KmsAccess = {
  choice: { region: undefined, regionTyped: false },
  client: () => Promise.reject(new Error('a request was about to be made')),
}

async function sealed(request: Partial<SealRequest>, plaintext = testBytes(5000)) {
  const sink = new MemorySink(1_000_000)
  const result = await seal(bytesSource(plaintext), sink, {
    kms: kms.access(),
    keyIds: [],
    context: { app: 'web' },
    mode: 'auto',
    sign: false,
    emptyAllowed: true,
    ...request,
  })
  return { result, bytes: sink.bytes() }
}

async function opened(bytes: Uint8Array, pins: string[] = [], more: object = {}) {
  const sink = new MemorySink(1_000_000)
  const result = await open(bytesSource(bytes), sink, { kms: kms.access(), pins, context: {}, ...more })
  return { result, plaintext: sink.bytes() }
}

describe('a message to a public key', () => {
  it.each(['RSAES_OAEP_SHA_256', 'RSAES_OAEP_SHA_1'] as const)(
    'is sealed without any request, and KMS opens it: %s',
    async algorithm => {
      const recipient = await getPublicKeyRecipient(kms.access(), rsa, algorithm)
      const { result, bytes } = await sealed({ kms: nowhere, publicKeys: [recipient] })
      expect(result).toMatchObject({ mode: 'envelope', keyArns: [rsa] })
      for (const pins of [[], [rsa]]) {
        const { result: found, plaintext } = await opened(bytes, pins)
        expect(plaintext).toEqual(testBytes(5000))
        expect(found.keyArn).toBe(rsa)
      }
      expect(await inspect(bytesSource(bytes))).toMatchObject({
        EncryptedDataKeys: [{ ProviderId: 'aws-kms-rsa', KeyInfo: rsa, Length: 256 }],
      })
    },
  )

  it('is bound to its context, though KMS does not see it', async () => {
    const recipient = await getPublicKeyRecipient(kms.access(), rsa)
    const { bytes } = await sealed({ publicKeys: [recipient], context: { app: 'web' } })
    const altered = Buffer.from(bytes)
    altered.write('wob', altered.indexOf('web'))
    await expect(opened(altered)).rejects.toMatchObject({
      code: 'integrity',
      details: [`${rsa}: the data key was wrapped with another encryption context`],
    })
  })

  it('may have KMS keys as recipients too, in any order', async () => {
    const symmetric = await kms.createKey()
    const other = await rsaKey('RSA_2048')
    const publicKeys = [await getPublicKeyRecipient(kms.access(), rsa)]
    const { result, bytes } = await sealed({ keyIds: [symmetric, other], publicKeys })
    expect(result.keyArns).toEqual([symmetric, other, rsa])
    for (const pin of [symmetric, other, rsa]) {
      const { result: found, plaintext } = await opened(bytes, [pin])
      expect([found.keyArn, plaintext]).toEqual([pin, testBytes(5000)])
    }
  })

  it('cannot be signed', async () => {
    const publicKeys = [await getPublicKeyRecipient(kms.access(), rsa)]
    await expect(sealed({ publicKeys, sign: true })).rejects.toMatchObject({ code: 'usage' })
    await expect(sealed({ keyIds: [rsa], sign: true })).rejects.toMatchObject({
      code: 'usage',
      message: expect.stringContaining('a signed message cannot have an RSA key as recipient'),
    })
    await expect(sealed({ publicKeys, mode: 'direct' }, testBytes(10))).rejects.toMatchObject({
      code: 'usage',
    })
  })

  it('of a disabled key, or pinned to another one, says so', async () => {
    const key = await rsaKey('RSA_2048')
    const { bytes } = await sealed({ publicKeys: [await getPublicKeyRecipient(kms.access(), key)] })
    await expect(opened(bytes, [rsa])).rejects.toMatchObject({ code: 'integrity' })
    await (await kms.access().client()).send(new DisableKeyCommand({ KeyId: key }))
    await expect(opened(bytes)).rejects.toMatchObject({
      awsName: 'DisabledException',
      details: [expect.stringContaining('is disabled')],
    })
  })
})

describe('an RSA key named like any other', () => {
  it.each([0, 1, 190, 4096, 5000])('seals %i bytes as an envelope in mode auto', async size => {
    const { result, bytes } = await sealed({ keyIds: [rsa] }, testBytes(size))
    expect(result).toMatchObject({ mode: 'envelope', keyArns: [rsa] })
    expect((await opened(bytes)).plaintext).toEqual(testBytes(size))
  })

  it('in direct mode needs its algorithm, as KMS says', async () => {
    await expect(sealed({ keyIds: [rsa], mode: 'direct' }, testBytes(10))).rejects.toMatchObject({
      awsName: 'InvalidKeyUsageException',
    })
  })

  it('that signs is refused with what KMS says', async () => {
    const client = await kms.access().client()
    const made = await client.send(new CreateKeyCommand({ KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' }))
    await expect(sealed({ keyIds: [made.KeyMetadata?.Arn ?? ''] })).rejects.toMatchObject({
      awsName: 'InvalidKeyUsageException',
    })
  })
})

describe('a public key file', () => {
  const arn = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab'
  const der = (key: KeyObject) => key.export({ type: 'spki', format: 'der' })
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })

  it('is read back, and is PEM for everyone else', () => {
    const text = publicKeyText({ keyArn: arn, publicKey: der(publicKey), algorithm: 'RSAES_OAEP_SHA_1' })
    const read = parsePublicKey(text, 'k.pem')
    expect(read).toMatchObject({ keyArn: arn, algorithm: 'RSAES_OAEP_SHA_1' })
    expect(read.publicKey.equals(publicKey)).toBe(true)
    expect(createPublicKey(text).equals(publicKey)).toBe(true)
    expect(text).toContain(`Fingerprint: ${fingerprintOf(publicKey)}`)
    expect(parsePublicKey(text.replaceAll('\n', '\r\n'), 'k.pem').keyArn).toBe(arn)
  })

  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey
  const pemOf = (key: KeyObject) => key.export({ type: 'spki', format: 'pem' }).toString()
  it.each([
    ['', 'k.pem holds no public key in PEM'],
    [pem, 'k.pem does not say which KMS key opens what it encrypts'],
    [`KeyId: alias/a\n${pem}`, 'k.pem does not say which KMS key'],
    [
      `KeyId: ${arn}\nEncryptionAlgorithm: SYMMETRIC_DEFAULT\n${pem}`,
      'names an EncryptionAlgorithm that is none of',
    ],
    [`KeyId: ${arn}\n${pemOf(small)}`, 'k.pem holds no RSA key of 2048 bits or more'],
    [`KeyId: ${arn}\n${pemOf(ec)}`, 'k.pem holds no RSA key of 2048 bits or more'],
    [`KeyId: ${arn}\n${pem.replace('MIIB', 'AAAA')}`, 'the public key in k.pem is malformed'],
  ])('%j is refused', (text, message) => {
    expect(() => parsePublicKey(text, 'k.pem')).toThrow(message)
  })
})
