/** Tells ciphertexts apart by their bytes, whatever they were wrapped in. */

import { type ByteSource, bytesSource, prepend, readUpTo } from '../byte-stream.ts'
import { integrityError } from '../errors.ts'
import { maxBlobBytes } from './direct.ts'
import { suiteOf } from './message/suites.ts'
import {
  decodeBase64,
  decodeHex,
  decodingSource,
  isEncodedText,
  malformedText,
  squeeze,
  withoutBom,
} from './text-forms.ts'

/** How a ciphertext was written. */
export type TextForm = 'raw' | 'base64' | 'hex'

/** A ciphertext, as binary again: an ESDK message, or something that only KMS can read. */
export type Detected =
  | { readonly kind: 'message'; readonly form: TextForm; readonly source: ByteSource }
  | { readonly kind: 'blob'; readonly form: TextForm; readonly bytes: Uint8Array }

// Enough for the largest KMS ciphertext as wrapped hex.
const lookAhead = 3 * maxBlobBytes

/**
 * Looks at the first bytes of an input and says what it is. Base64 and hex text is decoded, strictly.
 *
 * Whatever is binary and no ESDK message goes to KMS, whose ciphertexts have no documented form, unless it
 * is over 6144 bytes.
 *
 * @param blobExpected the caller knows that it is a KMS ciphertext (RSA ones may look like anything)
 * @throws KmsealError `integrity` for text that is malformed or encoded twice, and for what is too long for KMS
 */
export async function detect(source: ByteSource, blobExpected: boolean): Promise<Detected> {
  const head = await readUpTo(source, lookAhead)
  const ended = head.length < lookAhead
  if (head.length === 0) throw integrityError('the ciphertext is empty')
  if (isMessage(head) && !(blobExpected && ended && mayBeRsa(head))) {
    return { kind: 'message', form: 'raw', source: ended ? bytesSource(head) : prepend(head, source) }
  }
  const text = withoutBom(head)
  // Before base64: dashes, letters and white space are URL-safe base64, too.
  if (startsLike(text, '-----BEGIN ')) throw armourRefusal(text)
  if (isEncodedText(text)) return detectText(text, ended ? undefined : source, blobExpected)
  if (isPlainText(text)) throw malformedText()
  return blob(head, 'raw', ended)
}

function detectText(head: Uint8Array, rest: ByteSource | undefined, blobExpected: boolean): Detected {
  const digits = squeeze(head)
  const hex = decodeHex(digits.slice(0, digits.length - (digits.length % 2)))
  // Hex digits are base64 digits too, so hex counts only when a known header comes out.
  const form = hex !== undefined && looksLikeCiphertext(hex) ? 'hex' : 'base64'
  if (rest !== undefined) return detectLongText(head, rest, form, digits)
  const bytes = form === 'hex' ? decodeHex(digits) : decodeBase64(digits)
  if (bytes === undefined || bytes.length === 0) throw malformedText(form)
  if (isTwiceEncoded(bytes)) throw twiceEncoded()
  if (isMessage(bytes) && !(blobExpected && mayBeRsa(bytes)))
    return { kind: 'message', form, source: bytesSource(bytes) }
  return blob(bytes, form, true)
}

function detectLongText(
  head: Uint8Array,
  rest: ByteSource,
  form: 'base64' | 'hex',
  digits: string,
): Detected {
  const start = form === 'hex' ? decodeHex(digits.slice(0, 64)) : decodeBase64(digits.slice(0, 64))
  if (start === undefined) throw malformedText(form)
  if (isEncodedText(start)) throw twiceEncoded()
  if (!isMessage(start)) throw tooLong()
  return { kind: 'message', form, source: decodingSource(prepend(head, rest), form) }
}

function blob(bytes: Uint8Array, form: TextForm, ended: boolean): Detected {
  if (startsLike(bytes, 'age-encryption.org/')) throw ageRefusal()
  if (!ended || bytes.length > maxBlobBytes) throw tooLong()
  return { kind: 'blob', form, bytes }
}

/** RSA ciphertexts are as long as the modulus of their key. */
function mayBeRsa(bytes: Uint8Array): boolean {
  return bytes.length === 256 || bytes.length === 384 || bytes.length === 512
}

/** No KMS, real or emulated, answers with nothing but printable characters. */
function isPlainText(bytes: Uint8Array): boolean {
  return bytes.every(byte => (byte >= 0x20 && byte < 0x7f) || byte === 0x09 || byte === 0x0a || byte === 0x0d)
}

function armourRefusal(text: Uint8Array): Error {
  if (startsLike(text, '-----BEGIN AGE ENCRYPTED FILE-----')) return ageRefusal()
  return integrityError('this is a PEM file, not a ciphertext')
}

function ageRefusal(): Error {
  return integrityError('this was encrypted with age, not with KMS', 'decrypt it with age')
}

function startsLike(bytes: Uint8Array, start: string): boolean {
  return Buffer.from(bytes.subarray(0, start.length)).toString('latin1') === start
}

function twiceEncoded(): Error {
  return integrityError('the ciphertext is base64 text of base64 text', 'decode it once with base64 -d')
}

function tooLong(): Error {
  return integrityError(
    `the input is no AWS Encryption SDK message, and longer than the ${maxBlobBytes} bytes of a KMS ciphertext`,
  )
}

/** Whether binary bytes begin like an ESDK message of version 1 or 2 with a suite that exists. */
export function isMessage(bytes: Uint8Array): boolean {
  const [version, second = 0, third = 0, fourth = 0] = bytes
  if (version === 2) return suiteOf((second << 8) | third, 2) !== undefined
  return version === 1 && second === 0x80 && suiteOf((third << 8) | fourth, 1) !== undefined
}

// CMS EncryptedData, which sits inside every symmetric ciphertext that KMS is known to have written.
const cmsEncryptedData = Buffer.from('06092a864886f70d010706', 'hex')

/** Whether binary bytes look like a symmetric KMS ciphertext. A match is likely; no match means nothing. */
export function isKmsBlob(bytes: Uint8Array): boolean {
  const head = Buffer.from(bytes.subarray(0, 112))
  const current = head[0] === 1 && (head[1] === 1 || head[1] === 2) && head[3] === 0 && head[4] === 0x78
  const old = head[0] === 0x0a && head[1] === 0x20
  return (current || old) && head.includes(cmsEncryptedData)
}

/** Whether a KMS ciphertext carries the mark that kmseal's mock puts into its own. */
export function isSealedByMock(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(38, 49)).toString('latin1') === 'kmseal-mock'
}

function looksLikeCiphertext(bytes: Uint8Array): boolean {
  return isMessage(bytes) || isKmsBlob(bytes)
}

function isTwiceEncoded(bytes: Uint8Array): boolean {
  if (!isEncodedText(bytes)) return false
  const inner = decodeBase64(squeeze(bytes))
  return inner !== undefined && inner.length >= 16
}
