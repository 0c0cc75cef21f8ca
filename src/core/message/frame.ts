/** Byte layouts of a message body: frame headers and what each frame authenticates beside its content. */

/** Bytes of an IV. */
export const ivLength = 12

/** Bytes of a tag. */
export const tagLength = 16

/** The sequence number that marks a final frame. */
export const finalFrameMark = 0xffffffff

/** Sequence number and IV in front of the content of a regular frame. */
export const regularHeaderLength = 4 + ivLength

/** Mark, sequence number, IV and content length in front of the content of a final frame. */
export const finalHeaderLength = 4 + 4 + ivLength + 4

/** What kind of body part a tag belongs to. */
export type BodyPart = 'frame' | 'final' | 'unframed'

const contentStrings: Readonly<Record<BodyPart, Buffer>> = {
  frame: Buffer.from('AWSKMSEncryptionClient Frame'),
  final: Buffer.from('AWSKMSEncryptionClient Final Frame'),
  unframed: Buffer.from('AWSKMSEncryptionClient Single Block'),
}

/** The IV of a frame: its sequence number, left-padded to 12 bytes. */
export function frameIv(sequence: number): Buffer {
  const iv = Buffer.alloc(ivLength)
  iv.writeUInt32BE(sequence, ivLength - 4)
  return iv
}

/**
 * What a body part authenticates: message id, kind, sequence number and length of its content.
 *
 * @see https://docs.aws.amazon.com/encryption-sdk/latest/developer-guide/body-aad-reference.html
 */
export function bodyAad(messageId: Uint8Array, part: BodyPart, sequence: number, length: number): Buffer {
  const numbers = Buffer.alloc(12)
  numbers.writeUInt32BE(sequence, 0)
  numbers.writeBigUInt64BE(BigInt(length), 4)
  return Buffer.concat([messageId, contentStrings[part], numbers])
}

/** The bytes in front of a frame's content. */
export function frameHeader(part: 'frame' | 'final', sequence: number, length: number): Buffer {
  if (part === 'frame') {
    const header = Buffer.alloc(regularHeaderLength)
    header.writeUInt32BE(sequence, 0)
    header.writeUInt32BE(sequence, regularHeaderLength - 4)
    return header
  }
  const header = Buffer.alloc(finalHeaderLength)
  header.writeUInt32BE(finalFrameMark, 0)
  header.writeUInt32BE(sequence, 4)
  header.writeUInt32BE(sequence, 4 + ivLength)
  header.writeUInt32BE(length, finalHeaderLength - 4)
  return header
}
