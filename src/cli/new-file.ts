/** Files that must not be there yet. */

import { KmsealError } from '../errors.ts'
import { AtomicFileSink, existsError, lookAtTarget } from './atomic-file.ts'

/**
 * Refuses a path at which something is.
 *
 * @param hint what to do about it
 * @throws KmsealError `exists`; `failed` when its folder is missing or unreachable
 */
export async function refuseExisting(path: string, hint: string): Promise<void> {
  const target = await lookAtTarget(path)
  if (target.exists) throw existsError(path).with({ hint })
}

/**
 * Writes a file of mode 0600 as a whole, where none is.
 *
 * @param hint what to do when something is there
 * @throws KmsealError `exists`, `failed`
 */
export async function writeNewFile(path: string, bytes: Uint8Array, hint: string): Promise<void> {
  const target = await lookAtTarget(path)
  if (target.exists) throw existsError(path).with({ hint })
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
