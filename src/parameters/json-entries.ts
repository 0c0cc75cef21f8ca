/** Reads the values of a JSON file. */

import type { Node } from 'jsonc-parser'
import { parseJsonDocument } from '../documents/json-document.ts'
import { malformedLine } from '../documents/malformed-line.ts'
import { type ImportEntry, KeyLines, valueProblems } from './import-entry.ts'

/**
 * Reads the values of a JSON object, nested ones too. Numbers keep their digits.
 *
 * @returns the entries; a list, null and a name that stands twice are entries with a problem
 * @throws KmsealError `usage` with a line: no JSON, no object, nested too deeply
 * @see https://www.rfc-editor.org/rfc/rfc8259
 */
export function parseJsonEntries(text: string): ImportEntry[] {
  const { root, lineOf, plain } = parseJsonDocument(text)
  if (root?.type !== 'object') throw malformedLine(lineOf(root?.offset ?? 0), 'begins no JSON object')
  const entries: ImportEntry[] = []
  collect(root, [])
  return entries

  function collect(object: Node, above: readonly string[]): void {
    const lines = new KeyLines()
    for (const { children: [name, value] = [] } of object.children ?? []) {
      const key = String(name?.value)
      const line = lineOf(name?.offset ?? 0)
      const keys = [...above, key]
      const problem = lines.problemOf(key, line)
      if (problem === undefined && value?.type === 'object') collect(value, keys)
      else entries.push({ keys, line, ...(problem === undefined ? meant(value) : { value: '', problem }) })
    }
  }

  function meant(node: Node | undefined): Pick<ImportEntry, 'value' | 'problem'> {
    switch (node?.type) {
      case 'string':
        return { value: String(node.value) }
      case 'number':
      case 'boolean':
        return { value: plain.slice(node.offset, node.offset + node.length) }
      case 'array':
        return { value: '', problem: valueProblems.list }
      default:
        return { value: '', problem: valueProblems.nothing }
    }
  }
}
