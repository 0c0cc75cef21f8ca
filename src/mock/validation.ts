/** The constraint engine: JSON types and model constraints of a request, with the texts that AWS answers. */

import { AwsException, validationException } from './exceptions.ts'

/** How one member of a request is read: a wrong JSON type throws, a broken constraint is collected. */
export interface Member<T> {
  readonly required: boolean
  readonly read: (value: unknown, path: string, failures: string[]) => T
}

/** A member that must be present. */
export interface RequiredMember<T> extends Member<T> {
  readonly required: true
}

/** The members of a request or of a structure in it, under their names on the wire. */
export type Shape = Readonly<Record<string, Member<unknown>>>

/** The TypeScript form of a request that satisfied its {@link Shape}. */
export type InputOf<S extends Shape> = {
  readonly [K in keyof S as S[K] extends RequiredMember<unknown> ? K : never]: ValueOf<S[K]>
} & {
  readonly [K in keyof S as S[K] extends RequiredMember<unknown> ? never : K]?: ValueOf<S[K]> | undefined
}

type ValueOf<M> = M extends Member<infer T> ? T : never

/** Constraints on a string, in the order in which they are reported. */
export interface StringRules {
  readonly min?: number
  readonly max?: number
  /** The whole value must match. */
  readonly pattern?: RegExp
  /** Allowed values, in the service's own order. */
  readonly values?: readonly string[]
  /** The value never appears in an error. */
  readonly sensitive?: boolean
}

/** A text member. Lengths count UTF-16 units. */
export function string(rules: StringRules = {}): Member<string> {
  return member((value, path, failures) => {
    if (typeof value !== 'string') throw wrongType(value, 'a String')
    const fail = (rule: string) => {
      failures.push(failure(rules.sensitive ? undefined : `'${value}'`, path, rule))
    }
    checkLength(value.length, rules, fail)
    if (rules.pattern && !rules.pattern.test(value)) {
      fail(`satisfy regular expression pattern: ${rules.pattern.source}`)
    }
    if (rules.values && !rules.values.includes(value)) {
      fail(`satisfy enum value set: [${rules.values.join(', ')}]`)
    }
    return value
  })
}

/** Base64 text on the wire, bytes for the operation. Lengths count bytes; the content is never echoed. */
export function blob(rules: { readonly min?: number; readonly max?: number } = {}): Member<Buffer> {
  return member((value, path, failures) => {
    if (typeof value !== 'string') throw wrongType(value, 'a Blob')
    if (value.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(value)) {
      throw new AwsException('SerializationException', 'Invalid base64')
    }
    const bytes = Buffer.from(value, 'base64')
    checkLength(bytes.length, rules, rule => failures.push(failure(undefined, path, rule)))
    return bytes
  })
}

/** A whole number. */
export function integer(rules: { readonly min?: number; readonly max?: number } = {}): Member<number> {
  return member((value, path, failures) => {
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw wrongType(value, 'an Integer')
    const fail = (rule: string) => {
      failures.push(failure(`'${value}'`, path, rule))
    }
    if (rules.min !== undefined && value < rules.min) fail(`have value greater than or equal to ${rules.min}`)
    if (rules.max !== undefined && value > rules.max) fail(`have value less than or equal to ${rules.max}`)
    return value
  })
}

// The last second that a date can be.
const latestTime = 8.64e12

/** A point in time: seconds since 1970, with a fraction. */
export function timestamp(): Member<number> {
  return member(value => {
    if (typeof value === 'number' && Math.abs(value) <= latestTime) return value
    throw new AwsException('SerializationException', 'Only a number can be converted to a Timestamp')
  })
}

/** A boolean. */
export function boolean(): Member<boolean> {
  return member(value => {
    if (typeof value !== 'boolean') throw wrongType(value, 'a Boolean')
    return value
  })
}

