/** Export as commands of the fish shell. */

import { type Exported, type FormatOptions, variablesOf } from './exported.ts'
import { refuseShellNames } from './shell-names.ts'

// Read-only ones, and lists of folders, in which fish fills up what is empty.
const kept = new Set(
  `CDPATH FISH_VERSION PATH PWD SHLVL _ fish_kill_signal fish_killring fish_pid history hostname pipestatus status
  status_generation umask version`.split(/\s+/),
)

/**
 * Writes `set -gx NAME 'value'` lines, for `source` in fish.
 *
 * @throws KmsealError `failed`, naming what has no form
 * @see https://fishshell.com/docs/current/language.html#quotes
 */
export function writeFish(parameters: readonly Exported[], options: FormatOptions): string {
  const variables = variablesOf(parameters, options, 'fish')
  refuseShellNames(variables, name => kept.has(name))
  return variables.map(({ name, value }) => `set -gx ${name} ${quoted(value)}\n`).join('')
}

function quoted(value: string): string {
  return `'${value.replace(/['\\]/g, '\\$&')}'`
}
