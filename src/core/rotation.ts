/** Rotation of keys: whether it is on, switching it, rotating now, and what rotations there were. */

import {
  DisableKeyRotationCommand,
  EnableKeyRotationCommand,
  GetKeyRotationStatusCommand,
  type KeyMetadata,
  paginateListKeyRotations,
  RotateKeyOnDemandCommand,
  type RotationsListEntry,
} from '@aws-sdk/client-kms'
import { KmsealError } from '../errors.ts'
import { type Subject, send, translate } from './aws-errors.ts'
import { type ChangeableKey, subjectOf } from './changeable-key.ts'

/** Shortest and longest period of automatic rotation, in days. */
export const rotationPeriodDays = { min: 90, max: 2560 } as const

/** How a key rotates. */
export interface RotationStatus {
  readonly KeyId: string
  readonly KeyRotationEnabled: boolean
  readonly RotationPeriodInDays?: number
  readonly NextRotationDate?: Date
  /** While a rotation on demand runs. */
  readonly OnDemandRotationStartDate?: Date
}

/** What became of a key's automatic rotation. */
export interface RotationChange {
  readonly KeyId: string
  readonly KeyRotationEnabled: boolean
  readonly RotationPeriodInDays?: number
  /** False when it was so already, and nothing was sent. */
  readonly Changed: boolean
}

/** Whether KMS can rotate a key by itself: symmetric encryption keys whose material it made. */
export function canRotateAutomatically({ KeySpec, Origin }: KeyMetadata): boolean {
  return KeySpec === 'SYMMETRIC_DEFAULT' && Origin === 'AWS_KMS'
}

/** Whether a key can have had rotations, automatic ones or on demand. */
export function canHaveRotations({ KeySpec, Origin }: KeyMetadata): boolean {
  return KeySpec === 'SYMMETRIC_DEFAULT' && (Origin === 'AWS_KMS' || Origin === 'EXTERNAL')
}

/**
 * How a key rotates.
 *
 * @throws KmsealError `failed` for a key that cannot rotate, `denied`, `not-found`, `unavailable`
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html
 */
export async function rotationStatus(key: ChangeableKey): Promise<RotationStatus> {
  const status = await send(
    key.client,
    new GetKeyRotationStatusCommand({ KeyId: key.keyId }),
    rotationSubject(key, 'kms:GetKeyRotationStatus'),
  )
  const { RotationPeriodInDays, NextRotationDate, OnDemandRotationStartDate } = status
  return {
    KeyId: status.KeyId ?? key.keyId,
    KeyRotationEnabled: status.KeyRotationEnabled === true,
    ...(RotationPeriodInDays === undefined ? {} : { RotationPeriodInDays }),
    ...(NextRotationDate === undefined ? {} : { NextRotationDate }),
    ...(OnDemandRotationStartDate === undefined ? {} : { OnDemandRotationStartDate }),
  }
}

/**
 * Rotates a key automatically, the first time after this many days. A key that rotates so already is left alone:
 * asking KMS again would begin its period anew.
 *
 * @param days 90 to 2560
 * @throws KmsealError `failed` for a key that cannot rotate or is not enabled, `denied`, `unavailable`
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_EnableKeyRotation.html
 */
export async function rotateEvery(key: ChangeableKey, days: number): Promise<RotationChange> {
  const wanted = { KeyId: key.keyId, KeyRotationEnabled: true, RotationPeriodInDays: days }
  const present = await statusIfAllowed(key)
  if (present?.KeyRotationEnabled === true && present.RotationPeriodInDays === days) {
    return { ...wanted, Changed: false }
  }
  await send(
    key.client,
    new EnableKeyRotationCommand({ KeyId: key.keyId, RotationPeriodInDays: days }),
    rotationSubject(key, 'kms:EnableKeyRotation'),
  )
  return { ...wanted, Changed: true }
}

/**
 * Stops automatic rotation. Old key material stays, and rotation on demand still works.
 *
 * @throws KmsealError `failed` for a key that cannot rotate or is not enabled, `denied`, `unavailable`
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_DisableKeyRotation.html
 */
