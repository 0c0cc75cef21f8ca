/** A file in a folder of its own, while the user's editor is at it. */

import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile, realpath, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { KmsealError, usageError } from '../errors.ts'
import { dropEditorFolder, holdEditorFolder } from './editor-folders.ts'
import { fileError } from './file-source.ts'
import { giveForeground } from './foreground.ts'
import type { Io } from './io.ts'
import { printable } from './printable.ts'

const sticky = 0o1000
const writableByOthers = 0o022

/**
 * Where plaintext may lie while it is edited: a folder in memory in which nobody else can move things.
 *
 * @param chosen a folder that the user named instead
 * @throws KmsealError `usage` when there is none, or others could replace what lies in it
 */
export async function editorBase(io: Io, chosen: string | undefined): Promise<string> {
  const named = chosen ?? io.env['XDG_RUNTIME_DIR'] ?? ''
  if (named === '') {
    throw usageError(
      'there is no XDG_RUNTIME_DIR, a folder in memory, for the plaintext',
      'name a folder for it with --temp-dir, best one in memory such as /dev/shm',
    )
  }
  const base = await realpath(named).catch(error => {
    throw fileError(error, named, 'read')
  })
  const { uid, mode, isDirectory } = await folderStats(base)
  if (!isDirectory) throw usageError(`${printable(named)}, the folder for the plaintext, is no folder`)
  const trusted = uid === 0 || uid === process.getuid?.()
  if (!trusted || ((mode & writableByOthers) !== 0 && (mode & sticky) === 0)) {
    throw usageError(
      `${printable(named)}, the folder for the plaintext, is open to other users`,
      'name another with --temp-dir, best one in memory such as /dev/shm',
    )
  }
  return base
}

async function folderStats(path: string) {
  const stats = await stat(path)
  return { uid: stats.uid, mode: stats.mode, isDirectory: stats.isDirectory() }
}

/** A text to edit. */
export interface EditedText {
  /** An {@link editorBase}. */
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
  const folder = join(base, `kmseal-edit-${randomBytes(8).toString('hex')}`)
  const file = join(folder, basename(name) || 'plaintext')
  let [kept, after] = [false, Buffer.alloc(0)]
  try {
    await mkdir(folder, { mode: 0o700 })
    holdEditorFolder(folder)
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
    dropEditorFolder(folder)
  }
}

function stillThere(error: unknown, file: string): unknown {
  if (!(error instanceof KmsealError)) return error
  return new KmsealError(error.code, error.message, {
    cause: error,
    awsName: error.awsName,
    details: error.details,
    hint: `your text is still in ${printable(file)}: remove it when you have no more need of it`,
  })
}

function runEditor(io: Io, file: string): Promise<void> {
  const editor = io.env['VISUAL'] || io.env['EDITOR'] || 'vi'
  return new Promise((fulfil, reject) => {
    // As git does it: the variable is a piece of shell, and may have options.
    const child = spawn('/bin/sh', ['-c', `${editor} "$@"`, editor, file], { stdio: 'inherit' })
    giveForeground(child)
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
