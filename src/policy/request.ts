/** A request as policies see it: who, what, on which key, and what is known of its context. */

import type { Caller } from './caller.ts'
import { isAlwaysPresent, isKnownConditionKey } from './condition-keys.ts'

/** What a condition key has in a request: its values, nothing, or nobody knows. */
export type ContextValue = readonly string[] | 'absent' | 'unknown'

/**
 * The values of condition keys: gives those of a name in lower case, none when the request is known not to have the
 * key, undefined when this says nothing about it.
 */
export type ConditionValues = (name: string) => readonly string[] | undefined

/** A request to authorize. */
export interface AccessRequest {
  readonly caller: Caller
  /** With prefix, such as `kms:Decrypt`. */
  readonly action: string
  /** Key ARN, alias ARN, or `*` for an action that has no resource. */
  readonly resource: string
  /**
   * Encryption context of the request, or for CreateGrant that of its constraints; `{}` when there is none, also
   * for operations that take none. Undefined when it is not known.
   */
  readonly encryptionContext?: Readonly<Record<string, string>> | undefined
  /**
   * Values of condition keys. Without them stand those that follow from the rest: kms:CallerAccount,
   * kms:EncryptionContext…, aws:PrincipalArn, aws:PrincipalAccount, aws:username….
   */
  readonly values?: ConditionValues | undefined
  /** Condition keys that the request is known not to have. */
  readonly absent?: readonly string[] | undefined
  /**
   * What is true of the known condition keys that `values` and `absent` leave out: `absent` when the description
   * is complete. Keys that every request has, and names that are not known, are never absent by this.
   */
  readonly others: 'absent' | 'unknown'
  /** Whether the request is known to have no condition keys of services other than KMS and Parameter Store. */
  readonly otherServices?: 'absent' | undefined
}

/**
 * Values of condition keys out of a list, whose names are in any letter case; the first of a name counts.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
 */
export function conditionValues(
  list: Iterable<readonly [name: string, values: readonly string[]]>,
): ConditionValues {
  const byName = new Map<string, readonly string[]>()
  for (const [name, values] of list) {
    const key = name.toLowerCase()
    if (!byName.has(key)) byName.set(key, values)
  }
  return name => byName.get(name)
}

/**
 * Values of condition keys that are known in several places; the first that knows a key counts.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html
 */
export function firstOf(...places: readonly ConditionValues[]): ConditionValues {
  return name => {
    for (const values of places) {
      const found = values(name)
      if (found !== undefined) return found
    }
    return undefined
  }
}

/**
 * Looks a condition key up in a request. Letter case does not matter, also not in the part of an encryption
 * context key.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
 */
export function contextValue(request: AccessRequest, key: string): ContextValue {
  const name = key.toLowerCase()
  const given = request.values?.(name)
  if (given !== undefined) return given.length === 0 ? 'absent' : given
  if (request.absent?.some(known => known.toLowerCase() === name) === true) return 'absent'
  const derived = derivedValue(request, name)
  if (derived !== undefined) return derived
  if (request.otherServices === 'absent' && isOfOtherService(name)) return 'absent'
  if (!isKnownConditionKey(name) || isAlwaysPresent(name)) return 'unknown'
  return request.others
}

/** Whether a key has the prefix of a service that is neither KMS nor Parameter Store. */
function isOfOtherService(name: string): boolean {
  return /^[a-z0-9-]+:/.test(name) && !/^(?:aws|kms|ssm):/.test(name)
}

const contextPrefix = 'kms:encryptioncontext:'

function derivedValue(request: AccessRequest, name: string): ContextValue | undefined {
  const { caller, encryptionContext } = request
  if (name.startsWith(contextPrefix) || name === 'kms:encryptioncontextkeys') {
    if (encryptionContext === undefined) return 'unknown'
    const pairs = Object.entries(encryptionContext)
    const found = name.startsWith(contextPrefix)
      ? pairs.filter(([key]) => contextPrefix + key.toLowerCase() === name).map(([, value]) => value)
      : pairs.map(([key]) => key)
    return found.length === 0 ? 'absent' : found
  }
  switch (name) {
    case 'kms:calleraccount':
    case 'aws:principalaccount':
      return caller.account === undefined ? 'absent' : [caller.account]
    case 'aws:principalarn':
      return principalArn(caller)
    case 'aws:principaltype':
      return caller.kind === 'service' ? 'unknown' : [principalTypes[caller.kind]]
    case 'aws:principalisawsservice':
      return [String(caller.kind === 'service')]
    case 'aws:username':
      return caller.kind === 'user' ? [caller.name] : 'absent'
    case 'aws:resourceaccount':
      return resourceAccount(request.resource)
    default:
      return undefined
  }
}

function principalArn(caller: Caller): ContextValue {
  if (caller.kind === 'service') return 'absent'
  if (caller.kind !== 'assumed-role') return [caller.arn]
  return caller.roleArn === undefined ? 'unknown' : [caller.roleArn]
}

function resourceAccount(resource: string): ContextValue | undefined {
  const account = /^arn:[^:]*:[^:]*:[^:]*:(\d{12}):/.exec(resource)?.[1]
  return account === undefined ? undefined : [account]
}

const principalTypes = {
  root: 'Account',
  user: 'User',
  role: 'AssumedRole',
  'assumed-role': 'AssumedRole',
  'federated-user': 'FederatedUser',
} as const satisfies Record<Exclude<Caller['kind'], 'service'>, string>
