/** The encryption context: string pairs that are bound to a ciphertext, and how users write them. */

import { KmsealError, usageError } from '../errors.ts'

/** Pairs that are authenticated with a ciphertext. They are not secret: they show in headers and in CloudTrail. */
export type EncryptionContext = Readonly<Record<string, string>>

const jsonHint = `write it as JSON: --encryption-context '{"KEY":"VALUE"}'`

/**
 * Parses what `--encryption-context` was given, each as `k=v`, as `k=v,k=v` where every piece has exactly
 * one `=`, or as a JSON object of strings. Nothing is ever cut or dropped.
 *
 * @throws KmsealError `usage` for anything else, and for a key given twice
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/encrypt_context.html
 */
export function parseEncryptionContext(texts: readonly string[]): EncryptionContext {
  const pairs = new Map<string, string>()
  for (const text of texts) {
    for (const [key, value] of text.trimStart().startsWith('{') ? jsonPairs(text) : shorthandPairs(text)) {
      if (key === '') throw usageError('--encryption-context has an empty key', jsonHint)
      if (pairs.has(key)) throw usageError('--encryption-context has the same key twice')
      // As UTF-8, every lone surrogate would become the same replacement character.
      if (/\p{Cs}/u.test(key) || /\p{Cs}/u.test(value))
        throw usageError('--encryption-context has an escape that is no character')
      pairs.set(key, value)
    }
  }
  // A prototype-free object: a key may be called __proto__.
  return Object.assign(Object.create(null), Object.fromEntries(pairs)) as EncryptionContext
}

/**
 * Refuses pairs whose keys the AWS Encryption SDK keeps for itself.
 *
 * @throws KmsealError `usage`
 */
export function refuseReservedKeys(context: EncryptionContext): EncryptionContext {
  if (Object.keys(context).some(key => key.startsWith('aws-crypto-'))) {
    throw usageError('--encryption-context has a key that begins with aws-crypto-, which is reserved')
  }
  return context
}

/** The pairs that users chose: those that the AWS Encryption SDK keeps for itself are made anew with each message. */
export function withoutReserved(context: EncryptionContext): EncryptionContext {
  const pairs = Object.entries(context).filter(([key]) => !key.startsWith('aws-crypto-'))
  return Object.assign(Object.create(null), Object.fromEntries(pairs)) as EncryptionContext
}

/**
 * Checks that a message carries every expected pair; it may carry more.
 *
 * @throws KmsealError `integrity`, naming the keys that differ (never the values)
 */
export function requireContext(found: EncryptionContext, expected: EncryptionContext): void {
  const wrong = Object.keys(expected).filter(
    key => !Object.hasOwn(found, key) || found[key] !== expected[key],
  )
  if (wrong.length === 0) return
  throw new KmsealError(
    'integrity',
    `the message has another encryption context: ${wrong.join(', ')} differs`,
    {
      hint: 'kmseal inspect shows the encryption context of the message',
    },
  )
}

/** A key that an encryption context must have, and its value when that counts. */
export interface ContextRequirement {
  readonly key: string
  readonly value?: string | undefined
}

/**
 * Parses what `--require-context` was given: a key, or `key=value`.
 *
 * @throws KmsealError `usage` for an empty key
 */
export function parseRequirements(texts: readonly string[]): readonly ContextRequirement[] {
  return texts.map(text => {
    const equals = text.indexOf('=')
    const key = equals < 0 ? text : text.slice(0, equals)
    if (key === '') throw usageError('--require-context needs a key, or KEY=VALUE')
    return equals < 0 ? { key } : { key, value: text.slice(equals + 1) }
  })
}

/**
 * Checks that an encryption context has what is required.
 *
 * @throws KmsealError `integrity`, naming the keys
 */
export function requireKeys(found: EncryptionContext, requirements: readonly ContextRequirement[]): void {
  const missing = requirements.filter(
    ({ key, value }) => !Object.hasOwn(found, key) || (value !== undefined && found[key] !== value),
  )
  if (missing.length === 0) return
  const keys = missing.map(({ key }) => key).join(', ')
  throw new KmsealError('integrity', `the encryption context lacks what is required: ${keys}`, {
    hint: 'kmseal inspect shows the encryption context of a message',
  })
}

function shorthandPairs(text: string): [string, string][] {
  return text.split(',').map(piece => {
    const parts = piece.split('=')
    const [key, value] = parts
    if (parts.length !== 2 || key === undefined || value === undefined) {
      throw usageError('--encryption-context is not KEY=VALUE with exactly one = in each piece', jsonHint)
    }
    return [key, value]
  })
}

// JSON.parse would let the last of two equal keys win, silently.
const jsonString = /"(?:[^"\\]|\\.)*"/y

function jsonPairs(text: string): [string, string][] {
  const malformed = (): Error => usageError('--encryption-context is no JSON object of strings', jsonHint)
  let at = 0
  const skip = (): void => {
    while (/[\s]/.test(text[at] ?? '')) at += 1
  }
  const take = (character: string): boolean => {
    skip()
    if (text[at] !== character) return false
    at += 1
    return true
  }
  const string = (): string => {
    skip()
    jsonString.lastIndex = at
    const match = jsonString.exec(text)
    if (match === null) throw malformed()
    at = jsonString.lastIndex
    try {
      return JSON.parse(match[0]) as string
    } catch {
      throw malformed()
    }
  }
  const pairs: [string, string][] = []
  if (!take('{')) throw malformed()
  if (!take('}')) {
    do {
      const key = string()
      if (!take(':')) throw malformed()
      pairs.push([key, string()])
    } while (take(','))
    if (!take('}')) throw malformed()
  }
  skip()
  if (at !== text.length) throw malformed()
  return pairs
}
