/** Public keys of KMS keys in files: PEM, with the key's ARN in front, so that a file is all that is needed. */

import { createHash, createPublicKey, type KeyObject, type PublicKeyInput } from 'node:crypto'
import { integrityError, usageError } from '../errors.ts'
import { parseKeyArn } from './key-id.ts'

/** The ways in which an RSA key of KMS encrypts. */
export const rsaEncryptionAlgorithms = ['RSAES_OAEP_SHA_256', 'RSAES_OAEP_SHA_1'] as const

/** One of {@link rsaEncryptionAlgorithms}. */
export type RsaEncryptionAlgorithm = (typeof rsaEncryptionAlgorithms)[number]

/** A public key that data keys can be wrapped under, and the KMS key that unwraps them. */
export interface PublicKeyRecipient {
  readonly keyArn: string
  /** RSA, 2048 bits or more. */
  readonly publicKey: KeyObject
  readonly algorithm: RsaEncryptionAlgorithm
}

/** What is written of a public key. */
export interface PublicKeyText {
  readonly keyArn: string
  /** SPKI DER. */
  readonly publicKey: Uint8Array
  /** For keys that encrypt. */
  readonly algorithm?: RsaEncryptionAlgorithm | undefined
}

const keyLine = 'KeyId: '
const algorithmLine = 'EncryptionAlgorithm: '
const fewestBits = 2048

/** Bytes of a public key file, at most. */
export const longestPublicKeyFile = 64 * 1024

/**
 * The text of a public key file. Programs that read PEM, such as openssl, pass over the lines in front.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7468#section-2
 */
export function publicKeyText({ keyArn, publicKey, algorithm }: PublicKeyText): string {
  const lines = Buffer.from(publicKey)
    .toString('base64')
    .match(/.{1,64}/g)
  return [
    keyLine + keyArn,
    ...(algorithm === undefined ? [] : [algorithmLine + algorithm]),
    `Fingerprint: ${fingerprintOf(publicKey)}`,
    '-----BEGIN PUBLIC KEY-----',
    ...(lines ?? []),
    '-----END PUBLIC KEY-----',
    '',
  ].join('\n')
}

/**
 * The fingerprint of a public key: SHA-256 of its SPKI DER, in base64 without padding.
 *
 * @param publicKey SPKI DER, or a key object
 */
export function fingerprintOf(publicKey: Uint8Array | KeyObject): string {
  const bytes =
    publicKey instanceof Uint8Array ? publicKey : publicKey.export({ type: 'spki', format: 'der' })
  return `SHA256:${createHash('sha256').update(bytes).digest('base64').replace(/=+$/, '')}`
}

/** A public key, the file that it came from, and the KMS key that it says to be of. */
export interface NamedPublicKey {
  /** Of the file, for texts. */
  readonly name: string
  /** What the file says; nothing vouches for it. */
  readonly keyArn: string | undefined
  readonly publicKey: KeyObject
}

/**
 * Reads a public key file to verify with: as kmseal public-key writes it, any PEM of a public key, or SPKI DER.
 *
 * @throws KmsealError `usage` for anything else
 */
export function readPublicKey(bytes: Uint8Array, name: string): NamedPublicKey {
  // A sequence in DER; a text in front of PEM that begins with a zero is looked at as text.
  if (bytes[0] === 0x30 && !Buffer.from(bytes).includes('-----BEGIN ')) {
    const publicKey = parsed({ key: Buffer.from(bytes), format: 'der', type: 'spki' }, name)
    return { name, keyArn: undefined, publicKey }
  }
  const { pem, valueAfter } = takeApart(Buffer.from(bytes).toString('utf8'), name)
  const keyArn = valueAfter(keyLine)
  return { name, keyArn: isKeyArn(keyArn) ? keyArn : undefined, publicKey: parsed(pem, name) }
}

/**
 * Reads a public key file to encrypt with. Without EncryptionAlgorithm, it is RSAES_OAEP_SHA_256.
 *
 * @param name of the file, for texts
 * @throws KmsealError `usage` when it names no key ARN, or holds no RSA key of 2048 bits or more
 */
