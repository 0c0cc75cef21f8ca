/** Reads the values of a JSON file. */

import type { Node } from 'jsonc-parser'
import { parseJsonDocument } from '../documents/json-document.ts'
import { malformedLine, refuseRepeatedKeys } from '../documents/malformed-line.ts'
import { type ImportEntry, valueProblems } from './import-entry.ts'

/**
 * Reads the values of a JSON object, nested ones too. Numbers keep their digits.
 *
 * @throws KmsealError `usage` with a line: no JSON, no object, nested too deeply, a name twice, a list, null
 * @see https://www.rfc-editor.org/rfc/rfc8259
 */
export function parseJsonEntries(text: string): ImportEntry[] {
  const { root, lineOf, plain } = parseJsonDocument(text)
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
