/** Ciphertext written as text: base64 (standard or URL-safe, wrapped or not) and hex, decoded strictly. */

import type { ByteSource } from '../byte-stream.ts'
import { integrityError } from '../errors.ts'

const allowed = new Uint8Array(256)
for (const character of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_') {
  allowed[character.charCodeAt(0)] = 1
}
for (const character of ' \t\r\n') allowed[character.charCodeAt(0)] = 2
allowed['='.charCodeAt(0)] = 3

/** Whether every byte could belong to base64 or hex text. */
export function isEncodedText(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (allowed[byte] === 0) return false
  return true
}

/** Drops a byte order mark, which some editors put in front of text. */
export function withoutBom(bytes: Uint8Array): Uint8Array {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes
}

/** The characters of a text without white space. */
export function squeeze(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    .toString('latin1')
    .replace(/[ \t\r\n]+/g, '')
}

/**
 * Decodes base64 in either alphabet, with or without padding.
 *
 * @param text without white space
 * @returns nothing when it is no base64, or not the one form that its bytes have
 */
export function decodeBase64(text: string): Buffer | undefined {
  const match = /^([A-Za-z0-9+/_-]*)(={0,2})$/.exec(text)
  const [, digits = '', padding = ''] = match ?? []
  if (match === null || digits.length % 4 === 1) return undefined
  if (padding !== '' && (digits.length + padding.length) % 4 !== 0) return undefined
  if (/[+/]/.test(digits) && /[-_]/.test(digits)) return undefined
  const standard = digits.replaceAll('-', '+').replaceAll('_', '/')
  const bytes = Buffer.from(standard, 'base64')
  // Left-over bits that are not zero mean that characters were lost or changed.
  return bytes.toString('base64').replace(/=+$/, '') === standard ? bytes : undefined
}

/** Decodes hex. @returns nothing when the text (without white space) is no hex */
export function decodeHex(text: string): Buffer | undefined {
  return /^(?:[0-9A-Fa-f]{2})+$/.test(text) ? Buffer.from(text, 'hex') : undefined
}

/**
 * Bytes that may have been written as hex or base64 text, such as a signature.
 *
 * @returns binary as it is, text decoded; nothing when it is text, but neither form
 */
export function binaryOf(bytes: Uint8Array): Uint8Array | undefined {
  const text = withoutBom(bytes)
  if (!isEncodedText(text)) return bytes
  const digits = squeeze(text)
  // Hex digits are base64 digits too; that so many of them come by chance is out of the question.
  return decodeHex(digits) ?? decodeBase64(digits)
}

/** How much text is decoded at a time. */
const textChunk = 256 * 1024

/**
 * Decodes a long base64 or hex text while it is read.
 *
 * @throws KmsealError `integrity` at the first piece that is malformed
 */
export function decodingSource(source: ByteSource, form: 'base64' | 'hex'): ByteSource {
  const unit = form === 'base64' ? 4 : 2
  const buffer = new Uint8Array(textChunk)
  let carry = ''
  let decoded: Uint8Array = new Uint8Array(0)
  let first = true
  let padded = false
  let ended = false
  const refill = async (): Promise<void> => {
    const count = await source.read(buffer)
    const piece = first ? withoutBom(buffer.subarray(0, count)) : buffer.subarray(0, count)
    first = false
    ended = count < buffer.length
    const text = carry + squeeze(piece)
    if (padded && text !== '') throw malformedText(form)
    const whole = ended ? text.length : text.length - (text.length % unit)
    const digits = text.slice(0, whole)
    carry = text.slice(whole)
    // Padding ends the text: nothing but white space may follow it.
    padded = digits.includes('=')
    if (padded && carry !== '') throw malformedText(form)
    const bytes =
      digits === '' ? Buffer.alloc(0) : form === 'base64' ? decodeBase64(digits) : decodeHex(digits)
    if (bytes === undefined) throw malformedText(form)
    decoded = bytes
  }
  let queue: Promise<unknown> = Promise.resolve()
  const readNext = async (target: Uint8Array): Promise<number> => {
    let count = 0
    while (count < target.length) {
      if (decoded.length === 0) {
        if (ended) break
        await refill()
        continue
      }
      const part = decoded.subarray(0, target.length - count)
      target.set(part, count)
      count += part.length
      decoded = decoded.subarray(part.length)
    }
    return count
  }
  return {
    read(target) {
      const next = queue.then(() => readNext(target))
      queue = next.catch(() => undefined)
      return next
    },
  }
}

/** The refusal of text that is neither valid base64 nor hex. */
export function malformedText(form: 'base64' | 'hex' = 'base64'): Error {
  return integrityError(
    `the ciphertext is text, but no valid ${form}`,
    'was it cut, or changed by an editor?',
  )
}
