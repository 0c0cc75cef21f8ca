/** Text that was bytes: what Node could not read as UTF-8 has U+FFFD in its place, and cannot be passed on. */

import { readFileSync } from 'node:fs'
import { usageError } from '../errors.ts'

const replacement = '\ufffd'

/**
 * Refuses arguments that would reach a child with other bytes than they were typed with.
 *
 * @throws KmsealError `usage`
 */
export function refuseAlteredArguments(args: readonly string[]): void {
  if (!args.some(text => text.includes(replacement))) return
  const typed = bytesOf('/proc/self/cmdline')
  const end = Buffer.from(args.map(text => `${text}\0`).join(''))
  if (typed?.subarray(-end.length).equals(end) === true) return
  throw usageError('an argument of the command is no UTF-8, and cannot be passed on as it is')
}

/** The variables of an environment that were inherited with other bytes, by name. */
export function alteredVariables(env: Readonly<Record<string, string>>): string[] {
  const suspects = Object.entries(env).filter(entry => entry.some(text => text.includes(replacement)))
  if (suspects.length === 0) return []
  const inherited = bytesOf('/proc/self/environ')
  const isExact = ([name, value]: [string, string]): boolean =>
    inherited?.includes(Buffer.from(`${name}=${value}\0`)) === true
  return suspects.filter(entry => !isExact(entry)).map(([name]) => name)
}

function bytesOf(file: string): Buffer | undefined {
  try {
    return readFileSync(file)
  } catch {
    return undefined
  }
}
