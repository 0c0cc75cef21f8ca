/** RSA-OAEP as KMS has it: the mask is made with the same hash. */

import { constants, type KeyObject, publicEncrypt } from 'node:crypto'
import { usageError } from '../errors.ts'

/** The hash of an algorithm of KMS whose name ends in it, such as RSAES_OAEP_SHA_256. */
function hashOf(algorithm: string): { readonly name: 'sha1' | 'sha256'; readonly bytes: number } {
  return algorithm.endsWith('SHA_1') ? { name: 'sha1', bytes: 20 } : { name: 'sha256', bytes: 32 }
}

/** Encrypts what is known to fit. */
export function oaepEncrypt(key: KeyObject, algorithm: string, plaintext: Uint8Array): Buffer {
  const oaepHash = hashOf(algorithm).name
  return publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, plaintext)
}

/**
 * Passes what fits into one ciphertext: the length of the modulus, less two digests and two bytes.
 *
 * @param what it is, for the text
 * @throws KmsealError `usage` with the limit
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html
 */
export function checkOaepLength(
  key: KeyObject,
  algorithm: string,
  plaintext: Uint8Array,
  { what, hint }: { readonly what: string; readonly hint: string },
): void {
  const { modulusLength = 0 } = key.asymmetricKeyDetails ?? {}
  const most = modulusLength / 8 - 2 * hashOf(algorithm).bytes - 2
  if (plaintext.length <= most) return
  throw usageError(
    `${what} is larger than the ${most} bytes that ${algorithm} encrypts under a key of ${modulusLength} bits`,
    hint,
  )
}
