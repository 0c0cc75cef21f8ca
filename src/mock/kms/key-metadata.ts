/** The KeyMetadata structure of DescribeKey and CreateKey, and the members it shares with GetPublicKey. */

import type { Context } from '../operation.ts'
import { isGone, type KeyRecord, regionOf, replicasOf } from './key-record.ts'
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
export function keyMetadata(context: Context, key: KeyRecord): Record<string, unknown> {
  const hasMaterialId = key.spec === 'SYMMETRIC_DEFAULT' && key.materialId !== ''
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
    MultiRegion: key.multiRegion !== undefined,
    Origin: key.origin,
    ...(hasMaterialId ? { CurrentKeyMaterialId: key.materialId } : {}),
    ...(key.deletionDate === undefined ? {} : { DeletionDate: key.deletionDate / 1000 }),
    ...(key.deletionDays === undefined ? {} : { PendingDeletionWindowInDays: key.deletionDays }),
    ...(key.multiRegion ? { MultiRegionConfiguration: multiRegionConfiguration(context, key) } : {}),
    ...(key.imported ? expirationMembers(key.imported) : {}),
  }
}

/** How long imported material lasts. */
export function expirationMembers(imported: {
  readonly validTo?: number | undefined
}): Record<string, unknown> {
  return imported.validTo === undefined
    ? { ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' }
    : { ExpirationModel: 'KEY_MATERIAL_EXPIRES', ValidTo: imported.validTo / 1000 }
}

function multiRegionConfiguration(context: Context, key: KeyRecord): Record<string, unknown> {
  const all = [key, ...replicasOf(context, key).filter(replica => !isGone(context, replica))]
    .map(({ arn }) => ({ Arn: arn, Region: arn.split(':')[3] ?? '' }))
    .sort((a, b) => (a.Region < b.Region ? -1 : 1))
  const isPrimary = ({ Region }: { Region: string }) => Region === key.multiRegion?.primary
  return {
    MultiRegionKeyType: regionOf(key) === key.multiRegion?.primary ? 'PRIMARY' : 'REPLICA',
    PrimaryKey: all.find(isPrimary),
    ReplicaKeys: all.filter(entry => !isPrimary(entry)),
  }
}

/** The list of algorithms under the name that goes with the key's usage. */
export function algorithmList(key: KeyRecord): Record<string, readonly string[]> {
  return { [algorithmMember[key.usage]]: knownSpecs.get(key.spec)?.algorithms[key.usage] ?? [] }
}
