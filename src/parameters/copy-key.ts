/** Decides which key a copied SecureString is under: never a lesser one than before without being told. */

import type { KeyMetadata } from '@aws-sdk/client-kms'
import type { ParameterMetadata, SSMClient } from '@aws-sdk/client-ssm'
import { describeKey } from '../core/keys.ts'
import { clientForKey, type KmsAccess } from '../core/kms-access.ts'
import { KmsealError, usageError } from '../errors.ts'
import type { Original } from './copy-originals.ts'
import { checkKeyRegion, unusableKey } from './invalid-key.ts'
import { isOwnKey, ownKey } from './own-key.ts'

/** What decides the key. */
export interface KeyQuestion {
  readonly original: Pick<Original, 'parameter' | 'metadata' | 'own' | 'name' | 'from'>
  /** The key that was typed. */
  readonly typed: string | undefined
  /** The key of what was plain so far; without it, the account's own key. */
  readonly defaultKeyId: string | undefined
  /** The copy is in the account and Region of the one who asks for the original. */
  readonly samePlace: boolean
}

/**
 * The key of a new SecureString: the one typed, or that of the original within one account and Region. Elsewhere only
 * the account's own key has a counterpart.
 *
 * @returns nothing for the account's own key
 * @throws KmsealError `usage` when the key must be named
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id
 */
export function keyOfCopy({ original, typed, defaultKeyId, samePlace }: KeyQuestion): string | undefined {
  if (typed !== undefined) return typed
  const { parameter, metadata, own, name, from } = original
  if (parameter.Type !== 'SecureString') return defaultKeyId
  const key = metadata?.KeyId
  if (isOwnKey(key)) return ownKey
  if (samePlace && own && key !== undefined) return key
  const reason =
    key === undefined
      ? `the key of ${from} is not known`
      : `${from} is under ${key}, which may be another key there, or none`
  throw usageError(`the key of ${name} must be named: ${reason}`, namingHint)
}

/**
 * The key of a SecureString that is overwritten: the one typed, otherwise the one that it has. A secret under a key of
 * one's own does not end under the account's own key that way.
 *
 * @returns nothing for the key that it has
 * @throws KmsealError `usage` when the key must be named
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
 */
export function keyOfOverwrite(question: KeyQuestion, present: ParameterMetadata): string | undefined {
  const { typed, original } = question
  if (typed !== undefined) return typed
  if (present.Type !== 'SecureString') return keyOfCopy(question)
  const { parameter, metadata, name, from } = original
  if (parameter.Type !== 'SecureString' || !isOwnKey(present.KeyId) || isOwnKey(metadata?.KeyId)) {
    return undefined
  }
  throw usageError(
    `the key of ${name} must be named: it is under ${ownKey}, and ${from} under ${metadata?.KeyId ?? 'a key that is not known'}`,
    namingHint,
  )
}

const namingHint = `give --key-id, or --key-id ${ownKey} for the account's own key`

/**
 * Refuses a named key that Parameter Store there would surely refuse. One that may not be looked at passes.
 *
 * @throws KmsealError `usage` for a key of another Region; `not-found`; `failed` for one of a wrong state or kind
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html
 */
export async function refuseKey(ssm: SSMClient, kms: KmsAccess, keyId: string | undefined): Promise<void> {
  // The service makes its own key when it is first used.
  if (keyId === undefined || isOwnKey(keyId)) return
  await checkKeyRegion(ssm, keyId)
  const client = await clientForKey(kms, keyId)
  let metadata: KeyMetadata
  try {
    metadata = await describeKey(client, keyId)
  } catch (error) {
    if (!(error instanceof KmsealError) || error.code === 'not-found') throw error
    return
  }
  const problem = unusableKey(metadata, keyId, 'nothing can be copied')
  if (problem !== undefined) throw problem
}
