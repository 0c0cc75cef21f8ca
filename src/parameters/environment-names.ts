/** Names of environment variables made from names of parameters. */

import { KmsealError } from '../errors.ts'
import { relativeName } from './parameter-name.ts'

/** How a variable is named after a parameter. */
export interface NamingRules {
  /** Path that the parameters lie below, without a slash at its end (`/` for the root): it is left away. */
  readonly path: string
  /** Put in front of every name. */
  readonly prefix: string
  /** Leave letters as they are; otherwise they become upper case. */
  readonly keepCase: boolean
}

/** A variable and the parameter that it is named after. */
export interface NamedVariable {
  readonly variable: string
  /** Full name of the parameter. */
  readonly parameter: string
}

/**
 * Whether a text is a name that every shell takes: letters, digits and `_`, no digit first.
 *
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/V1_chap08.html
 */
export function isVariableName(text: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(text)
}

/**
 * The variable of a parameter: the part of its name below the path, in upper case, with `_` for `/`, `-` and `.`.
 * `/app/db/main-url` below `/app` becomes `DB_MAIN_URL`.
 *
 * @throws KmsealError `failed` when that is no name of a variable, since it begins with a digit
 * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html
 */
export function variableName(parameter: string, { path, prefix, keepCase }: NamingRules): string {
  const plain = relativeName(parameter, path).replace(/[/.-]/g, '_')
  const name = prefix + (keepCase ? plain : plain.toUpperCase())
  if (isVariableName(name)) return name
  throw new KmsealError('failed', `parameter ${parameter} gives ${name}, which is no name of a variable`, {
    hint: 'put something in front with --prefix, such as --prefix APP_',
  })
}

/**
 * Refuses variables that two parameters give.
 *
 * @param what the names in a word, for the error
 * @throws KmsealError `failed`, naming the parameters of every clash in pairs
 */
export function refuseClashes(variables: readonly NamedVariable[], what = 'variable'): void {
  const seen = new Map<string, string>()
  const clashes: string[] = []
  for (const { variable, parameter } of variables) {
    const other = seen.get(variable)
    if (other === undefined) seen.set(variable, parameter)
    else clashes.push(`${other} and ${parameter} both give ${variable}`)
  }
  if (clashes.length === 0) return
  throw new KmsealError('failed', `several parameters give the same ${what}`, {
    hint: 'rename one of them, or read them apart from each other',
    details: clashes,
  })
}
