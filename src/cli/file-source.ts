/** Bytes from a file or a stream, as the crypto core reads them. */

import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { ByteSource } from '../byte-stream.ts'
import { KmsealError, usageError } from '../errors.ts'
import type { InputStream } from './io.ts'
import { printable } from './printable.ts'

/** A source that holds a file open until it is closed. */
export interface OpenSource extends ByteSource {
  close(): Promise<void>
}

/**
 * Refuses a name that was no UTF-8: it came here with U+FFFD in the place of its bytes, and could be that of another
 * file.
 *
 * @throws KmsealError `usage`
 */
export function refuseLossyName(path: string): void {
  if (path.includes('\ufffd')) throw lossyName(path)
}

/** The refusal of such a name. */
export function lossyName(path: string): KmsealError {
  return usageError(`${printable(path)} is a name that is no UTF-8, or has U+FFFD in it`, 'rename the file')
}

/**
 * Opens a file for reading. Regular files are read by position, so that reads may overlap; FIFOs and
 * devices are read in order.
 *
 * @throws KmsealError `not-found` (absent), `usage` (a directory), `failed` (not readable)
 */
export async function openFileSource(path: string): Promise<OpenSource> {
  refuseLossyName(path)
  let handle: FileHandle
  try {
    handle = await open(path, constants.O_RDONLY)
  } catch (error) {
    throw fileError(error, path, 'read')
  }
  try {
    const stats = await handle.stat()
    if (stats.isDirectory())
      throw usageError(
        `${printable(path)} is a directory`,
        'name the files in it, or add --recursive where a command has it',
      )
    return stats.isFile() ? regularFileSource(handle, path, stats.size) : sequentialFileSource(handle, path)
  } catch (error) {
    await handle.close()
    throw error
  }
}

function regularFileSource(handle: FileHandle, path: string, size: number): OpenSource {
  let position = 0
  let furthest = 0
  let end = Number.POSITIVE_INFINITY
  return {
    // Files of /proc say that they are empty, and are not.
    size: size > 0 ? size : undefined,
    async read(target) {
      const start = position
      position += target.length
      let count = 0
      try {
        while (count < target.length) {
          const { bytesRead } = await handle.read(target, count, target.length - count, start + count)
          if (bytesRead === 0) break
          count += bytesRead
        }
      } catch (error) {
        throw fileError(error, path, 'read')
      }
      // Reads in flight may finish in any order: bytes beyond a found end mean that the file grew meanwhile.
      if (count > 0) furthest = Math.max(furthest, start + count)
      if (count < target.length) end = Math.min(end, start + count)
      if (furthest > end) throw new KmsealError('failed', `${printable(path)} changed while it was read`)
      return count
    },
    close: () => handle.close(),
  }
}

function sequentialFileSource(handle: FileHandle, path: string): OpenSource {
  let queue: Promise<unknown> = Promise.resolve()
  const readNext = async (target: Uint8Array): Promise<number> => {
    let count = 0
    try {
      while (count < target.length) {
        const { bytesRead } = await handle.read(target, count, target.length - count, null)
        if (bytesRead === 0) break
        count += bytesRead
      }
    } catch (error) {
      throw fileError(error, path, 'read')
    }
    return count
  }
  return {
    read(target) {
      const next = queue.then(() => readNext(target))
      queue = next.catch(() => undefined)
      return next
    },
    close: () => handle.close(),
  }
}

/** Reads a stream (standard input) in order, in pieces as large as the reader asks for. */
export function streamSource(stream: InputStream): OpenSource {
  const iterator = stream[Symbol.asyncIterator]() as AsyncIterator<string | Uint8Array>
  let pending: Uint8Array = new Uint8Array(0)
  let ended = false
  let queue: Promise<unknown> = Promise.resolve()
  const readNext = async (target: Uint8Array): Promise<number> => {
    let count = 0
    while (count < target.length) {
      if (pending.length === 0) {
        if (ended) break
        const next = await iterator.next()
        if (next.done === true) {
          ended = true
          break
        }
        pending = typeof next.value === 'string' ? Buffer.from(next.value) : next.value
        continue
      }
      const part = pending.subarray(0, target.length - count)
      target.set(part, count)
      count += part.length
      pending = pending.subarray(part.length)
    }
    return count
  }
  return {
    read(target) {
      const next = queue.then(() => readNext(target))
      queue = next.catch(() => undefined)
      return next
    },
    async close() {
      stream.destroy()
    },
  }
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  EROFS: 'the file system is read-only',
  ENOSPC: 'no space is left on the device',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file would be too large',
  EEXIST: 'a file is where its folder should be',
  EIO: 'input/output error',
  EISDIR: 'it is a directory',
  ENOTDIR: 'a part of the path is no directory',
  ELOOP: 'too many symbolic links',
  ENAMETOOLONG: 'the name is too long',
  EMFILE: 'too many open files',
  ETXTBSY: 'the file is being executed',
}

/** What an error number of the system means, in words. */
export function errnoReason(errno: string): string {
  return reasons[errno] ?? errno
}

/** Turns an error of the file system into one of ours, naming the file and what was being done with it. */
export function fileError(error: unknown, path: string, action: 'read' | 'write'): Error {
  if (error instanceof KmsealError) return error
  const errno = (error as NodeJS.ErrnoException).code
  if (errno === undefined) return error instanceof Error ? error : new Error(String(error))
  if (errno === 'ENOENT' && action === 'read') {
    return new KmsealError('not-found', `${printable(path)} does not exist`, { cause: error })
  }
  const reason = errno === 'ENOENT' ? 'its folder does not exist' : errnoReason(errno)
  return new KmsealError('failed', `cannot ${action} ${printable(path)}: ${reason}`, { cause: error })
}
