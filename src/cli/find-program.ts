/** Finds the file of a command, and says why one cannot be run. */

import { accessSync, constants, type Stats, statSync } from 'node:fs'
import { delimiter } from 'node:path'
import { KmsealError } from '../errors.ts'
import { errnoReason } from './file-source.ts'
import { printable } from './printable.ts'

/** Exit statuses of what runs other programs, as shells and `env` have them. */
export const childStatus = { ownFailure: 125, notExecutable: 126, notFound: 127 } as const

/** A program to run. */
export interface ProgramCall {
  /** A name to look up, or a path. */
  readonly command: string
  readonly args: readonly string[]
  /** All of it. */
  readonly env: Readonly<Record<string, string>>
}

const defaultPath = '/usr/local/bin:/usr/bin:/bin'

/**
 * Looks a command up as shells do: in the folders of a PATH, unless it has a slash.
 *
 * @returns a path with a slash in it
 * @throws KmsealError with status 127 when there is no such program, and 126 when it is not allowed to run
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_09_01_04
 */
export function findProgram(command: string, path: string | undefined): string {
  if (command.includes('/')) {
    const stats = lookAt(command)
    if (stats === undefined) throw notFound(command)
    if (stats !== 'hidden' && stats.isDirectory()) throw notExecutable(command, errnoReason('EISDIR'))
    if (!mayRun(command)) throw notExecutable(command, errnoReason('EACCES'))
    return command
  }
  let denied = false
  for (const folder of command === '' ? [] : (path ?? defaultPath).split(delimiter)) {
    const file = `${folder === '' ? '.' : folder}/${command}`
    const stats = lookAt(file)
    if (stats === undefined || stats === 'hidden' || !stats.isFile()) continue
    if (mayRun(file)) return file
    denied = true
  }
  throw denied ? notExecutable(command, errnoReason('EACCES')) : notFound(command)
}

function lookAt(file: string): Stats | 'hidden' | undefined {
  try {
    return statSync(file)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    return code === 'ENOENT' || code === 'ENOTDIR' ? undefined : 'hidden'
  }
}

function mayRun(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function notFound(command: string): KmsealError {
  return new KmsealError('not-found', `command not found: ${printable(command)}`, {
    exitStatus: childStatus.notFound,
  })
}

function notExecutable(command: string, why: string): KmsealError {
  return new KmsealError('failed', `cannot run ${printable(command)}: ${why}`, {
    exitStatus: childStatus.notExecutable,
  })
}

/**
 * Why a program did not start, from the error number of the system.
 *
 * @returns an error with status 127 when there is no such program (or none that a script names), otherwise 126; for an
 *   environment that is too large it names the largest variable and its size
 */
export function notStarted({ command, env }: ProgramCall, errno: string | undefined): KmsealError {
  if (errno === 'ENOENT') return notFound(command)
  if (errno !== 'E2BIG') return notExecutable(command, errnoReason(errno ?? 'unknown error'))
  const sizes = Object.entries(env).map(([name, value]) => ({ name, bytes: Buffer.byteLength(value) }))
  const [largest] = sizes.sort((one, other) => other.bytes - one.bytes)
  const fact = largest && `the largest variable is ${largest.name} with ${largest.bytes} bytes`
  return new KmsealError(
    'failed',
    `cannot run ${printable(command)}: its environment and arguments are too large`,
    {
      exitStatus: childStatus.notExecutable,
      details: fact === undefined ? [] : [printable(fact)],
      hint: 'hand large values over in files with --file',
    },
  )
}
