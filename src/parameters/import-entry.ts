/** One value of an import file, and what refuses a file. */

import { type KmsealError, usageError } from '../errors.ts'

/** A value and where it stands. */
export interface ImportEntry {
  /** The names that lead to it; one alone in a flat file. */
  readonly keys: readonly string[]
  /** The value as text: numbers and booleans exactly as they are written. */
  readonly value: string
  /** Line that it stands on, from 1. */
  readonly line: number
}

/** Levels of nesting that a file may have; names have fewer. */
export const deepestNesting = 32

/**
 * The refusal of a file for what stands on a line. Its text is never told: it may be a secret.
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

/** What is said of values that no parameter can hold. */
export const valueProblems = {
  nothing: 'has no value (null), and an empty value cannot be stored',
  list: 'has a list: write a StringList as one text, such as "a,b,c"',
} as const
