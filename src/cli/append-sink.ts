/** Output that is added to the end of a file, for the files in which CI systems collect what steps tell them. */

import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { ByteSink } from '../byte-stream.ts'
import type { OutputTarget } from './atomic-file.ts'
import { fileError } from './file-source.ts'

const lineFeed = 0x0a

/**
 * A sink that adds what was written to a file at its commit, on a line of its own. Nothing is added before.
 *
 * @throws KmsealError `failed` or `denied` at the commit when the file cannot be written
 */
export function appendSink(target: OutputTarget): ByteSink {
  const chunks: Uint8Array[] = []
  return {
    async write(more) {
      for (const chunk of more) chunks.push(Uint8Array.from(chunk))
    },
    async commit() {
      try {
        const handle = await open(
          target.realPath,
          constants.O_RDWR | constants.O_APPEND | constants.O_CREAT,
          0o600,
        )
        try {
          if (await endsWithinLine(handle)) chunks.unshift(Uint8Array.of(lineFeed))
          await handle.appendFile(Buffer.concat(chunks))
        } finally {
          await handle.close()
        }
      } catch (error) {
        throw fileError(error, target.path, 'write')
      }
    },
    async abort() {
      for (const chunk of chunks) chunk.fill(0)
      chunks.length = 0
    },
  }
}

async function endsWithinLine(handle: FileHandle): Promise<boolean> {
  const { size } = await handle.stat()
  if (size === 0) return false
  const { bytesRead, buffer } = await handle.read(Buffer.alloc(1), 0, 1, size - 1)
  return bytesRead === 1 && buffer[0] !== lineFeed
}
