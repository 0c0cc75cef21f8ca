/** All formats of an export, and what each of them takes. */

import { usageError } from '../../errors.ts'
import { writeDocker } from './docker.ts'
import { dotenvCaveat, writeDotenvFile } from './dotenv.ts'
import type { Exported, FormatOptions } from './exported.ts'
import { writeFish } from './fish.ts'
import { writeGithubEnv } from './github-env.ts'
import { writeJson } from './json.ts'
import { writeShell } from './shell.ts'

type Writer = (parameters: readonly Exported[], options: FormatOptions) => string

/** A format of an export. */
export interface ExportFormat {
  /** The options that mean something to it. */
  readonly takes: readonly (keyof FormatOptions)[]
  /** Its writer, which throws `failed` for what the format has no form for. */
  readonly load: () => Promise<Writer>
  /** What people should know about the result, in one line. */
  readonly caveat?: (parameters: readonly Exported[], options: FormatOptions) => string | undefined
}

const variables = ['prefix', 'keepCase', 'allowed'] as const

/** The formats by the names that users give them. */
export const exportFormats = {
  dotenv: { takes: variables, load: async () => writeDotenvFile, caveat: dotenvCaveat },
  shell: { takes: variables, load: async () => writeShell },
  fish: { takes: variables, load: async () => writeFish },
  json: { takes: ['nested'], load: async () => writeJson },
  yaml: { takes: ['nested'], load: async () => (await import('./yaml.ts')).writeYaml },
  docker: { takes: variables, load: async () => writeDocker },
  'github-env': { takes: variables, load: async () => writeGithubEnv },
  'k8s-secret': {
    takes: ['secretName', 'namespace'],
    load: async () => (await import('./k8s-secret.ts')).writeK8sSecret,
  },
} as const satisfies Readonly<Record<string, ExportFormat>>

/** Name of a format. */
export type FormatName = keyof typeof exportFormats

/** Names of all formats. */
export const formatNames = Object.keys(exportFormats) as FormatName[]

/** The format of a name. */
export function exportFormat(name: FormatName): ExportFormat {
  return exportFormats[name]
}

const flags: Readonly<Record<keyof FormatOptions, string>> = {
  prefix: '--prefix',
  keepCase: '--keep-case',
  allowed: '--allow',
  nested: '--nested',
  secretName: '--name',
  namespace: '--namespace',
}

/** Options as far as they were typed. */
export type GivenOptions = { readonly [Option in keyof FormatOptions]?: FormatOptions[Option] | undefined }

/**
 * Refuses options that mean nothing to a format.
 *
 * @param given the options that were typed
 * @throws KmsealError `usage`, naming the formats that take the option
 */
export function refuseForeignOptions(name: FormatName, given: GivenOptions): void {
  for (const option of Object.keys(flags) as (keyof FormatOptions)[]) {
    if (given[option] === undefined || exportFormat(name).takes.includes(option)) continue
    const takers = formatNames.filter(other => exportFormat(other).takes.includes(option))
    throw usageError(`${flags[option]} means nothing to --format ${name}`, `it is for ${takers.join(', ')}`)
  }
}
