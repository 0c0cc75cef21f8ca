/** The environment of a program that gets parameters in variables. */

import { KmsealError } from '../errors.ts'
import { isVariableName, refuseClashes } from './environment-names.ts'
import { changesPrograms } from './program-variables.ts'

/** What the name of a variable begins with that holds an encrypted value for another one. */
export const encryptedPrefix = 'KMS_ENCRYPTED_'

/** A variable to give, and where it comes from. */
export interface GivenVariable {
  readonly variable: string
  readonly value: string
  /** In words, such as `parameter /app/db/url`. */
  readonly source: string
  /** The user named this very variable. */
  readonly named: boolean
}

/** What to make an environment of. */
export interface EnvironmentRequest {
  /** What is there already. */
  readonly inherited: Readonly<Record<string, string | undefined>>
  readonly given: readonly GivenVariable[]
  /** Given variables replace inherited ones; otherwise only those that the user named do. */
  readonly overload: boolean
  /** Variables that are taken though they change how programs run. */
  readonly allowed?: readonly string[]
  /** Variables that must be there, and not empty. */
  readonly required: readonly string[]
}

/** An environment. */
export interface ChildEnvironment {
  readonly env: Readonly<Record<string, string>>
  /** Variables that were given and have another, inherited value. */
  readonly kept: readonly string[]
}

/**
 * Puts given variables into an inherited environment, which loses those of this program.
 *
 * @throws KmsealError `failed` for names that are none, that two sources give, or that change how programs run, and for
 *   a value with a NUL byte; `not-found` when a required one is missing
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/V1_chap08.html
 */
export function childEnvironment(request: EnvironmentRequest): ChildEnvironment {
  const { inherited, given, overload, required, allowed } = request
  for (const variable of given) checkVariable(variable)
  refuseChanging(given, new Set(allowed))
  refuseClashes(given.map(({ variable, source }) => ({ variable, parameter: source })))
  const env: Record<string, string> = Object.create(null)
  for (const [name, value] of Object.entries(inherited)) {
    if (value !== undefined && !name.startsWith('KMSEAL_')) env[name] = value
  }
  const kept: string[] = []
  for (const { variable, value, named } of given) {
    const present = env[variable]
    if (present === undefined || overload || named) env[variable] = value
    else if (present !== value) kept.push(variable)
  }
  const missing = required.filter(name => (env[name] ?? '') === '')
  if (missing.length > 0) {
    throw new KmsealError('not-found', `required variables are missing: ${missing.join(', ')}`, {
      hint: 'check the paths, --prefix and --keep-case, or map a parameter with --param NAME=VARIABLE',
    })
  }
  return { env, kept }
}

function checkVariable({ variable, value, source }: GivenVariable): void {
  if (!isVariableName(variable)) {
    throw new KmsealError('failed', `${source} gives a variable whose name no shell takes`)
  }
  if (value.includes('\0')) {
    throw new KmsealError('failed', `${source} has a NUL byte, which no variable can hold: ${variable}`, {
      hint: 'hand it over in a file with --file',
    })
  }
}

function refuseChanging(given: readonly GivenVariable[], allowed: ReadonlySet<string>): void {
  const refused = given.filter(
    ({ variable, named }) => !named && changesPrograms(variable) && !allowed.has(variable),
  )
  if (refused.length === 0) return
  const list = refused.map(({ source, variable }) => `${source} would set ${variable}`)
  const names = refused.map(({ variable }) => variable)
  throw new KmsealError('failed', `${list[0]}, which changes how programs run`, {
    details: list.slice(1),
    hint: `map one parameter with --param NAME=VARIABLE; --allow ${names.join(',')} takes them from everywhere`,
  })
}
