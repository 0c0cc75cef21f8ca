/** The mock's state: an ordered map in LMDB, shared by processes, with typed tables over it. */

import { statSync } from 'node:fs'
import { join } from 'node:path'
import { KmsealError } from '../errors.ts'
import { openSharedEnvironment, type SharedEnvironment } from './shared-environment.ts'
import { prepareStateFolder, stateFailure } from './state-folder.ts'

const longestKey = 1900

/** Part of a range of keys: those after `after`, up to `limit` of them. */
export interface Range {
  /** Exclusive lower bound, relative to the prefix. */
  readonly after?: string | undefined
  readonly limit?: number | undefined
}

/**
 * An ordered map from text to bytes. Keys compare by their UTF-8 bytes.
 *
 * Reads outside `write` see the state of one moment, within one turn of the event loop.
 */
export interface Store {
  get(key: string): Buffer | undefined
  /** The entries whose keys begin with `prefix`; keys are given without it. */
  entries(prefix: string, range?: Range): Iterable<readonly [string, Buffer]>
  /** The number of keys that begin with `prefix`. */
  count(prefix: string): number
  /** Only inside `write`. */
  put(key: string, value: Buffer): void
  /** Only inside `write`. */
  remove(key: string): void
  /**
   * Runs `work` as one transaction over all processes: it sees every earlier one, and is applied wholly
   * when it returns and not at all when it throws. What it wrote then survives the end of the process.
   * `work` must not be asynchronous. Within another `write` it joins that one.
   *
   * @throws KmsealError failed when the disk is full
   */
  write<T>(work: () => T): T
  /** Makes the next reads see what other processes wrote meanwhile. */
  refresh(): void
  /** Removes everything. */
  clear(): void
  /** Size of the data file in bytes. */
  bytes(): number
  close(): Promise<void>
}

/**
 * Opens the state in a folder, making it when it is missing.
 *
 * @throws KmsealError denied or failed, as `prepareStateFolder`; failed when the lmdb package is absent
 * @see http://www.lmdb.tech/doc/
 */
export async function openStore(directory: string): Promise<Store> {
  await prepareStateFolder(directory)
  const { open } = await import('lmdb').catch((error: unknown) => {
    throw new KmsealError('failed', 'the mock needs the package lmdb, which could not be loaded', {
      hint: 'install it beside kmseal: npm install lmdb',
      cause: error,
    })
  })
  try {
    return storeOver(await openSharedEnvironment(open, directory), directory)
  } catch (error) {
    throw stateFailure(directory, error)
  }
}

function storeOver(environment: SharedEnvironment, directory: string): Store {
  const { database } = environment
  function* entries(prefix: string, range: Range = {}): Iterable<readonly [string, Buffer]> {
    const lower = Buffer.from(prefix + (range.after ?? ''))
    const found = database.getRange({
      // Appending a zero byte gives the first key after the bound.
      start: range.after === undefined ? lower : Buffer.concat([lower, Buffer.of(0)]),
      end: endOf(prefix),
      ...(range.limit === undefined ? {} : { limit: range.limit }),
    })
    const skip = Buffer.byteLength(prefix)
    for (const { key, value } of found) yield [key.toString('utf8', skip), value] as const
  }
  return {
    get: key => {
      const bytes = Buffer.from(key)
      return bytes.length > longestKey ? undefined : database.get(bytes)
    },
    entries,
    count: prefix => database.getKeysCount({ start: Buffer.from(prefix), end: endOf(prefix) }),
    put: (key, value) => {
      database.putSync(Buffer.from(key), value)
    },
    remove: key => {
      database.removeSync(Buffer.from(key))
    },
    write: work => {
      try {
        return environment.write(work)
      } catch (error) {
        throw isLmdbError(error) ? stateFailure(directory, error) : error
      }
    },
    refresh: () => database.resetReadTxn(),
    clear: () => environment.write(() => database.clearSync()),
    bytes: () => statSync(join(directory, 'data.mdb')).size,
    close: () => environment.close(),
  }
}

/** The first key after all that begin with a prefix. */
function endOf(prefix: string): Buffer {
  return Buffer.concat([Buffer.from(prefix), Buffer.of(0xff)])
}

function isLmdbError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'number'
}

/** Whose state: one account in one Region. */
export interface Scope {
  readonly account: string
  readonly region: string
}

/** Records of one kind, apart for each account and Region, ordered by id. */
export interface Table<T> {
  get(store: Store, scope: Scope, id: string): T | undefined
  put(store: Store, scope: Scope, id: string, record: T): void
  remove(store: Store, scope: Scope, id: string): void
  /** The records whose ids begin with `prefix`; ids are given whole. */
  list(store: Store, scope: Scope, prefix?: string, range?: Range): Iterable<readonly [string, T]>
  /** All accounts and Regions together. */
  count(store: Store): number
}

/**
 * Declares a table. Records are kept as JSON.
 *
 * @param name one or a few letters, unique in the program
 */
export function table<T>(name: string): Table<T> {
  const prefixOf = (scope: Scope) => `${name}\0${scope.account}\0${scope.region}\0`
  return {
    get: (store, scope, id) => {
      const found = store.get(prefixOf(scope) + id)
      return found === undefined ? undefined : (JSON.parse(found.toString()) as T)
    },
    put: (store, scope, id, record) => {
      store.put(prefixOf(scope) + id, Buffer.from(JSON.stringify(record)))
    },
    remove: (store, scope, id) => store.remove(prefixOf(scope) + id),
    *list(store, scope, prefix = '', range = {}) {
      const lead = prefixOf(scope)
      const after = range.after === undefined ? undefined : range.after.slice(prefix.length)
      for (const [rest, value] of store.entries(lead + prefix, { ...range, after })) {
        yield [prefix + rest, JSON.parse(value.toString()) as T] as const
      }
    },
    count: store => store.count(`${name}\0`),
  }
}
