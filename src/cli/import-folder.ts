/** A folder that takes the parameters of an import to another machine, and the wrapped material back. */

import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { KmsealError } from '../errors.ts'
import { fileError } from './file-source.ts'
import { readSmallFile } from './input.ts'
import type { Io } from './io.ts'
import { refuseExisting, writeNewFile } from './new-file.ts'
import { printable } from './printable.ts'

/** The files in it, by the names that AWS's own instructions give them. */
export const importFiles = {
  parameters: 'parameters.json',
  publicKey: 'WrappingPublicKey.bin',
  token: 'ImportToken.bin',
  material: 'EncryptedKeyMaterial.bin',
} as const

/** One of the names in {@link importFiles}. */
export type ImportFile = (typeof importFiles)[keyof typeof importFiles]

const elsewhere = 'name another folder, or remove the file: parameters and material belong together'
const longest = 64 * 1024

/**
 * Makes the folder, of mode 0700 when it is new.
 *
 * @throws KmsealError `exists` when one of the files is in it already
 */
export async function prepareImportFolder(folder: string, names: readonly ImportFile[]): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw fileError(error, folder, 'write')
  }
  for (const name of names) await refuseExisting(join(folder, name), elsewhere)
}

/** Writes one of the files. */
export async function writeImportFile(folder: string, name: ImportFile, bytes: Uint8Array): Promise<void> {
  await writeNewFile(join(folder, name), bytes, elsewhere)
}

/**
 * Reads one of the files.
 *
 * @param step what writes it, for texts
 * @throws KmsealError `not-found` when it is not there
 */
export async function readImportFile(
  io: Io,
  folder: string,
  name: ImportFile,
  step: string,
): Promise<{ readonly name: string; readonly bytes: Uint8Array }> {
  try {
    return await readSmallFile(io, join(folder, name), longest)
  } catch (error) {
    if (!(error instanceof KmsealError) || error.code !== 'not-found') throw error
    throw error.with({ hint: `${step} ${printable(folder)} writes it` })
  }
}
