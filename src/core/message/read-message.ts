/** Reads the body of a message whose header has been authenticated: frames, or one block, and signature. */

import type { ByteSink, ByteSource } from '../../byte-stream.ts'
import { integrityError } from '../../errors.ts'
import {
  bodyAad,
  finalFrameMark,
  finalHeaderLength,
  ivLength,
  regularHeaderLength,
  tagLength,
} from './frame.ts'
import { prepareFor } from './large-message.ts'
import { chunkBytes, chunkLengthFor, chunksInFlight, ReadAhead, transform, WriteBehind } from './pipeline.ts'

/** An AES-GCM decipher for one body part. */
export interface FrameDecipher {
  setAAD(aad: Buffer): unknown
  setAuthTag(tag: Buffer): unknown
  update(data: Buffer): Buffer
  final(): Buffer
}

/** What the body of one message is read with. */
export interface MessageReader {
  readonly messageId: Uint8Array
  readonly framed: boolean
  readonly frameLength: number
  readonly decipher: (iv: Buffer) => FrameDecipher
  /** Collects everything but the footer, for signing suites; header and header tag are in it already. */
  readonly verifier?: { update(data: Buffer): unknown; verify(signature: Buffer): boolean } | undefined
}

// The largest footer there can be: a length field and 65,535 bytes.
const maxFooterLength = 2 + 0xffff

/**
 * Opens the body of a message and insists on its end. A byte is handed to the sink only after the tag of
 * its frame verified; the sink must hold back everything until the end for unframed and signed messages.
 *
 * @returns the bytes of plaintext
 * @throws KmsealError `integrity` when anything was altered, cut, reordered or added
 */
export function readBody(source: ByteSource, sink: ByteSink, reader: MessageReader): Promise<number> {
  return reader.framed ? readFrames(source, sink, reader) : readBlock(source, sink, reader)
}

async function readFrames(source: ByteSource, sink: ByteSink, reader: MessageReader): Promise<number> {
  // Regular frames have one size, so chunks of whole frames need no copying.
  const unit = regularHeaderLength + reader.frameLength + tagLength
  prepareFor(source.size ?? 0)
  const chunkLength = chunkLengthFor(unit, source.size)
  const depth = chunksInFlight(chunkLength)
  const input = new ReadAhead(source, chunkLength, depth)
  const output = new WriteBehind(sink, depth, chunkLength)
  try {
    let sequence = 1
    let plaintextBytes = 0
    for (;;) {
      const chunk = asBuffer(await input.next())
      const { plaintext, used, ended } = openRegularFrames(chunk, sequence, reader, output.room())
      sequence += plaintext.length / reader.frameLength
      plaintextBytes += plaintext.length
      await output.write(plaintext)
      if (ended) {
        const tail = await gatherTail(chunk.subarray(used), input, reader.frameLength)
        const last = openFinalFrame(tail, sequence, reader)
        try {
          checkEnd(tail.subarray(last.used), reader)
          await output.write(last.plaintext)
          await output.drain()
          return plaintextBytes + last.plaintext.length
        } finally {
          last.plaintext.fill(0)
        }
      }
      input.release(chunk)
    }
  } finally {
    input.close()
    output.close()
  }
}

/** Opens the regular frames at the front of a chunk; `ended` when something else follows them. */
function openRegularFrames(chunk: Buffer, first: number, reader: MessageReader, room: Buffer) {
  const { frameLength } = reader
  const unit = regularHeaderLength + frameLength + tagLength
  let used = 0
  let opened = 0
  while (used + unit <= chunk.length && chunk.readUInt32BE(used) !== finalFrameMark) {
    const sequence = first + opened / frameLength
    if (chunk.readUInt32BE(used) !== sequence) throw outOfOrder(sequence)
    const frame = chunk.subarray(used, used + unit)
    reader.verifier?.update(frame)
    const iv = frame.subarray(4, regularHeaderLength)
    const content = frame.subarray(regularHeaderLength, unit - tagLength)
    const plaintext = room.subarray(opened, opened + frameLength)
    openPart(iv, content, frame.subarray(unit - tagLength), 'frame', sequence, reader, plaintext)
    opened += frameLength
    used += unit
  }
  return { plaintext: room.subarray(0, opened), used, ended: used < chunk.length || chunk.length === 0 }
}

/** What is left of the message from its final frame on; more than that can be is refused. */
async function gatherTail(head: Buffer, input: ReadAhead, frameLength: number): Promise<Buffer> {
  const limit = finalHeaderLength + frameLength + tagLength + maxFooterLength
  const parts = [Buffer.from(head)]
  let size = head.length
  for (;;) {
    const chunk = asBuffer(await input.next())
    if (chunk.length === 0) return Buffer.concat(parts)
    size += chunk.length
    if (size > limit) throw trailing()
    parts.push(Buffer.from(chunk))
    input.release(chunk)
  }
}

