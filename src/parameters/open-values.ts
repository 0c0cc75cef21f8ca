/** Opens values that were sealed before they were stored, for every command that reads parameters. */

import { boundedMap } from '../core/bounded-map.ts'
import { type EncryptionContext, parseEncryptionContext } from '../core/encryption-context.ts'
import { checkKeyId } from '../core/key-id.ts'
import type { KmsAccess } from '../core/kms-access.ts'
import { usageError } from '../errors.ts'

/** Requests to KMS in flight at a time. */
const parallelRequests = 8

/** What the options say about opening, as they were typed. */
export interface OpenFlags {
  readonly open?: boolean
  readonly keyId?: readonly string[]
  readonly encryptionContext?: readonly string[]
}

/** What to open values with. */
export interface Opening {
  readonly kms: KmsAccess
  /** Keys to insist on; none means that any key the ciphertext names may open it. */
  readonly pins: readonly string[]
  /** The pairs that were given when the values were sealed. */
  readonly context: EncryptionContext
}

/**
 * Parses the options about opening.
 *
 * @returns nothing without `--open`
 * @throws KmsealError `usage` for options that need `--open`, and for malformed ones
 */
export function parseOpening(kms: KmsAccess, flags: OpenFlags): Opening | undefined {
  if (flags.open === true) {
    const pins = (flags.keyId ?? []).map(checkKeyId)
    return { kms, pins, context: parseEncryptionContext(flags.encryptionContext ?? []) }
  }
  if (flags.keyId === undefined && flags.encryptionContext === undefined) return undefined
  throw usageError('--key-id and --encryption-context need --open', 'Parameter Store finds the key by itself')
}

/** A value and the name of the parameter that it was read from. */
export interface StoredValue {
  readonly name: string
  readonly value: string
}

/**
 * The contents of values: opened, or without an opening as they are stored. All of them must be sealed, so that
 * nobody who may only store values can put a plain one in the place of a sealed one.
 *
 * @throws KmsealError `integrity` when one is not sealed, was altered, or belongs to another parameter; what
 *   decrypting throws
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html
 */
export async function openValues(
  stored: readonly StoredValue[],
  opening: Opening | undefined,
): Promise<Buffer[]> {
  if (opening === undefined) return stored.map(({ value }) => Buffer.from(value))
  // Most parameters are not sealed, and what opens them takes a while to load.
  const { openValue } = await import('./sealed-value.ts')
  return boundedMap(stored, parallelRequests, ({ name, value }) => openValue(value, { ...opening, name }))
}
