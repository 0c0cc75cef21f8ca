/**
 * Adds statements to a policy that other people wrote, and takes them back. The text of all others stays as it is,
 * byte for byte, and in its order.
 */

import { findNodeAtLocation, type Node, parseTree } from 'jsonc-parser'
import type { PolicyStatement } from './statement.ts'
import { sameStatement } from './statement-meaning.ts'

/** A policy after a change, and what changed. */
export interface PolicyEdit {
  /** The new text; the same as before when nothing changed. */
  readonly text: string
  /** What was added, or removed, as it stands in the policy. */
  readonly statements: readonly PolicyStatement[]
}

/**
 * Adds those statements that the policy does not have yet. One that means the same counts as there, whatever its Sid.
 * A Sid that another statement has gets a number.
 *
 * @param text a key policy that KMS gave, or that passed parsePolicy
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying.html
 */
export function withStatements(text: string, wanted: readonly PolicyStatement[]): PolicyEdit {
  let edited = asList(text)
  const added: PolicyStatement[] = []
  for (const statement of wanted) {
    const present = statementsOf(edited)
    if (present.some(other => sameStatement(other, statement))) continue
    const named = withFreeSid(statement, present)
    edited = withLast(edited, named)
    added.push(named)
  }
  return added.length === 0 ? { text, statements: [] } : { text: edited, statements: added }
}

/**
 * Removes the statements that mean the same as these, whatever their Sids. No other is touched.
 *
 * @param text as {@link withStatements}
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying.html
 */
export function withoutStatements(text: string, unwanted: readonly PolicyStatement[]): PolicyEdit {
  let edited = asList(text)
  const removed: PolicyStatement[] = []
  const present = statementsOf(edited)
  for (const [index, statement] of [...present.entries()].reverse()) {
    if (!unwanted.some(other => sameStatement(other, statement))) continue
    edited = without(edited, index)
    removed.unshift(statement as PolicyStatement)
  }
  return removed.length === 0 ? { text, statements: [] } : { text: edited, statements: removed }
}

/** A policy with a single statement outside of a list is a policy with a list of one. */
function asList(text: string): string {
  const node = statementNode(text)
  if (node?.type !== 'object') return text
  const end = node.offset + node.length
  return `${text.slice(0, node.offset)}[${text.slice(node.offset, end)}]${text.slice(end)}`
}

function statementNode(text: string): Node | undefined {
  const root = parseTree(text)
  return root === undefined ? undefined : findNodeAtLocation(root, ['Statement'])
}

function statementsOf(text: string): readonly unknown[] {
  const { Statement: statements }: { Statement?: unknown } = JSON.parse(text)
  return Array.isArray(statements) ? statements : []
}

function withFreeSid(statement: PolicyStatement, present: readonly unknown[]): PolicyStatement {
  const { Sid: sid } = statement
  if (sid === undefined) return statement
  const taken = new Set(present.map(other => (other as { Sid?: unknown } | null)?.Sid))
  let free = sid
  for (let number = 2; taken.has(free); number += 1) free = `${sid} ${number}`
  return { ...statement, Sid: free }
}

function withLast(text: string, statement: PolicyStatement): string {
  const list = statementNode(text)
  const last = list?.children?.at(-1)
  if (list === undefined || last === undefined) {
    const inside = (list?.offset ?? 0) + 1
    return text.slice(0, inside) + JSON.stringify(statement) + text.slice(inside)
  }
  const end = last.offset + last.length
  // Written as the one before: on a line of its own, or not.
  const margin = /(?:\r?\n)[ \t]*$/.exec(text.slice(0, last.offset))?.[0]
  const written = JSON.stringify(statement, undefined, margin === undefined ? undefined : 2)
  return `${text.slice(0, end)},${margin ?? ''}${written.replaceAll('\n', margin ?? '')}${text.slice(end)}`
}

function without(text: string, index: number): string {
  const children = statementNode(text)?.children ?? []
  const [before, node, next] = [children[index - 1], children[index], children[index + 1]]
  if (node === undefined) return text
  const start = next === undefined && before !== undefined ? before.offset + before.length : node.offset
  const end = next?.offset ?? node.offset + node.length
  return text.slice(0, start) + text.slice(end)
}
