/** The options of commands that take one input or many files, and the run over many. */

import type { Command } from 'commander'
import { usageError } from '../errors.ts'
import type { Context } from './context.ts'
import { type FileSearch, type FoundFile, findFiles, planFiles } from './file-plan.ts'
import { type FileWork, runFiles } from './file-run.ts'
import { byteSize, outputFile, repeatable, wholeNumber } from './options.ts'
import type { Encoding } from './stdout-sink.ts'

/** Options about files that are found and read. */
export interface ReadingFlags {
  readonly recursive?: boolean
  readonly include?: readonly string[]
  readonly exclude?: readonly string[]
  readonly failFast?: boolean
  readonly jobs?: number
}

/** Options about many files with results of their own. */
export interface ManyFilesFlags extends ReadingFlags {
  readonly outDir?: string
  readonly suffix?: string
  readonly force?: boolean
  readonly skipExisting?: boolean
  readonly preserveMode?: boolean
  readonly cacheMaxAge?: number
  readonly cacheMaxBytes?: number
  readonly cacheMaxMessages?: number
}

const defaultJobs = 16

/** Adds the options about which files are meant. */
export function addSearchOptions(command: Command): Command {
  return command
    .optionsGroup('Options for many files:')
    .option('-r, --recursive', 'take the files below a directory, and keep their tree')
    .option('--include <glob>', 'only files of a directory that match; repeat it for several', repeatable)
    .option(
      '--exclude <glob>',
      'no files or folders of a directory that match; repeat it for several',
      repeatable,
    )
    .option('--fail-fast', 'begin nothing more after the first failure')
}

/** Adds the options about files that are found and read. */
export function addReadingOptions(command: Command): void {
  addSearchOptions(command).option(
    '--jobs <number>',
    `files at once (${defaultJobs})`,
    wholeNumber('--jobs', 1, 256),
  )
}

/** How many files are worked on at once. */
export function readingJobs(flags: ReadingFlags): number {
  return flags.jobs ?? defaultJobs
}

/**
 * Finds the files that are meant, and says which were passed over.
 *
 * @throws KmsealError as `findFiles`
 */
export async function searchFiles(
  { output }: Context,
  inputs: readonly string[],
  flags: ReadingFlags,
): Promise<readonly FoundFile[]> {
  const { files, notes } = await findFiles(searchOf(inputs, flags))
  for (const note of notes) output.note(note)
  return files
}

function searchOf(inputs: readonly string[], flags: ReadingFlags): FileSearch {
  const { recursive = false, include = [], exclude = [] } = flags
  return { inputs, recursive, include, exclude }
}

/** Adds all of them. */
export function addManyFilesOptions(
  command: Command,
  direction: 'encrypt' | 'decrypt',
  suffix: string,
): void {
  addReadingOptions(command)
  command
    .option('--out-dir <dir>', 'folder for the results', outputFile)
    .option('--suffix <text>', suffix)
    .option('--force', 'replace results that exist')
    .option('--skip-existing', 'leave files alone whose results exist')
    .option('--preserve-mode', 'give results the permissions of their inputs, instead of 0600')
    .option(
      '--cache-max-age <seconds>',
      'how long a data key serves (60)',
      wholeNumber('--cache-max-age', 1, 86_400),
    )
  // Whoever decrypts has the data key already: only its age says something.
  if (direction === 'decrypt') return
  command
    .option(
      '--cache-max-bytes <bytes>',
      'for how much a data key serves (1GiB)',
      byteSize('--cache-max-bytes', 1, Number.MAX_SAFE_INTEGER),
    )
    .option(
      '--cache-max-messages <number>',
      'for how many files a data key serves (100); 1 shares none',
      wholeNumber('--cache-max-messages', 1, 2 ** 32),
    )
}

