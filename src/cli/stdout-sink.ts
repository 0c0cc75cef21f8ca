/** Sinks for output that cannot be taken back: hold-back until the end has verified, and text encodings. */

import type { ByteSink } from '../byte-stream.ts'
import { KmsealError } from '../errors.ts'
import { ClosedPipeError } from './closed-pipe.ts'
import { errnoReason } from './file-source.ts'
import type { OutputStream } from './io.ts'

/** How binary data is written out. */
export type Encoding = 'base64' | 'raw' | 'hex'

/** How many bytes are held back at most before a message must have verified: 64 MiB. */
export const holdBackLimit = 64 * 1024 * 1024

/** Writes bytes to a stream and waits until it has taken them. */
export function writeTo(stream: OutputStream, bytes: Uint8Array | string): Promise<void> {
  return new Promise((fulfil, reject) => {
    stream.write(bytes as Uint8Array, (error?: Error | null) => {
      if (error === undefined || error === null) return fulfil()
      const errno = (error as NodeJS.ErrnoException).code
      if (errno === 'EPIPE' || errno === 'ERR_STREAM_DESTROYED') return reject(new ClosedPipeError())
      reject(
        new KmsealError(
          'failed',
          `cannot write to standard output: ${errnoReason(errno ?? 'unknown error')}`,
        ),
      )
    })
  })
}

/** A sink that passes everything on to a stream at once. */
export function streamSink(stream: OutputStream): ByteSink {
  let queue: Promise<void> = Promise.resolve()
  return {
    write(chunks) {
      queue = queue.then(async () => {
        for (const chunk of chunks) await writeTo(stream, chunk)
      })
      return queue
    },
    async commit() {
      await queue
    },
    async abort() {
      await queue.catch(() => undefined)
    },
  }
}

/** What {@link holdBack} does when a message is longer than it may hold. */
export interface HoldBackOptions {
  readonly limit: number
  /** `refuse` fails with this error; without it, what was held is let go and the rest passes through. */
  readonly refusal?: KmsealError
}

/**
 * Holds everything back until commit, so that a failure leaves nothing behind.
 * `check` sees the first bytes before any of them leaves.
 */
export function holdBack(
  inner: ByteSink,
  options: HoldBackOptions,
  check: (held: Uint8Array) => void = () => undefined,
): ByteSink {
  let held: Uint8Array[] = []
  let size = 0
  let released = false
  const release = async (): Promise<void> => {
    released = true
    const all = held
    held = []
    try {
      if (all[0] !== undefined) check(all.length === 1 ? all[0] : Buffer.concat(all))
      await inner.write(all)
    } finally {
      for (const chunk of all) chunk.fill(0)
    }
  }
  return {
    async write(chunks) {
      if (released) return inner.write(chunks)
      for (const chunk of chunks) {
        held.push(Uint8Array.from(chunk))
        size += chunk.length
      }
      if (size <= options.limit) return
      if (options.refusal !== undefined) throw options.refusal
      await release()
    },
    async commit() {
      if (!released) await release()
      await inner.commit()
    },
    async abort() {
      for (const chunk of held) chunk.fill(0)
      held = []
      await inner.abort()
    },
  }
}

/** A sink that writes bytes in another form. */
export interface EncodingSink extends ByteSink {
  /** Writes what is still held; nothing can be written after it. */
  finish(): Promise<void>
}

/** Writes base64 or hex text, ended by one newline, instead of the bytes. */
export function encodingSink(inner: ByteSink, encoding: Encoding): EncodingSink {
  if (encoding === 'raw') {
    return {
      write: chunks => inner.write(chunks),
      finish: async () => undefined,
      commit: () => inner.commit(),
      abort: () => inner.abort(),
    }
  }
  const unit = encoding === 'base64' ? 3 : 1
  let carry: Uint8Array = new Uint8Array(0)
  let finished: Promise<void> | undefined
  const encode = (bytes: Uint8Array): Buffer =>
    Buffer.from(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(encoding), 'latin1')
  const finish = (): Promise<void> => {
    finished ??= inner.write([encode(carry), Buffer.from('\n')])
    return finished
  }
  return {
    async write(chunks) {
      const bytes = Buffer.concat([carry, ...chunks])
      const whole = bytes.length - (bytes.length % unit)
      carry = Uint8Array.from(bytes.subarray(whole))
      await inner.write([encode(bytes.subarray(0, whole))])
    },
    finish,
    async commit() {
      await finish()
      await inner.commit()
    },
    abort: () => inner.abort(),
  }
}
