/** One value of an import file. */

/** A value and where it stands. */
export interface ImportEntry {
  /** The names that lead to it; one alone in a flat file. */
  readonly keys: readonly string[]
  /** The value as text: numbers and booleans exactly as they are written. Empty where there is a problem. */
  readonly value: string
  /** Line that it stands on, from 1. */
  readonly line: number
  /** A shell would put something else for a part of the value; it is stored as it stands. */
  readonly refers?: boolean
  /** Why no parameter can hold what stands there, without any of its text. */
  readonly problem?: string | undefined
}

/** What is said of values that no parameter can hold. */
export const valueProblems = {
  nothing: 'there is no value (null), and an empty value cannot be stored',
  list: 'a list cannot be stored: write a StringList as one text, such as "a,b,c"',
} as const

/** Tells, name after name of one object, which of them stood there before. */
export class KeyLines {
  readonly #lines = new Map<string, number>()

  /** @returns the problem of a name that stands there twice, with both lines, from 1 */
  problemOf(key: string, line: number): string | undefined {
    const first = this.#lines.get(key)
    this.#lines.set(key, first ?? line)
    if (first === undefined) return undefined
    return first === line ? 'the same name stands twice' : `lines ${first} and ${line} set the same name`
  }
}
