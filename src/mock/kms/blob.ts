/** The CiphertextBlob of symmetric keys: its layout, and sealing and opening it with AES-256-GCM. */

import { createCipheriv, createDecipheriv } from 'node:crypto'
import { canonicalContext, type EncryptionContext } from './encryption-context.ts'

/**
 * What tells a blob of this mock from one of AWS: ASCII text at the start of the 16-byte field that the
 * service fills with bytes of its own, 38 bytes into the blob. Five random bytes follow it.
 */
export const mockMarker = { offset: 38, text: 'kmseal-mock' } as const

/** A CiphertextBlob, taken apart. */
export interface Blob {
  /** Id of the key material, 64 hex digits. */
  readonly materialId: string
  /** The bytes before the ciphertext; they are authenticated. */
  readonly header: Buffer
  readonly nonce: Buffer
  /** Ciphertext and tag. */
  readonly content: Buffer
}

// 01 02 02 0078 | 32 bytes material id | 01 | 16 bytes marker field | 4 bytes length | CMS EncryptedData
const magic = Buffer.from('0102020078', 'hex')
const idBytes = 32
const headerBytes = 54
const derOffset = 58
const nonceBytes = 12
const tagBytes = 16
// The content of a real blob is 27 bytes longer than the plaintext: 16 are the tag, 11 are unknown. Here
// those 11 name the format of what follows.
const preamble = Buffer.from('kmseal-aes1')
const contentOverhead = preamble.length + tagBytes

const oidEncryptedData = Buffer.from('06092a864886f70d010706', 'hex')
const oidData = Buffer.from('06092a864886f70d010701', 'hex')
const oidAes256Gcm = Buffer.from('060960864801650304012e', 'hex')

/**
 * Seals a plaintext.
 *
 * @param materialId 64 hex digits
 * @param key 32 bytes
 * @returns a blob of the plaintext's length + 152 to 162 bytes
 */
export function sealBlob(
  plaintext: Uint8Array,
  materialId: string,
  key: Buffer,
  context: EncryptionContext | undefined,
  randomBytes: (size: number) => Buffer,
): Buffer {
  const header = Buffer.concat([
    magic,
    Buffer.from(materialId, 'hex'),
    Buffer.of(1),
    Buffer.from(mockMarker.text),
    randomBytes(5),
  ])
  const nonce = randomBytes(nonceBytes)
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(Buffer.concat([header, canonicalContext(context)]))
  const content = Buffer.concat([
    cipher.update(preamble),
    cipher.update(plaintext),
    cipher.final(),
    cipher.getAuthTag(),
  ])
  return encodeBlob(header, nonce, content)
}

/**
 * Opens a blob that {@link parseBlob} took apart; undefined when the key, the context or any byte differs
 * from what was sealed.
 *
 * @param key 32 bytes
 */
export function openBlob(
  blob: Blob,
  key: Buffer,
  context: EncryptionContext | undefined,
): Buffer | undefined {
  const decipher = createDecipheriv('aes-256-gcm', key, blob.nonce, { authTagLength: tagBytes })
  decipher.setAAD(Buffer.concat([blob.header, canonicalContext(context)]))
  const end = blob.content.length - tagBytes
  decipher.setAuthTag(blob.content.subarray(end))
  try {
    const inner = Buffer.concat([decipher.update(blob.content.subarray(0, end)), decipher.final()])
    return inner.subarray(preamble.length)
  } catch {
    return undefined
  }
}

/** Takes a blob apart; undefined for anything that {@link sealBlob} does not write. */
export function parseBlob(bytes: Buffer): Blob | undefined {
  if (bytes.length < derOffset || !bytes.subarray(0, magic.length).equals(magic)) return undefined
  const header = bytes.subarray(0, headerBytes)
  const contentBytes = contentLength(bytes.length)
  if (contentBytes === undefined) return undefined
  const content = bytes.subarray(bytes.length - contentBytes)
  // After the nonce come the tag length (3 bytes) and the tag and length of the content.
  const nonceEnd = bytes.length - contentBytes - lengthBytes(contentBytes) - 1 - 3
  const nonce = bytes.subarray(nonceEnd - nonceBytes, nonceEnd)
  // Encoding again and comparing leaves no second spelling of the same blob.
  if (!encodeBlob(header, nonce, content).equals(bytes)) return undefined
  return { materialId: header.toString('hex', magic.length, magic.length + idBytes), header, nonce, content }
}

function encodeBlob(header: Buffer, nonce: Buffer, content: Buffer): Buffer {
  const parameters = der(0x30, der(0x04, nonce), der(0x02, Buffer.of(tagBytes)))
  const info = der(0x30, oidData, der(0x30, oidAes256Gcm, parameters), der(0x80, content))
  const message = der(0x30, oidEncryptedData, der(0xa0, der(0x30, der(0x02, Buffer.of(0)), info)))
  const length = Buffer.alloc(4)
  length.writeUInt32BE(message.length)
  return Buffer.concat([header, length, message])
}

/** The length of the content of a blob of a given length; undefined when there is none. */
function contentLength(total: number): number | undefined {
  for (let growth = 10; growth >= 0; growth--) {
    const length = total - 152 - growth + contentOverhead
    if (length >= contentOverhead && encodedLength(length) === total) return length
  }
  return undefined
}

function encodedLength(content: number): number {
  const wrap = (length: number) => 1 + lengthBytes(length) + length
  const info = wrap(oidData.length + wrap(oidAes256Gcm.length + wrap(wrap(nonceBytes) + 3)) + wrap(content))
  return derOffset + wrap(oidEncryptedData.length + wrap(wrap(3 + info)))
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const short = [tag, length]
  const medium = [tag, 0x81, length]
  const long = [tag, 0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.from([short, medium, long][lengthBytes(length) - 1] ?? []), content])
}

/** How many bytes DER spends on a length; contents here stay below 65,536. */
function lengthBytes(length: number): 1 | 2 | 3 {
  if (length < 128) return 1
  return length < 256 ? 2 : 3
}
