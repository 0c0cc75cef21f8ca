/** Overlaps reading, ciphering and writing in one thread and in constant memory. */

import type { ByteSink, ByteSource } from '../../byte-stream.ts'

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
  return Math.max(2, Math.min(4, Math.floor((4 * chunkBytes) / size)))
}

let keepsFreedMemory = false

/**
 * Has memory of the size of a chunk used again, and not given back to the system at once.
 *
 * The cipher makes a new buffer for each chunk. glibc maps buffers of that size one by one, whose pages all have to be
 * faulted in, a third of the time of a large message; until it has seen one freed that is larger. This one is never
 * touched, so that it takes no memory.
 *
 * @see https://man7.org/linux/man-pages/man3/mallopt.3.html (M_MMAP_THRESHOLD, dynamic)
 */
function keepFreedMemory(): void {
  // Above 32 MiB it would not count.
  if (!keepsFreedMemory) Buffer.allocUnsafeSlow(31 * 1024 * 1024)
  keepsFreedMemory = true
}

/** Reads chunks of one size ahead of their use. */
export class ReadAhead {
  readonly #source: ByteSource
  readonly #pending: { readonly buffer: Uint8Array; readonly count: Promise<number> }[] = []
  readonly #buffers: Uint8Array[] = []

  constructor(source: ByteSource, size: number, depth: number) {
    this.#source = source
    if (size >= chunkBytes / 2) keepFreedMemory()
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
  readonly #pending: Promise<void>[] = []

  constructor(sink: ByteSink, depth: number) {
    this.#sink = sink
    this.#depth = depth
  }

  async write(chunks: readonly Uint8Array[]): Promise<void> {
    while (this.#pending.length >= this.#depth) await this.#pending.shift()
    const written = this.#sink.write(chunks)
    written.catch(() => undefined)
    this.#pending.push(written)
  }

  async drain(): Promise<void> {
    for (const written of this.#pending.splice(0)) await written
  }
}
