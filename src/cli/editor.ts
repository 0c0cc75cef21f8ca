/** A file in a folder of its own, while the user's editor is at it. */

import { spawn } from 'node:child_process'
import { mkdir, open, readFile, rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { KmsealError } from '../errors.ts'
import { fileError } from './file-source.ts'
import { inForeground } from './foreground.ts'
import type { Io } from './io.ts'
import { printable } from './printable.ts'
import { privateFolderName } from './private-folder.ts'
import { dropPrivateFolder, holdPrivateFolder } from './private-folders.ts'

/** A text to edit. */
export interface EditedText {
  /** A {@link privateBase}. */
  readonly base: string
  /** Of the file, which editors choose their mode by. */
  readonly name: string
  readonly content: Uint8Array
  /** Takes what became of it, which is cleared afterwards. */
  readonly done: (content: Buffer) => Promise<void>
}

/**
 * Lets the user edit a text, and passes on what became of it. The folder is gone afterwards, unless the work of the
 * user would be: when `done` fails.
 *
 * @throws KmsealError `failed` when the editor cannot be started, or ends with a status other than 0; what `done`
 *   throws, saying where the text is
 */
export async function editText(io: Io, { base, name, content, done }: EditedText): Promise<void> {
  const folder = privateFolderName(base)
  const file = join(folder, basename(name) || 'plaintext')
  let [kept, after] = [false, Buffer.alloc(0)]
  try {
    holdPrivateFolder(folder)
    await mkdir(folder, { mode: 0o700 })
    const handle = await open(file, 'wx', 0o600)
    await handle.writeFile(content).finally(() => handle.close())
    await runEditor(io, file)
    // Editors may put a new file in its place.
    after = await readFile(file).catch(error => {
      throw (error as NodeJS.ErrnoException).code === 'ENOENT'
        ? new KmsealError('failed', 'the editor left no file behind')
        : fileError(error, file, 'read')
    })
    await done(after).catch(error => {
      kept = true
      throw stillThere(error, file)
    })
  } catch (error) {
    throw fileError(error, file, 'write')
  } finally {
    after.fill(0)
    if (!kept) await rm(folder, { recursive: true, force: true })
    dropPrivateFolder(folder)
  }
}

function stillThere(error: unknown, file: string): unknown {
  if (!(error instanceof KmsealError)) return error
  return error.with({
    cause: error,
    hint: `your text is still in ${printable(file)}: remove it when you have no more need of it`,
  })
}

function runEditor(io: Io, file: string): Promise<void> {
  const editor = io.env['VISUAL'] || io.env['EDITOR'] || 'vi'
  return new Promise((fulfil, reject) => {
    // As git does it: the variable is a piece of shell, and may have options.
    const words = ['-c', `${editor} "$@"`, editor, file]
    const child = inForeground(() => spawn('/bin/sh', words, { stdio: 'inherit' }), false)
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
