/** Overlaps reading, ciphering and writing in one thread and in constant memory. */

import type { ByteSink, ByteSource } from '../../byte-stream.ts'
import { freeAtOnce, prepareFor } from './large-message.ts'

/** About how many bytes are read or written at a time. */
export const chunkBytes = 1024 * 1024

// Each frame costs a cipher and buffers of its own, so tiny ones must not come by the million.
const maxFramesInChunk = 512

/** Bytes of a chunk of whole frames, each taking `unit` bytes: about {@link chunkBytes}, less for tiny frames. */
function chunkLengthOf(unit: number): number {
  return unit * Math.max(1, Math.min(maxFramesInChunk, Math.floor(chunkBytes / unit)))
}

/**
 * The same for a source of known size, whose end one chunk is to reach where it can: a small message takes little
 * memory, whatever its frame length says.
 *
 * @param most an upper bound of the bytes to come, when there is one
 */
export function chunkLengthFor(unit: number, most: number | undefined): number {
  return Math.min(chunkLengthOf(unit), (most ?? Number.POSITIVE_INFINITY) + 1)
}

/** How many chunks of this size may be in flight, so that large ones do not multiply. */
export function chunksInFlight(size: number): number {
  // Frames of tens of megabytes are rare, and hold up to five of these buffers otherwise.
  if (size > 16 * chunkBytes) return 1
  return size > chunkBytes ? 2 : 3
}

// The cipher makes a new buffer for what it gives back. One of this size is still in the processor's cache when it is
// copied on; one of a whole frame is not, and would be mapped and faulted in anew each time where nothing was prepared.
const cipherBytes = 64 * 1024

/** Passes all of `input` through an AES-GCM cipher or decipher into the front of `output`, which is as long at least. */
export function transform(cipher: { update(data: Buffer): Buffer }, input: Buffer, output: Buffer): void {
  for (let position = 0; position < input.length; position += cipherBytes) {
    const piece = cipher.update(input.subarray(position, position + cipherBytes))
    output.set(piece, position)
    piece.fill(0)
    freeAtOnce(piece)
  }
}

/** Reads chunks of one size ahead of their use. */
export class ReadAhead {
  readonly #source: ByteSource
  readonly #pending: { readonly buffer: Uint8Array; readonly count: Promise<number> }[] = []
  readonly #buffers: Uint8Array[] = []

  constructor(source: ByteSource, size: number, depth: number) {
    this.#source = source
    for (let index = 0; index < depth; index += 1) {
      // Of its own memory, not of the shared pool: it is cleared at the end.
      const buffer = Buffer.allocUnsafeSlow(size)
      this.#buffers.push(buffer)
      this.#start(buffer)
    }
  }

  #start(buffer: Uint8Array): void {
    const count = this.#source.read(buffer)
    // The error surfaces at the chunk's turn; until then it must not count as unhandled.
    count.catch(() => undefined)
    this.#pending.push({ buffer, count })
  }

  /** The next chunk; shorter than the others (or empty) at the end. Valid until {@link ReadAhead.release}. */
  async next(): Promise<Uint8Array> {
    const entry = this.#pending.shift()
    if (entry === undefined) return new Uint8Array(0)
    return entry.buffer.subarray(0, await entry.count)
  }

  /** Gives a chunk back for further reading. */
  release(chunk: Uint8Array): void {
    const buffer = this.#buffers.find(candidate => candidate.buffer === chunk.buffer)
    if (buffer !== undefined) this.#start(buffer)
  }

  /** Clears every buffer; those still being read into, as soon as that has ended. An idle pipe may take its time. */
  close(): void {
    for (const buffer of this.#buffers) buffer.fill(0)
    for (const { buffer, count } of this.#pending) {
      const clear = (): void => void buffer.fill(0)
      count.then(clear, clear)
    }
  }
}

/** Writes behind the cipher, a few chunks at most; errors surface at the next write or at the end. */
export class WriteBehind {
  readonly #sink: ByteSink
  readonly #depth: number
  readonly #roomBytes: number
  readonly #pending: Promise<void>[] = []
  readonly #rooms: Buffer[] = []
  #taken = 0

  /** @param roomBytes of each of the buffers that {@link WriteBehind.room} lends */
  constructor(sink: ByteSink, depth: number, roomBytes: number) {
    this.#sink = sink
    this.#depth = depth
    this.#roomBytes = roomBytes
  }

  /** A buffer for what is written next; it is lent again only after that has been. */
  room(): Buffer {
    const index = this.#taken % (this.#depth + 1)
    this.#taken += 1
    prepareFor(this.#taken * this.#roomBytes)
    const room = this.#rooms[index] ?? Buffer.allocUnsafeSlow(this.#roomBytes)
    this.#rooms[index] = room
    return room
  }

  async write(bytes: Uint8Array): Promise<void> {
    while (this.#pending.length >= this.#depth) await this.#pending.shift()
    const written = this.#sink.write([bytes])
    written.catch(() => undefined)
    this.#pending.push(written)
  }

  async drain(): Promise<void> {
    for (const written of this.#pending.splice(0)) await written
  }

  /** Clears every buffer, as soon as what is on its way has been written. */
  close(): void {
    const clear = (): void => {
      for (const room of this.#rooms) room.fill(0)
    }
    Promise.allSettled(this.#pending).then(clear)
  }
}
