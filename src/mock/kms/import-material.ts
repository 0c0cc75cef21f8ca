/** GetParametersForImport, ImportKeyMaterial and DeleteImportedKeyMaterial. */

import { createHash } from 'node:crypto'
import { AwsException, notEmulated, validationException } from '../exceptions.ts'
import { type Context, defineOperation } from '../operation.ts'
import { blob, required, string, timestamp } from '../validation.ts'
import { secretFrom } from './given-material.ts'
import { loadToken, saveToken, unwrap, wrappingAlgorithms } from './import-token.ts'
import { findKey } from './key-lookup.ts'
import {
  type ImportedMaterial,
  isPresent,
  type KeyMaterial,
  materialsOf,
  pendingMaterial,
  saveMaterialsOf,
} from './key-materials.ts'
import { type KeyRecord, saveKey } from './key-record.ts'
import { modulusBitsOf } from './key-specs.ts'
import { saveMaterial } from './materials.ts'
import { keyIdMember } from './members.ts'
import { newKeyPair } from './new-key.ts'
import { requireState } from './states.ts'

const dayMs = 24 * 60 * 60 * 1000
const longestExpiry = 365 * dayMs
const materialIdMember = string({ min: 64, max: 64, pattern: /^[a-f0-9]+$/ })

/**
 * GetParametersForImport: a public key to wrap material with, and the token that goes with it, for 24 hours.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_GetParametersForImport.html
 */
export const getParametersForImport = defineOperation(
  {
    KeyId: required(keyIdMember),
    WrappingAlgorithm: required(string({ values: wrappingAlgorithms })),
    WrappingKeySpec: required(string({ values: ['RSA_2048', 'RSA_3072', 'RSA_4096', 'SM2'] })),
  },
  async (context, input) => {
    const key = findExternalKey(context, input.KeyId, 'GetParametersForImport')
    requireState(key, 'change')
    const { WrappingAlgorithm: algorithm, WrappingKeySpec: spec } = input
    if (algorithm === 'RSAES_PKCS1_V1_5') throw new AwsException('UnsupportedOperationException')
    if (algorithm === 'SM2PKE' || spec === 'SM2') throw notEmulated('Wrapping with SM2')
    const pair = await newKeyPair({ type: 'rsa', modulusBits: modulusBitsOf(spec) })
    const token = context.randomBytes(64)
    const validTo = context.now + dayMs
    context.store.write(() =>
      saveToken(context, token, {
        keyArn: key.arn,
        algorithm,
        privateKey: pair.privateKey.toString('base64'),
        validTo,
      }),
    )
    return {
      KeyId: key.arn,
      ImportToken: token.toString('base64'),
      PublicKey: pair.publicKey.toString('base64'),
      ParametersValidTo: validTo / 1000,
    }
  },
)

/**
 * ImportKeyMaterial: the first material of a key, the same bytes again, or for symmetric keys new material that
 * waits for RotateKeyOnDemand. Unless the expiration model says otherwise, ValidTo is required.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_ImportKeyMaterial.html
 */
export const importKeyMaterial = defineOperation(
  {
    KeyId: required(keyIdMember),
    ImportToken: required(blob({ min: 1, max: 6144 })),
    EncryptedKeyMaterial: required(blob({ min: 1, max: 6144 })),
    ValidTo: timestamp(),
    ExpirationModel: string({ values: ['KEY_MATERIAL_EXPIRES', 'KEY_MATERIAL_DOES_NOT_EXPIRE'] }),
    ImportType: string({ values: ['NEW_KEY_MATERIAL', 'EXISTING_KEY_MATERIAL'] }),
    KeyMaterialDescription: string({ min: 0, max: 256, pattern: /^[a-zA-Z0-9:/_\s.-]*$/ }),
    KeyMaterialId: materialIdMember,
  },
  (context, input) =>
    context.store.write(() => {
      const key = findExternalKey(context, input.KeyId, 'ImportKeyMaterial')
      requireState(key, 'change')
      const token = loadToken(context, input.ImportToken, key.arn)
      const validTo = expiry(context, input.ExpirationModel, input.ValidTo)
      const bytes = unwrap(token, input.EncryptedKeyMaterial)
      const secret = secretFrom(key.spec, bytes)
      if (secret === undefined) throw incorrectMaterial()
      // The same bytes have the same id in a key, so that they are known when they come again.
      const id = createHash('sha256').update(`${key.arn} `).update(secret.secret).digest('hex')
      if (input.KeyMaterialId !== undefined && input.KeyMaterialId !== id) throw incorrectMaterial()
      const imported = { present: true, validTo, description: input.KeyMaterialDescription }
      const materials = place(context, key, { id, imported }, input.ImportType)
      saveMaterial(context, id, { account: key.account, keyId: key.id, ...secret })
      saveMaterialsOf(context, key, materials)
      const materialId = key.materialId === '' ? id : key.materialId
      saveKey(context, settled(context, { ...key, materialId }, materials))
      return { KeyId: key.arn, KeyMaterialId: id }
    }),
)

