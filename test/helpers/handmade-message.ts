/**
 * Writes messages by hand from the published format, with a data key that the test knows: also such that
 * no well-behaved writer would make. It shares no code with the program.
 */

import {
  createCipheriv,
  createHash,
  createSign,
  ECDH,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from 'node:crypto'

/** What differs from a plain unsigned message with frames of 16 bytes. */
export interface HandmadeOptions {
  readonly suite?: 0x0078 | 0x0178 | 0x0378 | 0x0478 | 0x0578
  readonly frameLength?: number
  readonly framed?: boolean
  readonly context?: Readonly<Record<string, string>>
  /** Claimed number of encrypted data keys. */
  readonly keyCount?: number
  /** Replaces the key commitment. */
  readonly commitment?: Uint8Array
  readonly messageIdByte?: number
  /** Provider id and key name of the one encrypted data key. */
  readonly wrappedBy?: readonly [provider: string, keyName: string]
}

/** The data key of every handmade message. */
export const handmadeDataKey = createHash('sha256').update('a data key of the tests').digest()

const uint16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff])
const uint32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
const uint64 = (value: bigint): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(value)
  return bytes
}
const text = (value: string | Uint8Array): Buffer => {
  const bytes = Buffer.from(value)
  return Buffer.concat([uint16(bytes.length), bytes])
}

/** One message in parts. */
export class HandmadeMessage {
  readonly header: Buffer
  readonly messageId: Buffer
  readonly #key: Buffer
  readonly #signingKey: KeyObject | undefined

  constructor(options: HandmadeOptions = {}) {
    const { suite = 0x0478, framed = true, frameLength = 16, keyCount = 1 } = options
    const version = suite >= 0x0400 ? 2 : 1
    const suiteId = uint16(suite)
    this.messageId = Buffer.alloc(version === 2 ? 32 : 16, options.messageIdByte ?? 0x4d)
    this.#key = contentKey(suite, suiteId, this.messageId)
    const signing = suite === 0x0578 || suite === 0x0378 ? signingPair() : undefined
    this.#signingKey = signing?.privateKey
    const context = {
      ...options.context,
      ...(signing === undefined ? {} : { 'aws-crypto-public-key': signing.publicPoint }),
    }
    const [provider, keyName] = options.wrappedBy ?? ['test', 'key']
    const wrapped = Buffer.concat([text(provider), text(keyName), text(Buffer.alloc(48, 0x77))])
    const body = Buffer.concat([
      version === 2 ? Buffer.from([2]) : Buffer.from([1, 0x80]),
      suiteId,
      this.messageId,
      text(serializedContext(context)),
      uint16(keyCount),
      wrapped,
      Buffer.from([framed ? 2 : 1]),
      version === 1 ? Buffer.from([0, 0, 0, 0, 12]) : Buffer.alloc(0),
      uint32(framed ? frameLength : 0),
      version === 2
        ? (options.commitment ??
          Buffer.from(hkdfSync('sha512', handmadeDataKey, this.messageId, 'COMMITKEY', 32)))
        : Buffer.alloc(0),
    ])
    const auth = this.#seal(Buffer.alloc(12), body, Buffer.alloc(0))
    this.header = Buffer.concat([body, version === 1 ? Buffer.alloc(12) : Buffer.alloc(0), auth])
  }

  /** IV of a body part. */
  iv(sequence: number): Buffer {
    return Buffer.concat([Buffer.alloc(8), uint32(sequence)])
  }

  frame(sequence: number, content: Uint8Array): Buffer {
    const iv = this.iv(sequence)
    const aad = this.#aad('Frame', sequence, content.length)
    return Buffer.concat([uint32(sequence), iv, this.#seal(iv, aad, content)])
  }

  final(sequence: number, content: Uint8Array): Buffer {
    const iv = this.iv(sequence)
    const aad = this.#aad('Final Frame', sequence, content.length)
    const head = [uint32(0xffffffff), uint32(sequence), iv, uint32(content.length)]
    return Buffer.concat([...head, this.#seal(iv, aad, content)])
  }

  /** An unframed body. */
  block(content: Uint8Array): Buffer {
    const iv = this.iv(1)
    const aad = this.#aad('Single Block', 1, content.length)
    return Buffer.concat([iv, uint64(BigInt(content.length)), this.#seal(iv, aad, content)])
  }

  /** The footer of a signed message over everything before it. */
  footer(before: Uint8Array): Buffer {
    if (this.#signingKey === undefined) throw new Error('the suite has no signature')
    return text(createSign('sha384').update(before).sign(this.#signingKey))
  }

  /** Header and parts, and the footer if the suite has one. */
  whole(...parts: Uint8Array[]): Buffer {
    const message = Buffer.concat([this.header, ...parts])
    return this.#signingKey === undefined ? message : Buffer.concat([message, this.footer(message)])
  }

  #seal(iv: Buffer, aad: Buffer, content: Uint8Array): Buffer {
    const cipher = createCipheriv('aes-256-gcm', this.#key, iv).setAAD(aad)
    return Buffer.concat([cipher.update(content), cipher.final(), cipher.getAuthTag()])
  }

  #aad(kind: string, sequence: number, length: number): Buffer {
    const name = Buffer.from(`AWSKMSEncryptionClient ${kind}`)
    return Buffer.concat([this.messageId, name, uint32(sequence), uint64(BigInt(length))])
  }
}

function contentKey(suite: number, suiteId: Buffer, messageId: Buffer): Buffer {
  if (suite === 0x0078) return handmadeDataKey
  if (suite >= 0x0400) {
    const info = Buffer.concat([suiteId, Buffer.from('DERIVEKEY')])
    return Buffer.from(hkdfSync('sha512', handmadeDataKey, messageId, info, 32))
  }
  const hash = suite === 0x0378 ? 'sha384' : 'sha256'
  return Buffer.from(hkdfSync(hash, handmadeDataKey, '', Buffer.concat([suiteId, messageId]), 32))
}

function serializedContext(context: Readonly<Record<string, string>>): Buffer {
  const keys = Object.keys(context).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  if (keys.length === 0) return Buffer.alloc(0)
  return Buffer.concat([uint16(keys.length), ...keys.flatMap(key => [text(key), text(context[key] ?? '')])])
}

function signingPair(): { privateKey: KeyObject; publicPoint: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'secp384r1' })
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
  const point = Buffer.concat([Buffer.from([4]), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')])
  const publicPoint = ECDH.convertKey(point, 'secp384r1', undefined, 'base64', 'compressed') as string
  return { privateKey, publicPoint }
}
