/** Matching of `*` and `?` in policies, in time that no pattern can blow up, and of ARNs by their parts. */

import type { Truth } from './truth.ts'

/** A pattern: UTF-16 code units, {@link anyOne} and {@link anyMany}. */
export type WildcardPattern = ArrayLike<number>

/** Stands for exactly one code unit: `?`. */
export const anyOne = -1

/** Stands for any number of code units, none included: `*`. */
export const anyMany = -2

/** Reads a text as a pattern, or literally when its `*` and `?` stand for themselves. */
export function compileWildcard(text: string, literally = false): number[] {
  const units: number[] = []
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (!literally && unit === asterisk) units.push(anyMany)
    else units.push(!literally && unit === questionMark ? anyOne : unit)
  }
  return units
}

/**
 * Whether a pattern matches a whole text, case and all.
 *
 * The parts between the `*` are looked for from left to right, each at the first place where it fits, which is
 * enough. A part is found in one pass over the text, with one word of work for every 32 of its units.
 *
 * @param text a string, or its UTF-16 code units
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
export function matchesWildcard(pattern: WildcardPattern, text: string | ArrayLike<number>): boolean {
  const units = typeof text === 'string' ? compileWildcard(text, true) : text
  // What comes before the first `*` decides most patterns.
  let head = 0
  while (head < pattern.length && pattern[head] !== anyMany) {
    const unit = pattern[head]
    if (head >= units.length || (unit !== anyOne && unit !== units[head])) return false
    head += 1
  }
  if (head === pattern.length) return head === units.length
  if (head === pattern.length - 1) return true
  const parts = splitAt(pattern, anyMany)
  const last = parts.at(-1) ?? []
  const end = units.length - last.length
  if (head > end || !fitsAt(last, units, end)) return false
  let from = head
  for (const part of parts.slice(1, -1)) {
    from = endOfFirst(part, units, from, end)
    if (from < 0) return false
  }
  return true
}

/**
 * Whether an ARN is matched by a pattern as the Arn operators do it: each of the six parts by itself, so that a
 * `*` never reaches into the next; the sixth may hold further colons. Unknown when the pattern fits and one
 * of both is no ARN.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
export function matchesArn(pattern: WildcardPattern, arn: string): Truth {
  // What the loosest reading refuses, every other refuses too.
  if (!matchesWildcard(pattern, arn)) return false
  const parts = splitAt(pattern, colon, 6)
  const values = splitAt(compileWildcard(arn, true), colon, 6)
  if (parts.length < 6 || values.length < 6) return 'unknown'
  return parts.every((part, index) => matchesWildcard(part, values[index] ?? []))
}

/**
 * Whether the Resource of a statement matches an ARN, or the `*` of a request that has no resource. A `*` at the
 * end of the pattern reaches over colons; a match that needs another `*` to do so is unknown.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
 */
export function matchesResource(pattern: WildcardPattern, arn: string): Truth {
  if (pattern.length === 1 && pattern[0] === anyMany) return true
  if (!matchesWildcard(pattern, arn)) return false
  const parts = splitAt(pattern, colon, 6)
  const values = splitAt(compileWildcard(arn, true), colon, parts.length)
  const last = parts.at(-1) ?? []
  const whole = parts.length === 6 || last.indexOf(anyMany) === last.length - 1
  const apart = parts.every((part, index) => matchesWildcard(part, values[index] ?? []))
  // A text without wildcards, such as the name of another service's resource, needs no parts.
  return (whole && apart) || !Array.from(pattern).includes(anyMany) ? true : 'unknown'
}

const [asterisk, questionMark, colon] = [0x2a, 0x3f, 0x3a]

function splitAt(units: ArrayLike<number>, separator: number, most = Number.POSITIVE_INFINITY): number[][] {
  let current: number[] = []
  const parts = [current]
  for (let index = 0; index < units.length; index++) {
    const unit = units[index] ?? 0
    if (unit === separator && parts.length < most) {
      current = []
      parts.push(current)
    } else current.push(unit)
  }
  return parts
}

function fitsAt(part: readonly number[], units: ArrayLike<number>, at: number): boolean {
  return part.every((unit, index) => unit === anyOne || unit === units[at + index])
}

/**
 * The index behind the first place where a part fits, or -1. Shift-And: bit i of the state says that the first
 * i + 1 units of the part fit the units that end here.
 */
function endOfFirst(part: readonly number[], units: ArrayLike<number>, from: number, end: number): number {
  if (part.length === 0) return from
  if (part.length > end - from) return -1
  const words = Math.ceil(part.length / 32)
  const masks = new Map<number, Uint32Array>()
  const anywhere = new Uint32Array(words)
  part.forEach((unit, index) => {
    if (unit === anyOne) setBit(anywhere, index)
    else if (!masks.has(unit)) masks.set(unit, new Uint32Array(words))
  })
  part.forEach((unit, index) => {
    if (unit !== anyOne) setBit(masks.get(unit), index)
  })
  const state = new Uint32Array(words)
  const lastBit = (part.length - 1) % 32
  for (let index = from; index < end; index++) {
    const mask = masks.get(units[index] ?? 0)
    let carry = 1
    for (let word = 0; word < words; word++) {
      const before = state[word] ?? 0
      state[word] = ((before << 1) | carry) & ((mask?.[word] ?? 0) | (anywhere[word] ?? 0))
      carry = before >>> 31
    }
    if ((((state[words - 1] ?? 0) >>> lastBit) & 1) === 1) return index + 1
  }
  return -1
}

function setBit(words: Uint32Array | undefined, index: number): void {
  if (words !== undefined) words[index >>> 5] = (words[index >>> 5] ?? 0) | (1 << (index & 31))
}
