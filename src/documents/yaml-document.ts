/** Reads YAML of unknown origin: one document, nested to a limit, refused by line. */

import { type Document, Lexer, LineCounter, parseDocument } from 'yaml'
import { KmsealError } from '../errors.ts'
import { deepestNesting, malformedLine } from './malformed-line.ts'

/**
 * Parses a YAML file whose top is a map or list or text; names may repeat, and aliases are not followed.
 *
 * @returns the document, and the line of an offset in it, from 1
 * @throws KmsealError `usage` with a line: no YAML, several documents, nested too deeply
 * @see https://yaml.org/spec/1.2.2/
 */
export function parseYamlDocument(text: string): { document: Document; lineOf: (offset?: number) => number } {
  refuseDeepNesting(text)
  const lineCounter = new LineCounter()
  const lineOf = (offset = 0): number => Math.max(1, lineCounter.linePos(offset).line)
  const document = parse(text, lineCounter)
  const [problem] = [...document.errors, ...document.warnings]
  if (problem !== undefined) {
    const what = problem.code === 'MULTIPLE_DOCS' ? 'begins a second document' : 'is no YAML'
    throw malformedLine(lineOf(problem.pos[0]), what)
  }
  return { document, lineOf }
}

function parse(text: string, lineCounter: LineCounter) {
  try {
    return parseDocument(text, { lineCounter, uniqueKeys: false, logLevel: 'error', prettyErrors: false })
  } catch (error) {
    // Its parser calls itself for each level.
    const what = error instanceof RangeError ? 'is nested too deeply' : 'is no YAML'
    throw new KmsealError('usage', `the file ${what}`)
  }
}

// Before the parser: brackets, and the indicators that nest within one line.
function refuseDeepNesting(text: string): void {
  let [depth, indicators, line] = [0, 0, 1]
  for (const token of new Lexer().lex(text)) {
    if (token === '[' || token === '{') depth += 1
    else if (token === ']' || token === '}') depth -= 1
    // In brackets they separate what lies side by side.
    else if (depth === 0 && (token === '-' || token === '?' || token === ':')) indicators += 1
    if (token.includes('\n')) indicators = 0
    if (Math.max(depth, indicators) > deepestNesting) {
      throw malformedLine(line, `is nested more than ${deepestNesting} levels deep`)
    }
    line += token.split('\n').length - 1
  }
}
