/** Output files that appear whole or not at all. */

import { randomBytes } from 'node:crypto'
import { constants, type Stats, writev } from 'node:fs'
import { type FileHandle, link, open, readlink, realpath, rename, stat, unlink } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { ByteSink } from '../byte-stream.ts'
import { KmsealError, usageError } from '../errors.ts'
import { fileError, type OpenSource, openFileSource, refuseLossyName } from './file-source.ts'
import { printable } from './printable.ts'
import { dropTemporaryFile, makeTemporaryFile } from './temporary-files.ts'

/** A temporary file is flushed to disk while it grows, a piece of this many bytes at a time. */
const flushEvery = 16 * 1024 * 1024

/** Where an output path leads: to a regular (or new) file, or to something that is written directly. */
export interface OutputTarget {
  /** The path as it was given, for messages. */
  readonly path: string
  /** The path with symbolic links resolved. */
  readonly realPath: string
  /** False for FIFOs, devices and the like, which cannot be replaced. */
  readonly replaceable: boolean
  /** Whether something is there now. */
  readonly exists: boolean
  /** What a regular file was like when it was looked at. */
  readonly stats?: Stats
}

/**
 * Looks at an output path once, resolving symbolic links.
 *
 * @throws KmsealError `usage` for a directory, `failed` when the folder of the file is missing or unreachable
 */
export async function lookAtTarget(path: string): Promise<OutputTarget> {
  refuseLossyName(path)
  try {
    const stats = await stat(path)
    if (stats.isDirectory()) throw usageError(`${printable(path)} is a directory`, 'name a file in it')
    // The path of a shell's >(command) leads to a pipe that has no real path.
    if (!stats.isFile()) return { path, realPath: path, replaceable: false, exists: true }
    return { path, realPath: await realpath(path), replaceable: true, exists: true, stats }
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
  /**
   * The file is to take the place of the one that was looked at: it gets its owner, where that is allowed, and its
   * permission bits, and does not replace it when it was changed since.
   */
  readonly succeed?: boolean
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
      try {
        const handle = await makeTemporaryFile(path)
        this.#temporaryPath = path
        this.#handle = handle
        return handle
      } catch (error) {
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
      const { modified, keepExisting, succeed, mode } = this.#options
      if (succeed === true) await takeAfter(handle, this.#target)
      if (mode !== undefined) await handle.chmod(mode)
      if (modified !== undefined) await handle.utimes(new Date(), modified)
      await handle.sync()
      await handle.close()
      this.#handle = undefined
      if (succeed === true) await refuseChanged(this.#target)
      if (keepExisting === true) await this.#moveToFreePlace(temporaryPath)
      else await rename(temporaryPath, this.#target.realPath)
      dropTemporaryFile(temporaryPath)
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
      const { code = '' } = error as NodeJS.ErrnoException
      if (code === 'EEXIST') throw existsError(this.#target.path)
      if (!withoutLinks.has(code)) throw error
      await takePlace(this.#target)
      await rename(temporaryPath, this.#target.realPath)
      return
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
    dropTemporaryFile(this.#temporaryPath)
    this.#temporaryPath = undefined
  }
}

/** What file systems say that know no hard links, such as FAT and some network shares. */
const withoutLinks = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK'])

/** Makes an empty file where there is none, to be renamed over. */
async function takePlace(target: OutputTarget): Promise<void> {
  try {
    await (await open(target.realPath, 'wx', 0o600)).close()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw existsError(target.path)
    throw error
  }
}

/** Gives a new file the owner and the permission bits of the one that it succeeds. */
async function takeAfter(handle: FileHandle, { stats }: OutputTarget): Promise<void> {
  if (stats === undefined) return
  const own = await handle.stat()
  // Only root may give files away; a group is kept where its owner is in it.
  if (own.uid !== stats.uid || own.gid !== stats.gid) {
    await handle.chown(stats.uid, stats.gid).catch(() => undefined)
  }
  await handle.chmod(stats.mode & 0o777)
}

async function refuseChanged({ path, realPath, stats: before }: OutputTarget): Promise<void> {
  const now = await stat(realPath).catch(() => undefined)
  const members = ['dev', 'ino', 'size', 'mtimeMs', 'ctimeMs'] as const
  if (members.every(member => now?.[member] === before?.[member])) return
  throw new KmsealError('failed', `${printable(path)} was changed by someone else meanwhile`, {
    hint: 'it was left as it is now: try it again',
  })
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
