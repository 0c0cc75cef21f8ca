/** Which files a command works on, and where their results go, before anything is done. */

import { readdir, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import { KmsealError, usageError } from '../errors.ts'
import { fileError, lossyName, refuseLossyName } from './file-source.ts'
import { printable } from './printable.ts'

/** Which files of the inputs are meant. */
export interface FileSearch {
  readonly inputs: readonly string[]
  readonly recursive: boolean
  readonly include: readonly string[]
  readonly exclude: readonly string[]
}

/** A file that is meant. */
export interface FoundFile {
  readonly input: string
  /** Its place below the directory that was named, or its name alone. */
  readonly path: string
  /** Whether it was named itself, not found in a directory. */
  readonly named: boolean
  /** Why it cannot be worked on, as with a directory that cannot be read. */
  readonly failure?: KmsealError | undefined
}

/** How inputs become outputs. */
export interface PlanRequest extends FileSearch {
  /** Folder for the results, which keep their places in the tree; beside their inputs without one. */
  readonly outDir?: string | undefined
  /** Added to the names of results, or taken off those of inputs. */
  readonly suffix?: string | undefined
  readonly suffixMode: 'add' | 'remove'
}

/** One file to work on. */
export interface PlannedFile {
  readonly input: string
  readonly output: string
  /** Why it cannot be worked on. */
  readonly failure?: KmsealError | undefined
}

/** The plan, and what was passed over. */
export interface FilePlan {
  readonly files: readonly PlannedFile[]
  /** Why files are not in it, one line each. */
  readonly notes: readonly string[]
}

/**
 * Finds the files that are meant, in order.
 *
 * @param leftOut a folder below the inputs that is not looked into
 * @throws KmsealError `usage` for a folder without `recursive`, `not-found` for an input that is not there, or when
 *   no file matches `include`
 */
export async function findFiles(
  { inputs, recursive, include, exclude }: FileSearch,
  leftOut?: string,
): Promise<{ readonly files: readonly FoundFile[]; readonly notes: readonly string[] }> {
  const notes: string[] = []
  const files: FoundFile[] = []
  const { globMatcher } = await import('./glob.ts')
  const [included, excluded] = [globMatcher(include), globMatcher(exclude)]
  for (const input of inputs) {
    refuseLossyName(input)
    const stats = await stat(input).catch(error => {
      throw fileError(error, input, 'read')
    })
    if (!stats.isDirectory()) {
      files.push({ input, path: basename(input), named: true })
      continue
    }
    if (!recursive)
      throw usageError(`${printable(input)} is a directory`, 'add --recursive for the files in it')
    for (const { path, failure } of await walk(input, leftOut, excluded, notes)) {
      if (include.length === 0 || failure !== undefined || included(withSlashes(path))) {
        files.push({ input: join(input, path), path, named: false, failure })
      }
    }
  }
  if (files.length === 0 && include.length > 0)
    throw new KmsealError('not-found', 'no file matches --include')
  return { files, notes }
}

/**
 * Plans the files of a command.
 *
 * @throws KmsealError `usage` for results that would meet in one place, or that would be their own inputs; as
 *   `findFiles`
 */
export async function planFiles(request: PlanRequest): Promise<FilePlan> {
  const { suffix, suffixMode } = request
  const outDir = request.outDir === undefined ? undefined : resolve(request.outDir)
  const { files, notes } = await findFiles(request, outDir)
  const plan: PlannedFile[] = files
    .filter(
      ({ path, named, failure }) =>
        named ||
        failure !== undefined ||
        suffixMode === 'add' ||
        suffix === undefined ||
        path.endsWith(suffix),
    )
    .map(({ input, path, failure }) =>
      failure === undefined ? planned(request, input, path) : { input, output: input, failure },
    )
  await checkOutputs(plan.filter(({ failure }) => failure === undefined))
  return { files: plan, notes }
}

function withSlashes(path: string): string {
  return path.split(sep).join('/')
}

function planned(request: PlanRequest, input: string, path: string): PlannedFile {
  const { outDir, suffix = '', suffixMode } = request
  if (suffixMode === 'remove' && !path.endsWith(suffix)) {
    throw usageError(
      `${printable(input)} does not end in the suffix`,
      'leave --suffix away, or name the output with -o',
    )
  }
  const name = suffixMode === 'add' ? path + suffix : path.slice(0, path.length - suffix.length)
  if (basename(name) === '' || name.endsWith(sep)) {
    throw usageError(`${printable(input)} has no name without the suffix`)
  }
  const output = outDir === undefined ? join(dirname(input), basename(name)) : join(outDir, name)
  if (outDir !== undefined && relative(outDir, output).split(sep)[0] === '..') {
    throw usageError(`the result of ${printable(input)} would leave the output folder`)
  }
  return { input, output }
}

interface Found {
  readonly path: string
  readonly failure?: KmsealError
}

function asFailure(error: Error): KmsealError {
  return error instanceof KmsealError ? error : new KmsealError('failed', 'a folder cannot be read')
}

/** The files below a folder, as relative paths in order. Links are followed to files of the same tree only. */
async function walk(
  root: string,
  outDir: string | undefined,
  excluded: (path: string) => boolean,
  notes: string[],
): Promise<Found[]> {
  const realRoot = await realpath(root)
  const realOutDir = outDir === undefined ? undefined : await realpath(outDir).catch(() => outDir)
  const found: Found[] = []
  const visit = async (folder: string): Promise<void> => {
    const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(error => {
      found.push({ path: folder, failure: asFailure(fileError(error, join(root, folder), 'read')) })
      return []
    })
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(folder, entry.name)
      if (excluded(withSlashes(path))) continue
      if (path.includes('\ufffd')) found.push({ path, failure: lossyName(join(root, path)) })
      else if (entry.isDirectory()) {
        // The results of an earlier run are no inputs of this one.
        if (join(realRoot, path) !== realOutDir) await visit(path)
      } else if (entry.isFile()) {
        if (!/^\.kmseal-[0-9a-f]{16}\.tmp$/.test(entry.name)) found.push({ path })
      } else if (entry.isSymbolicLink() && (await isFileOf(realRoot, join(root, path)))) found.push({ path })
      else notes.push(`${join(root, path)} is left out: ${whyNot(entry)}`)
    }
  }
  await visit('')
  return found
}

