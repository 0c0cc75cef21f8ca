/** Parsers of option values that several commands share. None of them repeats what was typed. */

import { usageError } from '../errors.ts'
import { parseIsoTime } from '../iso-time.ts'
import type { Encoding } from './stdout-sink.ts'

/** Accumulates a repeatable option in the order typed. */
export function repeatable(value: string, previous: readonly string[] | undefined): string[] {
  return [...(previous ?? []), value]
}

/** A parser that also tells the values it takes, for completion scripts. */
export type OneOfParser<Value extends string> = ((text: string) => Value) & {
  readonly values: readonly Value[]
}

/** A parser for an option with a fixed set of values. Throws `usage` with the set. */
export function oneOf<Value extends string>(flag: string, values: readonly Value[]): OneOfParser<Value> {
  const parse = (text: string): Value => {
    const value = values.find(candidate => candidate === text)
    if (value !== undefined) return value
    throw usageError(`${flag} takes one of ${values.join(', ')}`)
  }
  return Object.assign(parse, { values })
}

/** A parser for whole numbers from `min` to `max`, in decimal digits only. Throws `usage` with the range. */
export function wholeNumber(flag: string, min: number, max: number): (text: string) => number {
  return text => {
    const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN
    if (value >= min && value <= max) return value
    throw usageError(`${flag} takes a whole number from ${min} to ${max}`)
  }
}

/**
 * A parser for sizes in bytes: digits, or digits with KiB, MiB or GiB. Throws `usage` with the range.
 */
export function byteSize(flag: string, min: number, max: number): (text: string) => number {
  const units: Readonly<Record<string, number>> = { '': 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 }
  return text => {
    const match = /^(\d{1,12})(|KiB|MiB|GiB)$/.exec(text)
    const value = match === null ? Number.NaN : Number(match[1]) * (units[match[2] ?? ''] ?? Number.NaN)
    if (value >= min && value <= max) return value
    throw usageError(`${flag} takes a size from ${min} to ${max} bytes, such as 4096, 64KiB or 1MiB`)
  }
}

/** A parser for a moment to come, in ISO 8601 with a time zone, or a date in UTC. Throws `usage`. */
export function futureTime(flag: string, mostDays: number): (text: string) => Date {
  return text => {
    const time = parseIsoTime(text)
    if (time === undefined) {
      const month = new Date(Date.now() + 30 * 86_400_000).toISOString()
      throw usageError(
        `${flag} takes a time in ISO 8601`,
        `write it as ${month.slice(0, 19)}Z, or ${month.slice(0, 10)}`,
      )
    }
    if (time <= Date.now()) throw usageError(`${flag} is in the past`)
    if (time <= Date.now() + mostDays * 86_400_000) return new Date(time)
    throw usageError(`${flag} is more than ${mostDays} days away`)
  }
}

const formatNames = new Set(['json', 'text', 'table', 'yaml'])

/**
 * A parser for `-o/--output FILE`. The bare format names that the aws CLI takes there are refused, since
 * a file of that name is hardly meant.
 */
export function outputFile(path: string): string {
  if (path === '') throw usageError('--output needs the name of a file')
  if (!formatNames.has(path)) return path
  throw usageError(
    '-o/--output is the file to write, not a format',
    'use --json for JSON, or ./NAME for such a file',
  )
}

/** Accumulates account ids, 12 digits each. Throws `usage` for anything else. */
export function accountId(text: string, previous: readonly string[] | undefined): string[] {
  if (!/^\d{12}$/.test(text)) throw usageError('an account id is 12 digits')
  return [...(previous ?? []), text]
}

/**
 * Where bytes that are binary by nature go: base64 text to standard output, raw bytes into a file, unless
 * `--encoding` says otherwise.
 */
export function sinkRequest(options: { readonly output?: string; readonly encoding?: Encoding }) {
  const toFile = options.output !== undefined && options.output !== '-'
  return {
    output: options.output,
    encoding: options.encoding ?? (toFile ? 'raw' : 'base64'),
    encodingChosen: options.encoding !== undefined,
  } as const
}

/** A parser for a repeatable option that lists variables, as in `A,B`. Throws `usage`. */
export function variableNames(text: string, previous: readonly string[] | undefined): string[] {
  const listed = text.split(',')
  if (!listed.every(name => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name))) {
    throw usageError('this is no list of variables', 'write it as A,B')
  }
  return [...(previous ?? []), ...listed]
}

const unitMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }

/** A parser for a time: ISO 8601, or how long ago, as `7d`, `12h` or `30m`. Throws `usage` for anything else. */
export function isoTime(flag: string): (text: string) => Date {
  return text => {
    const [, count, unit = ''] = /^(\d{1,5})([mhd])$/.exec(text) ?? []
    const ago = count === undefined ? undefined : Date.now() - Number(count) * (unitMs[unit] ?? 0)
    const time = ago ?? parseIsoTime(text)
    if (time !== undefined) return new Date(time)
    throw usageError(
      `${flag} is no time`,
      'write it as 2030-01-31, 2030-01-31T12:00:00Z, or 7d, 12h or 30m ago',
    )
  }
}
