/** Looks a key policy over: what KMS refuses, what has no effect, what is too wide, and who could not manage the key. */

import { KmsealError } from '../errors.ts'
import { actionsOf } from './action-names.ts'
import { parseCaller } from './caller.ts'
import { parsePolicy } from './document.ts'
import { lintActions, lintOtherAccounts, lintResources } from './lint-actions.ts'
import { lintConditions } from './lint-conditions.ts'
import {
  accountOf,
  type LintedKey,
  type PolicyFinding,
  type RawStatement,
  readRawStatement,
} from './lint-finding.ts'
import { lintPrincipals } from './lint-principals.ts'
import { keepsPolicyControl } from './lockout.ts'
import type { ParsedPolicy } from './parsed-policy.ts'
import { readKeyPolicy } from './policy-findings.ts'
import type { PolicyProblem } from './policy-problem.ts'
import { checkPolicyText, maximumPolicyBytes } from './policy-text.ts'
import type { AccessRequest } from './request.ts'

const severities = ['error', 'warning', 'note'] as const

/**
 * Checks a key policy by itself; no AWS call, so that whether principals exist is not known.
 *
 * @param bytes of any length: too many are a finding
 * @param keyArn ARN of the key that it is for; without it, checks that need the key's account take that of whoever may
 *   set the policy
 * @returns findings in the order of the policy, those of the whole policy first, the worst of each statement first
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
 */
export function lintKeyPolicy(bytes: Uint8Array, keyArn?: string): PolicyFinding[] {
  let text: string
  try {
    text = checkPolicyText(bytes)
  } catch (error) {
    if (!(error instanceof KmsealError)) throw error
    return [{ Severity: 'error', Check: 'no-policy', Message: error.message, Hint: error.hint }]
  }
  const key = keyOf(keyArn)
  const document = JSON.parse(text) as Readonly<Record<string, unknown>>
  const listed = document['Statement']
  const statements = (Array.isArray(listed) ? listed : [listed])
    .map(readRawStatement)
    .filter(statement => statement !== undefined)
  const parsed = parsePolicy(text, 'key policy', key.partition)
  const own = ownAccounts(statements, key)
  const found = [
    ...lintDocument(document, bytes.length, text),
    ...lintSids(statements),
    ...statements.flatMap(statement => lintStatement(statement, key, own)),
    ...('document' in parsed ? lintControl(parsed.document, statements, key, own) : []),
  ]
  const syntax =
    'problems' in parsed ? parsed.problems.flatMap(problem => syntaxFinding(problem, statements, found)) : []
  return [...syntax, ...found].sort(inOrder)
}

function keyOf(arn: string | undefined): LintedKey {
  const [, partition, , region, account] = arn?.split(':') ?? []
  return { arn, partition, region, account }
}

function inOrder(one: PolicyFinding, other: PolicyFinding): number {
  const place = (one.StatementIndex ?? -1) - (other.StatementIndex ?? -1)
  return place !== 0 ? place : severities.indexOf(one.Severity) - severities.indexOf(other.Severity)
}

/** What the parser refuses and no check has said in more words. */
function syntaxFinding(
  { where, text, kind }: PolicyProblem,
  statements: readonly RawStatement[],
  found: readonly PolicyFinding[],
): PolicyFinding[] {
  const [, digits, element] = /^Statement\[(\d+)\](?:\.(.+))?$/.exec(where) ?? []
  const index = digits === undefined ? undefined : Number(digits)
  const said = found.some(
    ({ Severity, StatementIndex, Element }) =>
      Severity === 'error' && StatementIndex === index && (Element ?? '') === (element ?? ''),
  )
  if (index !== undefined && said) return []
  const Sid = statements.find(statement => statement.index === index)?.sid
  const Element = element ?? (index === undefined && where !== '' ? where : undefined)
  return [{ Severity: 'error', Check: kind, StatementIndex: index, Sid, Element, Message: text }]
}

function lintDocument(
  document: Readonly<Record<string, unknown>>,
  bytes: number,
  text: string,
): PolicyFinding[] {
  const found: PolicyFinding[] = []
  const { Version: version } = document
  if (version === undefined || version === '2008-10-17') {
    const variables = text.includes('${')
    found.push({
      Severity: variables ? 'error' : 'warning',
      Check: 'old-version',
      Element: 'Version',
      Message: variables
        ? 'without Version 2012-10-17, policy variables such as ${aws:username} are plain text'
        : `${version === undefined ? 'there is no Version, which means 2008-10-17' : 'Version is 2008-10-17'}: the old language`,
      Hint: 'write "Version": "2012-10-17"',
    })
  }
  if (bytes > maximumPolicyBytes * 0.9) {
    found.push({
      Severity: 'warning',
      Check: 'nearly-too-large',
      Message: `the policy has ${bytes} of the ${maximumPolicyBytes} bytes that KMS takes`,
      Hint: 'put what others need into IAM policies or grants',
    })
  }
  return found
}

