/** Checks of a statement's conditions: names that are not known, and what no request can meet. */

import { actionsOf } from './action-names.ts'
import { closest } from './closest.ts'
import { isKnownConditionKey, knownConditionKeys } from './condition-keys.ts'
import { operatorNames, parseOperator } from './condition-operators.ts'
import { isInIpRange } from './ip-range.ts'
import { takesEncryptionContext } from './kms-actions.ts'
import { accountOf, type Find, type LintedKey, type RawCondition, type RawStatement } from './lint-finding.ts'

/** Looks at each condition by itself, and at those that contradict each other. */
export function lintConditions(statement: RawStatement, key: LintedKey, find: Find): void {
  for (const condition of statement.conditions) {
    lintKeyName(condition, find)
    if (!lintOperator(condition, find)) continue
    lintValues(condition, key, find)
    lintApplies(condition, statement, find)
  }
  lintContradictions(statement.conditions, find)
  lintAccounts(statement, find)
}

function lintOperator({ operator }: RawCondition, find: Find): boolean {
  if (parseOperator(operator) !== undefined) return true
  const [, prefix = '', rest = '', suffix = ''] =
    /^(ForAllValues:|ForAnyValue:)?(.*?)(IfExists)?$/.exec(operator) ?? []
  const meant = closest(rest, operatorNames)
  const hint = meant === undefined ? undefined : `did you mean ${prefix}${meant}${suffix}?`
  find('error', 'unknown-operator', 'Condition', `${operator} is no condition operator`, hint)
  return false
}

function lintKeyName({ operator, key }: RawCondition, find: Find): void {
  if (isKnownConditionKey(key)) return
  const service = /^([a-z0-9-]+):/i.exec(key)?.[1]?.toLowerCase()
  if (service === undefined) {
    find(
      'error',
      'unknown-condition-key',
      'Condition',
      `${key} is no condition key`,
      'write it as kms:NAME or aws:NAME',
    )
    return
  }
  const meant = closest(key, knownConditionKeys)
  const negated = /Not|IfExists$|^ForAllValues:/.test(operator)
  const effect = negated ? 'always holds' : 'never holds'
  const text =
    service === 'kms' || service === 'aws'
      ? `${key} is no condition key that is known, so that ${operator} ${effect}`
      : `${key} is of another service, and requests to KMS do not have it: ${operator} ${effect}`
  // As with actions: a key that is not even similar may be newer than this list.
  const severity = meant === undefined ? 'warning' : 'error'
  find(severity, 'unknown-condition-key', 'Condition', text, meant && `did you mean ${meant}?`)
}

type Form = readonly [test: (value: string, key: LintedKey) => boolean, form: string]

const boolean: Form = [value => /^(?:true|false)$/i.test(value), 'true or false']
const account: Form = [value => /^\d{12}$/.test(value), 'the twelve digits of an account']
const viaService: Form = [
  (value, key) => {
    const region = /^[a-z0-9-]+\.([a-z0-9-]+)\.amazonaws\.com$/.exec(value)?.[1]
    return region !== undefined && (key.region === undefined || key.region === region)
  },
  'SERVICE.REGION.amazonaws.com with the Region of the key, in every partition',
]

/** What the values of some keys look like, when they are compared whole. */
const forms: ReadonlyMap<string, Form> = new Map<string, Form>([
  ['kms:viaservice', viaService],
  ...['kms:calleraccount', 'aws:principalaccount', 'aws:sourceaccount', 'aws:resourceaccount'].map(
    (key): [string, Form] => [key, account],
  ),
  ...[
    'kms:grantisforawsresource',
    'kms:bypasspolicylockoutsafetycheck',
    'kms:multiregion',
    'aws:securetransport',
    'aws:viaawsservice',
    'aws:principalisawsservice',
    'aws:multifactorauthpresent',
  ].map((key): [string, Form] => [key, boolean]),
])

/** What values of some operators look like. */
const operatorForms: readonly (readonly [RegExp, Form])[] = [
  [/^(?:Null|Bool)$/, boolean],
  [/^Numeric/, [value => /^[+-]?\d+(?:\.\d+)?$/.test(value), 'a number']],
  [
    /^Date/,
    [value => !Number.isNaN(Date.parse(value)) || /^\d+$/.test(value), 'a date, as in 2030-01-31T00:00:00Z'],
  ],
  [
    /IpAddress$/,
    [value => isInIpRange(value, '192.0.2.1') !== 'unknown', 'an address or range, as in 192.0.2.0/24'],
  ],
  [/^Arn/, [value => value.split(':').length >= 6 || /^\*$/.test(value), 'an ARN']],
]

