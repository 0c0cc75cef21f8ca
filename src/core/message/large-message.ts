/** Fits the process for much memory that comes and goes, as a cipher makes new buffers for everything it gives back. */

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

// A message of more bytes is worth the few milliseconds that the preparation takes.
const largeMessageBytes = 16 * 1024 * 1024

/** ES2024's, which TypeScript's library for Node 20 does not declare. */
type Transfer = (this: ArrayBufferLike, length: number) => ArrayBufferLike

let transfer: Transfer | undefined
let isPrepared = false

/**
 * Prepares the process once, as soon as a message is known to be a large one: {@link freeAtOnce} works from then on.
 *
 * glibc maps large buffers one by one, and returns what is freed at the end of its heap, so that all their pages have
 * to be faulted in again, until it has seen a larger mapped one freed: one is made and freed here, and never touched, so
 * that it takes no memory.
 *
 * @param bytes of the message or of the buffers lent for it, as far as they are known: more than 16 MiB are much
 * @see https://man7.org/linux/man-pages/man3/mallopt.3.html (M_MMAP_THRESHOLD, dynamic)
 */
export function prepareFor(bytes: number): void {
  if (isPrepared || bytes <= largeMessageBytes) return
  isPrepared = true
  transfer = findTransfer()
  // Above 32 MiB it would not count.
  freeAtOnce(Buffer.allocUnsafeSlow(31 * 1024 * 1024))
}

/**
 * Frees the memory of a buffer instead of leaving that to the garbage collector, which lets tens of megabytes gather:
 * the next buffer takes the same place, still in the processor's cache. The buffer is empty afterwards, and so is any
 * other view of all of its memory: that none is in use is for the caller to know. A buffer that is part of larger
 * memory, such as the pool's, is left alone.
 *
 * @see https://developer.mozilla.org/docs/Web/JavaScript/Reference/Global_Objects/ArrayBuffer/transfer
 */
export function freeAtOnce(buffer: Buffer): void {
  if (buffer.length === buffer.buffer.byteLength) transfer?.call(buffer.buffer, 0)
}

/** Node 20 has it behind a flag, which counts for contexts that are made while it is set. */
function findTransfer(): Transfer | undefined {
  const own = (ArrayBuffer.prototype as { transfer?: Transfer }).transfer
  if (own !== undefined) return own
  setFlagsFromString('--harmony-rab-gsab-transfer')
  try {
    const hidden: unknown = runInNewContext('ArrayBuffer.prototype.transfer')
    return typeof hidden === 'function' ? (hidden as Transfer) : undefined
  } catch {
    return undefined
  } finally {
    // Flags count for the whole process, and are told apart in compiled code that is kept.
    setFlagsFromString('--no-harmony-rab-gsab-transfer')
  }
}
