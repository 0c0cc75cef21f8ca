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
  if (attributeChanges(planned, present).length > 0) return false
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

/** An attribute that a request would change, by its name in PutParameter. */
export interface AttributeChange {
  readonly attribute: 'Tier' | 'Type' | 'KeyId' | 'Description' | 'AllowedPattern' | 'DataType'
  /** Absent where there is none before. */
  readonly from: string | undefined
  readonly to: string | undefined
}

/**
 * What a request would change beside the value: tier, type, key, description, pattern and data type.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterMetadata.html
 */
export function attributeChanges(
  planned: PutParameterCommandInput,
  present: ParameterMetadata,
): readonly AttributeChange[] {
  // The service may choose, and keeps what it chose.
  const asksForTier = planned.Tier !== undefined && planned.Tier !== 'Intelligent-Tiering'
  const presentKey = present.Type === 'SecureString' ? present.KeyId : undefined
  const all: readonly AttributeChange[] = [
    { attribute: 'Tier', from: present.Tier, to: asksForTier ? planned.Tier : present.Tier },
    { attribute: 'Type', from: present.Type, to: planned.Type },
    { attribute: 'KeyId', from: presentKey, to: planned.KeyId },
    {
      attribute: 'Description',
      from: present.Description || undefined,
      to: planned.Description || undefined,
    },
    {
      attribute: 'AllowedPattern',
      from: present.AllowedPattern || undefined,
      to: planned.AllowedPattern || undefined,
    },
    { attribute: 'DataType', from: present.DataType ?? 'text', to: planned.DataType ?? 'text' },
  ]
  return all.filter(({ from, to }) => from !== to)
}
