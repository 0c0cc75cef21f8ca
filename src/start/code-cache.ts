/** Keeps what V8 compiled of the program's parts for its next start, in a folder that is the user's alone. */

import { createHash, randomBytes } from 'node:crypto'
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, isAbsolute, join } from 'node:path'

const keptForDays = 30

// Of the names of our files, so that nothing else in the folder is ever dropped.
const suffix = '.compiled'

/** Where the code of a part lies behind the table, and the digest of it: V8 believes what it is given. */
type Place = readonly [offset: number, length: number, digest: string]

// In front: the length of the table of places in 4 bytes, and its digest.
const digestLength = 32
const frontLength = 4 + digestLength

/** What keeps a folder from being used: there is none, or others could put their code there. */
export interface FolderFault {
  /** The folder that is at fault: that of the code, or one above it. */
  readonly folder: string
  readonly why: 'missing' | 'no folder' | 'owned by another' | 'open to others' | 'written by others'
}

/** The digest of code, and of the text that it was made from (SHA-256). */
export function digest(data: Uint8Array): Buffer {
  return createHash('sha256').update(data).digest()
}

/**
 * Where compiled code may be kept: `$XDG_CACHE_HOME/kmseal`, or `~/.cache/kmseal`.
 *
 * @returns nothing when there is no such place, or NODE_DISABLE_COMPILE_CACHE is set
 * @see https://specifications.freedesktop.org/basedir-spec/latest/
 */
export function codeCacheFolder(env: Readonly<Record<string, string | undefined>>): string | undefined {
  if (env['NODE_DISABLE_COMPILE_CACHE']) return undefined
  const { XDG_CACHE_HOME: cache = '', HOME: home = '' } = env
  if (isAbsolute(cache)) return join(cache, 'kmseal')
  return isAbsolute(home) ? join(home, '.cache', 'kmseal') : undefined
}

/**
 * Compiled code by the names of parts, in one file. It would be run as it is found, so that it is read and written only
 * where nobody else can write; everywhere else, and after any failure, there just is none.
 */
export class CodeCache {
  #folder: string
  readonly #name: string
  readonly #user: number
  #fault: FolderFault | undefined
  #file: number | undefined
  #places: ReadonlyMap<string, Place> = new Map()
  #start = 0

  /**
   * @param name of the file: different for all that cannot use each other's code
   * @param user whose the folder must be: the effective user id
   */
  constructor(folder: string, name: string, user: number) {
    this.#folder = folder
    this.#name = `${name}${suffix}`
    this.#user = user
    if (!this.#isOurs()) return
    try {
      const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK
      this.#file = openSync(join(this.#folder, this.#name), flags)
      // It may have come there while the folder was open to others.
      const stats = fstatSync(this.#file)
      if (!stats.isFile() || stats.uid !== user || (stats.mode & 0o022) !== 0) throw new Error('not ours')
      this.#places = this.#readPlaces()
    } catch {
      this.#close()
    }
  }

  /** What keeps compiled code from being kept and found, as it was when this was made or prepared. */
  get fault(): FolderFault | undefined {
    return this.#fault
  }

  #isOurs(): boolean {
    try {
      // Where the folder really is, from now on: a link on the way could lead elsewhere at the next call.
      this.#folder = join(realpathSync.native(dirname(this.#folder)), basename(this.#folder))
      this.#fault = faultOf(this.#folder, this.#user) ?? moverAbove(this.#user, dirname(this.#folder))
    } catch {
      this.#fault = { folder: this.#folder, why: 'missing' }
    }
    return this.#fault === undefined
  }

  #readPlaces(): ReadonlyMap<string, Place> {
    const front = this.#read(0, frontLength)
    const table = this.#read(frontLength, front.readUInt32BE(0))
    if (!digest(table).equals(front.subarray(4))) throw new Error('the table is damaged')
    this.#start = frontLength + table.length
    return new Map(Object.entries(JSON.parse(table.toString('utf8'))))
  }

