/** One record as `Name: value` lines for people. */

import { printable } from './printable.ts'

/** How deep records are followed; AWS's are at most three levels deep. */
const deepest = 8

/**
 * Renders a record: one line a member, times in ISO 8601, lists of plain values on one line, nested records
 * indented by two spaces. Absent members are left out. Text of others is escaped.
 *
 * @param order names that come first, in this order; the others follow in the record's own order
 */
export function renderRecord(record: object, order: readonly string[] = []): string {
  const names = Object.keys(record)
  const first = order.filter(name => names.includes(name))
  const members = new Map(Object.entries(record))
  return [...first, ...names.filter(name => !first.includes(name))]
    .flatMap(name => memberLines(name, members.get(name), 0))
    .map(line => `${line}\n`)
    .join('')
}

function memberLines(name: string, value: unknown, depth: number): string[] {
  if (value === undefined) return []
  const label = `${'  '.repeat(depth)}${printable(name)}:`
  if (depth < deepest && Array.isArray(value) && value.some(isRecord)) {
    return [label, ...value.flatMap(item => itemLines(item, depth + 1))]
  }
  if (depth < deepest && isRecord(value)) {
    const lines = Object.entries(value).flatMap(([member, inner]) => memberLines(member, inner, depth + 1))
    return [label, ...lines]
  }
  return [`${label} ${scalar(value)}`.trimEnd()]
}

/** A record in a list: its first line carries a dash. */
function itemLines(item: unknown, depth: number): string[] {
  const indent = '  '.repeat(depth)
  if (!isRecord(item)) return [`${indent}- ${scalar(item)}`]
  const lines = Object.entries(item).flatMap(([member, inner]) => memberLines(member, inner, depth + 1))
  return lines.map((line, index) => (index === 0 ? `${indent}- ${line.trimStart()}` : line))
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
}

function scalar(value: unknown): string {
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map(scalar).join(', ')
  return printable(String(value))
}
