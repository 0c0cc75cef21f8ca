/** The envelope of advanced SecureStrings: an AWS Encryption SDK message with one wrapped data key. */

import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto'
import type { EncryptionContext } from '../kms/encryption-context.ts'

// Format version 1, AES-256-GCM with HKDF-SHA256: base64 begins AYAB, as values of the service may.
const lead = Buffer.from('01800178', 'hex')
const suite = lead.subarray(2)
const messageIdBytes = 16
const ivBytes = 12
const tagBytes = 16
const framed = 2
const frameBytes = 8192
const finalFrame = 0xffffffff
const finalFrameText = Buffer.from('AWSKMSEncryptionClient Final Frame')

/** A data key as KMS made it. */
export interface DataKey {
  /** 32 bytes. */
  readonly plaintext: Buffer
  readonly ciphertext: Buffer
  readonly keyArn: string
}

/** The parts of a message that are needed to open it. */
export interface Envelope {
  readonly context: EncryptionContext
  readonly wrappedKey: Buffer
  readonly header: Buffer
  readonly messageId: Buffer
  /** From the header's IV on. */
  readonly rest: Buffer
}

/**
 * Seals a value of up to 8192 bytes in one frame.
 *
 * @see https://docs.aws.amazon.com/encryption-sdk/latest/developer-guide/message-format.html
 */
export function sealEnvelope(
  value: Buffer,
  dataKey: DataKey,
  context: EncryptionContext,
  randomBytes: (size: number) => Buffer,
): Buffer {
  const messageId = randomBytes(messageIdBytes)
  const pairs = Object.entries(context)
  const contextBytes = Buffer.concat([uint16(pairs.length), ...pairs.flat().map(short)])
  const header = Buffer.concat([
    lead,
    messageId,
    short(contextBytes),
    uint16(1),
    short('aws-kms'),
    short(dataKey.keyArn),
    short(dataKey.ciphertext),
    Buffer.from([framed, 0, 0, 0, 0, ivBytes]),
    uint32(frameBytes),
  ])
  const key = contentKey(dataKey.plaintext, messageId)
  const headerIv = Buffer.alloc(ivBytes)
  const frameIv = sequenceIv(1)
  const [, headerTag] = seal(key, headerIv, header, Buffer.alloc(0))
  const [content, tag] = seal(key, frameIv, frameAad(messageId, value.length), value)
  return Buffer.concat([
    header,
    headerIv,
    headerTag,
    uint32(finalFrame),
    uint32(1),
    frameIv,
    uint32(value.length),
    content,
    tag,
  ])
}

/** Takes a message of {@link sealEnvelope} apart, without judging its authenticity. */
export function parseEnvelope(message: Buffer): Envelope {
  let offset = lead.length
  const take = (length: number) => {
    offset += length
    return message.subarray(offset - length, offset)
  }
  const takeShort = () => take(take(2).readUInt16BE())
  const messageId = take(messageIdBytes)
  const contextEnd = offset + 2 + message.readUInt16BE(offset)
  take(4)
  const context: Record<string, string> = {}
  while (offset < contextEnd) {
    const name = takeShort().toString()
    context[name] = takeShort().toString()
  }
  take(2)
  takeShort()
  takeShort()
  const wrappedKey = takeShort()
  take(10)
  return {
    context,
    wrappedKey,
    messageId,
    header: message.subarray(0, offset),
    rest: message.subarray(offset),
  }
}

/**
 * Opens a message with its data key.
 *
 * @param dataKey 32 bytes
 * @throws Error when a byte was altered
 */
export function openEnvelope(envelope: Envelope, dataKey: Buffer): Buffer {
  const { header, messageId, rest } = envelope
  const key = contentKey(dataKey, messageId)
  open(key, rest.subarray(0, ivBytes), header, Buffer.alloc(0), rest.subarray(ivBytes, ivBytes + tagBytes))
  const frame = rest.subarray(ivBytes + tagBytes)
  const contentStart = 8 + ivBytes + 4
  const length = frame.readUInt32BE(contentStart - 4)
  const content = frame.subarray(contentStart, contentStart + length)
  const tag = frame.subarray(contentStart + length)
  return open(key, frame.subarray(8, 8 + ivBytes), frameAad(messageId, length), content, tag)
}

function contentKey(dataKey: Buffer, messageId: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', dataKey, Buffer.alloc(0), Buffer.concat([suite, messageId]), 32))
}

function frameAad(messageId: Buffer, length: number): Buffer {
  return Buffer.concat([messageId, finalFrameText, uint32(1), uint32(0), uint32(length)])
}

function seal(key: Buffer, iv: Buffer, aad: Buffer, plaintext: Buffer): [Buffer, Buffer] {
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(aad)
  const content = Buffer.concat([cipher.update(plaintext), cipher.final()])
  return [content, cipher.getAuthTag()]
}

function open(key: Buffer, iv: Buffer, aad: Buffer, content: Buffer, tag: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, iv, { authTagLength: tagBytes }).setAAD(aad)
  decipher.setAuthTag(tag)
  return Buffer.concat([decipher.update(content), decipher.final()])
}

function sequenceIv(sequence: number): Buffer {
  return Buffer.concat([Buffer.alloc(ivBytes - 4), uint32(sequence)])
}

function short(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content as string)
  return Buffer.concat([uint16(bytes.length), bytes])
}

function uint16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff])
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
