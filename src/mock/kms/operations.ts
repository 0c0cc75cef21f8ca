/** The KMS operations that the mock answers, by their names on the wire. */

import type { Operation } from '../operation.ts'
import { createAlias, deleteAlias, listAliases, updateAlias } from './aliases.ts'
import { createKey } from './create-key.ts'
import { generateDataKeyPair, generateDataKeyPairWithoutPlaintext } from './data-key-pairs.ts'
import { generateDataKey, generateDataKeyWithoutPlaintext, generateRandom } from './data-keys.ts'
import { describeKey, getPublicKey, listKeys } from './describe-key.ts'
import { decrypt, encrypt, reEncrypt } from './encrypt.ts'
import { deriveSharedSecret } from './key-agreement.ts'
import {
  cancelKeyDeletion,
  disableKey,
  enableKey,
  scheduleKeyDeletion,
  updateKeyDescription,
} from './key-lifecycle.ts'
import { getKeyPolicy, listKeyPolicies, putKeyPolicy } from './key-policy.ts'
import { generateMac, verifyMac } from './macs.ts'
import { sign, verify } from './sign.ts'
import { listResourceTags, tagResource, untagResource } from './tags.ts'

/**
 * KMS operations by name.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_Operations.html
 */
export const kmsOperations: ReadonlyMap<string, Operation> = new Map([
  ['CancelKeyDeletion', cancelKeyDeletion],
  ['CreateAlias', createAlias],
  ['CreateKey', createKey],
  ['Decrypt', decrypt],
  ['DeleteAlias', deleteAlias],
  ['DeriveSharedSecret', deriveSharedSecret],
  ['DescribeKey', describeKey],
  ['DisableKey', disableKey],
  ['EnableKey', enableKey],
  ['Encrypt', encrypt],
  ['GenerateDataKey', generateDataKey],
  ['GenerateDataKeyPair', generateDataKeyPair],
  ['GenerateDataKeyPairWithoutPlaintext', generateDataKeyPairWithoutPlaintext],
  ['GenerateDataKeyWithoutPlaintext', generateDataKeyWithoutPlaintext],
  ['GenerateMac', generateMac],
  ['GenerateRandom', generateRandom],
  ['GetKeyPolicy', getKeyPolicy],
  ['GetPublicKey', getPublicKey],
  ['ListAliases', listAliases],
  ['ListKeyPolicies', listKeyPolicies],
  ['ListKeys', listKeys],
  ['ListResourceTags', listResourceTags],
  ['PutKeyPolicy', putKeyPolicy],
  ['ReEncrypt', reEncrypt],
  ['ScheduleKeyDeletion', scheduleKeyDeletion],
  ['Sign', sign],
  ['TagResource', tagResource],
  ['UntagResource', untagResource],
  ['UpdateAlias', updateAlias],
  ['UpdateKeyDescription', updateKeyDescription],
  ['Verify', verify],
  ['VerifyMac', verifyMac],
])
