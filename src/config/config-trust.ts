/** Which configuration files the user trusts: their paths and hashes, in a folder of the user's own. */

import { createHash, randomUUID } from 'node:crypto'
import fs, { constants } from 'node:fs'
import { join } from 'node:path'
import { KmsealError } from '../errors.ts'
import { isOwn } from './open-config.ts'
import { type Environment, stateFolder } from './state-folder.ts'

/**
 * The folder of the records.
 *
 * @returns nothing when neither XDG_STATE_HOME nor HOME says where
 */
export function trustFolder(env: Environment): string | undefined {
  const state = stateFolder(env)
  return state === undefined ? undefined : join(state, 'trust')
}

/** What is remembered of a file. */
export type Trust = 'trusted' | 'changed' | 'none'

/**
 * Whether a file is trusted, with just this content or another. A folder or record that others may touch says
 * nothing.
 */
export function trustOf(env: Environment, path: string, sha256: string): Trust {
  const folder = trustFolder(env)
  if (folder === undefined) return 'none'
  try {
    if (problemOf(folder) !== undefined) return 'none'
    const record = fs.openSync(
      recordFile(folder, path),
      constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
    )
    try {
      const stats = fs.fstatSync(record)
      if (!stats.isFile() || !isOwn(stats) || (stats.mode & 0o077) !== 0) return 'none'
      const buffer = Buffer.alloc(sha256.length + 2)
      const length = fs.readSync(record, buffer)
      return buffer.toString('utf8', 0, length) === `${sha256}\n` ? 'trusted' : 'changed'
    } finally {
      fs.closeSync(record)
    }
  } catch {
    return 'none'
  }
}

/**
 * Remembers a file and its content, in a record that only the user can read.
 *
 * @throws KmsealError `denied` when the folder is not the user's alone; `failed`
 */
export function rememberTrust(env: Environment, path: string, sha256: string): void {
  const folder = requireFolder(env)
  try {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 })
    const problem = problemOf(folder)
    if (problem !== undefined) {
      throw new KmsealError('denied', `refusing the folder of trust, ${folder}: ${problem}`, {
        hint: `chmod 700 ${folder}, or remove it`,
      })
    }
    const temporary = join(folder, `.new-${randomUUID()}`)
    fs.writeFileSync(temporary, `${sha256}\n`, { flag: 'wx', mode: 0o600 })
    fs.renameSync(temporary, recordFile(folder, path))
  } catch (error) {
    throw failure(error, folder)
  }
}

/**
 * Forgets a file.
 *
 * @returns whether it was remembered
 * @throws KmsealError `failed`
 */
export function forgetTrust(env: Environment, path: string): boolean {
  const folder = requireFolder(env)
  try {
    fs.unlinkSync(recordFile(folder, path))
    return true
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return false
    throw failure(error, folder)
  }
}

function requireFolder(env: Environment): string {
  const folder = trustFolder(env)
  if (folder !== undefined) return folder
  throw new KmsealError('failed', 'there is no place to remember trust: HOME is not set', {
    hint: 'set XDG_STATE_HOME to a folder of your own, or name the file with --config or KMSEAL_CONFIG',
  })
}

function recordFile(folder: string, path: string): string {
  return join(folder, createHash('sha256').update(path).digest('hex'))
}

function problemOf(folder: string): string | undefined {
  const stats = fs.lstatSync(folder)
  if (!stats.isDirectory()) return 'it is no folder'
  if (!isOwn(stats)) return 'it belongs to another user'
  return (stats.mode & 0o077) === 0 ? undefined : 'others can read or write it'
}

function failure(error: unknown, folder: string): KmsealError {
  if (error instanceof KmsealError) return error
  const code = (error as { code?: unknown } | null)?.code
  const why = typeof code === 'string' ? code : 'unknown'
  return new KmsealError('failed', `cannot remember trust in ${folder}: ${why}`, { cause: error })
}
