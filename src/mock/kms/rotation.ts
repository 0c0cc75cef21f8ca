/** EnableKeyRotation, DisableKeyRotation, GetKeyRotationStatus, RotateKeyOnDemand and ListKeyRotations. */

import { AwsException } from '../exceptions.ts'
import { type Context, defineOperation } from '../operation.ts'
import { integer, required, string } from '../validation.ts'
import { findKey } from './key-lookup.ts'
import { isPresent, type KeyMaterial, materialsOf, pendingMaterial, rotateKey } from './key-materials.ts'
import { expirationMembers } from './key-metadata.ts'
import { type KeyRecord, saveShared } from './key-record.ts'
import { listPage } from './listing.ts'
import { keyIdMember, limitMember, markerMember } from './members.ts'
import { isPrimaryOrSingle, notPrimary } from './multi-region.ts'
import { requireState } from './states.ts'

const dayMs = 24 * 60 * 60 * 1000
const mostOnDemand = 25

/**
 * EnableKeyRotation: every 90 to 2560 days, counted from now (default 365); an unchanged schedule goes on.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html
 */
export const enableKeyRotation = defineOperation(
  { KeyId: required(keyIdMember), RotationPeriodInDays: integer({ min: 90, max: 2560 }) },
  (context, input) =>
    context.store.write(() => {
      const key = findScheduledKey(context, input.KeyId, 'EnableKeyRotation')
      const { RotationPeriodInDays: wanted } = input
      if (wanted === undefined && key.rotation !== undefined) return undefined
      const periodDays = wanted ?? 365
      saveShared(context, key, { rotation: { periodDays, next: context.now + periodDays * dayMs } })
      return undefined
    }),
)

/**
 * DisableKeyRotation; rotation on demand remains.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKeyRotation.html
 */
export const disableKeyRotation = defineOperation({ KeyId: required(keyIdMember) }, (context, input) =>
  context.store.write(() => {
    const key = findScheduledKey(context, input.KeyId, 'DisableKeyRotation')
    saveShared(context, key, { rotation: undefined })
    return undefined
  }),
)

/**
 * GetKeyRotationStatus: whether automatic rotation is on, how often it comes, and when it comes next.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html
 */
export const getKeyRotationStatus = defineOperation({ KeyId: required(keyIdMember) }, (context, input) => {
  const key = findKey(context, input.KeyId, {
    operation: 'GetKeyRotationStatus',
    aliases: false,
  })
  requireSymmetric(key)
  const rotation = key.state.endsWith('Deletion') ? undefined : key.rotation
  return {
    KeyId: key.arn,
    KeyRotationEnabled: rotation !== undefined,
    ...(rotation === undefined
      ? {}
      : { RotationPeriodInDays: rotation.periodDays, NextRotationDate: rotation.next / 1000 }),
  }
})

/**
 * RotateKeyOnDemand: at most 25 times in the life of a key; a key with imported material changes over to what
 * was imported for that.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_RotateKeyOnDemand.html
 */
export const rotateKeyOnDemand = defineOperation({ KeyId: required(keyIdMember) }, (context, input) =>
  context.store.write(() => {
    const key = findKey(context, input.KeyId, { operation: 'RotateKeyOnDemand', aliases: false })
    requireSymmetric(key)
    if (!isPrimaryOrSingle(key)) throw notPrimary(key)
    requireState(key, 'use')
    const count = materialsOf(context, key).filter(({ rotated }) => rotated?.type === 'ON_DEMAND').length
    if (count >= mostOnDemand) {
      throw new AwsException(
        'LimitExceededException',
        `The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations can be performed for this key: ${key.arn}`,
      )
    }
    if (key.origin === 'EXTERNAL' && pendingMaterial(context, key) === undefined) {
      throw new AwsException(
        'KMSInvalidStateException',
        `No available key material pending rotation for the key: ${key.arn}.`,
      )
    }
    rotateKey(context, key, { date: context.now, type: 'ON_DEMAND' })
    return { KeyId: key.arn }
  }),
)

/**
 * ListKeyRotations: the rotations that took place, or all materials of the key.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyRotations.html
 */
export const listKeyRotations = defineOperation(
  {
    KeyId: required(keyIdMember),
    IncludeKeyMaterial: string({ values: ['ALL_KEY_MATERIAL', 'ROTATIONS_ONLY'] }),
    Limit: limitMember,
    Marker: markerMember,
  },
  (context, input) => {
    const key = findKey(context, input.KeyId, {
      operation: 'ListKeyRotations',
      aliases: false,
    })
    requireSymmetric(key)
    const all = input.IncludeKeyMaterial === 'ALL_KEY_MATERIAL'
    const listed = materialsOf(context, key).filter(({ rotated }) => all || rotated !== undefined)
    const listing = `ListKeyRotations ${key.arn} ${all}`
    return listPage(listing, input.Marker, input.Limit ?? 100, 'Rotations', after =>
      listed
        .map((material, index) => [`${index}`, entryOf(context, key, material)] as const)
        .slice(after === undefined ? 0 : Number(after) + 1),
    )
  },
)

function entryOf(context: Context, key: KeyRecord, material: KeyMaterial): Record<string, unknown> {
  const { id, rotated, imported } = material
  const pending = pendingMaterial(context, key)?.id === id
  const used = id === key.materialId ? 'CURRENT' : 'NON_CURRENT'
  return {
    KeyId: key.arn,
    KeyMaterialId: id,
    KeyMaterialState: pending ? 'PENDING_ROTATION' : used,
    ...(rotated === undefined ? {} : { RotationDate: rotated.date / 1000, RotationType: rotated.type }),
    ...(imported === undefined
      ? {}
      : { ImportState: isPresent(context, material) ? 'IMPORTED' : 'PENDING_IMPORT' }),
    ...(imported !== undefined && isPresent(context, material) ? expirationMembers(imported) : {}),
    ...(imported?.description === undefined ? {} : { KeyMaterialDescription: imported.description }),
  }
}

function findScheduledKey(context: Context, keyId: string, operation: string): KeyRecord {
  const key = findKey(context, keyId, { operation, aliases: false })
  requireSymmetric(key)
  if (key.origin === 'EXTERNAL') {
    throw new AwsException(
      'UnsupportedOperationException',
      `${key.arn} origin is EXTERNAL which is not valid for this operation.`,
    )
  }
  if (!isPrimaryOrSingle(key)) throw notPrimary(key)
  requireState(key, 'use')
  return key
}

function requireSymmetric(key: KeyRecord): void {
  if (key.spec !== 'SYMMETRIC_DEFAULT') throw new AwsException('UnsupportedOperationException')
}
