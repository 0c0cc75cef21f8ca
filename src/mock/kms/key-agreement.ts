/** DeriveSharedSecret. */

import { createPublicKey, diffieHellman, type KeyObject } from 'node:crypto'
import { AwsException, notEmulated } from '../exceptions.ts'
import { defineOperation } from '../operation.ts'
import { blob, required, string } from '../validation.ts'
import { findCryptoKey, requireAlgorithm } from './crypto-key.ts'
import { materialOf, privateKeyOf } from './materials.ts'
import { dryRunMember, endDryRun, grantTokensMember, keyIdMember, recipientMember } from './members.ts'

/**
 * DeriveSharedSecret: the x coordinate of the point that a key agrees on with somebody's public key.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_DeriveSharedSecret.html
 */
export const deriveSharedSecret = defineOperation(
  {
    KeyId: required(keyIdMember),
    KeyAgreementAlgorithm: required(string({ values: ['ECDH'] })),
    PublicKey: required(blob({ min: 1, max: 8192 })),
    GrantTokens: grantTokensMember,
    DryRun: dryRunMember,
    Recipient: recipientMember,
  },
  (context, input) => {
    if (input.Recipient) throw notEmulated('Recipient')
    const key = findCryptoKey(context, input.KeyId, 'DeriveSharedSecret', 'KEY_AGREEMENT')
    requireAlgorithm(key, input.KeyAgreementAlgorithm)
    const privateKey = privateKeyOf(materialOf(context, key.materialId))
    const publicKey = peerKey(input.PublicKey)
    const curve = privateKey.asymmetricKeyDetails?.namedCurve
    // The service sends no text for a key of another curve, or none at all.
    if (publicKey === undefined || publicKey.asymmetricKeyDetails?.namedCurve !== curve)
      throw new AwsException('ValidationException')
    const secret = diffieHellman({ privateKey, publicKey })
    endDryRun(input.DryRun)
    return {
      KeyId: key.arn,
      SharedSecret: secret.toString('base64'),
      KeyAgreementAlgorithm: input.KeyAgreementAlgorithm,
      KeyOrigin: key.origin,
    }
  },
)

function peerKey(bytes: Buffer): KeyObject | undefined {
  try {
    return createPublicKey({ key: bytes, format: 'der', type: 'spki' })
  } catch {
    return undefined
  }
}
