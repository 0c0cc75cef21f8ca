/** Export as commands of a POSIX shell. */

import { type Exported, type FormatOptions, variablesOf } from './exported.ts'
import { refuseShellNames } from './shell-names.ts'

/**
 * Writes `export NAME='value'` lines, for `eval` in sh, bash and zsh.
 *
 * @throws KmsealError `failed`, naming what has no form
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html#tag_19_02_02
 */
export function writeShell(parameters: readonly Exported[], options: FormatOptions): string {
  const variables = variablesOf(parameters, options, 'a shell')
  refuseShellNames(variables)
  return variables.map(({ name, value }) => `export ${name}=${quoted(value)}\n`).join('')
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`
}
