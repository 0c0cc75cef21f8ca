/** Where a user's state lies: the mock's, and which configuration files are trusted. */

import { join } from 'node:path'

/** An environment. */
export type Environment = Readonly<Record<string, string | undefined>>

/** A variable that is set to something. */
export function nonEmpty(value: string | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : value
}

/**
 * The folder of a user's state.
 *
 * @returns nothing when neither XDG_STATE_HOME nor HOME says where
 * @see https://specifications.freedesktop.org/basedir-spec/latest/
 */
export function stateFolder(env: Environment): string | undefined {
  const state = nonEmpty(env.XDG_STATE_HOME)
  if (state?.startsWith('/')) return join(state, 'kmseal')
  const home = nonEmpty(env.HOME)
  return home === undefined ? undefined : join(home, '.local', 'state', 'kmseal')
}
