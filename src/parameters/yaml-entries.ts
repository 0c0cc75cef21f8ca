/** Reads the values of a YAML file. */

import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  type Pair,
  Scalar,
  visit,
  type YAMLMap,
} from 'yaml'
import { malformedLine } from '../documents/malformed-line.ts'
import { parseYamlDocument } from '../documents/yaml-document.ts'
import { type ImportEntry, KeyLines, valueProblems } from './import-entry.ts'

const plainTags = new Set(['str', 'int', 'float', 'bool'].map(name => `tag:yaml.org,2002:${name}`))

/**
 * Reads the values of a YAML map, nested ones too. Plain scalars are their own text: `007`, `1.10` and `yes` stay.
 *
 * @returns the entries; a list, null, a tag, an alias of a map or of nothing, and a name that stands twice are entries
 *   with a problem
 * @throws KmsealError `usage` with a line: no YAML, no map, several documents, nested too deeply, a name that is no text
 * @see https://yaml.org/spec/1.2.2/
 */
export function parseYamlEntries(text: string): ImportEntry[] {
  const { document, lineOf } = parseYamlDocument(text)
  const { contents } = document
  if (!isMap(contents)) throw malformedLine(lineOf(contents?.range?.[0]), 'begins no YAML map')
  const meaning = aliasesOf(document)
  const entries: ImportEntry[] = []
  collect(contents, [])
  return entries

  function collect(map: YAMLMap, above: readonly string[]): void {
    const lines = new KeyLines()
    for (const pair of map.items) {
      const { key, line } = keyOf(pair)
      const keys = [...above, key]
      const problem = lines.problemOf(key, line)
      if (problem === undefined && isMap(pair.value)) collect(pair.value, keys)
      else
        entries.push({ keys, line, ...(problem === undefined ? meant(pair.value) : { value: '', problem }) })
    }
  }

  function keyOf({ key }: Pair): { key: string; line: number } {
    const { range } = (key ?? {}) as { range?: [number] }
    const line = lineOf(range?.[0])
    const { value, problem } = isScalar(key) ? scalarText(key) : { value: '', problem: valueProblems.nothing }
    if (problem !== undefined) throw malformedLine(line, 'has a name that is no plain text')
    return { key: value, line }
  }

  function meant(value: unknown): Meaning {
    const node = isAlias(value) ? meaning.get(value) : value
    if (isScalar(node)) return scalarText(node)
    return { value: '', problem: problemOf(value, node) }
  }
}

type Meaning = Pick<ImportEntry, 'value' | 'problem'>

function problemOf(value: unknown, node: unknown): string {
  if (isMap(node)) return 'an alias of a map is not followed: write it out'
  if (node !== null && node !== undefined) return valueProblems.list
  return isAlias(value)
    ? 'this is an alias of nothing: text that begins with * goes between quotes'
    : valueProblems.nothing
}

function scalarText({ tag, value, source, type }: Scalar): Meaning {
  if (tag !== undefined && !plainTags.has(tag))
    return { value: '', problem: 'a tag: only plain text is stored' }
  if (value === null || value === undefined) return { value: '', problem: valueProblems.nothing }
  return { value: type === Scalar.PLAIN || tag !== undefined ? (source ?? '') : String(value) }
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
