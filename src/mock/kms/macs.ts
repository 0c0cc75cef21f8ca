/** GenerateMac and VerifyMac. */

import { createHmac, timingSafeEqual } from 'node:crypto'
import { AwsException } from '../exceptions.ts'
import { type Context, defineOperation } from '../operation.ts'
import { blob, required, string } from '../validation.ts'
import { findCryptoKey, requireAlgorithm } from './crypto-key.ts'
import type { KeyRecord } from './key-record.ts'
import { materialOf } from './materials.ts'
import { dryRunMember, endDryRun, grantTokensMember, keyIdMember, messageMember } from './members.ts'

const macShape = {
  KeyId: required(keyIdMember),
  Message: messageMember,
  MacAlgorithm: required(
    string({ values: ['HMAC_SHA_384', 'HMAC_SHA_256', 'HMAC_SHA_224', 'HMAC_SHA_512'] }),
  ),
  GrantTokens: grantTokensMember,
  DryRun: dryRunMember,
}

interface MacRequest {
  readonly Message: Buffer
  readonly MacAlgorithm: string
}

/**
 * GenerateMac: an HMAC of 28, 32, 48 or 64 bytes.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateMac.html
 */
export const generateMac = defineOperation(macShape, (context, input) => {
  const key = findCryptoKey(context, input.KeyId, 'GenerateMac', 'GENERATE_VERIFY_MAC')
  const mac = macOf(context, key, input)
  endDryRun(input.DryRun)
  return { Mac: mac.toString('base64'), MacAlgorithm: input.MacAlgorithm, KeyId: key.arn }
})

/**
 * VerifyMac: the answer is always true, a MAC that is not valid is an exception.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_VerifyMac.html
 */
export const verifyMac = defineOperation(
  { ...macShape, Mac: required(blob({ min: 1, max: 6144 })) },
  (context, input) => {
    const key = findCryptoKey(context, input.KeyId, 'VerifyMac', 'GENERATE_VERIFY_MAC')
    const mac = macOf(context, key, input)
    if (mac.length !== input.Mac.length || !timingSafeEqual(mac, input.Mac)) {
      throw new AwsException('KMSInvalidMacException')
    }
    endDryRun(input.DryRun)
    return { KeyId: key.arn, MacValid: true, MacAlgorithm: input.MacAlgorithm }
  },
)

function macOf(context: Context, key: KeyRecord, request: MacRequest): Buffer {
  requireAlgorithm(key, request.MacAlgorithm)
  const secret = Buffer.from(materialOf(context, key.materialId).secret, 'base64')
  const hash = request.MacAlgorithm.replace('HMAC_SHA_', 'sha')
  return createHmac(hash, secret).update(request.Message).digest()
}
