/** Writes a message: header, frames as plaintext comes in, and signature. */

import type { ByteSink, ByteSource } from '../../byte-stream.ts'
import { KmsealError } from '../../errors.ts'
import { bodyAad, finalFrameMark, frameHeader, frameIv } from './frame.ts'
import { chunkLengthFor, chunksInFlight, ReadAhead, WriteBehind } from './pipeline.ts'

/** An AES-GCM cipher for one frame. */
export interface FrameCipher {
  setAAD(aad: Buffer): unknown
  update(data: Buffer): Buffer
  final(): Buffer
  getAuthTag(): Buffer
}

/** What a message is written with; made anew for every message. */
export interface MessageWriter {
  /** Header body and header tag. */
  readonly header: Buffer
  readonly messageId: Uint8Array
  readonly frameLength: number
  readonly cipher: (iv: Buffer) => FrameCipher
  /** Collects everything but the footer, for signing suites. */
  readonly signer?: { update(data: Buffer): unknown; sign(): Buffer } | undefined
  /** The bytes of plaintext, when they were known before reading. Any other number is refused. */
  readonly announcedBytes?: number | undefined
}

/**
 * Seals a whole source into one framed message. The last frame is always a final one, empty when the
 * plaintext is a multiple of the frame length.
 *
 * @returns the bytes of plaintext
 * @throws KmsealError `failed` when the source is longer than announced or than the format can hold
 */
export async function writeMessage(
  source: ByteSource,
  sink: ByteSink,
  writer: MessageWriter,
): Promise<number> {
  const { frameLength } = writer
  const chunkLength = chunkLengthFor(frameLength, writer.announcedBytes)
  const depth = chunksInFlight(chunkLength)
  const reader = new ReadAhead(source, chunkLength, depth)
  const output = new WriteBehind(sink, depth)
  const emit = (chunks: Buffer[]): Promise<void> => {
    if (writer.signer !== undefined) for (const chunk of chunks) writer.signer.update(chunk)
    return output.write(chunks)
  }
  try {
    await emit([writer.header])
    let sequence = 1
    let plaintextBytes = 0
    for (;;) {
      const chunk = await reader.next()
      plaintextBytes += chunk.length
      const last = chunk.length < chunkLength
      checkAnnounced(plaintextBytes, last, writer.announcedBytes)
      const chunks: Buffer[] = []
      sequence = sealChunk(chunk, sequence, last, writer, chunks)
      await emit(chunks)
      if (last) break
      reader.release(chunk)
    }
    if (writer.signer !== undefined) await output.write([footer(writer.signer.sign())])
    await output.drain()
    return plaintextBytes
  } finally {
    reader.close()
  }
}

function checkAnnounced(bytes: number, ended: boolean, announced: number | undefined): void {
  if (announced === undefined) return
  if (bytes > announced) throw new KmsealError('failed', 'the input grew while it was being encrypted')
  if (ended && bytes < announced)
    throw new KmsealError('failed', 'the input shrank while it was being encrypted')
}

/**
 * Seals the frames of one chunk; the last chunk ends in a final frame.
 *
 * @returns the next sequence number
 */
function sealChunk(
  chunk: Uint8Array,
  first: number,
  last: boolean,
  writer: MessageWriter,
  chunks: Buffer[],
): number {
  const { frameLength } = writer
  const plaintext = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  let sequence = first
  let position = 0
  for (; position + frameLength <= plaintext.length; position += frameLength) {
    sealFrame(plaintext.subarray(position, position + frameLength), 'frame', sequence, writer, chunks)
    sequence += 1
  }
  if (last) sealFrame(plaintext.subarray(position), 'final', sequence, writer, chunks)
  return sequence
}

function sealFrame(
  plaintext: Buffer,
  part: 'frame' | 'final',
  sequence: number,
  writer: MessageWriter,
  chunks: Buffer[],
): void {
  if (sequence >= finalFrameMark) {
    throw new KmsealError('failed', 'the input needs more frames than a message can have', {
      hint: 'choose a larger --frame-length',
    })
  }
  const cipher = writer.cipher(frameIv(sequence))
  cipher.setAAD(bodyAad(writer.messageId, part, sequence, plaintext.length))
  const ciphertext = cipher.update(plaintext)
  cipher.final()
  chunks.push(frameHeader(part, sequence, plaintext.length), ciphertext, cipher.getAuthTag())
}

function footer(signature: Buffer): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(signature.length)
  return Buffer.concat([length, signature])
}
