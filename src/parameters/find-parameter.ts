/** Looks up what Parameter Store knows of one parameter, without its value. */

import { DescribeParametersCommand, type ParameterMetadata, type SSMClient } from '@aws-sdk/client-ssm'
import { send } from '../core/aws-errors.ts'
import { qualifiedName } from './parameter-name.ts'

/**
 * Finds the type, key, tier, version and the like of a parameter.
 *
 * @returns nothing when there is no such parameter
 * @throws KmsealError `denied`, `unavailable`, `failed`
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeParameters.html
 */
export async function findParameter(client: SSMClient, name: string): Promise<ParameterMetadata | undefined> {
  const ParameterFilters = [{ Key: 'Name', Option: 'Equals', Values: [name] }]
  let token: string | undefined
  // A page may be empty although a later one has the parameter.
  do {
    const page = await send(client, new DescribeParametersCommand({ ParameterFilters, NextToken: token }), {
      action: 'ssm:DescribeParameters',
      object: `parameter ${name}`,
    })
    const found = page.Parameters?.find(({ Name = '' }) => qualifiedName(Name) === qualifiedName(name))
    if (found !== undefined) return found
    token = page.NextToken
  } while (token !== undefined && token !== '')
  return undefined
}
