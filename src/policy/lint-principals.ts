/** Checks of a statement's Principal: whom KMS refuses, who is gone, and who is everyone. */

import type { Find, LintedKey, RawCondition, RawStatement } from './lint-finding.ts'

/** Looks at each principal, at NotPrincipal with Allow, and at everyone. */
export function lintPrincipals(statement: RawStatement, key: LintedKey, find: Find): void {
  const { effect, negated, principals, conditions } = statement
  const element = negated ? 'NotPrincipal' : 'Principal'
  if (negated && effect === 'Allow') {
    const text = 'NotPrincipal with Allow lets everyone in except those'
    find('error', 'not-principal-allow', element, text, 'name in Principal who is to be let in')
  }
  for (const [type, name] of principals) {
    if (type === 'AWS') lintName(name, element, key, find)
    else if (type === 'Federated') {
      const text = `${name} is an identity provider, and none calls KMS`
      find('warning', 'federated-principal', element, text, 'name the role that its users assume')
    } else if (type === 'Service' && effect === 'Allow' && !conditions.some(namesSource)) {
      const text = `${name} may use the key for whoever makes it do so`
      const hint = 'add the condition "StringEquals": {"aws:SourceAccount": ACCOUNT}, or aws:SourceArn'
      find('note', 'service-for-anyone', element, text, hint)
    }
  }
  if (effect === 'Allow' && !negated && principals.some(([type, name]) => type === 'AWS' && name === '*')) {
    lintEveryone(conditions, find)
  }
}

function lintName(name: string, element: string, key: LintedKey, find: Find): void {
  if (name === '*' || /^\d{12}$/.test(name)) return
  const forms = 'write it as arn:aws:iam::111122223333:role/NAME, :user/NAME or :root'
  if (/^A(?:IDA|ROA)[A-Z0-9]{8,}$/.test(name)) {
    const what = name.startsWith('AIDA') ? 'user' : 'role'
    const text = `${name} is the id of a ${what} that was deleted; a new one of the same name is another`
    find('warning', 'deleted-principal', element, text, 'remove it, or name the new one by its ARN')
  } else if (/^[\d-]+$/.test(name)) {
    const text = `${name} is no account id: those have twelve digits`
    find('error', 'account-id', element, text, 'keep zeros in front, and leave dashes out')
  } else if (name.startsWith('arn:')) lintArn(name, element, key, find)
  else find('error', 'no-arn', element, `${name} is no ARN of a principal`, forms)
}

function lintArn(name: string, element: string, key: LintedKey, find: Find): void {
  const [, partition = '', service = '', , account = '', ...rest] = name.split(':')
  const resource = rest.join(':')
  const forms = 'write it as arn:aws:iam::111122223333:role/NAME, :user/NAME or :root'
  if (/[*?]/.test(name)) {
    const text = `${name} has a wildcard, and KMS takes none in the name of a principal`
    const hint = 'name the account, and add the condition "ArnLike": {"aws:PrincipalArn": …}'
    find('error', 'wildcard-arn', element, text, hint)
  } else if (service !== 'iam' && service !== 'sts') {
    find('error', 'no-principal-arn', element, `${name} is the ARN of no principal`, forms)
  } else if (!/^\d{12}$/.test(account)) {
    const text = `the account in ${name} has ${account.length} characters, not twelve digits`
    find('error', 'account-id', element, text, 'keep zeros in front, and leave dashes out')
  } else if (resource.startsWith('group/')) {
    const text = `${name} is a group, and a group is no principal`
    find(
      'error',
      'group-principal',
      element,
      text,
      "name its users, or let the account's IAM policies decide",
    )
  } else if (key.partition !== undefined && partition !== key.partition) {
    const text = `${name} is in partition ${partition}, the key in ${key.partition}, and nothing crosses them`
    find('error', 'other-partition', element, text, `principals there begin with arn:${key.partition}:`)
  }
}

const account = /^\d{12}$/
const organization = /^o-[a-z0-9]+(?:\/|$)/
const unique = /^(?:[A-Z0-9]{12,}[:*]|\d{12}$)/

/**
 * Condition keys that say which principals, or whose, and what a pattern must begin with to name some only. Tags are
 * not among them: every account sets those of its own principals.
 */
const whose: ReadonlyMap<string, RegExp> = new Map([
  ['kms:calleraccount', account],
  ['aws:principalaccount', account],
  ['aws:principalarn', /^arn:[^:]*:(?:iam|sts)::\d{12}:/],
  ['aws:principalorgid', organization],
  ['aws:principalorgpaths', organization],
  ['aws:userid', unique],
  ['aws:sourceaccount', account],
  ['aws:sourcearn', /^arn:[^:]*:(?:[^:]*:[^:]*:\d{12}:|s3:::[^*?$])/],
  ['aws:sourceorgid', organization],
  ['aws:sourceorgpaths', organization],
])

function lintEveryone(conditions: readonly RawCondition[], find: Find): void {
  if (conditions.some(narrows)) return
  const via = conditions.some(({ key }) => key.toLowerCase() === 'kms:viaservice')
  const text = via
    ? 'everyone of every account may use the key through that service'
    : 'everyone of every account may use the key, as their own IAM policies let them'
  const hint = 'name principals, or add the condition "StringEquals": {"kms:CallerAccount": ACCOUNT}'
  find('error', 'everyone', 'Principal', text, hint)
}

function narrows({ operator, key, values }: RawCondition): boolean {
  if (values.length === 0 || /Not|IfExists$|^Null$|^ForAllValues:/.test(operator)) return false
  const name = key.toLowerCase()
  if (name === 'aws:principalisawsservice') return values.every(value => /^true$/i.test(value))
  const some = whose.get(name)
  if (some === undefined) return false
  const pattern = /Like|^Arn/.test(operator.replace(/^ForAnyValue:/, '')) ? /[*?]|\$\{/ : /\$\{/
  return values.every(value => !pattern.test(value) || some.test(value))
}

function namesSource(condition: RawCondition): boolean {
  return /^aws:source/i.test(condition.key) && narrows(condition)
}