export function parsePublicKey(text: string, name: string): PublicKeyRecipient {
  const { pem, valueAfter } = takeApart(text, name)
  const keyArn = valueAfter(keyLine)
  if (!isKeyArn(keyArn)) {
    throw usageError(
      `${name} does not say which KMS key opens what it encrypts`,
      `write it with ${howToWrite}, or put a line "${keyLine}KEY_ARN" in front`,
    )
  }
  const wanted = valueAfter(algorithmLine) ?? 'RSAES_OAEP_SHA_256'
  const algorithm = rsaEncryptionAlgorithms.find(known => known === wanted)
  if (algorithm === undefined) {
    throw usageError(
      `${name} names an EncryptionAlgorithm that is none of ${rsaEncryptionAlgorithms.join(', ')}`,
    )
  }
  return { keyArn, algorithm, publicKey: checkedRsaKey(parsed(pem, name), name) }
}

/** The PEM of a public key file, and the values of the lines in front of it. */
function takeApart(text: string, name: string) {
  const pem = /-----BEGIN PUBLIC KEY-----[^-]*-----END PUBLIC KEY-----/.exec(text)
  if (pem === null) throw usageError(`${name} holds no public key in PEM`, `write one with ${howToWrite}`)
  const lines = text.slice(0, pem.index).split(/\r?\n/)
  const valueAfter = (start: string) =>
    lines
      .find(line => line.startsWith(start))
      ?.slice(start.length)
      .trim()
  return { pem: pem[0], valueAfter }
}

function isKeyArn(text: string | undefined): text is string {
  return text !== undefined && parseKeyArn(text)?.resource.startsWith('key/') === true
}

/**
 * Reads several public key files; with fingerprints, the key of each must have one of them.
 *
 * @param files by name, for texts
 * @throws KmsealError `usage` for a malformed file or fingerprints of none, `integrity` for a key of another fingerprint
 */
export function parsePublicKeys(
  files: readonly { readonly name: string; readonly text: string }[],
  fingerprints: readonly string[] | undefined,
): readonly PublicKeyRecipient[] {
  if (fingerprints !== undefined && files.length === 0) {
    throw usageError('--fingerprint is about a public key file', 'name the file with --public-key')
  }
  return files.map(({ name, text }) => {
    const recipient = parsePublicKey(text, name)
    checkedFingerprint(recipient.publicKey, name, fingerprints)
    return recipient
  })
}

/**
 * The fingerprint of a public key, which must be one of the expected ones, where there are any.
 *
 * @param name of its file, for texts
 * @throws KmsealError `integrity` for another one
 */
export function checkedFingerprint(
  publicKey: Uint8Array | KeyObject,
  name: string,
  expected: readonly string[] | undefined,
): string {
  const fingerprint = fingerprintOf(publicKey)
  if (expected === undefined || expected.includes(fingerprint)) return fingerprint
  throw integrityError(
    `the public key in ${name} has the fingerprint ${fingerprint}, which is not the expected one`,
    'ask the owner of the key for its file again',
  )
}

const howToWrite = 'kmseal public-key --key-id KEY -o FILE'

/**
 * Passes a public key that data keys can be wrapped under.
 *
 * @throws KmsealError `usage` for another kind of key, or fewer than 2048 bits
 */
export function checkedRsaKey(publicKey: KeyObject, name: string): KeyObject {
  const bits = publicKey.asymmetricKeyDetails?.modulusLength ?? 0
  if (publicKey.asymmetricKeyType === 'rsa' && bits >= fewestBits) return publicKey
  throw usageError(`${name} holds no RSA key of ${fewestBits} bits or more, which encrypting needs`)
}

function parsed(key: string | PublicKeyInput, name: string): KeyObject {
  try {
    return createPublicKey(key)
  } catch {
    throw usageError(`the public key in ${name} is malformed`)
  }
}