export async function stopRotation(key: ChangeableKey): Promise<RotationChange> {
  const wanted = { KeyId: key.keyId, KeyRotationEnabled: false }
  const present = await statusIfAllowed(key)
  if (present?.KeyRotationEnabled === false) return { ...wanted, Changed: false }
  await send(
    key.client,
    new DisableKeyRotationCommand({ KeyId: key.keyId }),
    rotationSubject(key, 'kms:DisableKeyRotation'),
  )
  return { ...wanted, Changed: true }
}

/**
 * Gives a key new key material at once; KMS allows 25 such rotations in a key's life. What was encrypted before
 * can still be decrypted.
 *
 * @throws KmsealError `failed` for a key that cannot rotate, is not enabled, or has no rotations left, `denied`
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_RotateKeyOnDemand.html
 */
export async function rotateNow(key: ChangeableKey): Promise<{ readonly KeyId: string }> {
  const imported = key.metadata?.Origin === 'EXTERNAL' && key.metadata.KeyState === 'Enabled'
  const { KeyId = key.keyId } = await send(
    key.client,
    new RotateKeyOnDemandCommand({ KeyId: key.keyId }),
    rotationSubject(key, 'kms:RotateKeyOnDemand', {
      ConflictException: 'a rotation runs now, or will within 20 minutes; see kmseal rotate-key --history',
      LimitExceededException: 'automatic rotation still works: rotate-key --every 365d',
      ...(imported
        ? { KMSInvalidStateException: 'import new key material for it first, then rotate to that' }
        : {}),
    }),
  )
  return { KeyId }
}

/**
 * The rotations of a key, with its first key material and what waits for a rotation.
 *
 * @throws KmsealError `failed` for a key that cannot rotate, `denied`, `unavailable`
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeyRotations.html
 */
export async function rotationHistory(key: ChangeableKey): Promise<RotationsListEntry[]> {
  const found: RotationsListEntry[] = []
  const input = { KeyId: key.keyId, IncludeKeyMaterial: 'ALL_KEY_MATERIAL' as const }
  try {
    for await (const { Rotations } of paginateListKeyRotations(
      { client: key.client, pageSize: 1000 },
      input,
    )) {
      found.push(...(Rotations ?? []))
    }
  } catch (error) {
    throw translate(error, rotationSubject(key, 'kms:ListKeyRotations'))
  }
  return found
}

async function statusIfAllowed(key: ChangeableKey): Promise<RotationStatus | undefined> {
  try {
    return await rotationStatus(key)
  } catch (error) {
    // The change itself tells what is wrong with the key.
    if (error instanceof KmsealError && error.code !== 'unavailable') return undefined
    throw error
  }
}

function rotationSubject(key: ChangeableKey, action: string, more: Subject['hints'] = {}): Subject {
  const unsupported = whyNot(key)
  return subjectOf(key, action, {
    ...(unsupported === undefined ? {} : { UnsupportedOperationException: unsupported }),
    ...more,
  })
}

function whyNot({ keyId, metadata }: ChangeableKey): string | undefined {
  if (metadata === undefined) return 'only symmetric encryption keys rotate'
  if (metadata.KeySpec !== 'SYMMETRIC_DEFAULT') {
    return 'only symmetric encryption keys rotate; make a new key, and move the alias to it with kmseal alias-key --move'
  }
  const { MultiRegionKeyType: type, PrimaryKey: primary } = metadata.MultiRegionConfiguration ?? {}
  if (type === 'REPLICA' && primary?.Arn !== undefined) {
    return `replicas rotate with their primary key: kmseal rotate-key --key-id ${primary.Arn}`
  }
  if (metadata.Origin === 'EXTERNAL') {
    return `imported key material rotates on demand only: import new material, then kmseal rotate-key --key-id ${keyId} --now`
  }
  return metadata.Origin === 'AWS_KMS' ? undefined : 'keys in a custom key store do not rotate'
}
