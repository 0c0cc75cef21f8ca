/** Folders that hold plaintext while it is edited. */

import { rmSync } from 'node:fs'

const folders = new Set<string>()

/** Remembers a folder that holds plaintext from now on. */
export function holdEditorFolder(folder: string): void {
  folders.add(folder)
}

/** Forgets one that is gone. */
export function dropEditorFolder(folder: string): void {
  folders.delete(folder)
}

/** Removes them all at once; for signal handlers. */
export function removeEditorFolders(): void {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  folders.clear()
}
