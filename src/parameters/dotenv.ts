/** Dotenv files: read strictly, and written so that a shell reads the same. */

import { KmsealError, usageError } from '../errors.ts'

/** One `NAME=value` of a dotenv file. */
export interface DotenvEntry {
  readonly name: string
  readonly value: string
  /** Line that the entry begins on, from 1. */
  readonly line: number
  /** A shell would put something else for a `$NAME`, `${NAME}` or `$(COMMAND)` in the value. */
  readonly refers: boolean
}

/**
 * Reads a dotenv file. Nothing is expanded.
 *
 * - A line is `NAME=value`, with `export ` in front or not, a `#` comment, or blank. A name has letters, digits, `_`,
 *   `.` and `-`; the first `=` ends it. A byte order mark is dropped; a file whose lines all end in CR LF is read as
 *   though they ended in LF.
 * - `'…'` and `` `…` `` are literal; `"…"` knows `\n` and `\r`, and a backslash before `"`, `$`, `` ` `` or itself
 *   stands for that character. All three may span lines.
 * - A value without quotes ends at ` #` or at the end of its line, and loses the white space around it.
 *
 * @throws KmsealError `usage` for a malformed line, or a name that stands there twice; of the text of lines
 *   only that name is told
 * @see https://github.com/motdotla/dotenv#what-rules-does-the-parsing-engine-follow
 */
export function parseDotenv(text: string): DotenvEntry[] {
  const entries: DotenvEntry[] = []
  const rest = new Reader(normalLines(text))
  for (let entry = rest.next(); entry !== undefined; entry = rest.next()) entries.push(entry)
  refuseRepeated(entries)
  return entries
}

function normalLines(text: string): string {
  const plain = text.replace(/^\ufeff/, '')
  return /(^|[^\r])\n/.test(plain) ? plain : plain.replaceAll('\r\n', '\n')
}

function refuseRepeated(entries: readonly DotenvEntry[]): void {
  const lines = new Map<string, number>()
  const repeated: string[] = []
  for (const { name, line } of entries) {
    const first = lines.get(name)
    if (first === undefined) lines.set(name, line)
    else repeated.push(`lines ${first} and ${line} both set ${shown(name)}`)
  }
  if (repeated.length === 0) return
  throw new KmsealError('usage', `the dotenv file sets a name twice: ${repeated[0]}`, {
    hint: 'keep the line that counts',
    details: repeated.slice(1),
  })
}

/** The last line of a base64 text in several lines looks like a name too, and may be of a secret. */
function shown(name: string): string {
  return /^(?:[A-Z][A-Z\d_]{0,63}|[a-z][a-z\d_.-]{0,63})$/.test(name) ? name : 'the same name'
}

const blanks = /[ \t\r\n]+|#[^\n]*/y
const lead = /(?:export[ \t]+)?([\w.-]+)[ \t]*=/y
const quoted = /[ \t]*(?:'([^']*)'|`([^`]*)`|"([^"\\]*(?:\\[\s\S][^"\\]*)*)")/y
const openQuote = /[ \t]*['"`]/y
const lineEnd = /[ \t\r]*(?:[ \t]#[^\n]*)?(?:\n|$)/y
const bare = /[^\n]*/y
const reference = /(?<!\\)(?:\\\\)*\$[A-Za-z_{(]/

/** Takes one entry after the other off a text. */
class Reader {
  readonly #text: string
  #offset = 0
  #line = 1

  constructor(text: string) {
    this.#text = text
  }

  next(): DotenvEntry | undefined {
    // One after the other: a pattern over all of them runs out of stack.
    while (this.#take(blanks) !== undefined);
    if (this.#offset === this.#text.length) return undefined
    const line = this.#line
    const name = this.#take(lead)?.[1]
    if (name === undefined) throw malformed(line, 'is not NAME=value')
    return { name, line, ...this.#value(line) }
  }

  #value(line: number): Pick<DotenvEntry, 'value' | 'refers'> {
    const found = this.#take(quoted)
    if (found === undefined) {
      if (this.#take(openQuote) !== undefined) throw malformed(line, 'opens a quote that is never closed')
      const value = bareValue(this.#take(bare)?.[0] ?? '')
      return { value, refers: reference.test(value) }
    }
    if (this.#take(lineEnd) === undefined) {
      throw malformed(line, 'has more text after the quote that ends its value, or lacks that quote')
    }
    const [, single, backtick, double = ''] = found
    return { value: single ?? backtick ?? unescaped(double), refers: reference.test(double) }
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    try {
      return pattern.exec(this.#text)
    } catch (error) {
      // Patterns run out of stack after some millions of escapes.
      if (error instanceof RangeError) throw malformed(this.#line, 'has a value that is too long')
      throw error
    }
  }

  #take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#offset
    const found = this.#match(pattern)
    if (found === null) return undefined
    this.#offset += found[0].length
    this.#line += found[0].split('\n').length - 1
    return found
  }
}

function bareValue(text: string): string {
  const comment = text.search(/[ \t]#/)
  const value = comment === -1 ? text : text.slice(0, comment)
  // No pattern: one that ends in $ tries every run of blanks to its end.
  let end = value.length
  while (end > 0 && ' \t\r'.includes(value[end - 1] ?? '')) end -= 1
  return value.slice(0, end).replace(/^[ \t]+/, '')
}

function unescaped(text: string): string {
  return text.replace(/\\([nr"$`\\])/g, (_, character: string) => {
    return character === 'n' ? '\n' : character === 'r' ? '\r' : character
  })
}

function malformed(line: number, what: string): KmsealError {
  return usageError(
    `line ${line} of the dotenv file ${what}`,
    'a value with quotes, # or line breaks goes between single quotes',
  )
}

/** A variable and its value. */
export interface Variable {
  readonly name: string
  readonly value: string
}

// Shells and readers take these as they are. `=` and `~` are absent: zsh expands them.
const plain = /^[\w./:@%+,-]+$/

/**
 * Writes variables so that `set -a; . ./FILE` gives them the same values in sh, bash and zsh as {@link parseDotenv}
 * does. A value is written plain where that is safe, else between single quotes, else between double quotes.
 *
 * @param variables names of variables, each once
 * @throws KmsealError `failed` for a value with a NUL character, naming the variable
 */
export function writeDotenv(variables: readonly Variable[]): string {
  return variables.map(({ name, value }) => `${name}=${written(name, value)}\n`).join('')
}

function written(name: string, value: string): string {
  if (value.includes('\0')) {
    throw new KmsealError('failed', `the value of ${name} has a NUL character, which no variable can hold`, {
      hint: 'export it with --format json',
    })
  }
  if (plain.test(value)) return value
  if (!value.includes("'")) return `'${value}'`
  return `"${value.replace(/["$`\\]/g, '\\$&')}"`
}
