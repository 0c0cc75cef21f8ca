/** The operations that a grant can allow. */

import type { KeyRecord } from './key-record.ts'

/** All of them, in the service's own order. */
export const grantOperations = [
  'Decrypt',
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'ReEncryptFrom',
  'ReEncryptTo',
  'Sign',
  'Verify',
  'GetPublicKey',
  'CreateGrant',
  'RetireGrant',
  'DescribeKey',
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
  'GenerateMac',
  'VerifyMac',
  'DeriveSharedSecret',
]

const everyKey = ['CreateGrant', 'RetireGrant', 'DescribeKey']
const encryption = ['Decrypt', 'Encrypt', 'ReEncryptFrom', 'ReEncryptTo']
const dataKeys = [
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
]

/**
 * The operations that a grant on a key can allow.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/grants.html#terms-grant-operations
 */
export function operationsOf(key: KeyRecord): readonly string[] {
  switch (key.usage) {
    case 'ENCRYPT_DECRYPT':
      return [...everyKey, ...encryption, ...(key.spec === 'SYMMETRIC_DEFAULT' ? dataKeys : ['GetPublicKey'])]
    case 'SIGN_VERIFY':
      return [...everyKey, 'Sign', 'Verify', 'GetPublicKey']
    case 'GENERATE_VERIFY_MAC':
      return [...everyKey, 'GenerateMac', 'VerifyMac']
    case 'KEY_AGREEMENT':
      return [...everyKey, 'DeriveSharedSecret', 'GetPublicKey']
  }
}
