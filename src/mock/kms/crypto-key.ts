/** Finding the key of a cryptographic operation, with the checks that all of them make. */

import { AwsException } from '../exceptions.ts'
import type { Context } from '../operation.ts'
import { findKey } from './key-lookup.ts'
import type { KeyRecord } from './key-record.ts'
import type { EncryptionAlgorithm, KeyUsage } from './key-specs.ts'
import { knownSpecs } from './key-specs.ts'
import { requireState } from './states.ts'

/**
 * The key for a cryptographic operation, ready for use.
 *
 * @param operation its name, for texts of refusals
 * @param action the action that the caller needs, where it is not named like the operation
 * @throws AwsException as `findKey`; DisabledException, KMSInvalidStateException, InvalidKeyUsageException
 */
export function findCryptoKey(
  context: Context,
  keyId: string,
  operation: string,
  usage: KeyUsage,
  action?: string,
): KeyRecord {
  const key = findKey(context, keyId, { operation, action, aliases: true })
  requireState(key, 'use')
  if (key.usage !== usage) {
    throw new AwsException(
      'InvalidKeyUsageException',
      `${key.arn} key usage is ${key.usage} which is not valid for ${operation}.`,
    )
  }
  return key
}

/**
 * Checks that a key knows an algorithm.
 *
 * @throws AwsException InvalidKeyUsageException
 */
export function requireAlgorithm(key: KeyRecord, algorithm: string): void {
  if (!knownSpecs.get(key.spec)?.algorithms[key.usage]?.includes(algorithm)) {
    throw new AwsException(
      'InvalidKeyUsageException',
      `Algorithm ${algorithm} is incompatible with key spec ${key.spec}.`,
    )
  }
}

/** The algorithm of a request, which may leave it out for symmetric keys only. */
export function algorithmOr(algorithm: string | undefined): EncryptionAlgorithm {
  return (algorithm ?? 'SYMMETRIC_DEFAULT') as EncryptionAlgorithm
}
