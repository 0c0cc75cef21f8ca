/** Files with secrets for another program, for as long as it runs. */

import { mkdir, open, rm } from 'node:fs/promises'
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

/**
 * Makes files of mode 0600 in a fresh folder of mode 0700.
 *
 * @param base a `privateBase`
 * @returns their full paths in the same order, and what removes the folder
 * @throws KmsealError when one cannot be written; nothing is left then
 */
export async function makeSecretFiles(
  base: string,
  files: readonly { readonly path: string; readonly content: Uint8Array }[],
): Promise<{ readonly paths: readonly string[]; remove(): Promise<void> }> {
  const folder = privateFolderName(base)
  const remove = async (): Promise<void> => {
    await rm(folder, { recursive: true, force: true })
    dropPrivateFolder(folder)
  }
  const paths = files.map(({ path }) => join(folder, path))
  try {
    holdPrivateFolder(folder)
    await mkdir(folder, { mode: 0o700 })
    for (const [index, { content }] of files.entries()) {
      const path = paths[index] ?? folder
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      const handle = await open(path, 'wx', 0o600)
      await handle.writeFile(content).finally(() => handle.close())
    }
  } catch (error) {
    await remove()
    throw fileError(error, folder, 'write')
  }
  return { paths, remove }
}
