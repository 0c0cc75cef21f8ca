/** Files with secrets for another program, for as long as it runs. */

import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { usageError } from '../errors.ts'
import { fileError } from './file-source.ts'
import { privateFolderName } from './private-folder.ts'
import { dropPrivateFolder, holdPrivateFolder } from './private-folders.ts'

/**
 * Checks the path that a secret is to have within its folder.
 *
 * @throws KmsealError `usage` when it leads elsewhere
 */
export function checkSecretPath(path: string): string {
  const normal = normalize(path)
  const leaves = path === '' || path.includes('\0') || normal === '.' || /^(\/|\.\.(\/|$))|\/$/.test(normal)
  if (!leaves) return normal
  throw usageError(
    '--file does not name a file within the folder of the secrets',
    'write it as --file NAME=PATH with a relative path, such as --file /app/tls/key=tls.key',
  )
}

/** Files that were made, and their folder. */
export interface SecretFiles {
  readonly folder: string
  /** Full paths, in the order in which they were asked for. */
  readonly paths: readonly string[]
  /** Removes the folder. @returns whether it is gone */
  remove(): boolean
}

/**
 * Makes files of mode 0600 in a fresh folder of mode 0700.
 *
 * @param base a `privateBase`
 * @throws KmsealError when one cannot be written; nothing is left then
 */
export function makeSecretFiles(
  base: string,
  files: readonly { readonly path: string; readonly content: Uint8Array }[],
): SecretFiles {
  const folder = privateFolderName(base)
  const paths = files.map(({ path }) => join(folder, path))
  const remove = (): boolean => {
    try {
      rmSync(folder, { recursive: true, force: true })
    } catch {
      return false
    }
    dropPrivateFolder(folder)
    return true
  }
  // All at once: a signal that came between would find nothing to remove yet.
  holdPrivateFolder(folder)
  try {
    mkdirSync(folder, { mode: 0o700 })
    for (const [index, { content }] of files.entries()) {
      const path = paths[index] ?? folder
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
      writeFileSync(path, content, { flag: 'wx', mode: 0o600 })
    }
  } catch (error) {
    remove()
    throw fileError(error, folder, 'write')
  }
  return { folder, paths, remove }
}
