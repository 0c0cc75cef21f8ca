/** The wrapping keys that a message names. */

import { isOfAccounts, isRegionName, parseKeyArn } from './key-id.ts'
import type { HeaderDataKey } from './message/header.ts'

/** The key provider of data keys that are wrapped under a public key of KMS. */
export const rsaProviderId = 'aws-kms-rsa'

const kmsProviders: ReadonlySet<string> = new Set(['aws-kms', rsaProviderId])

/** Whether KMS unwraps the data keys of a key provider. */
export function isKmsProvider(providerId: string): boolean {
  return kmsProviders.has(providerId)
}

/** How people call the wrapping key of an encrypted data key. */
export function keyNameOf(key: HeaderDataKey): string {
  const info = Buffer.from(key.providerInfo)
  if (isKmsProvider(key.providerId)) return info.toString('utf8')
  // Raw AES keyrings append tag length, IV length and IV to the name of the key.
  const isRawAes =
    info.length >= 20 &&
    info.readUInt32BE(info.length - 20) === 128 &&
    info.readUInt32BE(info.length - 16) === 12
  return `${key.providerId} ${info.subarray(0, isRawAes ? -20 : undefined).toString('utf8')}`
}

/**
 * Whether an encrypted data key names a KMS key by a well-formed ARN in a Region that can exist, and in one
 * of the accounts if any are given. What a header says is not authenticated yet, and decides where a
 * request goes.
 */
export function namesKmsKey(key: HeaderDataKey, accounts?: readonly string[]): boolean {
  const keyArn = isKmsProvider(key.providerId) ? keyNameOf(key) : ''
  const arn = parseKeyArn(keyArn)
  if (arn === undefined || !arn.resource.startsWith('key/') || !isRegionName(arn.region)) return false
  return isOfAccounts(keyArn, accounts)
}