/** Whether a path lies below a folder; both absolute, and without links. */
export function isInside(folder: string, path: string): boolean {
  return path.startsWith(folder.endsWith(sep) ? folder : folder + sep) && path !== folder
}

async function isFileOf(realRoot: string, link: string): Promise<boolean> {
  const target = await realpath(link).catch(() => undefined)
  if (target === undefined || !isInside(realRoot, target)) return false
  return (await stat(target)).isFile()
}

/** A path with the links of its folder resolved, as far as that exists. */
async function realPlace(path: string, folders: Map<string, string>): Promise<string> {
  const folder = dirname(resolve(path))
  const known = folders.get(folder) ?? (await realFolder(folder))
  folders.set(folder, known)
  return join(known, basename(path))
}

async function realFolder(folder: string): Promise<string> {
  const real = await realpath(folder).catch(() => undefined)
  if (real !== undefined || dirname(folder) === folder) return real ?? folder
  return join(await realFolder(dirname(folder)), basename(folder))
}

function whyNot(entry: { isSymbolicLink(): boolean }): string {
  return entry.isSymbolicLink() ? 'it is a link out of the tree, or to a folder' : 'it is no regular file'
}

async function checkOutputs(files: readonly PlannedFile[]): Promise<void> {
  const folders = new Map<string, string>()
  const inputs = new Set<string>()
  for (const { input } of files) inputs.add(await realPlace(input, folders)).add(await realpath(input))
  const seen = new Map<string, string>()
  for (const { input, output } of files) {
    const place = await realPlace(output, folders)
    const other = seen.get(place)
    if (other !== undefined) {
      throw new KmsealError('usage', `two files would be written to ${printable(output)}`, {
        details: [printable(other), printable(input)],
        hint: 'give them places of their own, with --suffix or one --out-dir for each folder',
      })
    }
    if (inputs.has(place)) {
      throw usageError(
        `${printable(output)} would be both read and written`,
        'choose another --out-dir or --suffix',
      )
    }
    seen.set(place, input)
  }
}
