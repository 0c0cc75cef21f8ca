/** Tells of an encryption context that nobody typed. */

import type { Settings } from '../config.ts'
import type { Output } from './output.ts'
import { printable } from './printable.ts'

/**
 * Says that a configuration file gave an encryption context, where whoever decrypts must know it: it is never taken
 * from a file there.
 *
 * @param pairs nothing is said when there are none
 */
export function tellContext(
  output: Output,
  { config }: Settings,
  pairs: Readonly<Record<string, string>>,
): void {
  if (config === undefined || Object.keys(pairs).length === 0) return
  const text = JSON.stringify(pairs)
  output.note(
    `the encryption context is that of ${printable(config.path)}; decrypting needs --encryption-context '${printable(text)}'`,
  )
}
