/** The KMS operations that the mock answers, by their names on the wire. */

import type { Operation } from '../operation.ts'
import { createAlias, deleteAlias, listAliases, updateAlias } from './aliases.ts'
import { createKey } from './create-key.ts'
import { generateDataKeyPair, generateDataKeyPairWithoutPlaintext } from './data-key-pairs.ts'
import { generateDataKey, generateDataKeyWithoutPlaintext, generateRandom } from './data-keys.ts'
import { describeKey, getPublicKey, listKeys } from './describe-key.ts'
import { decrypt, encrypt, reEncrypt } from './encrypt.ts'
import { createGrant, listGrants, listRetirableGrants, retireGrant, revokeGrant } from './grants.ts'
import { deleteImportedKeyMaterial, getParametersForImport, importKeyMaterial } from './import-material.ts'
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
import { replicateKey, updatePrimaryRegion } from './multi-region.ts'
import {
  disableKeyRotation,
  enableKeyRotation,
  getKeyRotationStatus,
  listKeyRotations,
  rotateKeyOnDemand,
} from './rotation.ts'
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
  ['CreateGrant', createGrant],
  ['CreateKey', createKey],
  ['Decrypt', decrypt],
  ['DeleteAlias', deleteAlias],
  ['DeleteImportedKeyMaterial', deleteImportedKeyMaterial],
  ['DeriveSharedSecret', deriveSharedSecret],
  ['DescribeKey', describeKey],
  ['DisableKey', disableKey],
  ['DisableKeyRotation', disableKeyRotation],
  ['EnableKey', enableKey],
  ['EnableKeyRotation', enableKeyRotation],
  ['Encrypt', encrypt],
  ['GenerateDataKey', generateDataKey],
  ['GenerateDataKeyPair', generateDataKeyPair],
  ['GenerateDataKeyPairWithoutPlaintext', generateDataKeyPairWithoutPlaintext],
  ['GenerateDataKeyWithoutPlaintext', generateDataKeyWithoutPlaintext],
  ['GenerateMac', generateMac],
  ['GenerateRandom', generateRandom],
  ['GetKeyPolicy', getKeyPolicy],
  ['GetKeyRotationStatus', getKeyRotationStatus],
  ['GetParametersForImport', getParametersForImport],
  ['GetPublicKey', getPublicKey],
  ['ImportKeyMaterial', importKeyMaterial],
  ['ListAliases', listAliases],
  ['ListGrants', listGrants],
  ['ListKeyPolicies', listKeyPolicies],
  ['ListKeyRotations', listKeyRotations],
  ['ListKeys', listKeys],
  ['ListResourceTags', listResourceTags],
  ['ListRetirableGrants', listRetirableGrants],
  ['PutKeyPolicy', putKeyPolicy],
  ['ReEncrypt', reEncrypt],
  ['ReplicateKey', replicateKey],
  ['RetireGrant', retireGrant],
  ['RevokeGrant', revokeGrant],
  ['RotateKeyOnDemand', rotateKeyOnDemand],
  ['ScheduleKeyDeletion', scheduleKeyDeletion],
  ['Sign', sign],
  ['TagResource', tagResource],
  ['UntagResource', untagResource],
  ['UpdateAlias', updateAlias],
  ['UpdateKeyDescription', updateKeyDescription],
  ['UpdatePrimaryRegion', updatePrimaryRegion],
  ['Verify', verify],
  ['VerifyMac', verifyMac],
])
