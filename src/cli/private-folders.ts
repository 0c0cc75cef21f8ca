/** Folders that hold plaintext while another program uses it. */

import { rmSync } from 'node:fs'

const folders = new Set<string>()

/** Remembers a folder that holds plaintext from now on. */
export function holdPrivateFolder(folder: string): void {
  folders.add(folder)
}

/** Forgets one that is gone. */
export function dropPrivateFolder(folder: string): void {
  folders.delete(folder)
}

/** Removes them all at once; for signal handlers. */
export function removePrivateFolders(): void {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  folders.clear()
}
