/** Joins a sink to a source: what is written here is read there, without being kept. */

import type { ByteSink, ByteSource } from '../byte-stream.ts'

/** A pipe. Writers wait until their bytes were read. */
export class BytePipe {
  #chunk: Uint8Array = new Uint8Array(0)
  #ended = false
  #failure: { readonly error: unknown } | undefined
  #writing: Promise<void> = Promise.resolve()
  #reading: Promise<unknown> = Promise.resolve()
  #wake: () => void = () => undefined
  #changed: Promise<void> = Promise.resolve()

  constructor() {
    this.#renew()
  }

  /** Commit says that this was all; abort does nothing, since {@link fail} knows why. */
  readonly sink: ByteSink = {
    write: chunks => {
      const written = this.#writing.then(() => this.#put(chunks))
      this.#writing = written
      written.catch(() => undefined)
      return written
    },
    commit: async () => {
      await this.#writing
      this.#ended = true
      this.#notify()
    },
    abort: async () => undefined,
  }

  readonly source: ByteSource = {
    read: target => {
      const read = this.#reading.then(() => this.#take(target))
      this.#reading = read.catch(() => undefined)
      return read
    },
  }

  /** Fails both sides from now on. The first failure counts. */
  fail(error: unknown): void {
    this.#failure ??= { error }
    this.#notify()
  }

  async #put(chunks: readonly Uint8Array[]): Promise<void> {
    for (const chunk of chunks) {
      this.#throwFailure()
      this.#chunk = chunk
      this.#notify()
      while (this.#chunk.length > 0) {
        await this.#changed
        this.#throwFailure()
      }
    }
  }

  async #take(target: Uint8Array): Promise<number> {
    let count = 0
    while (count < target.length) {
      this.#throwFailure()
      if (this.#chunk.length === 0) {
        if (this.#ended) break
        await this.#changed
        continue
      }
      const part = this.#chunk.subarray(0, target.length - count)
      target.set(part, count)
      count += part.length
      this.#chunk = this.#chunk.subarray(part.length)
      if (this.#chunk.length === 0) this.#notify()
    }
    return count
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error
  }

  #notify(): void {
    const wake = this.#wake
    this.#renew()
    wake()
  }

  #renew(): void {
    this.#changed = new Promise(fulfil => {
      this.#wake = fulfil
    })
  }
}
