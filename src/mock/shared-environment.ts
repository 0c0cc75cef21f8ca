/**
 * Opening LMDB so that several processes can share a folder.
 *
 * LMDB orders the writers of all processes, but lmdb 3.5 leaves two gaps around opening and closing. An
 * opener stores the transaction number that it read a moment before, and undoes a commit made in between;
 * so nobody may commit while somebody opens. And the last one to close destroys the mutexes, which an
 * opener may have found just before; so nobody may open while somebody closes.
 *
 * A third gap is below LMDB, in its mutexes: when a process is killed between freeing one and waking the next
 * waiter, that one sleeps for ever. So writers queue at a file before they come to the mutex. The mutex still is
 * what keeps them apart: one who has waited long at the file goes on without it.
 */

import { join } from 'node:path'
import type { open as openLmdb, RootDatabase, RootDatabaseOptionsWithPath } from 'lmdb'
import { inTurn, inTurnSync } from './turn.ts'

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

const openingFile = 'opening.lock'
const writingFile = 'writing.lock'

/** The files that are there while a process opens or closes, or writes. */
export const turnFiles = [openingFile, writingFile] as const

// Address space, not disk: the file grows as it is used.
const mapBytes = 16 * 2 ** 30

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
  const opening = { path: join(directory, openingFile), staleMs: 3000 }
  const writing = { path: join(directory, writingFile), staleMs: 200 }
  const { gate, database } = await inTurn(opening, () => {
    // The gate is never written: its transactions are a mutex that outlives no process. Whoever opens or
    // writes the data holds it.
    const gate = openDatabase({ path: join(directory, 'gate.mdb'), mapSize: 2 ** 20 })
    return inTurnSync(writing, () => ({
      gate,
      database: gate.transactionSync(() =>
        // A folder with a dot in its name, as mktemp -d makes, would be taken for a file.
        openDatabase({ path: directory, mapSize: mapBytes, noSubdir: false }),
      ),
    }))
  })
  let inside = false
  return {
    database,
    write: work => {
      // Part of the outer transaction, which an exception ends as a whole.
      if (inside) return work()
      inside = true
      try {
        return inTurnSync(writing, () => gate.transactionSync(() => database.transactionSync(work)))
      } finally {
        inside = false
      }
    },
    close: () =>
      inTurn(opening, async () => {
        await database.close()
        await gate.close()
      }),
  }
}
