/** Where plaintext may lie while another program uses it. */

import { randomBytes } from 'node:crypto'
import { realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { usageError } from '../errors.ts'
import { fileError } from './file-source.ts'
import type { Io } from './io.ts'
import { printable } from './printable.ts'

const sticky = 0o1000
const writableByOthers = 0o022

/**
 * Where plaintext may lie while another program uses it: a folder in memory in which nobody else can move things.
 *
 * @param chosen a folder that the user named instead
 * @throws KmsealError `usage` when there is none, or others could replace what lies in it
 */
export async function privateBase(io: Io, chosen: string | undefined): Promise<string> {
  const named = chosen ?? io.env['XDG_RUNTIME_DIR'] ?? ''
  if (named === '') {
    throw usageError(
      'there is no XDG_RUNTIME_DIR, a folder in memory, for the plaintext',
      'name a folder for it with --temp-dir, best one in memory such as /dev/shm',
    )
  }
  const base = await realpath(named).catch(error => {
    throw fileError(error, named, 'read')
  })
  const { uid, mode, isDirectory } = await folderStats(base)
  if (!isDirectory) throw usageError(`${printable(named)}, the folder for the plaintext, is no folder`)
  const trusted = uid === 0 || uid === process.getuid?.()
  if (!trusted || ((mode & writableByOthers) !== 0 && (mode & sticky) === 0)) {
    throw usageError(
      `${printable(named)}, the folder for the plaintext, is open to other users`,
      'name another with --temp-dir, best one in memory such as /dev/shm',
    )
  }
  return base
}

async function folderStats(path: string) {
  const stats = await stat(path)
  return { uid: stats.uid, mode: stats.mode, isDirectory: stats.isDirectory() }
}

/** The path of a new folder below a {@link privateBase}, which nobody can guess. */
export function privateFolderName(base: string): string {
  return join(base, `kmseal-${randomBytes(8).toString('hex')}`)
}
