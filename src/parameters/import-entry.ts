/** One value of an import file. */

/** A value and where it stands. */
export interface ImportEntry {
  /** The names that lead to it; one alone in a flat file. */
  readonly keys: readonly string[]
  /** The value as text: numbers and booleans exactly as they are written. */
  readonly value: string
  /** Line that it stands on, from 1. */
  readonly line: number
}

/** What is said of values that no parameter can hold. */
export const valueProblems = {
  nothing: 'has no value (null), and an empty value cannot be stored',
  list: 'has a list: write a StringList as one text, such as "a,b,c"',
} as const