function lintSids(statements: readonly RawStatement[]): PolicyFinding[] {
  return statements.flatMap(({ sid, index }, position) => {
    const first = statements.slice(0, position).find(other => sid !== undefined && other.sid === sid)
    if (first === undefined) return []
    return [
      {
        Severity: 'warning',
        Check: 'repeated-sid',
        StatementIndex: index,
        Sid: sid,
        Element: 'Sid',
        Message: `statement ${first.index} has the same Sid: tools that go by it change the wrong one`,
        Hint: 'give it a Sid of its own',
      },
    ]
  })
}

function lintStatement(statement: RawStatement, key: LintedKey, own: ReadonlySet<string>): PolicyFinding[] {
  const found: PolicyFinding[] = []
  const { index, sid } = statement
  const find = (
    Severity: PolicyFinding['Severity'],
    Check: string,
    Element: string | undefined,
    Message: string,
    Hint?: string,
  ): void => {
    found.push({ Severity, Check, StatementIndex: index, Sid: sid, Element, Message, Hint })
  }
  lintPrincipals(statement, key, find)
  lintActions(statement, find)
  lintOtherAccounts(statement, own, find)
  lintResources(statement, key, find)
  lintConditions(statement, key, find)
  return found
}

/** The key's account; where it is not known, the accounts whose principals may set the policy, which no other can. */
function ownAccounts(statements: readonly RawStatement[], { account }: LintedKey): ReadonlySet<string> {
  if (account !== undefined) return new Set([account])
  const administering = statements.filter(
    ({ effect, negated, actions }) =>
      effect === 'Allow' &&
      !negated &&
      actions?.some(action => actionsOf(action).includes('kms:PutKeyPolicy')),
  )
  const named = administering.flatMap(({ principals }) => principals.map(([, name]) => accountOf(name)))
  return new Set(named.filter(account => account !== undefined))
}

/** Looks for somebody who may set the next policy, and for IAM policies that may. */
function lintControl(
  policy: ParsedPolicy,
  statements: readonly RawStatement[],
  key: LintedKey,
  own: ReadonlySet<string>,
): PolicyFinding[] {
  const named = statements.flatMap(({ principals }) => principals.map(([, name]) => name))
  const partition = key.partition ?? /^arn:(aws[a-z-]*):/.exec(named.join('\n'))?.[1] ?? 'aws'
  const roots = [...own].map(account => `arn:${partition}:iam::${account}:root`)
  const resource = key.arn ?? namedKey(statements)
  const requests = [...roots, ...named].flatMap(arn => requestOf(arn, resource, own))
  const Hint = "add a statement that allows kms:* to the root of the key's account, arn:aws:iam::ACCOUNT:root"
  if (!requests.some(asked => keepsPolicyControl(policy, asked.caller.account ?? '', asked) !== false)) {
    const Message = 'nobody may set another policy (kms:PutKeyPolicy), and only AWS Support could help then'
    return [{ Severity: 'error', Check: 'no-administrator', Message, Hint }]
  }
  if (requests.some(asked => readKeyPolicy(policy, asked).account.truth !== false)) return []
  const Message =
    'no statement lets IAM policies of the account manage the key, only the principals named here can'
  return [{ Severity: 'warning', Check: 'no-account-statement', Message, Hint }]
}

/** The key that the statements name, where they do: a Resource of another would match nothing. */
function namedKey(statements: readonly RawStatement[]): string {
  const resources = statements.flatMap(statement => statement.resources ?? [])
  return (
    resources.find(resource => /^arn:[^:*]*:kms:[^*?]*:key\/[^*?$]+$/.test(resource)) ?? 'arn:aws:kms:key'
  )
}

/** A request of one of the accounts, whose conditions are not known: what may hold counts. */
function requestOf(arn: string, resource: string, accounts: ReadonlySet<string>): AccessRequest[] {
  const caller = parseCaller(arn)
  if (caller?.account === undefined || !accounts.has(caller.account)) return []
  return [{ caller, action: 'kms:PutKeyPolicy', resource, encryptionContext: {}, others: 'unknown' }]
}
