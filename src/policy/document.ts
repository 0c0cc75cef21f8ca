/** Policy documents as evaluation reads them: JSON text to statements, or the list of what is wrong. */

import { usageError } from '../errors.ts'
import type { ParsedPolicy, PolicyKind } from './parsed-policy.ts'
import type { PolicyProblem, Report } from './policy-problem.ts'
import { repeatedMember } from './repeated-member.ts'
import { readStatement } from './statement-reader.ts'

/** A document, or why there is none: at least one problem, in the order of the text. */
export type PolicyResult =
  | { readonly document: ParsedPolicy }
  | { readonly problems: readonly PolicyProblem[] }

const mostBytes = 256 * 1024

/**
 * Reads a policy document of at most 256 KiB: KMS takes less, and gives what it has indented. Operators and condition keys are not judged: evaluation leaves
 * undecided what it does not know.
 *
 * @param partition partition of the key; principals of others are a problem
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
export function parsePolicy(text: string, kind: PolicyKind, partition?: string): PolicyResult {
  const problems: PolicyProblem[] = []
  const report: Report = (problem, where, what) => problems.push({ kind: problem, where, text: what })
  if (text.length > mostBytes || new TextEncoder().encode(text).length > mostBytes) {
    report('too-large', '', `the policy is larger than ${mostBytes} bytes`)
    return { problems }
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    report('not-json', '', 'the policy is not JSON')
    return { problems }
  }
  if (!isObject(value)) {
    report('not-json', '', 'the policy is no JSON object')
    return { problems }
  }
  if (repeatedMember(text) !== undefined) report('syntax', '', 'an object of the policy names a member twice')
  const document = readDocument(value, kind, partition, report)
  return problems.length === 0 && document !== undefined ? { document } : { problems }
}

/**
 * Reads a policy document that must be one.
 *
 * @param what names the document for the error text, such as `the document`
 * @throws KmsealError `usage` with the first problem and its place
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
export function requirePolicy(
  text: string,
  kind: PolicyKind,
  what: string,
  partition?: string,
): ParsedPolicy {
  const result = parsePolicy(text, kind, partition)
  if ('document' in result) return result.document
  const [problem] = result.problems
  const where = problem?.where ? ` at ${problem.where}` : ''
  const name = kind === 'key policy' ? 'key policy' : 'IAM policy'
  throw usageError(`${what} is no ${name}${where}: ${problem?.text}`)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function readDocument(
  value: Readonly<Record<string, unknown>>,
  kind: PolicyKind,
  partition: string | undefined,
  report: Report,
): ParsedPolicy | undefined {
  const { Version: version = '2008-10-17', Id: id, Statement: statement } = value
  if (Object.keys(value).some(name => name !== 'Version' && name !== 'Id' && name !== 'Statement')) {
    report('syntax', '', 'the policy has an element other than Version, Id and Statement')
  }
  if (version !== '2008-10-17' && version !== '2012-10-17') {
    report('syntax', 'Version', 'neither 2012-10-17 nor 2008-10-17')
    return undefined
  }
  if (id !== undefined && typeof id !== 'string') {
    report('syntax', 'Id', 'not a text')
    return undefined
  }
  if (statement === undefined) {
    report('syntax', 'Statement', 'missing')
    return undefined
  }
  const listed = Array.isArray(statement) ? statement : [statement]
  const statements = listed.map((item: unknown, index) =>
    readStatement(item, kind, partition, (problem, where, what) => {
      report(problem, `Statement[${index}]${where && `.${where}`}`, what)
    }),
  )
  return { version, id, statements: statements.filter(read => read !== undefined) }
}
