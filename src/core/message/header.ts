/** Parses the header of an AWS Encryption SDK message, whole or still incomplete, without any key. */

import { integrityError } from '../../errors.ts'
import type { EncryptionContext } from '../encryption-context.ts'
import { type Suite, suiteName, suiteOf } from './suites.ts'

/** One wrapped copy of the data key. */
export interface HeaderDataKey {
  readonly providerId: string
  /** The provider's key name; a key ARN for `aws-kms`. Other providers may use binary. */
  readonly providerInfo: Uint8Array
  readonly ciphertext: Uint8Array
}

/** A parsed header. Until its tag has verified, nothing in it can be trusted. */
export interface MessageHeader {
  readonly suite: Suite
  readonly messageId: Uint8Array
  readonly context: EncryptionContext
  readonly encryptedDataKeys: readonly HeaderDataKey[]
  readonly framed: boolean
  /** Bytes of plaintext in a frame; 0 for an unframed body. */
  readonly frameLength: number
  /** The header body, which the header tag authenticates. */
  readonly body: Uint8Array
  /** IV (version 1 only) and tag. */
  readonly auth: Uint8Array
}

/** Limits that are checked before anything that the header claims is believed. */
export interface HeaderLimits {
  /** At most this many encrypted data keys. */
  readonly maxEncryptedDataKeys: number
}

const tagLength = 16
const ivLength = 12

/**
 * Parses a header from the first bytes of a message.
 *
 * @returns nothing when more bytes are needed
 * @throws KmsealError `integrity` when the bytes can be no header
 * @see https://docs.aws.amazon.com/encryption-sdk/latest/developer-guide/message-format.html
 */
export function parseHeader(bytes: Uint8Array, limits: HeaderLimits): MessageHeader | undefined {
  const reader = new Reader(bytes)
  try {
    return readHeader(reader, limits)
  } catch (error) {
    if (error === incomplete) return undefined
    throw error
  }
}

function readHeader(reader: Reader, limits: HeaderLimits): MessageHeader {
  const version = reader.uint8()
  if (version !== 1 && version !== 2) throw malformed('its version is neither 1 nor 2')
  if (version === 1 && reader.uint8() !== 0x80) throw malformed('its type is not 0x80')
  const suiteId = reader.uint16()
  const suite = suiteOf(suiteId, version)
  if (suite === undefined)
    throw malformed(`algorithm suite ${suiteName(suiteId)} does not exist in version ${version}`)
  const messageId = reader.bytes(version === 1 ? 16 : 32)
  const context = readContext(reader.bytes(reader.uint16()))
  const encryptedDataKeys = readDataKeys(reader, limits)
  const contentType = reader.uint8()
  if (contentType !== 1 && contentType !== 2)
    throw malformed('its content type is neither framed nor unframed')
  if (version === 1) {
    if (reader.uint32() !== 0) throw malformed('its reserved field is not zero')
    if (reader.uint8() !== ivLength) throw malformed('its IV length is not 12')
  }
  const frameLength = reader.uint32()
  const framed = contentType === 2
  if (framed !== frameLength > 0) throw malformed('its frame length does not fit its content type')
  if (version === 2) reader.bytes(32)
  const body = reader.since(0)
  const auth = reader.bytes(version === 1 ? ivLength + tagLength : tagLength)
  return { suite, messageId, context, encryptedDataKeys, framed, frameLength, body, auth }
}

function readContext(bytes: Uint8Array): EncryptionContext {
  const context: Record<string, string> = Object.create(null)
  if (bytes.length === 0) return context
  const reader = new Reader(bytes)
  try {
    const count = reader.uint16()
    if (count === 0) throw malformed('its encryption context is present but empty')
    for (let index = 0; index < count; index += 1) {
      const key = utf8(reader.bytes(reader.uint16()))
      const value = utf8(reader.bytes(reader.uint16()))
      if (Object.hasOwn(context, key)) throw malformed('its encryption context has the same key twice')
      context[key] = value
    }
  } catch (error) {
    throw error === incomplete ? malformed('its encryption context is cut') : error
  }
  if (!reader.atEnd()) throw malformed('its encryption context is longer than its pairs')
  return context
}

function readDataKeys(reader: Reader, limits: HeaderLimits): HeaderDataKey[] {
  const count = reader.uint16()
  if (count === 0) throw malformed('it has no encrypted data key')
  if (count > limits.maxEncryptedDataKeys) {
    throw integrityError(
      `the message claims ${count} encrypted data keys, more than the ${limits.maxEncryptedDataKeys} allowed`,
      'if you trust its origin, raise --max-encrypted-data-keys',
    )
  }
  return Array.from({ length: count }, () => ({
    providerId: utf8(reader.bytes(reader.uint16())),
    providerInfo: reader.bytes(reader.uint16()),
    ciphertext: reader.bytes(reader.uint16()),
  }))
}

function utf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw malformed('it has a name that is no UTF-8 text')
  }
}

function malformed(why: string): Error {
  return integrityError(`the header of the message is malformed: ${why}`)
}

const incomplete = Symbol('incomplete')

/** Reads big-endian fields from the front; runs out with {@link incomplete}. */
class Reader {
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #position = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  #take(count: number): number {
    const start = this.#position
    if (start + count > this.#bytes.length) throw incomplete
    this.#position = start + count
    return start
  }

  uint8(): number {
    return this.#view.getUint8(this.#take(1))
  }

  uint16(): number {
    return this.#view.getUint16(this.#take(2))
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4))
  }

  bytes(count: number): Uint8Array {
    const start = this.#take(count)
    return this.#bytes.subarray(start, start + count)
  }

  since(start: number): Uint8Array {
    return this.#bytes.subarray(start, this.#position)
  }

  atEnd(): boolean {
    return this.#position === this.#bytes.length
  }
}
