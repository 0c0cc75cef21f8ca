/** Reads the values of a YAML file. */

import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  Lexer,
  LineCounter,
  type Pair,
  parseDocument,
  Scalar,
  visit,
  type YAMLMap,
} from 'yaml'
import { KmsealError } from '../errors.ts'
import {
  deepestNesting,
  type ImportEntry,
  malformedLine,
  refuseRepeatedKeys,
  valueProblems,
} from './import-entry.ts'

const plainTags = new Set(['str', 'int', 'float', 'bool'].map(name => `tag:yaml.org,2002:${name}`))

/**
 * Reads the values of a YAML map, nested ones too. Plain scalars are their own text: `007`, `1.10` and `yes` stay.
 *
 * @throws KmsealError `usage` with a line: no YAML, no map, several documents, nested too deeply, a name twice, a
 *   list, null, a tag, an anchor that stands for a map
 * @see https://yaml.org/spec/1.2.2/
 */
export function parseYamlEntries(text: string): ImportEntry[] {
  refuseDeepNesting(text)
  const lineCounter = new LineCounter()
  const lineOf = (offset = 0): number => Math.max(1, lineCounter.linePos(offset).line)
  const document = parse(text, lineCounter)
  const [problem] = [...document.errors, ...document.warnings]
  if (problem !== undefined) {
    const what = problem.code === 'MULTIPLE_DOCS' ? 'begins a second document' : 'is no YAML'
    throw malformedLine(lineOf(problem.pos[0]), what)
  }
  const { contents } = document
  if (!isMap(contents)) throw malformedLine(lineOf(contents?.range?.[0]), 'begins no YAML map')
  const meaning = aliasesOf(document)
  const entries: ImportEntry[] = []
  collect(contents, [])
  return entries

  function collect(map: YAMLMap, above: readonly string[]): void {
    const pairs = map.items.map(pair => ({ ...keyOf(pair), value: pair.value }))
    refuseRepeatedKeys(pairs)
    for (const { key, line, value } of pairs) {
      const keys = [...above, key]
      const meant = isAlias(value) ? meaning.get(value) : value
      if (isMap(meant) && meant === value) collect(meant, keys)
      else entries.push({ keys, line, value: textOfValue(meant, line) })
    }
  }

  function keyOf({ key }: Pair): { key: string; line: number } {
    if (isScalar(key)) return { key: scalarText(key, lineOf(key.range?.[0])), line: lineOf(key.range?.[0]) }
    const { range } = (key ?? {}) as { range?: [number] }
    throw malformedLine(lineOf(range?.[0]), 'has a name that is no plain text')
  }

  function textOfValue(value: unknown, line: number): string {
    if (isScalar(value)) return scalarText(value, line)
    if (isMap(value)) throw malformedLine(line, 'has an alias of a map: write it out')
    throw malformedLine(
      line,
      value === null || value === undefined ? valueProblems.nothing : valueProblems.list,
    )
  }
}

function scalarText(scalar: Scalar, line: number): string {
  const { tag, value, source, type } = scalar
  if (tag !== undefined && !plainTags.has(tag))
    throw malformedLine(line, 'has a tag: only plain text is stored')
  if (value === null || value === undefined) throw malformedLine(line, valueProblems.nothing)
  return type === Scalar.PLAIN || tag !== undefined ? (source ?? '') : String(value)
}

/** What each alias stands for: the last node before it that has its anchor. The library looks anew for each. */
function aliasesOf(document: Document): Map<Alias, unknown> {
  const anchors = new Map<string, unknown>()
  const meaning = new Map<Alias, unknown>()
  visit(document, (_, node) => {
    if (isAlias(node)) meaning.set(node, anchors.get(node.source))
    else if (isNode(node) && 'anchor' in node && node.anchor !== undefined) anchors.set(node.anchor, node)
  })
  return meaning
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
