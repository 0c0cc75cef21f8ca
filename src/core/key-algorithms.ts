/** Finds out how a key signs or makes MACs, when nobody says. */

import type { KeyMetadata } from '@aws-sdk/client-kms'
import { KmsealError, usageError } from '../errors.ts'
import { ifAllowed, isAccessDenied } from './aws-errors.ts'
import { describeKey } from './keys.ts'
import { clientForKey, type KmsAccess } from './kms-access.ts'
import { getPublicKey } from './public-key.ts'
import { type SigningAlgorithm, usualAlgorithm } from './signing-algorithms.ts'

/** MAC algorithms; an HMAC key has exactly one of them. */
export const macAlgorithms = ['HMAC_SHA_224', 'HMAC_SHA_256', 'HMAC_SHA_384', 'HMAC_SHA_512'] as const

/** One of {@link macAlgorithms}. */
export type MacAlgorithm = (typeof macAlgorithms)[number]

/**
 * The signing algorithm to use with a key: the only one it has, or the usual one of several. Asks DescribeKey, or
 * GetPublicKey where that is denied.
 *
 * @throws KmsealError `usage` for a key that does not sign, or only in ways that kmseal does not know; `denied` when
 *   both are denied
 */
export async function signingAlgorithmOf(access: KmsAccess, keyId: string): Promise<SigningAlgorithm> {
  const { keyUsage, algorithms } = await signingAlgorithmsOf(access, keyId)
  const usual = usualAlgorithm(algorithms)
  if (usual !== undefined) return usual
  if (algorithms.length === 0) throw usageError(`key ${keyId} does not sign: its key usage is ${keyUsage}`)
  throw usageError(
    `key ${keyId} signs with ${algorithms.join(', ')} only, which kmseal does not support`,
    'use a key with an ECDSA, RSA or Ed25519 algorithm, or aws kms sign',
  )
}

/**
 * The MAC algorithm of a key. Asks DescribeKey.
 *
 * @throws KmsealError `usage` for a key that makes no MACs; `denied`
 */
export async function macAlgorithmOf(access: KmsAccess, keyId: string): Promise<MacAlgorithm> {
  const metadata = await described(access, keyId)
  if (metadata === undefined) throw denied(keyId, '--mac-algorithm', 'kms:DescribeKey')
  const offered = metadata.MacAlgorithms ?? []
  const algorithm = macAlgorithms.find(known => offered.includes(known))
  if (algorithm !== undefined) return algorithm
  throw usageError(`key ${keyId} makes no MACs: its key usage is ${metadata.KeyUsage}`)
}

async function signingAlgorithmsOf(
  access: KmsAccess,
  keyId: string,
): Promise<{ readonly keyUsage: string; readonly algorithms: readonly string[] }> {
  const metadata = await described(access, keyId)
  if (metadata !== undefined) {
    return { keyUsage: metadata.KeyUsage ?? '', algorithms: metadata.SigningAlgorithms ?? [] }
  }
  try {
    const { keyUsage, signingAlgorithms } = await getPublicKey(access, keyId)
    return { keyUsage, algorithms: signingAlgorithms }
  } catch (error) {
    if (!isAccessDenied(error)) throw error
    throw denied(keyId, '--signing-algorithm', 'kms:DescribeKey and kms:GetPublicKey')
  }
}

/** The description of a key, or nothing when the caller may not have it. */
async function described(access: KmsAccess, keyId: string): Promise<KeyMetadata | undefined> {
  return ifAllowed(describeKey(await clientForKey(access, keyId), keyId))
}

function denied(keyId: string, flag: string, actions: string): KmsealError {
  return new KmsealError('denied', `the algorithms of key ${keyId} cannot be looked up: ${actions} denied`, {
    hint: `name the algorithm with ${flag}, which needs no such permission`,
    awsName: 'AccessDeniedException',
  })
}
