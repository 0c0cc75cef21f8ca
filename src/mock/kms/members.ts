/** Request members that many KMS operations share, with their constraints. */

import { AwsException, validationException } from '../exceptions.ts'
import { blob, boolean, integer, list, required, string, structure, textMap } from '../validation.ts'
import { encryptionAlgorithms } from './key-specs.ts'

/** A key id, ARN, alias or alias ARN. */
export const keyIdMember = string({ min: 1, max: 2048 })

/** GrantTokens: must have been given out; grants need no token here to take effect. */
export const grantTokensMember = list(string({ min: 1, max: 8192 }), { max: 10 })

/** Encryption context. */
export const contextMember = textMap()

/** An encryption algorithm. */
export const algorithmMember = string({ values: encryptionAlgorithms })

/** Plaintext of Encrypt: 1 to 4096 bytes. */
export const plaintextMember = required(blob({ min: 1, max: 4096 }))

/** Message of the signing and MAC operations: 1 to 4096 bytes. */
export const messageMember = required(blob({ min: 1, max: 4096 }))

/** A ciphertext: 1 to 6144 bytes. A dry run may do without it. */
export const ciphertextMember = blob({ min: 1, max: 6144 })

/** NumberOfBytes of the random and data key operations: 1 to 1024. */
export const numberOfBytesMember = integer({ min: 1, max: 1024 })

/** DryRun. */
export const dryRunMember = boolean()

/** DryRunModifiers of the operations that take a ciphertext. */
export const dryRunModifiersMember = list(string({ values: ['IGNORE_CIPHERTEXT'] }))

/** Recipient, of Nitro enclaves. */
export const recipientMember = structure({})

/** Limit of listings: 1 to 1000. */
export const limitMember = integer({ min: 1, max: 1000 })

/** Marker of listings. */
export const markerMember = string({ min: 1, max: 1024 })

/** Tags of a key. */
export const tagsMember = list(
  structure({
    TagKey: required(string({ min: 1, max: 128 })),
    TagValue: required(string({ min: 0, max: 256 })),
  }),
)

/** A policy document. */
export const policyMember = string({ min: 1, max: 131072, pattern: /^[\u0009\u000A\u000D\u0020-\u00FF]+$/ })

/** A policy name; `default` is the only one there is. */
export const policyNameMember = string({ min: 1, max: 128, pattern: /^[\w]+$/ })

/**
 * The ciphertext of a request; undefined for a dry run that does not look at it.
 *
 * @throws AwsException ValidationException
 */
export function ciphertextOf(input: {
  readonly CiphertextBlob?: Buffer | undefined
  readonly DryRun?: boolean | undefined
  readonly DryRunModifiers?: readonly string[] | undefined
}): Buffer | undefined {
  if (input.DryRun && input.DryRunModifiers?.includes('IGNORE_CIPHERTEXT')) return undefined
  if (input.CiphertextBlob !== undefined) return input.CiphertextBlob
  throw validationException(
    "1 validation error detected: Value null at 'ciphertextBlob' failed to satisfy constraint: Member must not be null",
  )
}

/**
 * Ends a dry run that passed every check.
 *
 * @throws AwsException DryRunOperationException when `dryRun` is true
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/testing-permissions.html
 */
export function endDryRun(dryRun: boolean | undefined): void {
  if (dryRun) throw dryRunEnd()
}

/** The end of a dry run that passed every check. */
export function dryRunEnd(): AwsException {
  return new AwsException(
    'DryRunOperationException',
    'The request would have succeeded, but the DryRun option is set.',
  )
}
