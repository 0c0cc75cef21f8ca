/** A file in a folder of its own, while the user's editor is at it. */

import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { lstat, mkdir, open, readFile, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { KmsealError, usageError } from '../errors.ts'
import { dropEditorFolder, holdEditorFolder } from './editor-folders.ts'
import type { Io } from './io.ts'

/**
 * Where plaintext may lie while it is edited: a folder in memory that is the user's alone.
 *
 * @param chosen a folder that the user named instead
 * @throws KmsealError `usage` when there is none, or it is open to others
 */
export async function editorBase(io: Io, chosen: string | undefined): Promise<string> {
  const base = chosen ?? io.env['XDG_RUNTIME_DIR'] ?? ''
  if (base === '') {
    throw usageError(
      'there is no XDG_RUNTIME_DIR, a folder in memory, for the plaintext',
      'name a folder for it with --temp-dir, best one in memory such as /dev/shm',
    )
  }
  const stats = await lstat(base).catch(() => undefined)
  if (stats?.isDirectory() !== true) throw usageError('the folder for the plaintext is no folder')
  return base
}

/**
 * Lets the user edit a text, and gives what became of it; the folder is gone afterwards, whatever happens.
 *
 * @param name of the file, which editors choose their mode by
 * @throws KmsealError `failed` when the editor cannot be started, or ends with a status other than 0
 */
export async function editText(io: Io, base: string, name: string, content: Uint8Array): Promise<Buffer> {
  const folder = join(base, `kmseal-edit-${randomBytes(8).toString('hex')}`)
  await mkdir(folder, { mode: 0o700 })
  holdEditorFolder(folder)
  try {
    const file = join(folder, basename(name))
    const handle = await open(file, 'wx', 0o600)
    await handle.writeFile(content)
    await handle.close()
    await runEditor(io, file)
    // Editors may put a new file in its place.
    return await readFile(file).catch(() => {
      throw new KmsealError('failed', 'the editor left no file behind')
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
    dropEditorFolder(folder)
  }
}

function runEditor(io: Io, file: string): Promise<void> {
  const editor = io.env['VISUAL'] || io.env['EDITOR'] || 'vi'
  return new Promise((fulfil, reject) => {
    // As git does it: the variable is a piece of shell, and may have options.
    const child = spawn('/bin/sh', ['-c', `${editor} "$@"`, editor, file], { stdio: 'inherit' })
    child.once('error', () => reject(new KmsealError('failed', 'the editor cannot be started')))
    child.once('close', (status, signal) => {
      if (status === 0) return fulfil()
      const how = signal === null ? `with status ${status}` : `by ${signal}`
      reject(
        new KmsealError('failed', `the editor ended ${how}; nothing was changed`, {
          hint: 'VISUAL or EDITOR names the editor',
        }),
      )
    })
  })
}
