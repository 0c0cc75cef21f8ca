/** Works on many files at once: each succeeds or fails for itself, and the end tells how it went. */

import { lstat, mkdir, realpath, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { ByteSink, ByteSource } from '../byte-stream.ts'
import { commonCode, KmsealError } from '../errors.ts'
import { AtomicFileSink, existsError, lookAtTarget, type OutputTarget } from './atomic-file.ts'
import { isInside, type PlannedFile } from './file-plan.ts'
import { fileError, openFileSource } from './file-source.ts'
import type { Io } from './io.ts'
import type { Output } from './output.ts'
import { printable } from './printable.ts'
import { counted, type Progress, sizeText, startProgress } from './progress.ts'
import { type Encoding, encodingSink } from './stdout-sink.ts'

/** How a run treats its files. */
export interface RunOptions {
  /** Files that are worked on at once. */
  readonly jobs: number
  readonly outDir?: string | undefined
  readonly encoding: Encoding
  /** Replace results that exist. */
  readonly force: boolean
  /** Leave files alone whose results exist. */
  readonly skipExisting: boolean
  /** Begin nothing more after the first failure. */
  readonly failFast: boolean
  /** Give results the permissions of their inputs, instead of 0600. */
  readonly preserveMode: boolean
}

/** What was done to one file. */
export interface FileResult {
  /** Bytes of plaintext. */
  readonly bytes: number
  /** What `--json` tells of it. */
  readonly record: object
  /** What is printed of it otherwise. */
  readonly text?: string | undefined
}

/** The work on one file; the sink is committed or aborted by it. */
export type FileWork = (source: ByteSource, sink: ByteSink, file: PlannedFile) => Promise<FileResult>

/** One run. */
export interface FileRun {
  readonly io: Io
  readonly output: Output
  readonly files: readonly PlannedFile[]
  readonly options: RunOptions
  /** What is done, as in `encrypted 3 files`. */
  readonly done: string
  readonly work: FileWork
}

/**
 * Runs over files whose results go to places of their own.
 *
 * @throws KmsealError as {@link runEach}
 */
export async function runFiles(run: FileRun): Promise<void> {
  const { io, output, files, options, done } = run
  const again = 'run it again with --skip-existing for these'
  await runEach({
    io,
    output,
    files,
    options,
    done,
    again,
    work: (file, progress) => workOn(run, file, progress),
  })
}

/** A file of such a run. */
export interface RunFile {
  readonly input: string
  readonly output?: string
  readonly failure?: KmsealError | undefined
}

/** A run over files that are only read, or that the work itself writes. */
export interface EachRun<File extends RunFile> {
  readonly io: Io
  readonly output: Output
  readonly files: readonly File[]
  readonly options: Pick<RunOptions, 'jobs' | 'failFast'>
  readonly done: string
  /** What to do about failures that have no hint in common. */
  readonly again?: string
  /** Gives nothing for a file that is left alone. */
  readonly work: (file: File, progress: Progress) => Promise<FileResult | undefined>
}

/**
 * Runs over files. With `--json`, standard output gets one line for each file, and its failure too.
 *
 * @throws KmsealError when any failed, with the code that they share, `unavailable` if one was, otherwise `failed`
 */
export async function runEach<File extends RunFile>(run: EachRun<File>): Promise<void> {
  const { io, output, files, options } = run
  const progress = await startProgress(io, output.showsProgress, { files: files.length })
  const failures: KmsealError[] = []
  let [next, finished, skipped, bytes] = [0, 0, 0, 0]
  let stopped = false
  const told = new Map<string, string>()
  const worker = async (): Promise<void> => {
    while (next < files.length && !stopped) {
      const file = files[next++] as File
      try {
        if (file.failure !== undefined) throw file.failure
        const result = await run.work(file, progress)
        if (result === undefined) skipped += 1
        else {
          finished += 1
          bytes += result.bytes
          await output.result({ File: file.input, Output: file.output, ...result.record }, result.text ?? '')
        }
        progress.fileDone()
      } catch (error) {
        stopped ||= options.failFast || !(error instanceof KmsealError)
        if (!(error instanceof KmsealError)) throw error
        failures.push(error)
        await tellFailure({ output, progress, told }, file.input, error)
      }
    }
  }
  try {
    // Whatever ends one worker, the others bring the files that they are at to an end.
    const workers = Array.from({ length: Math.min(options.jobs, files.length) }, worker)
    const ends = await Promise.allSettled(workers)
    for (const end of ends) if (end.status === 'rejected') throw end.reason
  } finally {
    progress.stop()
  }
  const also = skipped > 0 ? `, ${skipped} left as they were` : ''
  output.note(`${run.done} ${finished} of ${files.length} files (${sizeText(bytes)})${also}`)
  if (failures.length === 0) return
  throw new KmsealError(
    commonCode(failures.map(({ code }) => code)),
    `${failures.length} of ${files.length} files failed`,
    {
      hint:
        commonHint(failures) ?? (failures.some(({ code }) => code === 'unavailable') ? run.again : undefined),
    },
  )
}

function commonHint(failures: readonly KmsealError[]): string | undefined {
  const [first] = failures
  return failures.every(({ hint }) => hint === first?.hint) ? first?.hint : undefined
}

/** @param told names by the texts that were told of them: a text is long, and often the same for all files */
async function tellFailure(
  { output, progress, told }: { output: Output; progress: Progress; told: Map<string, string> },
  input: string,
  error: KmsealError,
): Promise<void> {
  if (output.settings.json) {
    const { code, awsName: name, message, details, hint } = error
    const told = { code, name, message, details: details.length > 0 ? details : undefined, hint }
    await output.result({ File: input, Error: told }, '')
    return
  }
  progress.pause()
  const name = printable(input)
  const text = [error.message, ...error.details].join()
  const other = told.get(text)
  if (other !== undefined) {
    output.error(new KmsealError(error.code, `${name}: the same as ${other}`))
    return
  }
  told.set(text, name)
  const named = error.message.startsWith(`${name} `) || error.message.includes(` ${name}: `)
  const message = named ? error.message : `${name}: ${error.message}`
  // What to do is told once, at the end.
  output.error(new KmsealError(error.code, message, { details: error.details }))
}

/** Nothing when the file is left alone. */
async function workOn(
  { options, work }: FileRun,
  file: PlannedFile,
  progress: Progress,
): Promise<FileResult | undefined> {
  const target = await placeOf(file, options.outDir)
  if (target.exists) {
    if (options.skipExisting) return undefined
    if (!options.force) throw existsError(file.output)
  }
  const stats = await stat(file.input).catch(error => {
    throw fileError(error, file.input, 'read')
  })
  const source = await openFileSource(file.input)
  try {
    const place = new AtomicFileSink(target, {
      keepExisting: !options.force,
      modified: stats.mtime,
      ...(options.preserveMode ? { mode: stats.mode & 0o777 } : {}),
    })
    return await work(counted(source, progress), encodingSink(place, options.encoding), file)
  } finally {
    await source.close()
  }
}

/** Nothing is made behind a link that leads out, either. */
async function makeFolder(output: string, outDir: string): Promise<void> {
  try {
    await mkdir(outDir, { recursive: true, mode: 0o700 })
    const realOutDir = await realpath(outDir)
    let folder = dirname(output)
    let real = await realpath(folder).catch(() => undefined)
    while (real === undefined) {
      folder = dirname(folder)
      real = await realpath(folder).catch(() => undefined)
    }
    if (real !== realOutDir && !isInside(realOutDir, real)) throw leadsOut(output)
    await mkdir(dirname(output), { recursive: true, mode: 0o700 })
  } catch (error) {
    throw fileError(error, output, 'write')
  }
}

function leadsOut(output: string): KmsealError {
  return new KmsealError('failed', `${printable(output)} leads out of the output folder through a link`)
}

/** Makes the folders of a result, and refuses one that a link leads out of the output folder. */
async function placeOf({ output }: PlannedFile, outDir: string | undefined): Promise<OutputTarget> {
  if (outDir !== undefined) await makeFolder(output, outDir)
  const isLink = await lstat(output).then(
    stats => stats.isSymbolicLink(),
    () => false,
  )
  // The name was made up from another: nobody said that it may stand for a file elsewhere.
  if (isLink)
    throw new KmsealError('failed', `${printable(output)} is a symbolic link, which is not followed`)
  const target = await lookAtTarget(output)
  if (outDir !== undefined && !isInside(await realpath(outDir), target.realPath)) throw leadsOut(output)
  if (target.replaceable) return target
  throw new KmsealError('failed', `${printable(output)} is no regular file`)
}
