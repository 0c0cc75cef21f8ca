/** Signatures as they come in: raw, base64 or hex, checked for the shape that their algorithm gives them. */

import { integrityError } from '../errors.ts'
import { hashOf, type SigningAlgorithm, schemeOf } from './signing-algorithms.ts'
import { binaryOf } from './text-forms.ts'

/** Bytes of a signature file, at most: those of the longest one as wrapped hex, and more. */
export const longestSignatureFile = 16 * 1024

/**
 * A signature or MAC that was written raw, as base64 or as hex.
 *
 * @param bytes the whole file, or more of it than {@link longestSignatureFile}
 * @param what `signature` or `MAC`, for texts
 * @throws KmsealError `integrity` for what is empty, too long, or text of neither form
 */
export function decodedSignature(bytes: Uint8Array, what: 'signature' | 'MAC'): Uint8Array {
  if (bytes.length > longestSignatureFile) throw integrityError(`the ${what} is longer than any ${what}`)
  const decoded = binaryOf(bytes)
  if (decoded === undefined) {
    throw integrityError(
      `the ${what} is text, but no valid base64 or hex`,
      'was it cut, or changed by an editor?',
    )
  }
  if (decoded.length === 0) throw integrityError(`the ${what} is empty`)
  return decoded
}

const rsaLengths = [256, 384, 512]

/**
 * Passes a signature that an algorithm can have made, before anybody is asked about it.
 *
 * @param keyBytes length of the modulus, when the key is an RSA key and known
 * @throws KmsealError `integrity` for one that was cut off, or is of another kind of key
 */
export function checkSignatureShape(
  signature: Uint8Array,
  algorithm: SigningAlgorithm,
  keyBytes?: number,
): void {
  const scheme = schemeOf(algorithm)
  if (scheme === 'ecdsa') {
    checkDer(signature, algorithm)
    return
  }
  const lengths = scheme.startsWith('ed25519') ? [64] : keyBytes === undefined ? rsaLengths : [keyBytes]
  if (lengths.includes(signature.length)) return
  const wanted = lengths.length === 1 ? `${lengths[0]}` : '256, 384 or 512'
  throw integrityError(
    `the signature has ${signature.length} bytes, and one of ${algorithm} by this key has ${wanted}`,
    'was it cut off, or made by another kind of key?',
  )
}

function checkDer(signature: Uint8Array, algorithm: SigningAlgorithm): void {
  // P-521 has 66 bytes, the other curves as many as their hash.
  const coordinate = algorithm === 'ECDSA_SHA_512' ? 66 : hashOf(algorithm).bytes
  if (isDerPair(signature, coordinate)) return
  const isJose = signature.length === 2 * coordinate
  throw integrityError(
    `the signature of ${signature.length} bytes is no ECDSA signature in DER of that kind of key`,
    isJose
      ? 'it may be r and s one after the other, as JOSE has it; KMS and openssl write DER'
      : 'was it cut off, or made by another kind of key?',
  )
}

/** Whether bytes are a DER sequence of two positive integers of at most `longest` bytes, and nothing more. */
function isDerPair(bytes: Uint8Array, longest: number): boolean {
  const long = bytes[1] === 0x81
  const start = long ? 3 : 2
  const length = long ? (bytes[2] ?? 0) : (bytes[1] ?? 0)
  if (bytes[0] !== 0x30 || (long ? length < 0x80 : length > 0x7f)) return false
  if (start + length !== bytes.length) return false
  const afterFirst = endOfInteger(bytes, start, longest)
  return afterFirst !== undefined && endOfInteger(bytes, afterFirst, longest) === bytes.length
}

function endOfInteger(bytes: Uint8Array, start: number, longest: number): number | undefined {
  const length = bytes[start + 1] ?? 0
  const first = bytes[start + 2] ?? 0
  // A leading zero is there exactly when the number would be negative without it.
  const padded = first === 0
  if (bytes[start] !== 0x02 || length === 0 || length > longest + (padded ? 1 : 0) || first > 0x7f)
    return undefined
  if (padded && (length === 1 || (bytes[start + 3] ?? 0) < 0x80)) return undefined
  return start + 2 + length
}
