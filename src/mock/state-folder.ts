/** The folder that holds the mock's state: made private, and looked at before anything in it is opened. */

import { createHash, randomUUID } from 'node:crypto'
import fs, { constants, type Stats } from 'node:fs'
import { constants as osConstants, userInfo } from 'node:os'
import { join } from 'node:path'
import { KmsealError } from '../errors.ts'
import { checkDataFile } from './data-file.ts'
import { environmentFiles, turnFiles } from './shared-environment.ts'

/** Version of the layout of the state; a folder with a higher one belongs to a newer kmseal. */
export const stateFormatVersion = 1

// LMDB's errors carry the number.
const { errno } = osConstants
const formatFile = 'kmseal-mock-state'
const temporaryPrefix = '.new-'
const otherHint = 'name another folder with --state or KMSEAL_MOCK_DIR'

/**
 * Makes the folder if it is missing (0700, parents too) and checks it: ours, private, writable, of a format
 * version that this program knows, with a data file that LMDB can open safely. What is refused is left as
 * it was.
 *
 * @throws KmsealError denied for a folder of another user, one that others can read or write, or one that
 *   cannot be written; failed for foreign, newer or damaged content and for a full disk
 */
export async function prepareStateFolder(directory: string): Promise<void> {
  // Synchronous calls: a dozen of them are ten times faster than through the thread pool, and nothing waits.
  try {
    fs.mkdirSync(directory, { recursive: true, mode: 0o700 })
    checkFolder(directory)
    checkFormat(directory)
    for (const file of environmentFiles.data) await checkDataFile(join(directory, file), directory)
    for (const file of environmentFiles.all) makePrivateFile(join(directory, file))
  } catch (error) {
    throw error instanceof KmsealError ? error : stateFailure(directory, error)
  }
}

/**
 * Turns an error of the file system or of LMDB on the state folder into one line for the user.
 */
export function stateFailure(directory: string, error: unknown): KmsealError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  const fail = (kind: 'failed' | 'denied', what: string, hint = otherHint) =>
    new KmsealError(kind, `cannot use the mock's state folder ${directory}: ${what}`, { hint, cause: error })
  const text = error instanceof Error ? error.message : ''
  if (isDiskFull(directory, code, text))
    return fail('failed', 'no space left', `free some space, or ${otherHint}`)
  if (['EACCES', 'EPERM', 'EROFS', errno.EACCES, errno.EROFS].some(denied => denied === code)) {
    return fail('denied', 'it cannot be written')
  }
  if (code === 'ENOTDIR' || code === 'EEXIST') return fail('failed', 'it is not a folder')
  return fail('failed', typeof code === 'string' ? code : 'its data cannot be opened or written')
}

function isDiskFull(directory: string, code: unknown, text: string): boolean {
  if (['ENOSPC', 'EDQUOT', errno.ENOSPC].some(full => full === code) || text.includes('MDB_MAP_FULL'))
    return true
  // LMDB says EIO when a write ended early, as it does when the disk fills up in the middle of it.
  if (code !== errno.EIO) return false
  const { bavail, bsize } = fs.statfsSync(directory)
  return bavail * bsize < 2 ** 20
}

function checkFolder(directory: string): void {
  const refuse = (what: string, hint: string) =>
    new KmsealError('denied', `refusing the mock's state folder ${directory}: ${what}`, { hint })
  const target = fs.statSync(directory)
  if (!isOurs(target) || !isOurs(fs.lstatSync(directory))) {
    throw refuse('it belongs to another user', otherHint)
  }
  if ((target.mode & 0o077) !== 0) {
    throw refuse('others can read or write it', `chmod 700 ${directory}, or ${otherHint}`)
  }
  fs.accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK)
}

function isOurs(stats: Stats): boolean {
  try {
    return stats.uid === userInfo().uid
  } catch {
    // A user id without a passwd entry, as in some containers: the access check has the last word.
    return true
  }
}

function checkFormat(directory: string): void {
  const path = join(directory, formatFile)
  if (!fs.existsSync(path)) {
    claimFolder(directory, path)
    return
  }
  const found = fs.readFileSync(path, 'utf8')
  if (found === formatLine(stateFormatVersion)) return
  const version = Number(/^kmseal mock state ([1-9][0-9]{0,5}) /.exec(found)?.[1])
  if (found === formatLine(version) && version > stateFormatVersion) {
    throw new KmsealError(
      'failed',
      `the mock's state in ${directory} was written by a newer kmseal (format ${version}, this one knows ${stateFormatVersion})`,
      { hint: `update kmseal, or ${otherHint}` },
    )
  }
  throw new KmsealError(
    'failed',
    `the mock's state in ${directory} is damaged: ${formatFile} is not as it was written`,
    { hint: `restore the folder, or ${otherHint}` },
  )
}

function claimFolder(directory: string, path: string): void {
  const names = fs.readdirSync(directory)
  const ours: readonly string[] = [formatFile, ...turnFiles, ...environmentFiles.all]
  const foreign = names.some(name => !ours.includes(name) && !name.startsWith(temporaryPrefix))
  // Another process may have claimed the folder since we looked; the format file is the first that it makes.
  const unclaimed = names.some(name => ours.includes(name)) && !fs.existsSync(path)
  if (foreign || unclaimed) {
    throw new KmsealError(
      'failed',
      `${directory} is not a state folder of the kmseal mock: it holds other files`,
      { hint: otherHint },
    )
  }
  const temporary = join(directory, temporaryPrefix + randomUUID())
  fs.writeFileSync(temporary, formatLine(stateFormatVersion), { flag: 'wx', mode: 0o600 })
  fs.renameSync(temporary, path)
}

function formatLine(version: number): string {
  const text = `kmseal mock state ${version}`
  return `${text} ${createHash('sha256').update(text).digest('hex').slice(0, 16)}\n`
}

function makePrivateFile(path: string): void {
  // Made here because LMDB would make it under the umask, readable by others. A file that is there must not
  // be opened: closing it would drop the locks that this process may hold on it.
  if (!fs.existsSync(path)) fs.closeSync(fs.openSync(path, 'a', 0o600))
  const stats = fs.statSync(path)
  if (!stats.isFile()) throw new Error('not a regular file')
  if ((stats.mode & 0o077) !== 0) fs.chmodSync(path, 0o600)
}
