/** Output files that appear whole or not at all. */

import { randomBytes } from 'node:crypto'
import { constants, unlinkSync, writev } from 'node:fs'
import { type FileHandle, link, open, readlink, realpath, rename, stat, unlink } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { ByteSink } from '../byte-stream.ts'
import { KmsealError, usageError } from '../errors.ts'
import { ClosedPipeError } from './closed-pipe.ts'
import { fileError, type OpenSource, openFileSource } from './file-source.ts'
import { printable } from './printable.ts'

/** A temporary file is flushed to disk while it grows, a piece of this many bytes at a time. */
const flushEvery = 16 * 1024 * 1024

/** Temporary files that exist now; a signal handler removes them before the process dies. */
const temporaryFiles = new Set<string>()

/** Files that are being made now: they may come to be after a look at what exists. */
const beingMade = new Set<Promise<unknown>>()
let dying = false

/** Removes every temporary file of this process, and lets it make no more; for signal handlers. */
export async function endTemporaryFiles(): Promise<void> {
  dying = true
  await Promise.allSettled(beingMade)
  removeTemporaryFiles()
}

/** Removes every temporary file of this process. */
export function removeTemporaryFiles(): void {
  for (const path of temporaryFiles) {
    try {
      unlinkSync(path)
    } catch {
      // Gone already, or out of reach: nothing more can be done while dying.
    }
  }
  temporaryFiles.clear()
}

async function makeTemporaryFile(path: string): Promise<FileHandle> {
  // Whoever waits for it dies with the process.
  if (dying) return new Promise<never>(() => undefined)
  const made = open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600)
  beingMade.add(made)
  try {
    return await made
  } finally {
    beingMade.delete(made)
  }
}

/** Where an output path leads: to a regular (or new) file, or to something that is written directly. */
export interface OutputTarget {
  /** The path as it was given, for messages. */
  readonly path: string
  /** The path with symbolic links resolved. */
  readonly realPath: string
  /** False for FIFOs, devices and the like, which cannot be replaced. */
  readonly replaceable: boolean
  /** Whether a regular file is there now. */
  readonly exists: boolean
}

/**
 * Looks at an output path once, resolving symbolic links.
 *
 * @throws KmsealError `usage` for a directory, `failed` when the folder of the file is missing or unreachable
 */
export async function lookAtTarget(path: string): Promise<OutputTarget> {
  try {
    const stats = await stat(path)
    if (stats.isDirectory()) throw usageError(`${printable(path)} is a directory`, 'name a file in it')
    // The path of a shell's >(command) leads to a pipe that has no real path.
    if (!stats.isFile()) return { path, realPath: path, replaceable: false, exists: true }
    return { path, realPath: await realpath(path), replaceable: true, exists: true }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw fileError(error, path, 'write')
  }
  try {
    // A link that leads nowhere yet is followed as well: the file is made where it points.
    const link = await readlink(path).catch(() => undefined)
    const place = link === undefined ? resolve(path) : resolve(dirname(path), link)
    const folder = await realpath(dirname(place))
    return { path, realPath: join(folder, basename(place)), replaceable: true, exists: false }
  } catch (error) {
    throw fileError(error, path, 'write')
  }
}

/** What a new file is to be like. */
export interface AtomicFileOptions {
  /** Refuse to take the place of a file that is there by then. */
  readonly keepExisting?: boolean
  /** When the file was last changed, as it shall say. */
  readonly modified?: Date
  /** Permission bits, instead of 0600. */
  readonly mode?: number
  /** Take the permission bits of the file that is replaced. */
  readonly preserve?: boolean
}

/**
 * A sink that writes a new file beside its target (mode 0600, random name, O_EXCL) and renames it into
 * place at {@link AtomicFileSink.commit}, after fsync. Until then the target is as it was.
 */
export class AtomicFileSink implements ByteSink {
  readonly #target: OutputTarget
  #handle: FileHandle | undefined
  #temporaryPath: string | undefined
  #opening: Promise<FileHandle> | undefined
  #position = 0
  #flushedUpTo = 0
  #flushing: Promise<void> = Promise.resolve()
  // One write at a time: the kernel locks the file for each, and threads that wait for it burn a processor.
  #writing: Promise<void> = Promise.resolve()

  readonly #options: AtomicFileOptions

  constructor(target: OutputTarget, options: AtomicFileOptions = {}) {
    this.#target = target
    this.#options = options
  }

  #open(): Promise<FileHandle> {
    this.#opening ??= (async () => {
      const path = join(dirname(this.#target.realPath), `.kmseal-${randomBytes(8).toString('hex')}.tmp`)
      temporaryFiles.add(path)
      try {
        const handle = await makeTemporaryFile(path)
        this.#temporaryPath = path
        this.#handle = handle
        return handle
      } catch (error) {
        temporaryFiles.delete(path)
        throw fileError(error, this.#target.path, 'write')
      }
    })()
    return this.#opening
  }

  write(chunks: readonly Uint8Array[]): Promise<void> {
    const written = this.#writing.then(() => this.#append(chunks))
    // A failed write fails the ones behind it too, and is told to each of their callers.
    this.#writing = written
    written.catch(() => undefined)
    return written
  }

