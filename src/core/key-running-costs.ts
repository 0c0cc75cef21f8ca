/** Whether a listed key rotates, and what it costs a month: what DescribeKey does not tell. */

import {
  GetKeyRotationStatusCommand,
  type KeyMetadata,
  type KMSClient,
  ListKeyRotationsCommand,
} from '@aws-sdk/client-kms'
import { KmsealError } from '../errors.ts'
import { isAccessDenied, send } from './aws-errors.ts'
import { isFreeKey, kmsPrices, monthlyCostOf } from './prices.ts'
import { canHaveRotations, canRotateAutomatically } from './rotation.ts'

/** Absent is what could not be read. */
export interface KeyRunningCosts {
  /** Whether automatic rotation is on; false for keys that cannot rotate so. */
  readonly RotationEnabled?: boolean
  readonly RotationPeriodInDays?: number
  /** US dollars, by {@link kmsPrices}. */
  readonly MonthlyCostUSD?: number
}

/**
 * Rotation and price of a key, with as few requests as it takes: none for keys that cannot rotate.
 *
 * @throws KmsealError `unavailable`, and `denied` without valid credentials; a missing permission is no failure
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyRotationStatus.html
 */
export async function readRunningCosts(
  client: KMSClient,
  keyArn: string,
  metadata: KeyMetadata,
): Promise<KeyRunningCosts> {
  const { KeyManager: manager, KeyState: state } = metadata
  const [rotation, rotations] = await Promise.all([
    canRotateAutomatically(metadata) ? readStatus(client, keyArn) : { RotationEnabled: false },
    isFreeKey({ manager, state }) || !canHaveRotations(metadata) ? 0 : countRotations(client, keyArn),
  ])
  if (rotations === undefined) return rotation
  return { ...rotation, MonthlyCostUSD: monthlyCostOf({ manager, state, rotations }) }
}

async function readStatus(
  client: KMSClient,
  keyArn: string,
): Promise<Pick<KeyRunningCosts, 'RotationEnabled' | 'RotationPeriodInDays'>> {
  const status = await ifThere(() =>
    send(client, new GetKeyRotationStatusCommand({ KeyId: keyArn }), {
      action: 'kms:GetKeyRotationStatus',
      object: `key ${keyArn}`,
    }),
  )
  if (status === undefined) return {}
  const { KeyRotationEnabled: RotationEnabled = false, RotationPeriodInDays } = status
  return { RotationEnabled, ...(RotationPeriodInDays === undefined ? {} : { RotationPeriodInDays }) }
}

/** As many rotations as cost money; no more are read. */
async function countRotations(client: KMSClient, keyArn: string): Promise<number | undefined> {
  const page = await ifThere(() =>
    send(client, new ListKeyRotationsCommand({ KeyId: keyArn, Limit: kmsPrices.paidRotations }), {
      action: 'kms:ListKeyRotations',
      object: `key ${keyArn}`,
    }),
  )
  return page === undefined ? undefined : (page.Rotations ?? []).length
}

/** Nothing when it may not be read, or the key is gone by now, or is of a kind that it does not exist for. */
async function ifThere<Answer>(ask: () => Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await ask()
  } catch (error) {
    if (!(error instanceof KmsealError)) throw error
    if (isAccessDenied(error) || error.code === 'not-found' || error.code === 'failed') return undefined
    throw error
  }
}
