/** Output to what cannot be replaced by a file: FIFOs, devices and the like. */

import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { ByteSink } from '../byte-stream.ts'
import type { OutputTarget } from './atomic-file.ts'
import { ClosedPipeError } from './closed-pipe.ts'
import { fileError } from './file-source.ts'

/** Opens a FIFO or device for writing in order. */
export async function openDirectSink(target: OutputTarget): Promise<ByteSink> {
  let handle: FileHandle
  try {
    handle = await open(target.realPath, constants.O_WRONLY)
  } catch (error) {
    throw fileError(error, target.path, 'write')
  }
  let queue: Promise<void> = Promise.resolve()
  const close = async (): Promise<void> => {
    await queue.catch(() => undefined)
    await handle.close().catch(() => undefined)
  }
  return {
    write(chunks) {
      queue = queue.then(async () => {
        for (const chunk of chunks) {
          for (let done = 0; done < chunk.length; ) {
            done += (await handle.write(chunk, done, chunk.length - done, null)).bytesWritten
          }
        }
      })
      return queue.catch(error => {
        throw closedOr(error, target.path)
      })
    },
    commit: close,
    abort: close,
  }
}

function closedOr(error: unknown, path: string): Error {
  if ((error as NodeJS.ErrnoException).code === 'EPIPE') return new ClosedPipeError()
  return fileError(error, path, 'write')
}
