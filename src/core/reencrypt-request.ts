/** What is asked of a new encryption. */

import { usageError } from '../errors.ts'
import { type ContextRequirement, type EncryptionContext, refuseReservedKeys } from './encryption-context.ts'
import type { KmsAccess } from './kms-access.ts'
import type { MessageHeader } from './message/header.ts'
import type { PublicKeyRecipient } from './public-key-file.ts'
import { maxKeys } from './seal.ts'

/** How the ciphertexts of now are opened, and what the new ones are like. */
export interface ReencryptRequest {
  readonly kms: KmsAccess
  /** Keys of now to insist on; none takes whatever a ciphertext names. */
  readonly pins: readonly string[]
  readonly accounts?: readonly string[] | undefined
  /** Pairs that must be in the message of now, or are the context of a KMS ciphertext. */
  readonly sourceContext: EncryptionContext
  readonly required: readonly ContextRequirement[]
  readonly maxEncryptedDataKeys?: number | undefined
  readonly maxFrameLength?: number | undefined
  readonly allowLegacy?: boolean | undefined
  /** Recipients of the new one. */
  readonly keyIds: readonly string[]
  readonly publicKeys: readonly PublicKeyRecipient[]
  /** The new context; undefined keeps that of now. */
  readonly context?: EncryptionContext | undefined
  /** Whether the new message is signed; undefined keeps it. */
  readonly sign?: boolean | undefined
  readonly frameLength?: number | undefined
}

/**
 * Checks a request before any ciphertext is looked at.
 *
 * @throws KmsealError `usage` for no recipients or more than 10, a reserved key, or what cannot be signed
 */
export function checkReencryptRequest({ keyIds, publicKeys, context, sign }: ReencryptRequest): void {
  if (context !== undefined) refuseReservedKeys(context)
  const count = keyIds.length + publicKeys.length
  if (count === 0) {
    throw usageError('no new key was named', 'name one with --destination-key-id or --public-key')
  }
  if (count > maxKeys) throw usageError(`a message has at most ${maxKeys} keys`)
  if (sign === true && publicKeys.length > 0) {
    throw usageError(
      '--sign does not go with --public-key: whoever has a public key could sign',
      'leave --sign away',
    )
  }
}

/**
 * Whether the new message is signed: as the one of now, which does not change without a word.
 *
 * @throws KmsealError `usage` when a public key is in the way of that
 */
export function wishedSignature(header: MessageHeader, { sign, publicKeys }: ReencryptRequest): boolean {
  if (sign === undefined && header.suite.signed && publicKeys.length > 0) {
    throw usageError(
      'the message is signed, and one for a --public-key cannot be',
      'give its signature up with --no-sign',
    )
  }
  return sign ?? header.suite.signed
}
