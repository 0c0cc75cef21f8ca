/** Files that lie beside their targets until they are whole, and must not outlive the process. */

import { constants, unlinkSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'

/** Temporary files that exist now; a signal handler removes them before the process dies. */
const temporaryFiles = new Set<string>()

/** Files that are being made now: they may come to be after a look at what exists. */
const beingMade = new Set<Promise<unknown>>()
let dying = false

/** Removes every temporary file of this process, and lets it make no more; for signal handlers. */
export async function endTemporaryFiles(): Promise<void> {
  dying = true
  await Promise.allSettled(beingMade)
  removeTemporaryFiles()
}

/** Removes every temporary file of this process. */
export function removeTemporaryFiles(): void {
  for (const path of temporaryFiles) {
    try {
      unlinkSync(path)
    } catch {
      // Gone already, or out of reach: nothing more can be done while dying.
    }
  }
  temporaryFiles.clear()
}

/**
 * Makes one: 0600, for writing, at a path that is free.
 *
 * @throws the error of the file system
 */
export async function makeTemporaryFile(path: string): Promise<FileHandle> {
  // Whoever waits for it dies with the process.
  if (dying) return new Promise<never>(() => undefined)
  temporaryFiles.add(path)
  const made = open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600)
  beingMade.add(made)
  try {
    return await made
  } catch (error) {
    temporaryFiles.delete(path)
    throw error
  } finally {
    beingMade.delete(made)
  }
}

/** Forgets one that was moved or removed. */
export function dropTemporaryFile(path: string): void {
  temporaryFiles.delete(path)
}
