/** Signs and verifies with asymmetric KMS keys. */

import { type MessageType as KmsMessageType, SignCommand, VerifyCommand } from '@aws-sdk/client-kms'
import type { ByteSource } from '../byte-stream.ts'
import { KmsealError } from '../errors.ts'
import { send } from './aws-errors.ts'
import { signingAlgorithmOf } from './key-algorithms.ts'
import { clientForKey, type KmsAccess } from './kms-access.ts'
import { type MessageRequest, readMessageToSign } from './message-to-sign.ts'
import { checkSignatureShape } from './signature.ts'
import type { SigningAlgorithm } from './signing-algorithms.ts'

/** What to sign or verify with. */
export interface SigningRequest extends Omit<MessageRequest, 'algorithm'> {
  readonly keyId: string
  /** Looked up when it is not given. */
  readonly algorithm?: SigningAlgorithm | undefined
}

/** A signature, and how it was made. */
export interface Signed {
  readonly Signature: Uint8Array
  /** Key ARN. */
  readonly KeyId: string
  readonly SigningAlgorithm: SigningAlgorithm
  readonly MessageType: KmsMessageType
}

/** A signature that is valid; there is no other answer. */
export interface Verified {
  readonly SignatureValid: true
  readonly SigningAlgorithm: SigningAlgorithm
  /** Key ARN. */
  readonly KeyId?: string | undefined
}

const hints = {
  InvalidKeyUsageException: 'kmseal describe-key tells what the key is for, and its algorithms',
}

/**
 * Signs a message of any length: up to 4096 bytes go to KMS, of a longer one its digest.
 *
 * @throws KmsealError `usage` for what the key or the algorithm cannot sign, otherwise what KMS says
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html
 */
export async function sign(access: KmsAccess, source: ByteSource, request: SigningRequest): Promise<Signed> {
  const { keyId } = request
  const algorithm = request.algorithm ?? (await signingAlgorithmOf(access, keyId))
  const message = await readMessageToSign(source, { ...request, algorithm })
  const command = new SignCommand({ KeyId: keyId, SigningAlgorithm: algorithm, ...message })
  const { Signature, KeyId } = await send(await clientForKey(access, keyId), command, {
    action: 'kms:Sign',
    object: `key ${keyId}`,
    carriesSecret: true,
    hints,
  })
  if (Signature === undefined || KeyId === undefined) {
    throw new KmsealError('failed', `KMS answered without a signature by key ${keyId}`)
  }
  return { Signature, KeyId, SigningAlgorithm: algorithm, MessageType: message.MessageType }
}

/**
 * Verifies a signature by asking KMS.
 *
 * @throws KmsealError `integrity` when it is not valid; `usage` as {@link sign}; otherwise what KMS says
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_Verify.html
 */
export async function verify(
  access: KmsAccess,
  source: ByteSource,
  signature: Uint8Array,
  request: SigningRequest,
): Promise<Verified> {
  const { keyId } = request
  const algorithm = request.algorithm ?? (await signingAlgorithmOf(access, keyId))
  checkSignatureShape(signature, algorithm)
  const message = await readMessageToSign(source, { ...request, algorithm })
  const command = new VerifyCommand({
    KeyId: keyId,
    SigningAlgorithm: algorithm,
    Signature: signature,
    ...message,
  })
  const { SignatureValid, KeyId } = await send(await clientForKey(access, keyId), command, {
    action: 'kms:Verify',
    object: `key ${keyId}`,
    carriesSecret: true,
    hints: { ...hints, KMSInvalidSignatureException: otherAlgorithm(algorithm) },
  })
  if (SignatureValid !== true || KeyId === undefined) {
    throw new KmsealError('failed', `KMS did not say that the signature by key ${keyId} is valid`)
  }
  return { SignatureValid, SigningAlgorithm: algorithm, KeyId }
}

/** What to think of when a signature is not valid. */
export function otherAlgorithm(algorithm: SigningAlgorithm): string | undefined {
  if (!algorithm.startsWith('RSA')) return undefined
  return `it was verified as ${algorithm}; name another --signing-algorithm if it was made with that`
}
