/** A text file as plain values that know their lines, whether it was YAML or JSON. */

import type { Node } from 'jsonc-parser'
import { isMap, isScalar, isSeq, Scalar, type YAMLMap } from 'yaml'
import { parseJsonDocument } from './json-document.ts'
import { malformedLine, refuseRepeatedKeys } from './malformed-line.ts'
import { parseYamlDocument } from './yaml-document.ts'

/** A value and where it stands. */
export interface DocumentNode {
  /** From 1; of a member of a map, the line of its name. */
  readonly line: number
  readonly value:
    | string
    | number
    | boolean
    | null
    | readonly DocumentNode[]
    | ReadonlyMap<string, DocumentNode>
}

/**
 * Reads a JSON file.
 *
 * @throws KmsealError `usage` with a line: no JSON, nested too deeply, a name twice
 * @see https://www.rfc-editor.org/rfc/rfc8259
 */
export function readJsonNodes(text: string): DocumentNode {
  const { root, lineOf } = parseJsonDocument(text)
  if (root === undefined) throw malformedLine(1, 'is no JSON')
  return nodeOf(root, lineOf(root.offset))

  function nodeOf(node: Node, line: number): DocumentNode {
    const { type, children = [] } = node
    if (type === 'array') return { line, value: children.map(item => nodeOf(item, lineOf(item.offset))) }
    if (type !== 'object') return { line, value: node.value as DocumentNode['value'] }
    const members = children.flatMap(({ children: [key, value] = [] }) =>
      key === undefined || value === undefined
        ? []
        : [{ key: String(key.value), line: lineOf(key.offset), value }],
    )
    refuseRepeatedKeys(members)
    return { line, value: new Map(members.map(member => [member.key, nodeOf(member.value, member.line)])) }
  }
}

/**
 * Reads a YAML file by the core schema: `7` is a number, `'7'` and `yes` are text.
 *
 * @throws KmsealError `usage` with a line: no YAML, several documents, nested too deeply, a name twice, a name that
 *   is no plain text, a tag, an alias
 * @see https://yaml.org/spec/1.2.2/
 */
export function readYamlNodes(text: string): DocumentNode {
  const { document, lineOf } = parseYamlDocument(text)
  return nodeOf(document.contents, lineOf(document.contents?.range?.[0]))

  function nodeOf(node: unknown, line: number): DocumentNode {
    if (node === null) return { line, value: null }
    if ((isScalar(node) || isMap(node) || isSeq(node)) && node.tag !== undefined) {
      throw malformedLine(line, 'has a tag: only plain values are read')
    }
    if (isMap(node)) return { line, value: membersOf(node) }
    if (isSeq(node)) {
      return { line, value: node.items.map(item => nodeOf(item, lineOf(rangeOf(item) ?? node.range?.[0]))) }
    }
    // Aliases too: a few lines of them could stand for millions of values.
    if (!isScalar(node)) throw malformedLine(line, 'has an alias: write out what it stands for')
    const { value } = node
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      return { line, value }
    return { line, value: null }
  }

  function membersOf(map: YAMLMap): Map<string, DocumentNode> {
    const members = map.items.map(({ key, value }) => {
      const line = lineOf(rangeOf(key) ?? map.range?.[0])
      if (!isScalar(key) || key.tag !== undefined)
        throw malformedLine(line, 'has a name that is no plain text')
      return { key: key.type === Scalar.PLAIN ? (key.source ?? '') : String(key.value), line, value }
    })
    refuseRepeatedKeys(members)
    return new Map(members.map(({ key, line, value }) => [key, nodeOf(value, line)]))
  }
}

function rangeOf(node: unknown): number | undefined {
  return (node as { range?: [number] } | null | undefined)?.range?.[0]
}
