/** Whether statements, and whole policies, mean the same, however they are written. */

/**
 * Whether two statements have the same effect, principals, actions, resources and conditions. Their Sids do not
 * matter, nor does a list of one against a text, the order of a list, the letter case of what IAM reads in any case,
 * or an account by its number against its root. Nothing is the same as a statement with an element that this does
 * not know.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
 */
export function sameStatement(one: unknown, other: unknown): boolean {
  const meaning = meaningOf(one)
  return meaning !== undefined && meaning === meaningOf(other)
}

/**
 * Whether two policies have statements of the same Sids and meanings in the same order, and the same version.
 *
 * @param one JSON text of a policy
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 */
export function samePolicy(one: string, other: string): boolean {
  return policyMeaning(one) === policyMeaning(other)
}

function policyMeaning(text: string): string {
  const policy: unknown = JSON.parse(text)
  if (!isObject(policy)) return text
  const { Statement: statements, ...rest } = policy
  const meanings = listOf(statements).map(statement => [
    isObject(statement) ? statement['Sid'] : undefined,
    meaningOf(statement) ?? statement,
  ])
  return JSON.stringify([Object.entries(rest).sort(byName), meanings])
}

const elements = new Set(['Sid', 'Effect', 'Principal', 'Action', 'Resource', 'Condition'])

function meaningOf(statement: unknown): string | undefined {
  if (!isObject(statement) || Object.keys(statement).some(name => !elements.has(name))) return undefined
  const {
    Effect: effect,
    Principal: principal,
    Action: action,
    Resource: resource,
    Condition: condition,
  } = statement
  return JSON.stringify([
    effect,
    principalsOf(principal),
    listOf(action).map(lowered).sort(),
    listOf(resource).sort(),
    conditionsOf(condition),
  ])
}

function principalsOf(principal: unknown): unknown {
  if (!isObject(principal)) return principal
  const kinds = Object.entries(principal).map(([kind, names]) => [
    kind,
    listOf(names).map(withoutRoot).sort(),
  ])
  return kinds.sort(byName)
}

/**
 * A principal, and an account in its short form: `111122223333` is `arn:aws:iam::111122223333:root`, of the key's own
 * partition.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
export function withoutRoot(name: unknown): unknown {
  return typeof name === 'string' ? name.replace(/^arn:[^:]*:iam::(\d{12}):root$/, '$1') : name
}

function conditionsOf(condition: unknown): unknown {
  if (!isObject(condition)) return condition
  const operators = Object.entries(condition).map(([operator, keys]) => {
    if (!isObject(keys)) return [lowered(operator), keys]
    const values = Object.entries(keys).map(([key, value]) => [
      lowered(key),
      listOf(value).map(String).sort(),
    ])
    return [lowered(operator), values.sort(byName)]
  })
  return operators.sort(byName)
}

function lowered(text: unknown): unknown {
  return typeof text === 'string' ? text.toLowerCase() : text
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? [...value] : [value]
}

function byName(one: readonly unknown[], other: readonly unknown[]): number {
  return String(one[0]) < String(other[0]) ? -1 : 1
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
