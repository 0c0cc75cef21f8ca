/** Reads an import file, and tells which parameters it means. */

import { KmsealError, usageError } from '../errors.ts'
import { parseDotenv } from './dotenv.ts'
import { type ImportEntry, valueProblems } from './import-entry.ts'
import { parseJsonEntries } from './json-entries.ts'
import { checkNewParameterName } from './parameter-name.ts'
import { notUtf8, textOf, textToStore } from './parameter-value.ts'
import { parseYamlEntries } from './yaml-entries.ts'

/** Formats that can be imported. */
export const importFormats = ['dotenv', 'json', 'yaml'] as const
/** One of {@link importFormats}. */
export type ImportFormat = (typeof importFormats)[number]

/** A parameter that a file wants. */
export interface WantedParameter {
  /** Full name, with its leading slash. */
  readonly name: string
  readonly value: string
  /** A shell would put something else for a `$NAME` or the like in the value. */
  readonly refers?: boolean
}

/** What a file wants, and what it names without a value. */
export interface ImportedFile {
  readonly wanted: readonly WantedParameter[]
  /** Full names of empty values and null, when these are to be skipped. */
  readonly skipped: readonly string[]
}

/**
 * The format that the name of a file tells: `.json`, `.yaml` or `.yml`, `.env` or a name that begins with `.env`.
 *
 * @returns nothing when the name does not tell
 */
export function formatOfFile(file: string): ImportFormat | undefined {
  const name = file.slice(file.lastIndexOf('/') + 1)
  if (/\.json$/i.test(name)) return 'json'
  if (/\.ya?ml$/i.test(name)) return 'yaml'
  return /\.env$/i.test(name) || /^\.env/.test(name) ? 'dotenv' : undefined
}

/**
 * Reads the parameters that a file wants below a path. Names in a nested object follow those of the objects around
 * it, with slashes between; a name that begins with a slash is a full one.
 *
 * @param prefix path without a slash at its end, or `/`
 * @param skipEmpty leave out names whose value is empty or null, instead of refusing them
 * @throws KmsealError `usage`: what the parsers throw; a file encrypted by SOPS; no entry at all; names or values that
 *   no parameter can have, or two entries that mean the same parameter, all of them told by line
 * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html
 */
export function parseImport(
  bytes: Uint8Array,
  format: ImportFormat,
  prefix: string,
  skipEmpty = false,
): ImportedFile {
  const text = textOf(bytes)
  if (text === undefined) throw notUtf8('the file')
  if (isEncryptedBySops(text)) {
    throw usageError(
      'the file is encrypted by SOPS, so that its ciphertexts would be stored',
      'decrypt it on the way: sops decrypt FILE | kmseal import-params - --format dotenv, json or yaml …',
    )
  }
  const entries = parsers[format](text)
  if (entries.length === 0) throw usageError('the file has no values')
  const problems: string[] = []
  const wanted = new Map<string, ImportEntry>()
  for (const entry of entries) {
    const name = fullName(entry.keys, prefix)
    const problem = problemOf(entry, name, prefix, skipEmpty)
    if (problem !== undefined) problems.push(`line ${entry.line}${shown(entry)}: ${problem}`)
    if (entry.problem !== undefined && problem !== undefined) continue
    const other = wanted.get(name)
    if (other !== undefined)
      problems.push(`${linesOf(other, entry)} both mean ${shown(entry) === '' ? 'one parameter' : name}`)
    wanted.set(name, entry)
  }
  if (problems.length > 0) throw refusal(problems, !skipEmpty && entries.some(isEmpty))
  const found = [...wanted]
  return {
    wanted: found
      .filter(([, entry]) => !isEmpty(entry))
      .map(([name, { value, refers }]) => ({ name, value, ...(refers === true ? { refers } : {}) })),
    skipped: found.filter(([, entry]) => isEmpty(entry)).map(([name]) => name),
  }
}

function isEmpty({ value, problem }: ImportEntry): boolean {
  return problem === undefined ? value === '' : problem === valueProblems.nothing
}

function linesOf(first: ImportEntry, second: ImportEntry): string {
  const { line } = second
  return first.line === line ? `two names on line ${line}` : `lines ${first.line} and ${line}`
}

/** Files of SOPS keep names and structure, and have their own data beside them. */
function isEncryptedBySops(text: string): boolean {
  return /\bENC\[AES256_GCM,data:/.test(text) && /^[\s{"',]*sops(_mac)?["']?\s*[:=]/m.test(text)
}

const parsers: Readonly<Record<ImportFormat, (text: string) => ImportEntry[]>> = {
  dotenv: text => parseDotenv(text).map(({ name, ...entry }) => ({ keys: [name], ...entry })),
  json: parseJsonEntries,
  yaml: parseYamlEntries,
}

/** The name where it looks like one; other text of the file may be a secret in the wrong place. */
function shown({ keys }: ImportEntry): string {
  const name = keys.join('/')
  return /^[\w./-]{1,200}$/.test(name) ? `, ${name}` : ''
}

function fullName(keys: readonly string[], prefix: string): string {
  const relative = keys.join('/')
  if (relative.startsWith('/')) return relative
  return prefix === '/' ? `/${relative}` : `${prefix}/${relative}`
}

function problemOf(entry: ImportEntry, name: string, prefix: string, skipEmpty: boolean): string | undefined {
  const { value, problem } = entry
  const isSkipped = skipEmpty && isEmpty(entry)
  if (problem !== undefined && !isSkipped) return problem
  const lead = prefix === '/' ? '/' : `${prefix}/`
  if (!name.startsWith(lead)) return `it is not below ${prefix}`
  try {
    checkNewParameterName(name)
    if (isSkipped) return undefined
    if (/\p{Cs}/u.test(value)) throw usageError('the value has half of a character (a lone surrogate)')
    textToStore(Buffer.from(value))
    return undefined
  } catch (error) {
    if (error instanceof KmsealError) return error.message
    throw error
  }
}

function refusal(problems: readonly string[], hasEmpty: boolean): KmsealError {
  const [only] = problems
  const skip = hasEmpty ? ', or leave what is empty out with --skip-empty' : ''
  const hint = `nothing was stored; mend the file first${skip}`
  if (problems.length === 1 && only !== undefined)
    return usageError(`the file cannot be imported: ${only}`, hint)
  return new KmsealError('usage', `the file cannot be imported: ${problems.length} faults`, {
    hint,
    details: problems,
  })
}