/** A list whose items all follow one rule. Paths of items are 1-based: `tags.1.member`. */
export function list<T>(
  item: Member<T>,
  rules: { readonly min?: number; readonly max?: number } = {},
): Member<readonly T[]> {
  return member((value, path, failures) => {
    if (!Array.isArray(value)) throw wrongType(value, 'a List')
    checkLength(value.length, rules, rule =>
      failures.push(failure(value.every(isText) ? `'[${value.join(', ')}]'` : undefined, path, rule)),
    )
    return value.map((entry, index) => item.read(entry, `${path}.${index + 1}.member`, failures))
  })
}

/** A map from text to text, such as an encryption context. */
export function textMap(): Member<Readonly<Record<string, string>>> {
  return member(value => {
    if (!isObject(value)) throw wrongType(value, 'a Map')
    for (const entry of Object.values(value)) {
      if (typeof entry !== 'string') throw wrongType(entry, 'a String')
    }
    return value as Record<string, string>
  })
}

/** A nested structure. */
export function structure<S extends Shape>(shape: S): Member<InputOf<S>> {
  return member((value, path, failures) => {
    if (!isObject(value)) throw wrongType(value, 'a Structure')
    return readMembers(shape, value, `${path}.`, failures) as InputOf<S>
  })
}

/** Marks a member as required; its absence (or null) is `Member must not be null`. */
export function required<T>(optional: Member<T>): RequiredMember<T> {
  return { read: optional.read, required: true }
}

/**
 * Reads a request. Members that the shape does not know are ignored, null counts as absent.
 *
 * @throws AwsException SerializationException for a wrong JSON type; ValidationException that lists every
 *   broken constraint
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html
 */
export function readInput<S extends Shape>(shape: S, body: unknown): InputOf<S> {
  if (!isObject(body)) throw wrongType(body, 'a Structure')
  const failures: string[] = []
  const input = readMembers(shape, body, '', failures)
  if (failures.length > 0) {
    const plural = failures.length === 1 ? '' : 's'
    throw validationException(`${failures.length} validation error${plural} detected: ${failures.join('; ')}`)
  }
  return input as InputOf<S>
}

function readMembers(
  shape: Shape,
  body: Readonly<Record<string, unknown>>,
  prefix: string,
  failures: string[],
): Record<string, unknown> {
  const input: Record<string, unknown> = {}
  for (const [name, rule] of Object.entries(shape)) {
    const value = Object.hasOwn(body, name) ? body[name] : undefined
    const path = prefix + name.charAt(0).toLowerCase() + name.slice(1)
    if (value !== undefined && value !== null) input[name] = rule.read(value, path, failures)
    else if (rule.required)
      failures.push(`Value null at '${path}' failed to satisfy constraint: Member must not be null`)
  }
  return input
}

function member<T>(read: Member<T>['read']): Member<T> {
  return { read, required: false }
}

function failure(shown: string | undefined, path: string, rule: string): string {
  const value = shown === undefined ? 'Value' : `Value ${shown}`
  return `${value} at '${path}' failed to satisfy constraint: Member must ${rule}`
}

function checkLength(
  length: number,
  rules: { readonly min?: number; readonly max?: number },
  fail: (rule: string) => void,
): void {
  if (rules.min !== undefined && length < rules.min) fail(`have length greater than or equal to ${rules.min}`)
  if (rules.max !== undefined && length > rules.max) fail(`have length less than or equal to ${rules.max}`)
}

function wrongType(value: unknown, wanted: string): AwsException {
  if (Array.isArray(value))
    return new AwsException('SerializationException', 'Start of list found where not expected')
  if (isObject(value)) {
    return new AwsException('SerializationException', 'Start of structure or map found where not expected')
  }
  // Named by kind only: the value itself may be a secret.
  const kind =
    typeof value === 'boolean'
      ? value
        ? 'TRUE_VALUE'
        : 'FALSE_VALUE'
      : `${typeof value}_VALUE`.toUpperCase()
  return new AwsException('SerializationException', `${kind} can not be converted to ${wanted}`)
}

function isText(value: unknown): boolean {
  return typeof value === 'string'
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
