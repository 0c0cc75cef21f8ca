/** Decides which configuration file counts, and reads it. */

import { basename, dirname, resolve } from 'node:path'
import { printable } from '../cli/printable.ts'
import { KmsealError, usageError } from '../errors.ts'
import type { ConfigContent, ConfigInUse } from './config-file.ts'
import { trustOf } from './config-trust.ts'
import { type ReadConfig, readConfig } from './open-config.ts'
import type { Environment } from './state-folder.ts'

/** What is known before any file is opened. */
export interface ConfigRequest {
  /** The file that was named, as typed, and where. */
  readonly named: { readonly file: string; readonly by: string } | undefined
  /** Paths of files that were found, nearest first. */
  readonly found: readonly string[]
  /** The environment that was chosen, and where. */
  readonly environment: { readonly name: string; readonly by: string } | undefined
  /** What a named file is relative to. */
  readonly folder: string
  readonly env: Environment
}

/** A file that was found and does not count. */
export interface IgnoredConfig {
  readonly path: string
  /** Why, such as `it belongs to another user`. */
  readonly reason: string
  /** Whether `kmseal config trust` would make it count. */
  readonly canBeTrusted: boolean
  /** Whether it counted before it was changed, so that what it set is missing now. */
  readonly wasTrusted?: boolean
}

/** What came of it. */
export interface ConfigChoice {
  readonly config: ConfigInUse | undefined
  /** The nearest file that does not count. */
  readonly ignored: IgnoredConfig | undefined
}

/**
 * Reads the file that was named, or the nearest that is trusted. Others are not parsed, and hide none that is
 * trusted further up.
 *
 * @throws KmsealError `usage` for a malformed file, and for an environment that it does not have; what reading a
 *   named file throws
 */
export async function chooseConfig(request: ConfigRequest): Promise<ConfigChoice> {
  const { named, found, environment, folder, env } = request
  if (named !== undefined) {
    const path = resolve(folder, named.file)
    const read = await about(path, () => readConfig(path))
    return { config: await inUse(path, read, request), ignored: undefined }
  }
  let ignored: IgnoredConfig | undefined
  for (const path of found) {
    const read = attempt(path)
    if ('reason' in read) {
      ignored ??= read
      continue
    }
    const trust = trustOf(env, path, read.sha256)
    if (trust === 'trusted') {
      ignored ??= besideOf(path, found)
      return { config: await inUse(path, read, request), ignored }
    }
    const reason = trust === 'changed' ? 'it has changed since it was trusted' : 'it is not trusted'
    ignored ??= { path, reason, canBeTrusted: true, wasTrusted: trust === 'changed' }
  }
  if (environment !== undefined) throw noFileFor(environment.by, ignored)
  return { config: undefined, ignored }
}

/**
 * Reads a file whatever is thought of it, to show what it would set.
 *
 * @throws KmsealError as {@link chooseConfig}
 */
export async function readForTrust(path: string): Promise<{ content: ConfigContent; sha256: string }> {
  return about(path, async () => {
    const read = readConfig(path)
    return { content: await parse(path, read), sha256: read.sha256 }
  })
}

/** Another file of the same folder, which one might believe to count. */
function besideOf(path: string, found: readonly string[]): IgnoredConfig | undefined {
  const other = found.find(candidate => candidate !== path && dirname(candidate) === dirname(path))
  const reason = `${printable(basename(path))} counts, which lies beside it`
  return other === undefined ? undefined : { path: other, reason, canBeTrusted: false }
}

function attempt(path: string): ReadConfig | IgnoredConfig {
  try {
    return readConfig(path)
  } catch (error) {
    if (!(error instanceof KmsealError)) throw error
    return { path, reason: error.message, canBeTrusted: false }
  }
}

async function inUse(
  path: string,
  read: ReadConfig,
  { named, environment }: ConfigRequest,
): Promise<ConfigInUse> {
  const { top, environments } = await about(path, () => parse(path, read))
  const file = { path, folder: dirname(path), namedBy: named?.by, environment }
  if (environment === undefined) return { ...file, layers: [top] }
  const layer = environments.get(environment.name)
  if (layer !== undefined) return { ...file, layers: [layer, top] }
  const names = [...environments.keys()].sort().join(', ')
  throw usageError(
    `${environment.by} names an environment that ${printable(path)} does not have`,
    names === '' ? 'it has none' : `it has ${names}`,
  )
}

/** The parsers load when a file counts. */
async function parse(path: string, { bytes }: ReadConfig): Promise<ConfigContent> {
  const { parseConfig } = await import('./parse-config.ts')
  return parseConfig(bytes, path.toLowerCase().endsWith('.json') ? 'json' : 'yaml')
}

function noFileFor(by: string, ignored: IgnoredConfig | undefined): KmsealError {
  const why =
    ignored === undefined
      ? 'no configuration file was found'
      : `${printable(ignored.path)} is ignored: ${ignored.reason}`
  const trust = ignored?.canBeTrusted === true ? 'look at it and trust it with kmseal config trust, or ' : ''
  return usageError(
    `${by} names an environment, and ${why}`,
    `${trust}name a file with --config or KMSEAL_CONFIG`,
  )
}

/** Says in errors which file they are about. */
async function about<Value>(path: string, work: () => Value | Promise<Value>): Promise<Value> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof KmsealError)) throw error
    throw error.with({ message: `cannot use the configuration file ${printable(path)}: ${error.message}` })
  }
}
