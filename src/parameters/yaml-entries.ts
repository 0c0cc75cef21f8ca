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
import { malformedLine, refuseRepeatedKeys } from '../documents/malformed-line.ts'
import { parseYamlDocument } from '../documents/yaml-document.ts'
import { type ImportEntry, valueProblems } from './import-entry.ts'

const plainTags = new Set(['str', 'int', 'float', 'bool'].map(name => `tag:yaml.org,2002:${name}`))

/**
 * Reads the values of a YAML map, nested ones too. Plain scalars are their own text: `007`, `1.10` and `yes` stay.
 *
 * @throws KmsealError `usage` with a line: no YAML, no map, several documents, nested too deeply, a name twice, a
 *   list, null, a tag, an anchor that stands for a map
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