function lintValues({ operator, key, values }: RawCondition, linted: LintedKey, find: Find): void {
  const base = operator.replace(/^(?:ForAllValues|ForAnyValue):|IfExists$/g, '').replace(/IfExists$/, '')
  if (values.length === 0) {
    find('error', 'no-values', 'Condition', `${operator} ${key} has no values, and never holds`)
    return
  }
  const ofOperator = operatorForms.find(([pattern]) => pattern.test(base))?.[1]
  const ofKey = base === 'Null' ? undefined : forms.get(key.toLowerCase())
  const form = ofOperator ?? ofKey
  if (form === undefined) return
  const [test, expected] = form
  for (const value of values) {
    // Wildcards and variables can stand for anything.
    if (/\$\{/.test(value) || (/Like$/.test(base) && /[*?]/.test(value)) || test(value, linted)) continue
    const text = `${operator} ${key} is compared with ${value}, which no request has`
    find('error', 'never-matches', 'Condition', text, `write ${expected}`)
  }
}

const grantActions = ['kms:CreateGrant', 'kms:ListGrants', 'kms:RevokeGrant']

/** Which actions have a key, where it is few. */
function hasKey(key: string): ((action: string) => boolean) | undefined {
  const name = key.toLowerCase()
  if (name.startsWith('kms:encryptioncontext')) return takesEncryptionContext
  if (name === 'kms:grantisforawsresource') return action => grantActions.includes(action)
  if (
    [
      'kms:grantoperations',
      'kms:grantconstrainttype',
      'kms:granteeprincipal',
      'kms:retiringprincipal',
    ].includes(name)
  )
    return action => action === 'kms:CreateGrant'
  if (name === 'kms:signingalgorithm' || name === 'kms:messagetype')
    return action => action === 'kms:Sign' || action === 'kms:Verify'
  if (name === 'kms:macalgorithm') return action => action === 'kms:GenerateMac' || action === 'kms:VerifyMac'
  return undefined
}

/** A condition that is false for requests without its key gives actions in vain that never have it. */
function lintApplies({ operator, key }: RawCondition, { actions, effect }: RawStatement, find: Find): void {
  const has = hasKey(key)
  if (has === undefined || actions === undefined || /Not|IfExists$|^Null$|^ForAllValues:/.test(operator))
    return
  const covered = actions
    .map(action => [action, actionsOf(action)] as const)
    .filter(([, all]) => all.length > 0)
  const vain = covered.filter(([, all]) => !all.some(has)).map(([action]) => action)
  if (vain.length === 0) return
  const lost = effect === 'Deny' ? 'denied' : 'allowed'
  const text = `${vain.join(', ')} has no ${key}, and is never ${lost} under that condition`
  find(
    'warning',
    'condition-not-in-action',
    'Condition',
    text,
    'put it into a statement without the condition',
  )
}

/** Conditions of one statement must all hold. */
function lintContradictions(conditions: readonly RawCondition[], find: Find): void {
  const exact = conditions.filter(({ operator }) => operator === 'StringEquals' || operator === 'Bool')
  for (const [index, { key, values }] of exact.entries()) {
    const other = exact
      .slice(index + 1)
      .find(
        later =>
          later.key.toLowerCase() === key.toLowerCase() &&
          !later.values.some(value => values.includes(value)),
      )
    if (other === undefined) continue
    find('error', 'never-matches', 'Condition', `two conditions on ${key} have no value in common`)
  }
  for (const { operator, key, values } of conditions) {
    if (operator !== 'Null' || !values.every(value => /^true$/i.test(value))) continue
    const other = exact.find(one => one.key.toLowerCase() === key.toLowerCase())
    if (other === undefined) continue
    const text = `${key} must be absent by Null, and present by ${other.operator}`
    find('error', 'never-matches', 'Condition', text)
  }
}

/** Principals by name, whose account is not the one that a condition wants. */
function lintAccounts({ negated, principals, conditions }: RawStatement, find: Find): void {
  const accounts = principals.map(([type, name]) => (type === 'AWS' ? accountOf(name) : undefined))
  if (negated || accounts.length === 0 || accounts.includes(undefined)) return
  for (const { operator, key, values } of conditions) {
    if (operator !== 'StringEquals' || !/^(?:kms:calleraccount|aws:principalaccount)$/i.test(key)) continue
    if (values.some(value => !/^\d{12}$/.test(value) || accounts.includes(value))) continue
    const text = `${key} is compared with ${values.join(', ')}, and no principal here is of that account`
    find('error', 'never-matches', 'Condition', text, 'name the account of the principals, or leave it away')
  }
}
