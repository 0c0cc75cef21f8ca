/** What refuses a text file, by line: its text is never told, since it may be a secret. */

import { type KmsealError, usageError } from '../errors.ts'

/** Levels of nesting that a file may have; what is read from files has fewer. */
export const deepestNesting = 32

/**
 * The refusal of a file for what stands on a line.
 *
 * @param what such as `is no JSON`
 */
export function malformedLine(line: number, what: string, hint?: string): KmsealError {
  return usageError(`line ${line} of the file ${what}`, hint)
}

/** Gives the line of an offset in a text, from 1. */
export function lineCounter(text: string): (offset: number) => number {
  const starts = [0]
  for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', end + 1)) starts.push(end + 1)
  return offset => {
    let [low, high] = [0, starts.length]
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle
    }
    return low + 1
  }
}

/**
 * Refuses names that stand twice in one object, in pairs of lines.
 *
 * @throws KmsealError `usage`
 */
export function refuseRepeatedKeys(keys: readonly { readonly key: string; readonly line: number }[]): void {
  const lines = new Map<string, number>()
  for (const { key, line } of keys) {
    const first = lines.get(key)
    if (first !== undefined) {
      throw usageError(`lines ${first} and ${line} of the file set the same name`, 'keep the one that counts')
    }
    lines.set(key, line)
  }
}
