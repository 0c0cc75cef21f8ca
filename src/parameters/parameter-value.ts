/** What a parameter can hold: its types and tiers, their limits, and values that the service refuses. */

import { type KmsealError, usageError } from '../errors.ts'

/** Types of parameters, in AWS's words. */
export const parameterTypes = ['String', 'StringList', 'SecureString'] as const
/** One of {@link parameterTypes}. */
export type ParameterType = (typeof parameterTypes)[number]

/** Tiers that can be asked for. Intelligent-Tiering is a request only: the parameter gets one of the others. */
export const parameterTiers = ['Standard', 'Advanced', 'Intelligent-Tiering'] as const
/** One of {@link parameterTiers}. */
export type ParameterTier = (typeof parameterTiers)[number]

/** Data types that Parameter Store knows. */
export const parameterDataTypes = ['text', 'aws:ec2:image', 'aws:ssm:integration'] as const

/** Bytes of UTF-8 that a Standard parameter holds. */
export const standardLimit = 4096
/** Bytes of UTF-8 that an Advanced parameter holds; nothing holds more. */
export const advancedLimit = 8192

/**
 * Refuses sizes that no parameter can hold, before any request.
 *
 * @param size UTF-8 bytes
 * @param what the value in words, for the error
 * @throws KmsealError `usage` for nothing at all and for more than 8192 bytes
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
 */
export function checkValueSize(size: number, what: string): void {
  if (size === 0)
    throw usageError('an empty value cannot be stored', 'kmseal delete-param removes a parameter')
  if (size <= advancedLimit) return
  throw usageError(
    `the ${what} is larger than ${advancedLimit} bytes, the most that any parameter holds`,
    'split it over several parameters, or kmseal encrypt it to a file and store that elsewhere, such as in S3',
  )
}

/**
 * The text of a value to store, with nothing added or removed: a byte order mark stays.
 *
 * @throws KmsealError `usage` when no parameter can hold it: empty, above 8192 bytes, no UTF-8, or `{{...}}` in it
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
 */
export function textToStore(bytes: Uint8Array): string {
  checkValueSize(bytes.length, 'value')
  const text = textOf(bytes)
  if (text === undefined) {
    throw usageError(
      `the value (${bytes.length} bytes) is not text: Parameter Store takes UTF-8 only`,
      'store it with --seal, or as base64 text',
    )
  }
  // The service reads {{...}} as the name of another parameter, and has no escape for it.
  const nested = text.split(/[\n\r\u0085\u2028\u2029]/).some(line => {
    const start = line.indexOf('{{')
    return start !== -1 && line.indexOf('}}', start + 2) !== -1
  })
  if (!nested) return text
  throw usageError(
    'Parameter Store refuses values with {{...}} in them',
    'store it with --seal, or as base64 text',
  )
}

/** Decodes UTF-8 strictly. Returns nothing when the bytes are something else. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** What decides whether a value fits without an unasked charge. */
export interface TierQuestion {
  /** UTF-8 bytes of the value. */
  readonly size: number
  readonly asked: ParameterTier | undefined
  /** The tier that the parameter has now; absent for a new one, or when it could not be looked up. */
  readonly present: string | undefined
  /** The value in words. */
  readonly what: string
}

/**
 * Refuses a value above 4096 bytes unless a larger tier was asked for or is there already: it costs money.
 *
 * @throws KmsealError `usage`, naming the limit and the flag
 * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html
 */
export function checkTier({ size, asked, present, what }: TierQuestion): void {
  if (size <= standardLimit) return
  if (asked === undefined ? present === 'Advanced' : asked !== 'Standard') return
  throw usageError(
    `the ${what} has ${size} bytes, more than the ${standardLimit} bytes that a Standard parameter holds`,
    'give --tier Advanced (or --tier Intelligent-Tiering), which AWS charges for',
  )
}

/**
 * The refusal of bytes that {@link textOf} takes for no text.
 *
 * @param what in words, fit for messages
 */
export function notUtf8(what: string): KmsealError {
  return usageError(
    `${what} is not text in UTF-8`,
    'convert it from the encoding that it has: iconv -f LATIN1 (or UTF-16) -t UTF-8',
  )
}
