/** Finds out whether an overwrite would store again what is there already. */

import {
  GetParameterCommand,
  type Parameter,
  type ParameterMetadata,
  type PutParameterCommandInput,
  type SSMClient,
} from '@aws-sdk/client-ssm'
import { send } from '../core/aws-errors.ts'
import { KmsealError } from '../errors.ts'

/**
 * Whether value, type, key, tier, description, pattern and data type are as the request would make them.
 * A value that may not be read or cannot be decrypted counts as another one.
 *
 * @throws KmsealError `unavailable` when the service cannot be asked
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html
 */
export async function isStoredAlready(
  { ssm, name }: { readonly ssm: SSMClient; readonly name: string },
  planned: PutParameterCommandInput,
  present: ParameterMetadata,
): Promise<boolean> {
  if (!hasSameAttributes(planned, present)) return false
  const found = await readPresent(ssm, name)
  return found?.Value === planned.Value && found?.Version === present.Version
}

/**
 * The parameter with its value.
 *
 * @returns nothing when it may not be read, cannot be decrypted, or is not there
 * @throws KmsealError `unavailable` when the service cannot be asked
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameter.html
 */
export async function readPresent(ssm: SSMClient, name: string): Promise<Parameter | undefined> {
  try {
    const command = new GetParameterCommand({ Name: name, WithDecryption: true })
    const subject = { action: 'ssm:GetParameter', object: `parameter ${name}` }
    return (await send(ssm, command, subject)).Parameter
  } catch (error) {
    if (error instanceof KmsealError && error.code !== 'unavailable') return undefined
    throw error
  }
}

/**
 * Whether type, key, tier, description, pattern and data type are as the request would make them.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterMetadata.html
 */
export function hasSameAttributes(planned: PutParameterCommandInput, present: ParameterMetadata): boolean {
  const sameTier =
    planned.Tier === undefined || planned.Tier === 'Intelligent-Tiering' || planned.Tier === present.Tier
  return (
    sameTier &&
    planned.Type === present.Type &&
    planned.KeyId === (present.Type === 'SecureString' ? present.KeyId : undefined) &&
    (planned.Description ?? '') === (present.Description ?? '') &&
    (planned.AllowedPattern ?? '') === (present.AllowedPattern ?? '') &&
    (planned.DataType ?? 'text') === (present.DataType ?? 'text')
  )
}