/** Whether a command line is about many files; then it names places for their results. */
export function isManyFiles(inputs: readonly string[], flags: ManyFilesFlags): boolean {
  const { recursive, outDir, suffix } = flags
  if (inputs.length > 1 || recursive || outDir !== undefined || suffix !== undefined) return true
  const given = givenForMany(flags)
  if (given !== undefined)
    throw usageError(`${given} is for many files`, 'name files with --out-dir or --suffix')
  return false
}

/**
 * Refuses options about many files where there is one input without a name.
 *
 * @throws KmsealError `usage`
 */
export function refuseForOneInput(flags: ReadingFlags): void {
  const given = flags.recursive ? '--recursive' : givenForMany(flags)
  if (given !== undefined) throw usageError(`${given} is for files, and standard input is none`, 'name files')
}

/** An option among these that only makes sense for many files. */
export function givenForMany(flags: ManyFilesFlags): string | undefined {
  return Object.entries(onlyForMany).find(([name]) => flags[name as keyof ManyFilesFlags] !== undefined)?.[1]
}

const onlyForMany: Readonly<Partial<Record<keyof ManyFilesFlags, string>>> = {
  include: '--include',
  exclude: '--exclude',
  force: '--force',
  skipExisting: '--skip-existing',
  failFast: '--fail-fast',
  preserveMode: '--preserve-mode',
  jobs: '--jobs',
  cacheMaxAge: '--cache-max-age',
  cacheMaxBytes: '--cache-max-bytes',
  cacheMaxMessages: '--cache-max-messages',
}

/** What a run over many files is about. */
export interface ManyFilesRun {
  readonly inputs: readonly string[]
  readonly flags: ManyFilesFlags
  readonly suffixMode: 'add' | 'remove'
  readonly encoding: Encoding
  /** What is done, as in `encrypted 3 files`. */
  readonly done: string
  readonly work: FileWork
}

/**
 * Plans and runs.
 *
 * @throws KmsealError `usage` for an impossible plan; when files failed, as `runFiles`
 */
export async function runManyFiles({ io, output }: Context, run: ManyFilesRun): Promise<void> {
  const { inputs, flags } = run
  if (inputs.length === 0)
    throw usageError('no file was named', 'name files, or directories with --recursive')
  if (inputs.includes('-')) throw usageError('standard input is one input, and there are many here')
  if (flags.outDir === undefined && (flags.suffix ?? '') === '') {
    throw usageError('the results of many files need a place', 'name it with --out-dir DIR or --suffix TEXT')
  }
  if (flags.suffix?.includes('/')) throw usageError('--suffix is a part of a name, without /')
  if (flags.force && flags.skipExisting) throw usageError('--force and --skip-existing exclude each other')
  const { files, notes } = await planFiles({
    ...searchOf(inputs, flags),
    outDir: flags.outDir,
    suffix: flags.suffix,
    suffixMode: run.suffixMode,
  })
  for (const note of notes) output.note(note)
  await runFiles({
    io,
    output,
    files,
    done: run.done,
    work: run.work,
    options: {
      jobs: readingJobs(flags),
      outDir: flags.outDir,
      encoding: run.encoding,
      force: flags.force === true,
      skipExisting: flags.skipExisting === true,
      failFast: flags.failFast === true,
      preserveMode: flags.preserveMode === true,
    },
  })
}

/** How long data keys serve, as far as the options say, or else the configuration file. */
export function cacheLimitsOf(
  flags: ManyFilesFlags,
  { limits }: Context['settings'],
): {
  readonly maxAgeMs?: number
  readonly maxBytes?: number
  readonly maxMessages?: number
} {
  const age = flags.cacheMaxAge ?? limits.cacheMaxAge
  const maxBytes = flags.cacheMaxBytes ?? limits.cacheMaxBytes
  const maxMessages = flags.cacheMaxMessages ?? limits.cacheMaxMessages
  return {
    ...(age === undefined ? {} : { maxAgeMs: age * 1000 }),
    ...(maxBytes === undefined ? {} : { maxBytes }),
    ...(maxMessages === undefined ? {} : { maxMessages }),
  }
}
