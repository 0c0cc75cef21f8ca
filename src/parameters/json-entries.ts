/** Reads the values of a JSON file. */

import { createScanner, type Node, type ParseError, parseTree } from 'jsonc-parser'
import {
  deepestNesting,
  type ImportEntry,
  lineCounter,
  malformedLine,
  refuseRepeatedKeys,
  valueProblems,
} from './import-entry.ts'

// The scanner's names for these numbers exist in its types only.
const tokens = { openBrace: 1, closeBrace: 2, openBracket: 3, closeBracket: 4, end: 17 } as const

/**
 * Reads the values of a JSON object, nested ones too. Numbers keep their digits.
 *
 * @throws KmsealError `usage` with a line: no JSON, no object, nested too deeply, a name twice, a list, null
 * @see https://www.rfc-editor.org/rfc/rfc8259
 */
export function parseJsonEntries(text: string): ImportEntry[] {
  const plain = text.replace(/^\ufeff/, '')
  const lineOf = lineCounter(plain)
  refuseDeepNesting(plain, lineOf)
  const errors: ParseError[] = []
  const root = parseTree(plain, errors, { disallowComments: true, allowTrailingComma: false })
  const [first] = errors
  if (first !== undefined) throw malformedLine(lineOf(first.offset), 'is no JSON')
  if (root?.type !== 'object') throw malformedLine(lineOf(root?.offset ?? 0), 'begins no JSON object')
  const entries: ImportEntry[] = []
  collect(root, [])
  return entries

  function collect(object: Node, above: readonly string[]): void {
    const properties = (object.children ?? []).map(({ children = [] }) => {
      const [key, value] = children
      return { key: String(key?.value), line: lineOf(key?.offset ?? 0), value }
    })
    refuseRepeatedKeys(properties)
    for (const { key, line, value } of properties) {
      const keys = [...above, key]
      if (value?.type === 'object') collect(value, keys)
      else entries.push({ keys, line, value: textOf(value, line) })
    }
  }

  function textOf(value: Node | undefined, line: number): string {
    switch (value?.type) {
      case 'string':
        return String(value.value)
      case 'number':
      case 'boolean':
        return plain.slice(value.offset, value.offset + value.length)
      case 'array':
        throw malformedLine(line, valueProblems.list)
      default:
        throw malformedLine(line, valueProblems.nothing)
    }
  }
}

// Before the parser, which calls itself for each level.
function refuseDeepNesting(text: string, lineOf: (offset: number) => number): void {
  const scanner = createScanner(text)
  let depth = 0
  for (let kind: number = scanner.scan(); kind !== tokens.end; kind = scanner.scan()) {
    if (kind === tokens.openBrace || kind === tokens.openBracket) depth += 1
    if (kind === tokens.closeBrace || kind === tokens.closeBracket) depth -= 1
    if (depth > deepestNesting) {
      throw malformedLine(
        lineOf(scanner.getTokenOffset()),
        `is nested more than ${deepestNesting} levels deep`,
      )
    }
  }
}