/**
 * DeleteImportedKeyMaterial: at once; the key cannot be used until the same material is imported again.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteImportedKeyMaterial.html
 */
export const deleteImportedKeyMaterial = defineOperation(
  { KeyId: required(keyIdMember), KeyMaterialId: materialIdMember },
  (context, input) =>
    context.store.write(() => {
      const key = findExternalKey(context, input.KeyId, 'DeleteImportedKeyMaterial')
      const id = input.KeyMaterialId ?? key.materialId
      const before = materialsOf(context, key)
      const material = before.find(candidate => candidate.id === id)
      if (material === undefined) {
        if (input.KeyMaterialId !== undefined) throw new AwsException('NotFoundException')
        return { KeyId: key.arn }
      }
      const waiting = pendingMaterial(context, key)?.id === id
      const absent = { ...material, imported: { ...material.imported, present: false } }
      const materials = before.flatMap(each => (each.id === id ? (waiting ? [] : [absent]) : [each]))
      saveMaterial(context, id, { account: key.account, keyId: key.id, secret: '' })
      saveMaterialsOf(context, key, materials)
      saveKey(context, settled(context, key, materials))
      return { KeyId: key.arn, KeyMaterialId: id }
    }),
)

/** The materials of a key after an import. */
function place(
  context: Context,
  key: KeyRecord,
  material: KeyMaterial & { readonly imported: ImportedMaterial },
  importType: string | undefined,
): readonly KeyMaterial[] {
  const before = materialsOf(context, key)
  const known = before.find(({ id }) => id === material.id)
  if (known !== undefined) {
    const description = material.imported.description ?? known.imported?.description
    const again = { ...known, imported: { ...material.imported, description } }
    return before.map(each => (each === known ? again : each))
  }
  const isNew = importType === 'NEW_KEY_MATERIAL' || (importType === undefined && before.length === 0)
  if (!isNew || (before.length > 0 && key.spec !== 'SYMMETRIC_DEFAULT')) throw incorrectMaterial()
  const pending = pendingMaterial(context, key)
  if (pending !== undefined) {
    throw new AwsException(
      'KMSInvalidStateException',
      `New key material (id: ${material.id}) cannot be imported into KMS key ${key.arn}, because another key material (id: ${pending.id}) is pending rotation.`,
    )
  }
  return [...before, material]
}

/** The key with the state that its materials make: all that were ever used must be there. */
function settled(context: Context, key: KeyRecord, materials: readonly KeyMaterial[]): KeyRecord {
  const leaving = key.state === 'PendingDeletion'
  const used = materials.filter(
    ({ id, rotated }, index) => index === 0 || rotated !== undefined || id === key.materialId,
  )
  if (used.some(material => !isPresent(context, material))) {
    return { ...key, state: leaving ? key.state : 'PendingImport', imported: undefined }
  }
  const expiries = used.flatMap(({ imported }) => imported?.validTo ?? [])
  return {
    ...key,
    state: key.state === 'PendingImport' ? 'Enabled' : key.state,
    imported: expiries.length === 0 ? {} : { validTo: Math.min(...expiries) },
  }
}

/** When the material expires, in milliseconds since 1970; undefined when it does not. */
function expiry(
  context: Context,
  model: string | undefined,
  validTo: number | undefined,
): number | undefined {
  if (model === 'KEY_MATERIAL_DOES_NOT_EXPIRE') {
    if (validTo === undefined) return undefined
    throw validationException(
      'A validTo date cannot be set if the ExpirationModel is KEY_MATERIAL_DOES_NOT_EXPIRE',
    )
  }
  if (validTo === undefined) {
    throw validationException('A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES')
  }
  const date = validTo * 1000
  if (date <= context.now) throw validationException('ValidTo must be in the future')
  if (date > context.now + longestExpiry) throw validationException('ValidTo must be within 365 days')
  return date
}

function findExternalKey(context: Context, keyId: string, operation: string): KeyRecord {
  const key = findKey(context, keyId, { operation, aliases: false })
  if (key.origin !== 'EXTERNAL') {
    throw new AwsException(
      'UnsupportedOperationException',
      `${key.arn} origin is ${key.origin} which is not valid for this operation.`,
    )
  }
  return key
}

function incorrectMaterial(): AwsException {
  return new AwsException('IncorrectKeyMaterialException')
}
