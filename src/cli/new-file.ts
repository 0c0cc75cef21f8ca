/** Files that must not be there yet. */

import { lstat } from 'node:fs/promises'
import { KmsealError } from '../errors.ts'
import { AtomicFileSink, existsError, lookAtTarget } from './atomic-file.ts'

/**
 * Refuses a path at which something is.
 *
 * @param hint what to do about it
 * @throws KmsealError `exists`; `failed` when its folder is missing or unreachable
 */
export async function refuseExisting(path: string, hint: string): Promise<void> {
  await lookAtNew(path, hint)
}

/**
 * Writes a file of mode 0600 as a whole, where none is.
 *
 * @param hint what to do when something is there
 * @throws KmsealError `exists`, `failed`
 */
export async function writeNewFile(path: string, bytes: Uint8Array, hint: string): Promise<void> {
  const target = await lookAtNew(path, hint)
  const sink = new AtomicFileSink(target, { keepExisting: true })
  try {
    await sink.write([bytes])
    await sink.commit()
  } catch (error) {
    await sink.abort()
    const isTaken = error instanceof KmsealError && error.code === 'exists'
    throw isTaken ? error.with({ hint }) : error
  }
}

/** A link that leads nowhere is something too: what it leads to is not the file that was named. */
async function lookAtNew(path: string, hint: string): Promise<Awaited<ReturnType<typeof lookAtTarget>>> {
  const target = await lookAtTarget(path)
  const isLink = await lstat(path)
    .then(stats => stats.isSymbolicLink())
    .catch(() => false)
  if (target.exists || isLink) throw existsError(path).with({ hint })
  return target
}
