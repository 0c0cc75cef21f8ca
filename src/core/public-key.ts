/** Public keys of asymmetric KMS keys, from KMS. */

import { createPublicKey } from 'node:crypto'
import { GetPublicKeyCommand } from '@aws-sdk/client-kms'
import { KmsealError, usageError } from '../errors.ts'
import { send } from './aws-errors.ts'
import { clientForKey, type KmsAccess } from './kms-access.ts'
import {
  checkedRsaKey,
  type PublicKeyRecipient,
  type RsaEncryptionAlgorithm,
  rsaEncryptionAlgorithms,
} from './public-key-file.ts'

/** What KMS says of a public key. */
export interface PublicKey {
  readonly keyArn: string
  /** SPKI DER. */
  readonly publicKey: Uint8Array
  readonly keySpec: string
  readonly keyUsage: string
  /** Empty for keys that do not encrypt. */
  readonly encryptionAlgorithms: readonly string[]
  readonly signingAlgorithms: readonly string[]
  readonly keyAgreementAlgorithms: readonly string[]
}

/**
 * Gets the public key of an asymmetric key.
 *
 * @throws KmsealError `usage` for a symmetric or HMAC key, otherwise what KMS says
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_GetPublicKey.html
 */
export async function getPublicKey(access: KmsAccess, keyId: string): Promise<PublicKey> {
  const client = await clientForKey(access, keyId)
  const object = `key ${keyId}`
  const answer = await send(client, new GetPublicKeyCommand({ KeyId: keyId }), {
    action: 'kms:GetPublicKey',
    object,
    hints: { UnsupportedOperationException: 'only asymmetric keys have a public key' },
  })
  const { KeyId: keyArn, PublicKey: publicKey } = answer
  if (keyArn === undefined || publicKey === undefined) {
    throw new KmsealError('failed', `KMS answered without a public key for ${object}`)
  }
  return {
    keyArn,
    publicKey,
    keySpec: answer.KeySpec ?? '',
    keyUsage: answer.KeyUsage ?? '',
    encryptionAlgorithms: answer.EncryptionAlgorithms ?? [],
    signingAlgorithms: answer.SigningAlgorithms ?? [],
    keyAgreementAlgorithms: answer.KeyAgreementAlgorithms ?? [],
  }
}

/**
 * Gets the public key of a key to wrap data keys under it.
 *
 * @throws KmsealError `usage` when the key does not encrypt
 */
export async function getPublicKeyRecipient(
  access: KmsAccess,
  keyId: string,
  algorithm: RsaEncryptionAlgorithm = 'RSAES_OAEP_SHA_256',
): Promise<PublicKeyRecipient> {
  const { keyArn, publicKey, encryptionAlgorithms, keyUsage } = await getPublicKey(access, keyId)
  if (!encryptionAlgorithms.includes(algorithm) || !rsaEncryptionAlgorithms.includes(algorithm)) {
    throw usageError(`key ${keyId} does not encrypt: its key usage is ${keyUsage}`)
  }
  const key = createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' })
  return { keyArn, algorithm, publicKey: checkedRsaKey(key, `key ${keyId}`) }
}
