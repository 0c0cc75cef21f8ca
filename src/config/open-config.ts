/** Finds configuration files and reads them, without believing anything of what is found. */

import { createHash } from 'node:crypto'
import fs, { constants, type Stats } from 'node:fs'
import { geteuid } from 'node:process'
import { KmsealError, usageError } from '../errors.ts'

/** Bytes that a configuration file may have. */
export const largestConfig = 64 * 1024

/** A file as it was read, once: what is hashed is what is parsed. */
export interface ReadConfig {
  readonly bytes: Uint8Array
  /** SHA-256 of the bytes, in hex. */
  readonly sha256: string
}

/**
 * Reads a configuration file: a regular file of the user's own, which nobody else may write, of a bounded size. All
 * of it is judged on the opened file, so that nothing can be exchanged in between.
 *
 * @param path as it is shown in errors, too
 * @throws KmsealError `not-found`; `denied` for files of others or writable by others; `usage` for what is too large
 *   or no regular file; `failed`
 */
export function readConfig(path: string): ReadConfig {
  // A FIFO would otherwise keep us waiting for a writer.
  const file = open(path)
  try {
    const stats = fs.fstatSync(file)
    if (!stats.isFile()) throw usageError('it is no regular file')
    refuseOthers(stats)
    if (stats.size > largestConfig) throw tooLarge()
    const buffer = Buffer.alloc(largestConfig + 1)
    let length = 0
    let count = -1
    while (count !== 0 && length < buffer.length) {
      count = fs.readSync(file, buffer, length, buffer.length - length, null)
      length += count
    }
    if (length > largestConfig) throw tooLarge()
    const bytes = buffer.subarray(0, length)
    return { bytes, sha256: createHash('sha256').update(bytes).digest('hex') }
  } catch (error) {
    if (error instanceof KmsealError) throw error
    throw unreadable(error)
  } finally {
    fs.closeSync(file)
  }
}

/** Whether a file or folder is of the user who runs the program. */
export function isOwn({ uid }: Stats): boolean {
  const own = geteuid?.()
  return own === undefined || uid === own
}

function open(path: string): number {
  try {
    return fs.openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
  } catch (error) {
    throw unreadable(error)
  }
}

function unreadable(error: unknown): KmsealError {
  const code = (error as { code?: unknown } | null)?.code
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return new KmsealError('not-found', 'it does not exist', { cause: error })
  if (code === 'EACCES' || code === 'EPERM')
    return new KmsealError('denied', 'it may not be read', { cause: error })
  // A socket, or a device without a driver.
  if (code === 'ENXIO' || code === 'EISDIR') return usageError('it is no regular file')
  return new KmsealError('failed', `it cannot be read (${typeof code === 'string' ? code : 'unknown'})`, {
    cause: error,
  })
}

function refuseOthers(stats: Stats): void {
  if (!isOwn(stats)) throw new KmsealError('denied', 'it belongs to another user')
  if ((stats.mode & 0o022) !== 0) {
    throw new KmsealError('denied', 'others can write it', { hint: 'take that away with chmod go-w' })
  }
}

function tooLarge(): KmsealError {
  return usageError(`it is larger than ${largestConfig} bytes`)
}
