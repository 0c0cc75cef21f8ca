/** Export as a dotenv file, for shells and for programs that read such files. */

import { parseDotenv, writeDotenv } from '../dotenv.ts'
import { confirmReadBack, type Exported, type FormatOptions, variablesOf } from './exported.ts'
import { refuseShellNames } from './shell-names.ts'

/**
 * Writes a dotenv file, which sh, bash and zsh read as {@link parseDotenv} does.
 *
 * @throws KmsealError `failed`, naming what has no form
 * @see https://github.com/motdotla/dotenv#what-rules-does-the-parsing-engine-follow
 */
export function writeDotenvFile(parameters: readonly Exported[], options: FormatOptions): string {
  const variables = variablesOf(parameters, options, 'dotenv')
  refuseShellNames(variables)
  const text = writeDotenv(variables)
  const read = parseDotenv(text)
  const same = variables.every(({ name, value }, index) => {
    return read[index]?.name === name && read[index].value === value
  })
  confirmReadBack('dotenv', same && read.length === variables.length)
  return text
}

/**
 * What to tell about values that only shells and kmseal read right.
 *
 * @returns nothing when all dotenv libraries read the same
 */
export function dotenvCaveat(parameters: readonly Exported[], options: FormatOptions): string | undefined {
  const names = variablesOf(parameters, options, 'dotenv')
    .filter(({ value }) => value.includes('\r') || (value.includes("'") && /["$`\\]/.test(value)))
    .map(({ name }) => name)
  if (names.length === 0) return undefined
  return `shells and kmseal read ${names.join(', ')} right, but dotenv libraries do not: use --format json for those`
}
