/** Import tokens: the wrapping keys that were given out, and unwrapping what was wrapped with them. */

import { constants, createDecipheriv, createPrivateKey, type KeyObject, privateDecrypt } from 'node:crypto'
import { AwsException } from '../exceptions.ts'
import type { Context } from '../operation.ts'

/** Algorithms that wrap key material for an import. */
export const wrappingAlgorithms = [
  'RSAES_PKCS1_V1_5',
  'RSAES_OAEP_SHA_1',
  'RSAES_OAEP_SHA_256',
  'RSA_AES_KEY_WRAP_SHA_1',
  'RSA_AES_KEY_WRAP_SHA_256',
  'SM2PKE',
] as const

/** A wrapping key that was given out. */
export interface ImportToken {
  readonly keyArn: string
  readonly algorithm: string
  /** Base64 of PKCS#8 DER. */
  readonly privateKey: string
  /** Milliseconds since 1970. */
  readonly validTo: number
}

const tokenKey = (token: Buffer) => `import\0${token.toString('hex').slice(0, 200)}`

/** Keeps a token, and forgets those that expired; only inside a transaction. */
export function saveToken(context: Context, token: Buffer, entry: ImportToken): void {
  for (const [name, value] of [...context.store.entries('import\0')]) {
    const { validTo } = JSON.parse(value.toString()) as ImportToken
    if (context.now > validTo + 24 * 60 * 60 * 1000) context.store.remove(`import\0${name}`)
  }
  context.store.put(tokenKey(token), Buffer.from(JSON.stringify(entry)))
}

/**
 * Finds the token of an import.
 *
 * @throws AwsException InvalidImportTokenException for an unknown one or one of another key,
 *   ExpiredImportTokenException
 */
export function loadToken(context: Context, token: Buffer, keyArn: string): ImportToken {
  const found = context.store.get(tokenKey(token))
  const entry = found && (JSON.parse(found.toString()) as ImportToken)
  if (entry?.keyArn !== keyArn) throw new AwsException('InvalidImportTokenException')
  if (context.now > entry.validTo) throw new AwsException('ExpiredImportTokenException')
  return entry
}

/**
 * Opens wrapped key material.
 *
 * @throws AwsException InvalidCiphertextException
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys-encrypt-key-material.html
 */
export function unwrap(token: ImportToken, wrapped: Buffer): Buffer {
  const key = createPrivateKey({
    key: Buffer.from(token.privateKey, 'base64'),
    format: 'der',
    type: 'pkcs8',
  })
  const oaepHash = token.algorithm.endsWith('SHA_1') ? 'sha1' : 'sha256'
  try {
    return token.algorithm.startsWith('RSA_AES')
      ? unwrapAes(key, oaepHash, wrapped)
      : openOaep(key, oaepHash, wrapped)
  } catch {
    throw new AwsException('InvalidCiphertextException')
  }
}

function openOaep(key: KeyObject, oaepHash: string, wrapped: Buffer): Buffer {
  return privateDecrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, wrapped)
}

/** An AES key wrapped with OAEP, and after it the material wrapped under that key (RFC 5649). */
function unwrapAes(key: KeyObject, oaepHash: string, wrapped: Buffer): Buffer {
  const size = (key.asymmetricKeyDetails?.modulusLength ?? 0) / 8
  const aesKey = openOaep(key, oaepHash, wrapped.subarray(0, size))
  const decipher = createDecipheriv('id-aes256-wrap-pad', aesKey, Buffer.from('a65959a6', 'hex'))
  return Buffer.concat([decipher.update(wrapped.subarray(size)), decipher.final()])
}
