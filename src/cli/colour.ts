/** Colours, where the stream is a terminal and nobody minds. */

import { Chalk, type ChalkInstance } from 'chalk'
import type { Io } from './io.ts'

/**
 * The colours of a stream: none unless it is a terminal that has them, or FORCE_COLOR is set; never with NO_COLOR.
 *
 * @param allowed what `--no-color` says: `settings.colours` of the output
 *
 * @see https://no-color.org/
 */
export function coloursOf(
  { env }: Pick<Io, 'env'>,
  stream: { readonly isTTY?: boolean | undefined },
  allowed: boolean,
): ChalkInstance {
  const forced = (env['FORCE_COLOR'] ?? '') !== '' && env['FORCE_COLOR'] !== '0'
  const possible = stream.isTTY === true && env['TERM'] !== 'dumb'
  const unwanted = (env['NO_COLOR'] ?? '') !== ''
  return new Chalk({ level: allowed && !unwanted && (forced || possible) ? 1 : 0 })
}
