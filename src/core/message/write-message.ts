/** Writes a message: header, frames as plaintext comes in, and signature. */

import type { ByteSink, ByteSource } from '../../byte-stream.ts'
import { KmsealError } from '../../errors.ts'
import { bodyAad, finalFrameMark, finalHeaderLength, frameHeader, frameIv, tagLength } from './frame.ts'
import { prepareFor } from './large-message.ts'
import { chunkLengthFor, chunksInFlight, ReadAhead, transform, WriteBehind } from './pipeline.ts'

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
  prepareFor(writer.announcedBytes ?? 0)
  const chunkLength = chunkLengthFor(frameLength, writer.announcedBytes)
  const depth = chunksInFlight(chunkLength)
  const reader = new ReadAhead(source, chunkLength, depth)
  const output = new WriteBehind(sink, depth, sealedLengthOf(chunkLength, frameLength))
  const emit = (bytes: Buffer): Promise<void> => {
    writer.signer?.update(bytes)
    return output.write(bytes)
  }
  try {
    await emit(writer.header)
    let sequence = 1
    let plaintextBytes = 0
    for (;;) {
      const chunk = await reader.next()
      plaintextBytes += chunk.length
      const last = chunk.length < chunkLength
      checkAnnounced(plaintextBytes, last, writer.announcedBytes)
      const sealed = sealChunk(chunk, sequence, last, writer, output.room())
      sequence = sealed.next
      await emit(sealed.bytes)
      if (last) break
      reader.release(chunk)
    }
    if (writer.signer !== undefined) await output.write(footer(writer.signer.sign()))
    await output.drain()
    return plaintextBytes
  } finally {
    reader.close()
    output.close()
  }
}

/** The most bytes that a chunk of plaintext takes as frames. */
function sealedLengthOf(chunkLength: number, frameLength: number): number {
  const frames = Math.floor(chunkLength / frameLength) + 1
  return chunkLength + frames * (finalHeaderLength + tagLength)
}

function checkAnnounced(bytes: number, ended: boolean, announced: number | undefined): void {
  if (announced === undefined) return
  if (bytes > announced) throw new KmsealError('failed', 'the input grew while it was being encrypted')
  if (ended && bytes < announced)
    throw new KmsealError('failed', 'the input shrank while it was being encrypted')
}

/** Seals the frames of one chunk into `room`; the last chunk ends in a final frame. */
function sealChunk(
  chunk: Uint8Array,
  first: number,
  last: boolean,
  writer: MessageWriter,
  room: Buffer,
): { readonly next: number; readonly bytes: Buffer } {
  const { frameLength } = writer
  const plaintext = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
  let next = first
  let position = 0
  let used = 0
  for (; position + frameLength <= plaintext.length; position += frameLength) {
    const frame = plaintext.subarray(position, position + frameLength)
    used += sealFrame(frame, 'frame', next, writer, room.subarray(used))
    next += 1
  }
  if (last) used += sealFrame(plaintext.subarray(position), 'final', next, writer, room.subarray(used))
  return { next, bytes: room.subarray(0, used) }
}

/** Returns the bytes of `room` that the frame takes. */
function sealFrame(
  plaintext: Buffer,
  part: 'frame' | 'final',
  sequence: number,
  writer: MessageWriter,
  room: Buffer,
): number {
  if (sequence >= finalFrameMark) {
    throw new KmsealError('failed', 'the input needs more frames than a message can have', {
      hint: 'choose a larger --frame-length',
    })
  }
  const cipher = writer.cipher(frameIv(sequence))
  cipher.setAAD(bodyAad(writer.messageId, part, sequence, plaintext.length))
  const header = frameHeader(part, sequence, plaintext.length)
  room.set(header)
  transform(cipher, plaintext, room.subarray(header.length))
  cipher.final()
  room.set(cipher.getAuthTag(), header.length + plaintext.length)
  return header.length + plaintext.length + tagLength
}

function footer(signature: Buffer): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(signature.length)
  return Buffer.concat([length, signature])
}
