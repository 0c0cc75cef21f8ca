/** Keys that Parameter Store cannot use: those of another Region, and why it refused one. */

import type { KeyMetadata } from '@aws-sdk/client-kms'
import type { SSMClient } from '@aws-sdk/client-ssm'
import { parseKeyArn } from '../core/key-id.ts'
import { describeKey } from '../core/keys.ts'
import { clientForKey, type KmsAccess } from '../core/kms-access.ts'
import { type ErrorDetails, KmsealError, usageError } from '../errors.ts'

/**
 * Refuses a key ARN of another Region than the parameter's, which the service would refuse in vague words.
 *
 * @throws KmsealError `usage`, naming both Regions
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
 */
export async function checkKeyRegion(ssm: SSMClient, keyId: string | undefined): Promise<void> {
  const arn = keyId === undefined ? undefined : parseKeyArn(keyId)
  if (arn === undefined) return
  const region = await ssm.config.region()
  if (arn.region === region) return
  throw usageError(
    `the key is in ${arn.region}, but a parameter of ${region} takes keys of its own Region only`,
    `give --region ${arn.region}, or another --key-id`,
  )
}

/**
 * The failure in clearer words when it is an InvalidKeyId of a named key; any other failure as it is.
 *
 * @returns `not-found` when KMS knows no such key, otherwise `failed` with the state or kind of the key
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html
 */
export async function explainInvalidKey(
  error: unknown,
  kms: KmsAccess,
  name: string,
  keyId: string | undefined,
): Promise<unknown> {
  if (!(error instanceof KmsealError) || error.awsName !== 'InvalidKeyId' || keyId === undefined) return error
  const object = `parameter ${name} cannot be encrypted`
  const details = { awsName: error.awsName, cause: error }
  let metadata: KeyMetadata
  try {
    metadata = await describeKey(await clientForKey(kms, keyId), keyId)
  } catch (asked) {
    if (!(asked instanceof KmsealError) || asked.code !== 'not-found') return error
    return new KmsealError('not-found', `${object}: key ${keyId} does not exist`, {
      ...details,
      hint: 'check --key-id and --region; kmseal list-keys shows what is there',
    })
  }
  return unusableKey(metadata, keyId, object, details) ?? error
}

/**
 * The failure of a SecureString under a key that is in a wrong state or of a wrong kind.
 *
 * @param object what failed, in words
 * @returns nothing when nothing is wrong with the key
 * @see https://docs.aws.amazon.com/systems-manager/latest/userguide/secure-string-parameter-kms-encryption.html
 */
export function unusableKey(
  { KeyState, KeySpec, KeyUsage }: KeyMetadata,
  keyId: string,
  object: string,
  details: Pick<ErrorDetails, 'awsName' | 'cause'> = {},
): KmsealError | undefined {
  if (KeyState !== undefined && KeyState !== 'Enabled') {
    const hint = KeyState === 'Disabled' ? `kmseal enable-key ${keyId} enables it` : 'give another --key-id'
    return new KmsealError('failed', `${object}: key ${keyId} is in state ${KeyState}`, { ...details, hint })
  }
  if (KeySpec === 'SYMMETRIC_DEFAULT') return undefined
  return new KmsealError('failed', `${object}: key ${keyId} is ${KeySpec} for ${KeyUsage}, not symmetric`, {
    ...details,
    hint: 'a SecureString takes symmetric encryption keys only',
  })
}