  async #append(chunks: readonly Uint8Array[]): Promise<void> {
    const handle = this.#handle ?? (await this.#open())
    try {
      let rest = chunks.filter(chunk => chunk.length > 0)
      while (rest.length > 0) {
        const written = await writeAt(handle.fd, rest, this.#position)
        this.#position += written
        rest = dropBytes(rest, written)
      }
    } catch (error) {
      throw fileError(error, this.#target.path, 'write')
    }
    this.#flushWhileGrowing(handle)
  }

  // Starting the disk early keeps the fsync at the end short. An error counts: the kernel tells it once.
  #flushWhileGrowing(handle: FileHandle): void {
    if (this.#position - this.#flushedUpTo < flushEvery) return
    this.#flushedUpTo = this.#position
    this.#flushing = this.#flushing.then(() => handle.datasync())
    this.#flushing.catch(() => undefined)
  }

  /** Opens what was written so far, before it is committed. The caller closes it. */
  async readBack(): Promise<OpenSource> {
    await this.#open()
    await this.#writing
    return openFileSource(this.#temporaryPath ?? '')
  }

  async commit(): Promise<void> {
    const handle = await this.#open()
    const temporaryPath = this.#temporaryPath ?? ''
    try {
      await this.#writing
      await this.#flushing
      const { modified, keepExisting, preserve } = this.#options
      const mode = preserve === true ? (await stat(this.#target.realPath)).mode & 0o777 : this.#options.mode
      if (mode !== undefined) await handle.chmod(mode)
      if (modified !== undefined) await handle.utimes(new Date(), modified)
      await handle.sync()
      await handle.close()
      this.#handle = undefined
      if (keepExisting === true) await this.#moveToFreePlace(temporaryPath)
      else await rename(temporaryPath, this.#target.realPath)
      temporaryFiles.delete(temporaryPath)
      this.#temporaryPath = undefined
    } catch (error) {
      throw fileError(error, this.#target.path, 'write')
    }
    await syncFolder(dirname(this.#target.realPath))
  }

  /** A rename would replace what came there meanwhile; a link does not. */
  async #moveToFreePlace(temporaryPath: string): Promise<void> {
    try {
      await link(temporaryPath, this.#target.realPath)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw existsError(this.#target.path)
      throw error
    }
    await unlink(temporaryPath)
  }

  async abort(): Promise<void> {
    await this.#opening?.catch(() => undefined)
    await this.#writing.catch(() => undefined)
    await this.#flushing.catch(() => undefined)
    await this.#handle?.close().catch(() => undefined)
    this.#handle = undefined
    if (this.#temporaryPath === undefined) return
    await unlink(this.#temporaryPath).catch(() => undefined)
    temporaryFiles.delete(this.#temporaryPath)
    this.#temporaryPath = undefined
  }
}

/** The refusal to replace a file whose name was made up. */
export function existsError(path: string): KmsealError {
  return new KmsealError('exists', `${printable(path)} exists already`, {
    hint: 'replace it with --force, or leave it with --skip-existing',
  })
}

function writeAt(fd: number, chunks: readonly Uint8Array[], position: number): Promise<number> {
  return new Promise((fulfil, reject) => {
    writev(fd, chunks, position, (error, written) => (error === null ? fulfil(written) : reject(error)))
  })
}

/** What is left of `chunks` after `count` bytes: a short write ends in the middle of one of them. */
function dropBytes(chunks: readonly Uint8Array[], count: number): Uint8Array[] {
  const rest: Uint8Array[] = []
  let toDrop = count
  for (const chunk of chunks) {
    if (toDrop >= chunk.length) toDrop -= chunk.length
    else {
      rest.push(chunk.subarray(toDrop))
      toDrop = 0
    }
  }
  return rest
}

async function syncFolder(folder: string): Promise<void> {
  // Some file systems cannot open or sync a folder; the file itself is on disk by now.
  const handle = await open(folder, constants.O_RDONLY).catch(() => undefined)
  if (handle === undefined) return
  await handle.sync().catch(() => undefined)
  await handle.close().catch(() => undefined)
}

/** Opens a FIFO or device for writing in order. */
export async function openDirectSink(target: OutputTarget): Promise<ByteSink> {
  let handle: FileHandle
  try {
    handle = await open(target.realPath, constants.O_WRONLY)
  } catch (error) {
    throw fileError(error, target.path, 'write')
  }
  let queue: Promise<void> = Promise.resolve()
  const close = async (): Promise<void> => {
    await queue.catch(() => undefined)
    await handle.close().catch(() => undefined)
  }
  return {
    write(chunks) {
      queue = queue.then(async () => {
        for (const chunk of chunks) {
          for (let done = 0; done < chunk.length; ) {
            done += (await handle.write(chunk, done, chunk.length - done, null)).bytesWritten
          }
        }
      })
      return queue.catch(error => {
        throw closedOr(error, target.path)
      })
    },
    commit: close,
    abort: close,
  }
}

function closedOr(error: unknown, path: string): Error {
  if ((error as NodeJS.ErrnoException).code === 'EPIPE') return new ClosedPipeError()
  return fileError(error, path, 'write')
}