function openFinalFrame(tail: Buffer, sequence: number, reader: MessageReader) {
  if (tail.length < finalHeaderLength) throw truncated()
  if (tail.readUInt32BE(0) !== finalFrameMark) {
    throw tail.readUInt32BE(0) === sequence ? truncated() : outOfOrder(sequence)
  }
  if (tail.readUInt32BE(4) !== sequence) throw outOfOrder(sequence)
  const length = tail.readUInt32BE(finalHeaderLength - 4)
  if (length > reader.frameLength)
    throw integrityError('the final frame of the message is longer than its frame length')
  const used = finalHeaderLength + length + tagLength
  if (tail.length < used) throw truncated()
  reader.verifier?.update(tail.subarray(0, used))
  const iv = tail.subarray(8, 8 + ivLength)
  const content = tail.subarray(finalHeaderLength, used - tagLength)
  const plaintext = Buffer.alloc(length)
  openPart(iv, content, tail.subarray(used - tagLength, used), 'final', sequence, reader, plaintext)
  return { plaintext, used }
}

async function readBlock(source: ByteSource, sink: ByteSink, reader: MessageReader): Promise<number> {
  const head = Buffer.alloc(ivLength + 8)
  if ((await source.read(head)) < head.length) throw truncated()
  const claimed = head.readBigUInt64BE(ivLength)
  // AES-GCM cannot encrypt more under one IV.
  if (claimed >= 2n ** 36n - 32n)
    throw integrityError('the unframed message claims more bytes than AES-GCM can hold')
  const length = Number(claimed)
  prepareFor(length)
  reader.verifier?.update(head)
  const decipher = reader.decipher(Buffer.from(head.subarray(0, ivLength)))
  decipher.setAAD(bodyAad(reader.messageId, 'unframed', 1, length))
  const buffer = Buffer.alloc(Math.min(chunkBytes, length))
  const plaintext = Buffer.alloc(buffer.length)
  for (let done = 0; done < length; ) {
    const part = buffer.subarray(0, Math.min(buffer.length, length - done))
    if ((await source.read(part)) < part.length) throw truncated()
    reader.verifier?.update(part)
    transform(decipher, part, plaintext)
    await sink.write([plaintext.subarray(0, part.length)])
    done += part.length
  }
  const tail = Buffer.alloc(tagLength + maxFooterLength + 1)
  const rest = tail.subarray(0, await source.read(tail))
  if (rest.length < tagLength) throw truncated()
  reader.verifier?.update(rest.subarray(0, tagLength))
  decipher.setAuthTag(rest.subarray(0, tagLength))
  authenticate(decipher, 'the body')
  checkEnd(rest.subarray(tagLength), reader)
  return length
}

function openPart(
  iv: Buffer,
  content: Buffer,
  tag: Buffer,
  part: 'frame' | 'final',
  sequence: number,
  reader: MessageReader,
  plaintext: Buffer,
): void {
  const decipher = reader.decipher(iv)
  decipher.setAAD(bodyAad(reader.messageId, part, sequence, content.length))
  decipher.setAuthTag(tag)
  transform(decipher, content, plaintext)
  try {
    authenticate(decipher, `frame ${sequence}`)
  } catch (error) {
    plaintext.fill(0)
    throw error
  }
}

function authenticate(decipher: FrameDecipher, what: string): void {
  try {
    decipher.final()
  } catch (cause) {
    throw integrityError(`${what} of the message was altered`, undefined, cause)
  }
}

/** After the last tag comes the signature, if the suite has one, and nothing else. */
function checkEnd(rest: Buffer, reader: MessageReader): void {
  if (reader.verifier === undefined) {
    if (rest.length > 0) throw trailing()
    return
  }
  if (rest.length < 2 || rest.length < 2 + rest.readUInt16BE(0)) {
    throw integrityError('the message is cut: its signature is incomplete')
  }
  const end = 2 + rest.readUInt16BE(0)
  if (rest.length > end) throw trailing()
  let valid: boolean
  try {
    valid = reader.verifier.verify(rest.subarray(2, end))
  } catch {
    valid = false
  }
  if (!valid) throw integrityError('the signature of the message does not verify')
}

function truncated(): Error {
  return integrityError('the message is cut: its end is missing')
}

function trailing(): Error {
  return integrityError('bytes follow the end of the message')
}

function outOfOrder(sequence: number): Error {
  return integrityError(`the frames of the message are out of order at frame ${sequence}`)
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
