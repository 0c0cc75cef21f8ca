import { generateKeyPairSync, privateDecrypt, randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findImportTarget, getImportParameters, importMaterial } from '../../src/core/import-material.ts'
import { parametersText, parseParameters } from '../../src/core/import-parameters.ts'
import { readMaterial, usualWrapping, wrapMaterial, wrappingAlgorithms } from '../../src/core/key-material.ts'
import { awsError, keyA, StubKms } from '../helpers/stub-kms.ts'

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
const der = pair.publicKey.export({ type: 'spki', format: 'der' })

describe('what goes to KMS', () => {
  it('names the key by its ARN, in its own Region', async () => {
    const kms = new StubKms()
    const validTo = new Date('2030-01-01T00:00:00Z')
    kms.answer = ({ name }) => {
      if (name === 'DescribeKey') return { KeyMetadata: { Arn: keyA, KeySpec: 'SYMMETRIC_DEFAULT' } }
      if (name === 'ImportKeyMaterial') return { KeyId: keyA, KeyMaterialId: 'a' }
      return { KeyId: keyA, PublicKey: der, ImportToken: Buffer.of(1), ParametersValidTo: validTo }
    }
    const target = await findImportTarget(kms.access(), keyA)
    const parameters = await getImportParameters(target, 'RSAES_OAEP_SHA_256', 'RSA_4096')
    const request = { keyArn: keyA, importToken: parameters.importToken, wrapped: Buffer.of(2) }
    await importMaterial(kms.access(), request)
    await importMaterial(kms.access(), { ...request, validTo, importType: 'NEW_KEY_MATERIAL' })
    expect(kms.calls.map(({ name, region, input }) => ({ name, region, ...input }))).toEqual([
      { name: 'DescribeKey', region: 'eu-west-1', KeyId: keyA },
      {
        name: 'GetParametersForImport',
        region: 'eu-west-1',
        KeyId: keyA,
        WrappingAlgorithm: 'RSAES_OAEP_SHA_256',
        WrappingKeySpec: 'RSA_4096',
      },
      {
        name: 'ImportKeyMaterial',
        region: 'eu-west-1',
        KeyId: keyA,
        ImportToken: Buffer.of(1),
        EncryptedKeyMaterial: Buffer.of(2),
        ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE',
      },
      {
        name: 'ImportKeyMaterial',
        region: 'eu-west-1',
        KeyId: keyA,
        ImportToken: Buffer.of(1),
        EncryptedKeyMaterial: Buffer.of(2),
        ExpirationModel: 'KEY_MATERIAL_EXPIRES',
        ValidTo: validTo,
        ImportType: 'NEW_KEY_MATERIAL',
      },
    ])
  })

  it.each([
    ['ExpiredImportTokenException', '', 'failed', /the import token has expired/],
    ['ExpiredImportTokenException', 'Too late.', 'failed', /Too late\. \(ExpiredImportTokenException\)/],
    ['InvalidCiphertextException', '', 'integrity', /wrapped with the public key of other parameters/],
  ])('is refused by %s %j: KMS has the word when it says something', async (name, text, code, message) => {
    const kms = new StubKms()
    kms.answer = () => {
      throw awsError(name, text)
    }
    const request = { keyArn: keyA, importToken: Buffer.of(1), wrapped: Buffer.of(2) }
    await expect(importMaterial(kms.access(), request)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
      hint: expect.stringContaining('get new parameters'),
      awsName: name,
    })
  })
})

it('a key that may not be described is refused, since nobody knows what it takes', async () => {
  const kms = new StubKms()
  kms.answer = () => {
    throw awsError('AccessDeniedException', 'no')
  }
  await expect(findImportTarget(kms.access(), keyA)).rejects.toMatchObject({
    code: 'denied',
    message: expect.stringContaining('kms:DescribeKey denied'),
  })
})

describe('material', () => {
  it('of 32 bytes is read in every form, and nothing else is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 80 }), given => {
        const buffer = Buffer.from(given)
        for (const form of ['base64', 'base64url', 'hex'] as const) {
          const read = () => readMaterial(Buffer.from(`${buffer.toString(form)}\n`), 'SYMMETRIC_DEFAULT', 'x')
          if (buffer.length === 32) expect(Buffer.from(read()).equals(buffer)).toBe(true)
          else if (Buffer.from(`${buffer.toString(form)}\n`).length !== 32)
            expect(read).toThrow(/takes exactly 32/)
        }
      }),
    )
    expect(Buffer.from(readMaterial(randomBytes(32), 'SYMMETRIC_DEFAULT', 'x')).length).toBe(32)
  })

  it('wrapped with OAEP opens with the private key', () => {
    const material = randomBytes(32)
    for (const algorithm of wrappingAlgorithms.slice(0, 2)) {
      const oaepHash = algorithm.endsWith('SHA_1') ? 'sha1' : 'sha256'
      const wrapped = wrapMaterial(material, der, algorithm)
      expect(privateDecrypt({ key: pair.privateKey, oaepHash }, wrapped).equals(material)).toBe(true)
    }
  })

  it('of RSA keys is wrapped with an AES key between', () => {
    expect(['SYMMETRIC_DEFAULT', 'ECC_NIST_P521', 'RSA_2048'].map(usualWrapping)).toEqual([
      'RSAES_OAEP_SHA_256',
      'RSAES_OAEP_SHA_256',
      'RSA_AES_KEY_WRAP_SHA_256',
    ])
  })
})

describe('the text of parameters', () => {
  const record = fc.record({
    keyArn: fc.constant(keyA),
    keySpec: fc.constantFrom('SYMMETRIC_DEFAULT', 'HMAC_256', 'RSA_4096'),
    wrappingAlgorithm: fc.constantFrom(...wrappingAlgorithms),
    validTo: fc.date({
      min: new Date('2000-01-01T00:00:00Z'),
      max: new Date('9999-01-01T00:00:00Z'),
      noInvalidDate: true,
    }),
  })

  it('is read as it was written', () => {
    fc.assert(
      fc.property(record, parameters => {
        expect(parseParameters(parametersText(parameters), 'x')).toEqual(parameters)
      }),
    )
  })

  it('is refused as a whole otherwise', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), text => {
        expect(() => parseParameters(text, 'x')).toThrow(/does not hold the parameters of an import/)
      }),
    )
  })
})
