/** A line on a terminal that tells how far a run over many files is. */

import type { Ora } from 'ora'
import type { ByteSource } from '../byte-stream.ts'
import type { Io } from './io.ts'

/** What a run is over. */
interface Total {
  /** How many there are; of another `unit`, how many of those. */
  readonly files: number
  /** Of all files together, when that is known. */
  readonly bytes?: number
  /** What is counted, when it is no files. */
  readonly unit?: 'parameters'
}

/** Tells how far a run is. */
export interface Progress {
  /** So much more was read. */
  read(bytes: number): void
  /** One more file is done. */
  fileDone(): void
  /** Takes the line away, so that other lines can be written. */
  pause(): void
  stop(): void
}

const silent: Progress = {
  read: () => undefined,
  fileDone: () => undefined,
  pause: () => undefined,
  stop: () => undefined,
}

/** The same source, whose bytes are counted as they are read. */
export function counted<Source extends ByteSource>(source: Source, { read }: Progress): Source {
  const counting = async (target: Uint8Array): Promise<number> => {
    const bytes = await source.read(target)
    read(bytes)
    return bytes
  }
  return { ...source, read: counting }
}

/** Smaller files are done before a line about them could be read. */
const largeFile = 64 * 1024 * 1024

/**
 * Starts the line about one file, when its size is known and large.
 *
 * @param file `path` of its result: what goes to standard output may be on the same terminal; `size` in bytes
 */
export async function startFileProgress(
  io: Io,
  wanted: boolean,
  { path, size }: { readonly path: string | undefined; readonly size: number | undefined },
): Promise<Progress> {
  if (path === undefined || path === '-' || size === undefined || size < largeFile) return silent
  return startProgress(io, wanted, { files: 1, bytes: size })
}

/**
 * Starts the line when standard error is a terminal; otherwise nothing is ever written.
 */
export async function startProgress(io: Io, wanted: boolean, total: Total): Promise<Progress> {
  // A terminal without a size has no place for a line: the spinner would clear lines without end.
  if (!wanted || io.stderr.isTTY !== true || io.stderr.columns === 0) return silent
  const { default: ora } = await import('ora')
  const spinner: Ora = ora({
    stream: io.stderr as NodeJS.WriteStream,
    discardStdin: false,
    hideCursor: false,
    text: 'starting',
  })
  spinner.start()
  const begun = performance.now()
  let files = 0
  let size = 0
  const show = (): void => {
    const seconds = (performance.now() - begun) / 1000
    spinner.text = progressText({ files, total, bytes: size, seconds })
  }
  return {
    read(bytes) {
      size += bytes
      show()
    },
    fileDone() {
      files += 1
      show()
      if (!spinner.isSpinning) spinner.start()
    },
    pause: () => void spinner.stop(),
    stop: () => void spinner.stop(),
  }
}

/** How far a run is, in words. What is left is told from the bytes when their number is known, else from the files. */
export function progressText(state: {
  readonly files: number
  readonly bytes: number
  readonly seconds: number
  readonly total: Total
}): string {
  const { files, total, bytes, seconds } = state
  const rate = `${sizeText(seconds > 0 ? bytes / seconds : 0)}/s`
  const share = total.bytes === undefined ? files / total.files : bytes / total.bytes
  const left = share > 0 ? `, ${Math.ceil(seconds * Math.max(0, 1 / share - 1))} s left` : ''
  if (total.unit !== undefined) return `${files} of ${total.files} ${total.unit}${left}`
  if (total.bytes !== undefined) return `${sizeText(bytes)} of ${sizeText(total.bytes)}, ${rate}${left}`
  return `${files} of ${total.files} files, ${sizeText(bytes)}, ${rate}${left}`
}

/** A size for people: 1536 bytes are `1.5 KiB`. */
export function sizeText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit += 1
  }
  return `${unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`
}
