/** The KeyMetadata structure of DescribeKey and CreateKey, and the members it shares with GetPublicKey. */

import type { KeyRecord } from './key-record.ts'
import { type KeyUsage, knownSpecs } from './key-specs.ts'

const algorithmMember: Readonly<Record<KeyUsage, string>> = {
  ENCRYPT_DECRYPT: 'EncryptionAlgorithms',
  SIGN_VERIFY: 'SigningAlgorithms',
  GENERATE_VERIFY_MAC: 'MacAlgorithms',
  KEY_AGREEMENT: 'KeyAgreementAlgorithms',
}

/**
 * Describes a key as the API does.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_KeyMetadata.html
 */
export function keyMetadata(key: KeyRecord): Record<string, unknown> {
  return {
    AWSAccountId: key.account,
    Arn: key.arn,
    CreationDate: key.created / 1000,
    CustomerMasterKeySpec: key.spec,
    Description: key.description,
    Enabled: key.state === 'Enabled',
    ...algorithmList(key),
    KeyId: key.id,
    KeyManager: key.manager,
    KeySpec: key.spec,
    KeyState: key.state,
    KeyUsage: key.usage,
    MultiRegion: false,
    Origin: key.origin,
    ...(key.spec === 'SYMMETRIC_DEFAULT' ? { CurrentKeyMaterialId: key.materialId } : {}),
    ...(key.deletionDate === undefined ? {} : { DeletionDate: key.deletionDate / 1000 }),
  }
}

/** The list of algorithms under the name that goes with the key's usage. */
export function algorithmList(key: KeyRecord): Record<string, readonly string[]> {
  return { [algorithmMember[key.usage]]: knownSpecs.get(key.spec)?.algorithms[key.usage] ?? [] }
}
