/** Key material on its way into KMS: what a key takes, new material, and wrapping it. */

import { createCipheriv, createPrivateKey, createPublicKey, type KeyObject, randomBytes } from 'node:crypto'
import { usageError } from '../errors.ts'
import { checkedRsaKey } from './public-key-file.ts'
import { checkOaepLength, oaepEncrypt } from './rsa-oaep.ts'
import { signingKind } from './signing-algorithms.ts'
import { binaryOf, decodeBase64, squeeze } from './text-forms.ts'

/** Ways to wrap material for an import, the usual one first. */
export const wrappingAlgorithms = [
  'RSAES_OAEP_SHA_256',
  'RSAES_OAEP_SHA_1',
  'RSA_AES_KEY_WRAP_SHA_256',
  'RSA_AES_KEY_WRAP_SHA_1',
] as const

/** One of {@link wrappingAlgorithms}. */
export type WrappingAlgorithm = (typeof wrappingAlgorithms)[number]

/** Kinds of keys that wrap material, the usual one first. */
export const wrappingKeySpecs = ['RSA_4096', 'RSA_3072', 'RSA_2048'] as const

/** One of {@link wrappingKeySpecs}. */
export type WrappingKeySpec = (typeof wrappingKeySpecs)[number]

/** Bytes of a file with key material, at most: an RSA private key of 4096 bits in PEM, and more. */
export const longestMaterialFile = 16 * 1024

/** How material of a key is wrapped when nobody says: RSA private keys are too long for OAEP alone. */
export function usualWrapping(keySpec: string): WrappingAlgorithm {
  return keySpec.startsWith('RSA_') ? 'RSA_AES_KEY_WRAP_SHA_256' : 'RSAES_OAEP_SHA_256'
}

/** Bytes of the material of a symmetric or HMAC key; nothing for a key that is a private key. */
function lengthOf(keySpec: string): number | undefined {
  if (keySpec === 'SYMMETRIC_DEFAULT') return 32
  const bits = /^HMAC_(\d{3})$/.exec(keySpec)?.[1]
  return bits === undefined ? undefined : Number(bits) / 8
}

/**
 * Random material for a symmetric or HMAC key.
 *
 * @throws KmsealError `usage` for other keys
 */
export function newMaterial(keySpec: string): Uint8Array {
  const length = lengthOf(keySpec)
  if (length !== undefined) return randomBytes(length)
  throw usageError(
    `the material of a key of spec ${keySpec} is a private key, which is not generated here`,
    'make one with openssl genpkey, and give it with --key-material',
  )
}

/**
 * Reads material: for symmetric and HMAC keys the bytes, raw or as base64 or hex text, for others the private key in
 * PKCS#8, DER or PEM.
 *
 * @param bytes the file; what is returned may be a part of it
 * @param name of the file, for texts
 * @throws KmsealError `usage` for anything that the key cannot take; the text has lengths only
 */
export function readMaterial(bytes: Uint8Array, keySpec: string, name: string): Uint8Array {
  const length = lengthOf(keySpec)
  if (length === undefined) return readPrivateKey(bytes, keySpec, name)
  // Bytes of the right number are what they are, though they may look like text.
  if (bytes.length === length) return bytes
  const decoded = binaryOf(bytes)
  if (decoded?.length === length) return decoded
  if (decoded !== bytes) decoded?.fill(0)
  const size = bytes.length > longestMaterialFile ? `more than ${longestMaterialFile}` : bytes.length
  throw usageError(
    `${name} has ${size} bytes, and a key of spec ${keySpec} takes exactly ${length}, raw or as base64 or hex`,
    'a final newline counts in raw material, not in text',
  )
}

function readPrivateKey(bytes: Uint8Array, keySpec: string, name: string): Uint8Array {
  const der = bytes[0] === 0x30 ? bytes : fromPem(bytes)
  const key = der && parsed(der)
  if (der === undefined || key === undefined) {
    throw usageError(
      `${name} is no private key in PKCS#8, which a key of spec ${keySpec} takes`,
      'openssl pkcs8 -topk8 -nocrypt -outform DER makes one of other forms',
    )
  }
  const kind = signingKind(key)?.keySpec ?? 'another kind'
  if (kind === keySpec) return der
  throw usageError(`${name} has a private key of ${kind}, and the key in KMS is of spec ${keySpec}`)
}

function fromPem(bytes: Uint8Array): Uint8Array | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
  const body = /-----BEGIN PRIVATE KEY-----([^-]*)-----END PRIVATE KEY-----/.exec(text)?.[1]
  return body === undefined ? undefined : decodeBase64(squeeze(Buffer.from(body, 'latin1')))
}

function parsed(der: Uint8Array): KeyObject | undefined {
  const key = Buffer.from(der.buffer, der.byteOffset, der.byteLength)
  try {
    return createPrivateKey({ key, format: 'der', type: 'pkcs8' })
  } catch {
    return undefined
  }
}

/**
 * Wraps material for KMS: RSA-OAEP of it, or of an AES key that wraps it (RFC 5649).
 *
 * @param wrappingPublicKey SPKI DER
 * @throws KmsealError `usage` for what the wrapping key cannot take, and a malformed one
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-encrypt-key-material.html
 */
export function wrapMaterial(
  material: Uint8Array,
  wrappingPublicKey: Uint8Array,
  algorithm: WrappingAlgorithm,
): Uint8Array {
  const key = wrappingKey(wrappingPublicKey)
  if (algorithm.startsWith('RSA_AES')) {
    const aesKey = randomBytes(32)
    const cipher = createCipheriv('id-aes256-wrap-pad', aesKey, Buffer.from('a65959a6', 'hex'))
    const wrapped = [oaepEncrypt(key, algorithm, aesKey), cipher.update(material), cipher.final()]
    aesKey.fill(0)
    return Buffer.concat(wrapped)
  }
  checkOaepLength(key, algorithm, material, {
    what: `material of ${material.length} bytes`,
    hint: 'choose --wrapping-algorithm RSA_AES_KEY_WRAP_SHA_256',
  })
  return oaepEncrypt(key, algorithm, material)
}

function wrappingKey(der: Uint8Array): KeyObject {
  const name = 'the wrapping public key'
  try {
    return checkedRsaKey(createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' }), name)
  } catch {
    throw usageError(`${name} is no RSA key in DER as KMS gives it`, 'get new parameters')
  }
}
