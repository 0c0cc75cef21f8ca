/** SecureStrings: values that are encrypted by the mock's own KMS, bound to the parameter's ARN. */

import { AwsException } from '../exceptions.ts'
import { decryptSealed, encryptUnder, findWrappingKey, newDataKey } from '../kms/ciphers.ts'
import type { Context } from '../operation.ts'
import { openEnvelope, parseEnvelope, sealEnvelope } from './envelope.ts'
import { parameterArn } from './names.ts'
import type { ParameterVersion, Tier } from './parameter-record.ts'

/** The key of a SecureString that names none. */
export const defaultKeyId = 'alias/aws/ssm'

/**
 * Encrypts a value: KMS Encrypt for the Standard tier, an envelope under a KMS data key for the Advanced.
 *
 * @param path name of the parameter with its leading slash
 * @returns base64
 * @throws AwsException InvalidKeyId or AccessDeniedException with KMS's own text
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html
 */
export function encryptValue(
  context: Context,
  path: string,
  keyId: string,
  value: string,
  tier: Tier,
): string {
  const bound = { PARAMETER_ARN: parameterArn(context, path) }
  const plaintext = Buffer.from(value)
  const operation = tier === 'Standard' ? 'Encrypt' : 'GenerateDataKey'
  return throughKms(context, operation, { KeyId: keyId, EncryptionContext: bound }, kms => {
    if (tier === 'Standard') {
      const key = findWrappingKey(kms, keyId, operation)
      return encryptUnder(kms, key, plaintext, bound).toString('base64')
    }
    const key = findWrappingKey(kms, keyId, operation)
    const dataKey = { ...newDataKey(kms, key, 32, bound), keyArn: key.arn }
    return sealEnvelope(plaintext, dataKey, bound, context.randomBytes).toString('base64')
  })
}

/**
 * The value of a version as GetParameter gives it: of a SecureString, base64 of the ciphertext unless it is
 * to be decrypted.
 *
 * @throws AwsException InvalidKeyId or AccessDeniedException with KMS's own text, when decrypting
 */
export function shownValue(
  context: Context,
  path: string,
  version: ParameterVersion,
  decrypt: boolean,
): string {
  if (version.type !== 'SecureString' || !decrypt) return version.value
  const stored = Buffer.from(version.value, 'base64')
  const bound = { PARAMETER_ARN: parameterArn(context, path) }
  return throughKms(context, 'Decrypt', { EncryptionContext: bound }, kms => {
    const unwrap = (ciphertext: Buffer) =>
      decryptSealed(kms, { ciphertext, algorithm: 'SYMMETRIC_DEFAULT', context: bound }, 'Decrypt').plaintext
    if (version.tier === 'Standard') return unwrap(stored).toString()
    const envelope = parseEnvelope(stored)
    return openEnvelope(envelope, unwrap(envelope.wrappedKey)).toString()
  })
}

/** Calls KMS for the caller, as the service does: with the caller's rights, and on the trail. */
function throughKms(
  context: Context,
  operation: string,
  request: NonNullable<Context['request']>,
  work: (kms: Context) => string,
): string {
  const keys: string[] = []
  const call = { service: 'ssm', operation, request, keys } as const
  try {
    const result = work({ ...context, viaService: 'ssm', request, noteKey: arn => keys.push(arn) })
    context.noteCall?.(call)
    return result
  } catch (error) {
    if (!(error instanceof AwsException)) throw error
    context.noteCall?.({ ...call, error: error.code })
    // The service passes KMS's answer on as its own Java client prints it.
    const origin = `(Service: AWSKMS; Status Code: 400; Error Code: ${error.code}; Request ID: ${context.requestId}; Proxy: null)`
    const code = error.code === 'AccessDeniedException' ? error.code : 'InvalidKeyId'
    throw new AwsException(code, error.text === undefined ? origin : `${error.text} ${origin}`)
  }
}
