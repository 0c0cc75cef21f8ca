/** Reads one parameter. */

import { GetParameterCommand, type Parameter } from '@aws-sdk/client-ssm'
import { send } from '../core/aws-errors.ts'
import { KmsealError } from '../errors.ts'
import { describeReference, type ParameterReference, regionOfReference } from './parameter-reference.ts'
import type { SsmAccess } from './ssm-access.ts'

/** Where to read, and whether SecureStrings are decrypted on the way. */
export interface Reading {
  readonly ssm: SsmAccess
  readonly withDecryption: boolean
}

/**
 * Reads one parameter, or an old version of it.
 *
 * @returns nothing when there is no such parameter, version or label
 * @throws KmsealError `denied`, `unavailable`, `failed` (its key cannot be used); `usage` for an ARN that
 *   contradicts a typed Region
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html
 */
export async function getParameter(
  reading: Reading,
  reference: ParameterReference,
): Promise<Parameter | undefined> {
  const client = await reading.ssm.client(regionOfReference(reference, reading.ssm.choice))
  const command = new GetParameterCommand({ Name: reference.text, WithDecryption: reading.withDecryption })
  try {
    const { Parameter: parameter } = await send(client, command, {
      action: 'ssm:GetParameter',
      object: describeReference(reference),
    })
    return parameter
  } catch (error) {
    if (!(error instanceof KmsealError) || error.code !== 'not-found') throw error
    return undefined
  }
}
