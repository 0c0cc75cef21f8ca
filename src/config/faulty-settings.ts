/** Which flags and variables have impossible values, each by itself, for a command that is to explain them all. */

import { KmsealError } from '../errors.ts'
import { resolveValues, type SettingFlags } from './resolve-values.ts'
import type { Environment } from './state-folder.ts'

/** A setting whose flag or variable has an impossible value. */
export interface FaultySetting {
  readonly setting: 'backend' | 'region' | 'caller'
  readonly error: KmsealError
}

/** Flags and variables without the faulty ones. */
export interface UsableSettings {
  readonly faulty: readonly FaultySetting[]
  /** The flags to take away, as members that say nothing. */
  readonly flags: { readonly backend?: never; readonly region?: never }
  readonly env: Environment
}

interface Source {
  readonly setting: FaultySetting['setting']
  readonly flag?: 'backend' | 'region'
  readonly variables: readonly string[]
}

const sources: readonly Source[] = [
  { setting: 'backend', flag: 'backend', variables: ['KMSEAL_BACKEND'] },
  { setting: 'region', flag: 'region', variables: ['AWS_REGION', 'AWS_DEFAULT_REGION'] },
  { setting: 'caller', variables: ['KMSEAL_MOCK_PRINCIPAL'] },
  { setting: 'caller', variables: ['KMSEAL_MOCK_VIA_SERVICE'] },
]

/** Finds the settings that no command would begin with, and takes them away. */
export function usableSettings(flags: SettingFlags, env: Environment): UsableSettings {
  const found = sources.flatMap(source => {
    const error = faultOf(source, flags, env)
    return error === undefined ? [] : [{ source, error }]
  })
  const dropped = new Set(found.flatMap(({ source }) => source.variables))
  return {
    faulty: found.map(({ source, error }) => ({ setting: source.setting, error })),
    flags: Object.fromEntries(
      found.flatMap(({ source }) => (source.flag === undefined ? [] : [[source.flag, undefined]])),
    ),
    env: Object.fromEntries(Object.entries(env).filter(([name]) => !dropped.has(name))),
  }
}

function faultOf(
  { flag, variables }: Source,
  flags: SettingFlags,
  env: Environment,
): KmsealError | undefined {
  const typed = flag === undefined ? undefined : flags[flag]
  try {
    resolveValues(
      flag === undefined || typed === undefined ? {} : { [flag]: typed },
      Object.fromEntries(variables.map(name => [name, env[name]])),
      undefined,
    )
    return undefined
  } catch (error) {
    if (error instanceof KmsealError) return error
    throw error
  }
}
