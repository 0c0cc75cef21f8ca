/** Sources and sinks that are slow, cut into pieces, or fail when told to, and remember what was done. */

import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import type { ByteSink, ByteSource } from '../../src/byte-stream.ts'
import { type OpenSource, streamSource } from '../../src/cli/file-source.ts'

/** When and how a {@link RecordingSink} misbehaves. */
export interface SinkBehaviour {
  /** Milliseconds that the nth write (from 0) takes; nothing means that it is taken at once. */
  readonly delay?: (write: number) => number | undefined
  /** The error of the nth write, thrown after its delay. */
  readonly fail?: (write: number) => Error | undefined
  readonly failCommit?: Error
}

/** A sink that keeps what it was given, as it was when each write had finished, and counts every call. */
export class RecordingSink implements ByteSink {
  commits = 0
  aborts = 0
  writes = 0
  /** Calls after commit or abort; there must be none. */
  readonly late: string[] = []
  readonly #behaviour: SinkBehaviour
  readonly #slots: Buffer[] = []

  constructor(behaviour: SinkBehaviour = {}) {
    this.#behaviour = behaviour
  }

  async write(chunks: readonly Uint8Array[]): Promise<void> {
    const write = this.writes++
    if (this.commits + this.aborts > 0) this.late.push('write')
    this.#slots[write] = Buffer.alloc(0)
    const delay = this.#behaviour.delay?.(write)
    if (delay !== undefined) await new Promise(resolve => setTimeout(resolve, delay))
    const error = this.#behaviour.fail?.(write)
    if (error !== undefined) throw error
    // Taken as late as allowed: a buffer that was reused too early shows.
    this.#slots[write] = Buffer.concat(chunks)
  }

  async commit(): Promise<void> {
    if (this.commits + this.aborts > 0) this.late.push('commit')
    this.commits += 1
    if (this.#behaviour.failCommit !== undefined) throw this.#behaviour.failCommit
  }

  async abort(): Promise<void> {
    this.aborts += 1
  }

  /** Everything that was written, in the order of the calls. */
  bytes(): Buffer {
    return Buffer.concat(this.#slots)
  }
}

/** An error as the operating system gives it. */
export function systemError(code: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: test`), { code, errno: -1 })
}

/** Cuts bytes into pieces of the given lengths, over and over. */
export function pieces(bytes: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  const all: Uint8Array[] = []
  for (let at = 0, index = 0; at < bytes.length; index += 1) {
    const length = Math.max(1, lengths[index % lengths.length] ?? bytes.length)
    all.push(bytes.subarray(at, at + length))
    at += length
  }
  return all
}

/** A source that arrives like a pipe: in pieces, of unknown length. */
export function pipedSource(bytes: Uint8Array, lengths: readonly number[]): OpenSource {
  return streamSource(Readable.from(pieces(bytes, lengths)))
}

/** A source that ends in an error after some bytes. */
export function failingSource(bytes: Uint8Array, error: Error, delay?: number): ByteSource {
  let position = 0
  return {
    async read(target) {
      const part = bytes.subarray(position, position + target.length)
      position += part.length
      target.set(part)
      if (part.length === target.length) return part.length
      if (delay !== undefined) await new Promise(resolve => setTimeout(resolve, delay))
      throw error
    },
  }
}

/** A source without end that counts what was taken. */
export function endlessSource(head: Uint8Array): ByteSource & { readonly taken: () => number } {
  let position = 0
  return {
    taken: () => position,
    async read(target) {
      target.fill(0x5a)
      target.set(head.subarray(position, position + target.length))
      position += target.length
      return target.length
    },
  }
}

/** The same bytes for the same seed, and different ones for another: test data without randomness. */
export function testBytes(length: number, seed = 1): Buffer {
  const bytes = Buffer.alloc(length)
  let state = seed | 1
  for (let index = 0; index < length; index += 1) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    bytes[index] = state >>> 24
  }
  return bytes
}

/** Bytes as a short text, since comparing large buffers member by member takes seconds. */
export function digest(bytes: Uint8Array): string {
  return `${bytes.length} bytes, SHA-256 ${createHash('sha256').update(bytes).digest('hex')}`
}
