/** Reads JSON of unknown origin: strict, nested to a limit, refused by line. */

import { createScanner, type Node, type ParseError, parseTree } from 'jsonc-parser'
import { deepestNesting, lineCounter, malformedLine } from './malformed-line.ts'

// The scanner's names for these numbers exist in its types only.
const tokens = { openBrace: 1, closeBrace: 2, openBracket: 3, closeBracket: 4, end: 17 } as const

/**
 * Parses a JSON file; names may repeat.
 *
 * @returns its root, the line of an offset in it, from 1, and the text that offsets are of
 * @throws KmsealError `usage` with a line: no JSON, nested too deeply
 * @see https://www.rfc-editor.org/rfc/rfc8259
 */
export function parseJsonDocument(text: string): {
  root: Node | undefined
  lineOf: (offset?: number) => number
  plain: string
} {
  const plain = text.replace(/^\ufeff/, '')
  const line = lineCounter(plain)
  const lineOf = (offset = 0): number => line(offset)
  refuseDeepNesting(plain, lineOf)
  const errors: ParseError[] = []
  const root = parseTree(plain, errors, { disallowComments: true, allowTrailingComma: false })
  const [first] = errors
  if (first !== undefined) throw malformedLine(lineOf(first.offset), 'is no JSON')
  return { root, lineOf, plain }
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
