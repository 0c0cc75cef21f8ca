/** Makes and verifies HMACs with KMS keys. */

import { GenerateMacCommand, VerifyMacCommand } from '@aws-sdk/client-kms'
import { type ByteSource, readUpTo } from '../byte-stream.ts'
import { integrityError, KmsealError, usageError } from '../errors.ts'
import { send } from './aws-errors.ts'
import { type MacAlgorithm, macAlgorithmOf } from './key-algorithms.ts'
import { clientForKey, type KmsAccess } from './kms-access.ts'
import { maxMessageBytes } from './message-to-sign.ts'

/** What to make a MAC with. */
export interface MacRequest {
  readonly keyId: string
  /** Looked up when it is not given. */
  readonly algorithm?: MacAlgorithm | undefined
}

/** A MAC, and how it was made. */
export interface MacOfMessage {
  readonly Mac: Uint8Array
  readonly MacAlgorithm: MacAlgorithm
  /** Key ARN. */
  readonly KeyId: string
}

/** A MAC that is valid; there is no other answer. */
export interface VerifiedMac extends Omit<MacOfMessage, 'Mac'> {
  readonly MacValid: true
}

const hints = {
  InvalidKeyUsageException: 'kmseal describe-key tells what the key is for, and its algorithm',
}

/**
 * Makes the HMAC of a message of 1 to 4096 bytes.
 *
 * @throws KmsealError `usage` for another length or a key that makes no MACs, otherwise what KMS says
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateMac.html
 */
export async function generateMac(
  access: KmsAccess,
  source: ByteSource,
  request: MacRequest,
): Promise<MacOfMessage> {
  const { keyId } = request
  const Message = await readMessage(source)
  const MacAlgorithm = request.algorithm ?? (await macAlgorithmOf(access, keyId))
  const command = new GenerateMacCommand({ KeyId: keyId, Message, MacAlgorithm })
  const { Mac, KeyId } = await send(await clientForKey(access, keyId), command, {
    action: 'kms:GenerateMac',
    object: `key ${keyId}`,
    carriesSecret: true,
    hints,
  })
  if (Mac === undefined || KeyId === undefined) {
    throw new KmsealError('failed', `KMS answered without a MAC by key ${keyId}`)
  }
  return { Mac, MacAlgorithm, KeyId }
}

/**
 * Verifies the HMAC of a message of 1 to 4096 bytes.
 *
 * @throws KmsealError `integrity` when it is not valid; otherwise as {@link generateMac}
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_VerifyMac.html
 */
export async function verifyMac(
  access: KmsAccess,
  source: ByteSource,
  mac: Uint8Array,
  request: MacRequest,
): Promise<VerifiedMac> {
  const { keyId } = request
  const Message = await readMessage(source)
  const MacAlgorithm = request.algorithm ?? (await macAlgorithmOf(access, keyId))
  const bytes = Number(MacAlgorithm.slice(-3)) / 8
  if (mac.length !== bytes) {
    throw integrityError(`the MAC has ${mac.length} bytes, and one of ${MacAlgorithm} has ${bytes}`)
  }
  const command = new VerifyMacCommand({ KeyId: keyId, Message, MacAlgorithm, Mac: mac })
  const { MacValid, KeyId } = await send(await clientForKey(access, keyId), command, {
    action: 'kms:VerifyMac',
    object: `key ${keyId}`,
    carriesSecret: true,
    hints,
  })
  if (MacValid !== true || KeyId === undefined) {
    throw new KmsealError('failed', `KMS did not say that the MAC by key ${keyId} is valid`)
  }
  return { MacValid, MacAlgorithm, KeyId }
}

async function readMessage(source: ByteSource): Promise<Uint8Array> {
  const message = await readUpTo(source, maxMessageBytes + 1)
  if (message.length === 0) throw usageError('the message is empty, and KMS makes no MAC of nothing')
  if (message.length <= maxMessageBytes) return message
  throw usageError(
    `the message is longer than the ${maxMessageBytes} bytes of which KMS makes a MAC`,
    'a MAC of its digest is another one than that of the message: where both sides agree on that, pipe openssl dgst -sha256 -binary FILE into this command; or use kmseal sign, which takes any length',
  )
}