  #read(offset: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length)
    if (this.#file === undefined || readSync(this.#file, bytes, 0, length, offset) < length)
      throw new Error('the file is cut')
    return bytes
  }

  /** The code that was kept under a name, whole and unaltered. */
  get(part: string): Buffer | undefined {
    const place = this.#places.get(part)
    if (place === undefined) return undefined
    try {
      const data = this.#read(this.#start + place[0], place[1])
      return digest(data).toString('hex') === place[2] ? data : undefined
    } catch {
      return undefined
    }
  }

  /**
   * Makes the folder and the one above it, but no home that does not exist, and none in the home of another. Says
   * whether there is any use in {@link CodeCache.add}.
   */
  prepare(): boolean {
    for (const folder of [dirname(this.#folder), this.#folder]) {
      try {
        const above = realpathSync.native(dirname(folder))
        this.#fault = moverAbove(this.#user, above)
        if (this.#fault !== undefined) return false
        mkdirSync(join(above, basename(folder)), { mode: 0o700 })
      } catch {
        // It is there, or cannot be.
      }
    }
    return this.#isOurs()
  }

  /** Keeps code beside what was kept before. Of two processes that do so at once one may lose what it has. */
  add(codes: ReadonlyMap<string, Buffer>): void {
    const all = new Map(codes)
    for (const part of this.#places.keys()) {
      const known = all.has(part) ? undefined : this.get(part)
      if (known !== undefined) all.set(part, known)
    }
    const fresh = join(this.#folder, `.${randomBytes(8).toString('hex')}${suffix}`)
    try {
      writeFileSync(fresh, contents(all), { flag: 'wx', mode: 0o600 })
      renameSync(fresh, join(this.#folder, this.#name))
      this.#dropOld()
    } catch {
      remove(fresh)
    }
  }

  /** Drops what other versions left a month ago. */
  #dropOld(): void {
    const oldest = Date.now() - keptForDays * 24 * 60 * 60 * 1000
    for (const name of readdirSync(this.#folder)) {
      const file = join(this.#folder, name)
      if (name.endsWith(suffix) && lstatSync(file).mtimeMs < oldest) remove(file)
    }
  }

  #close(): void {
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
    this.#places = new Map()
  }
}

/** What is wrong with the folder of the code itself. */
function faultOf(folder: string, user: number): FolderFault | undefined {
  const { mode, uid } = lstatSync(folder)
  if ((mode & 0o170000) !== 0o040000) return { folder, why: 'no folder' }
  if (uid !== user) return { folder, why: 'owned by another' }
  return (mode & 0o077) === 0 ? undefined : { folder, why: 'open to others' }
}

/**
 * Where somebody else than the user and root could put something in the place of what is in a folder, whose path is
 * real.
 */
function moverAbove(user: number, start: string): FolderFault | undefined {
  for (let folder = start; ; folder = dirname(folder)) {
    const { mode, uid } = lstatSync(folder)
    if (uid !== user && uid !== 0) return { folder, why: 'owned by another' }
    if ((mode & 0o022) !== 0 && (mode & 0o1000) === 0) return { folder, why: 'written by others' }
    if (folder === dirname(folder)) return undefined
  }
}

function contents(codes: ReadonlyMap<string, Buffer>): Buffer {
  let offset = 0
  const places = [...codes].map(([part, data]): [string, Place] => {
    offset += data.length
    return [part, [offset - data.length, data.length, digest(data).toString('hex')]]
  })
  const table = Buffer.from(JSON.stringify(Object.fromEntries(places)))
  const front = Buffer.alloc(4)
  front.writeUInt32BE(table.length)
  return Buffer.concat([front, digest(table), table, ...codes.values()])
}

function remove(file: string): void {
  try {
    unlinkSync(file)
  } catch {
    // It is gone, or stays for another time.
  }
}
