/**
 * Opening LMDB so that several processes can share a folder.
 *
 * LMDB orders the writers of all processes, but lmdb 3.5 leaves two gaps around opening and closing. An
 * opener stores the transaction number that it read a moment before, and undoes a commit made in between;
 * so nobody may commit while somebody opens. And the last one to close destroys the mutexes, which an
 * opener may have found just before; so nobody may open while somebody closes.
 */

import fs from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { open as openLmdb, RootDatabase, RootDatabaseOptionsWithPath } from 'lmdb'

/** The environment of the data, and what keeps its writers apart from openers. */
export interface SharedEnvironment {
  readonly database: RootDatabase<Buffer, Buffer>
  /** Runs `work` as one transaction over all processes; applied wholly, or not at all when it throws. */
  write<T>(work: () => T): T
  close(): Promise<void>
}

/** LMDB's files in the folder: those with pages in them, and with their lock files. */
export const environmentFiles = {
  data: ['data.mdb', 'gate.mdb'],
  all: ['data.mdb', 'lock.mdb', 'gate.mdb', 'gate.mdb-lock'],
} as const

/** The file that is there while a process opens or closes. */
export const turnFile = 'opening.lock'

// Address space, not disk: the file grows as it is used.
const mapBytes = 16 * 2 ** 30
const staleMs = 3000
const retryMs = 1

const common = {
  encoding: 'binary',
  keyEncoding: 'binary',
  maxReaders: 512,
  // A commit then is a write to the page cache: safe from the end of the process, not from power loss.
  noSync: true,
} as const

/**
 * Opens the folder's environment.
 *
 * @param open lmdb's function of that name
 * @throws Error of LMDB or of the file system
 * @see http://www.lmdb.tech/doc/
 */
export async function openSharedEnvironment(
  open: typeof openLmdb,
  directory: string,
): Promise<SharedEnvironment> {
  const openDatabase = (options: RootDatabaseOptionsWithPath) =>
    open<Buffer, Buffer>({ ...common, ...options })
  const { gate, database } = await inTurn(directory, () => {
    // The gate is never written: its transactions are a mutex that outlives no process. Whoever opens or
    // writes the data holds it.
    const gate = openDatabase({ path: join(directory, 'gate.mdb'), mapSize: 2 ** 20 })
    return {
      gate,
      database: gate.transactionSync(() => openDatabase({ path: directory, mapSize: mapBytes })),
    }
  })
  let writing = false
  return {
    database,
    write: work => {
      // Part of the outer transaction, which an exception ends as a whole.
      if (writing) return work()
      writing = true
      try {
        return gate.transactionSync(() => database.transactionSync(work))
      } finally {
        writing = false
      }
    },
    close: () =>
      inTurn(directory, async () => {
        await database.close()
        await gate.close()
      }),
  }
}

/** Runs `work` while no other process does the same, for the few milliseconds that it takes. */
async function inTurn<T>(directory: string, work: () => T | Promise<T>): Promise<T> {
  const path = join(directory, turnFile)
  while (!take(path)) {
    // The one who made it was killed in the act.
    if (ageMs(path) > staleMs) release(path)
    await setTimeout(retryMs)
  }
  try {
    return await work()
  } finally {
    release(path)
  }
}

function take(path: string): boolean {
  try {
    fs.closeSync(fs.openSync(path, 'wx', 0o600))
    return true
  } catch (error) {
    // On a full disk, or in a folder that is gone, go on without: that still reads and closes.
    return !(error instanceof Error && 'code' in error && error.code === 'EEXIST')
  }
}

function release(path: string): void {
  try {
    fs.unlinkSync(path)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  }
}

function ageMs(path: string): number {
  const stats = fs.statSync(path, { throwIfNoEntry: false })
  // Absolute, so that a clock that was set back does not make a file last for ever.
  return stats === undefined ? 0 : Math.abs(Date.now() - stats.mtimeMs)
}
