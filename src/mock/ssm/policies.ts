/** Parameter policies: expiration, and the notices before it and about parameters that do not change. */

import { AwsException, validationException } from '../exceptions.ts'

/** One policy of a version. */
export interface ParameterPolicy {
  readonly type: 'Expiration' | 'ExpirationNotification' | 'NoChangeNotification'
  /** JSON, as it was given. */
  readonly text: string
  /** When it expires (milliseconds since 1970), or how long before expiration or after the last change (ms). */
  readonly time: number
}

type Attributes = Readonly<Record<string, unknown>>

const mostPolicies = 10
const unitMs = { DAYS: 24 * 60 * 60 * 1000, HOURS: 60 * 60 * 1000 } as const
const timestampForm = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)$/

/**
 * Reads the Policies of PutParameter; an empty object among them stands for none.
 *
 * @throws AwsException ValidationException, PoliciesLimitExceededException, InvalidPolicyTypeException,
 *   InvalidPolicyAttributeException, IncompatiblePolicyException
 * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-policies.html
 */
export function readPolicies(text: string): readonly ParameterPolicy[] {
  const items = parseList(text).filter(item => Object.keys(item).length > 0)
  if (items.length > mostPolicies) {
    throw new AwsException(
      'PoliciesLimitExceededException',
      `Number of policies attached to a parameter cannot exceed ${mostPolicies}`,
    )
  }
  const policies = items.map(readPolicy)
  const count = (type: string) => policies.filter(policy => policy.type === type).length
  if (count('Expiration') > 1) throw incompatible('There can be only one expiration policy')
  if (count('ExpirationNotification') > 0 && count('Expiration') === 0) {
    throw incompatible('Expiration notification policies are missing expiration policy')
  }
  return policies
}

/** When a parameter expires: milliseconds since 1970, or never. */
export function expirationOf(policies: readonly ParameterPolicy[] = []): number | undefined {
  return policies.find(({ type }) => type === 'Expiration')?.time
}

/**
 * The policies of a version as the API shows them; a notice whose time has come is finished, though nobody gets it.
 *
 * @param modified when the version was written, in milliseconds since 1970
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterInlinePolicy.html
 */
export function policiesOutput(
  policies: readonly ParameterPolicy[] = [],
  modified: number,
  now: number,
): { PolicyText: string; PolicyType: string; PolicyStatus: string }[] {
  const expiration = expirationOf(policies) ?? Number.POSITIVE_INFINITY
  return policies.map(({ type, text, time }) => {
    const due =
      type === 'Expiration' ? time : type === 'ExpirationNotification' ? expiration - time : modified + time
    return { PolicyText: text, PolicyType: type, PolicyStatus: now >= due ? 'Finished' : 'Pending' }
  })
}

function parseList(text: string): readonly Attributes[] {
  const invalid = validationException('Invalid policies input')
  let items: unknown
  try {
    items = JSON.parse(text)
  } catch {
    throw invalid
  }
  const isObject = (item: unknown) => typeof item === 'object' && item !== null && !Array.isArray(item)
  if (!Array.isArray(items) || !items.every(isObject)) throw invalid
  return items
}

function readPolicy(item: Attributes): ParameterPolicy {
  const { Type: type, Version: version, Attributes: given } = item
  if (type !== 'Expiration' && type !== 'ExpirationNotification' && type !== 'NoChangeNotification') {
    const shown = typeof type === 'string' ? type : ''
    throw new AwsException('InvalidPolicyTypeException', `Policy type ${shown} is not supported.`)
  }
  if (version !== '1.0') throw new AwsException('InvalidPolicyTypeException', 'Unsupported policy version.')
  if (typeof given !== 'object' || given === null) {
    throw invalidAttribute('Mandatory policy attribute Attributes is missing.')
  }
  const attributes = given as Attributes
  const time = type === 'Expiration' ? timestampOf(attributes) : periodOf(attributes, type)
  return { type, time, text: JSON.stringify(item) }
}

function timestampOf({ Timestamp: timestamp }: Attributes): number {
  if (timestamp === undefined) {
    throw invalidAttribute('A valid Expiration policy must have an attribute of Timestamp.')
  }
  const isTimestamp = typeof timestamp === 'string' && timestampForm.test(timestamp)
  const time = isTimestamp ? Date.parse(timestamp) : Number.NaN
  if (Number.isNaN(time)) throw invalidAttribute('Invalid timestamp format')
  return time
}

function periodOf(attributes: Attributes, type: 'ExpirationNotification' | 'NoChangeNotification'): number {
  const name = type === 'ExpirationNotification' ? 'Before' : 'After'
  const { [name]: amount, Unit: unit } = attributes
  if (amount === undefined) throw invalidAttribute(`Mandatory policy attribute ${name} is missing.`)
  if (typeof amount !== 'string' || !/^[0-9]{1,9}$/.test(amount) || Number(amount) === 0) {
    throw invalidAttribute(`Attribute ${name} must be a positive integer.`)
  }
  const named = typeof unit === 'string' ? unit.toUpperCase() : ''
  const ms = Object.entries(unitMs).find(([known]) => known === named)?.[1]
  if (ms === undefined) throw invalidAttribute('Supported time units: DAYS HOURS')
  return Number(amount) * ms
}

function invalidAttribute(text: string): AwsException {
  return new AwsException('InvalidPolicyAttributeException', text)
}

function incompatible(text: string): AwsException {
  return new AwsException('IncompatiblePolicyException', text)
}
