/** How bytes come into and leave the crypto core: two small interfaces, and their in-memory forms. */

import { KmsealError } from './errors.ts'

/** Where bytes come from: a file, a pipe, memory. */
export interface ByteSource {
  /**
   * Fills `target` from its start and returns how many bytes were written to it.
   * Fewer than `target.length` means that the end was reached; calls may overlap, and are served in order.
   */
  read(target: Uint8Array): Promise<number>
  /** The bytes still to come, when that is known before reading (a regular file). */
  readonly size?: number | undefined
}

/** Where bytes go. Nothing written counts until {@link ByteSink.commit}. */
export interface ByteSink {
  /** Appends the chunks in order. They may be reused by the caller once the promise is fulfilled; calls may overlap. */
  write(chunks: readonly Uint8Array[]): Promise<void>
  /** Makes what was written final: everything in it has been authenticated. */
  commit(): Promise<void>
  /** Throws away what was written, as far as it has not left the process. Never fails. */
  abort(): Promise<void>
}

/** Writes one piece and commits it; aborts on failure. */
export async function commitBytes(sink: ByteSink, bytes: Uint8Array): Promise<void> {
  try {
    await sink.write([bytes])
    await sink.commit()
  } catch (error) {
    await sink.abort()
    throw error
  }
}

/** A sink that takes everything and keeps nothing. */
export const discardingSink: ByteSink = {
  write: async () => undefined,
  commit: async () => undefined,
  abort: async () => undefined,
}

/** A source over bytes in memory, which are not copied. */
export function bytesSource(bytes: Uint8Array): ByteSource {
  let position = 0
  return {
    size: bytes.length,
    async read(target) {
      const part = bytes.subarray(position, position + target.length)
      target.set(part)
      position += part.length
      return part.length
    },
  }
}

/** Puts bytes that were read ahead in front of the rest of their source. */
export function prepend(head: Uint8Array, rest: ByteSource): ByteSource {
  let position = 0
  return {
    size: rest.size === undefined ? undefined : rest.size + head.length,
    async read(target) {
      const part = head.subarray(position, position + target.length)
      position += part.length
      target.set(part)
      if (part.length === target.length) return part.length
      return part.length + (await rest.read(target.subarray(part.length)))
    },
  }
}

/** Reads up to `limit` bytes and says whether that was all. The returned bytes are the caller's own copy. */
export async function readUpTo(source: ByteSource, limit: number): Promise<Uint8Array> {
  const target = new Uint8Array(limit)
  const count = await source.read(target)
  return target.subarray(0, count)
}

/** How much of a long source is in memory at a time, twice. */
const pieceBytes = 1024 * 1024

/** Passes a source on in pieces, in order, each valid during its call; the next one is read meanwhile. */
export async function eachPiece(source: ByteSource, use: (piece: Uint8Array) => void): Promise<void> {
  let [current, next] = [new Uint8Array(pieceBytes), new Uint8Array(pieceBytes)]
  let count = await source.read(current)
  while (count === pieceBytes) {
    const reading = source.read(next)
    // Nobody waits for it when `use` throws.
    reading.catch(() => undefined)
    use(current)
    count = await reading
    ;[current, next] = [next, current]
  }
  if (count > 0) use(current.subarray(0, count))
}

/** A sink that keeps everything in memory, up to `limit` bytes; beyond that it fails with `failed`. */
export class MemorySink implements ByteSink {
  #chunks: Uint8Array[] = []
  #size = 0
  readonly #limit: number

  constructor(limit: number) {
    this.#limit = limit
  }

  async write(chunks: readonly Uint8Array[]): Promise<void> {
    for (const chunk of chunks) {
      this.#size += chunk.length
      if (this.#size > this.#limit) {
        throw new KmsealError('failed', `the result is larger than ${this.#limit} bytes`)
      }
      this.#chunks.push(Uint8Array.from(chunk))
    }
  }

  async commit(): Promise<void> {}

  async abort(): Promise<void> {
    for (const chunk of this.#chunks) chunk.fill(0)
    this.#chunks = []
    this.#size = 0
  }

  /** Everything that was written, in one piece. */
  bytes(): Buffer {
    return Buffer.concat(this.#chunks)
  }
}
