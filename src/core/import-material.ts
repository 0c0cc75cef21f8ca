/** Brings key material into KMS keys of origin EXTERNAL, and takes it out again. */

import {
  DeleteImportedKeyMaterialCommand,
  GetParametersForImportCommand,
  ImportKeyMaterialCommand,
  type ImportType,
} from '@aws-sdk/client-kms'
import { KmsealError } from '../errors.ts'
import { send } from './aws-errors.ts'
import { type ChangeableKey, findChangeableKey, subjectOf } from './changeable-key.ts'
import type { WrappingAlgorithm, WrappingKeySpec } from './key-material.ts'
import { clientForKey, type KmsAccess } from './kms-access.ts'

/** A key that material may be imported into. */
export interface ImportTarget extends ChangeableKey {
  /** It says what the material is. */
  readonly keySpec: string
}

/** What material is wrapped with, for one import. */
export interface ImportParameters {
  readonly keyArn: string
  readonly keySpec: string
  readonly wrappingAlgorithm: WrappingAlgorithm
  /** SPKI DER of an RSA key. */
  readonly wrappingPublicKey: Uint8Array
  /** Goes with that public key only. */
  readonly importToken: Uint8Array
  /** 24 hours after they were made. */
  readonly validTo: Date
}

/** How material is imported. */
export interface MaterialImport {
  readonly keyArn: string
  readonly importToken: Uint8Array
  readonly wrapped: Uint8Array
  /** When KMS shall forget the material, at most 365 days from now; without it, never. */
  readonly validTo?: Date | undefined
  /** NEW_KEY_MATERIAL is for further material of a symmetric key, which it uses after a rotation on demand. */
  readonly importType?: ImportType | undefined
}

/** What was imported. */
export interface ImportedMaterial {
  /** Key ARN. */
  readonly KeyId: string
  readonly KeyMaterialId?: string | undefined
}

const notExternal = {
  UnsupportedOperationException:
    'only keys of origin EXTERNAL take imported material, for good: make one with kmseal create-key --origin EXTERNAL',
}

/**
 * Looks at the key that material is for. Whether it takes any is for KMS to say.
 *
 * @throws KmsealError `not-found`, `denied` (needs kms:DescribeKey), `unavailable`
 */
export async function findImportTarget(access: KmsAccess, keyId: string): Promise<ImportTarget> {
  const key = await findChangeableKey(access, keyId)
  const { KeySpec: keySpec } = key.metadata ?? {}
  if (keySpec !== undefined) return { ...key, keySpec }
  throw new KmsealError(
    'denied',
    `what material key ${keyId} takes cannot be looked up: kms:DescribeKey denied`,
    {
      hint: 'ask for that permission in the key policy or IAM policy, or choose another --profile',
    },
  )
}

/**
 * Gets a public key to wrap material with, and the token that goes with it.
 *
 * @throws KmsealError what KMS says, for example of a key of another origin or in the wrong state
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_GetParametersForImport.html
 */
export async function getImportParameters(
  target: ImportTarget,
  wrappingAlgorithm: WrappingAlgorithm,
  wrappingKeySpec: WrappingKeySpec,
): Promise<ImportParameters> {
  const { client, keyId: keyArn, keySpec } = target
  const command = new GetParametersForImportCommand({
    KeyId: keyArn,
    WrappingAlgorithm: wrappingAlgorithm,
    WrappingKeySpec: wrappingKeySpec,
  })
  const subject = subjectOf(target, 'kms:GetParametersForImport', notExternal)
  const { PublicKey, ImportToken, ParametersValidTo } = await send(client, command, subject)
  if (PublicKey === undefined || ImportToken === undefined || ParametersValidTo === undefined) {
    throw new KmsealError('failed', `KMS answered without the parameters of an import into key ${keyArn}`)
  }
  return {
    keyArn,
    keySpec,
    wrappingAlgorithm,
    wrappingPublicKey: PublicKey,
    importToken: ImportToken,
    validTo: ParametersValidTo,
  }
}

const startAgain = 'get new parameters, and wrap the material again with them'

/**
 * Imports wrapped material. When it is refused, the key is as it was.
 *
 * @throws KmsealError what KMS says, for example of other material than the key had before, or an expired token
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_ImportKeyMaterial.html
 */
export async function importMaterial(access: KmsAccess, request: MaterialImport): Promise<ImportedMaterial> {
  const { keyArn, importToken, wrapped, validTo, importType } = request
  const command = new ImportKeyMaterialCommand({
    KeyId: keyArn,
    ImportToken: importToken,
    EncryptedKeyMaterial: wrapped,
    ...(validTo === undefined
      ? { ExpirationModel: 'KEY_MATERIAL_DOES_NOT_EXPIRE' }
      : { ExpirationModel: 'KEY_MATERIAL_EXPIRES', ValidTo: validTo }),
    ...(importType === undefined ? {} : { ImportType: importType }),
  })
  const { KeyMaterialId } = await send(await clientForKey(access, keyArn), command, {
    action: 'kms:ImportKeyMaterial',
    object: `key ${keyArn}`,
    reasons: {
      ExpiredImportTokenException: 'the import token has expired',
      IncorrectKeyMaterialException: 'it is not what the key had before, or not of the size of this key',
      InvalidCiphertextException:
        'the wrapped material does not open: it was wrapped with the public key of other parameters, in another way, or altered',
      InvalidImportTokenException: 'the import token is not of this key',
    },
    hints: {
      ...notExternal,
      ExpiredImportTokenException: startAgain,
      IncorrectKeyMaterialException:
        'a key takes the very same material again; --import-type NEW_KEY_MATERIAL is for further material of a symmetric key',
      InvalidCiphertextException: startAgain,
      InvalidImportTokenException: startAgain,
    },
  })
  return { KeyId: keyArn, KeyMaterialId }
}

/**
 * Makes KMS forget the imported material of a key at once; what it encrypted stays closed until the same material is
 * imported again.
 *
 * @throws KmsealError what KMS says
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteImportedKeyMaterial.html
 */
export async function deleteImportedMaterial(access: KmsAccess, keyId: string): Promise<ImportedMaterial> {
  const key = await findChangeableKey(access, keyId)
  const command = new DeleteImportedKeyMaterialCommand({ KeyId: key.keyId })
  const subject = subjectOf(key, 'kms:DeleteImportedKeyMaterial', notExternal)
  const { KeyId = key.keyId, KeyMaterialId } = await send(key.client, command, subject)
  return { KeyId, KeyMaterialId }
}
