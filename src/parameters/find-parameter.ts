/** Looks up what Parameter Store knows of one parameter, without its value. */

import { DescribeParametersCommand, type ParameterMetadata, type SSMClient } from '@aws-sdk/client-ssm'
import { send } from '../core/aws-errors.ts'
import { boundedMap } from '../core/bounded-map.ts'
import { Pace } from './pace.ts'
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

/** Names that one filter takes. */
const namesPerFilter = 50
const mostRequests = 4

/**
 * Finds the same of many parameters, by their names with a leading slash; those that are not there are left out.
 *
 * @throws KmsealError `denied`, `unavailable`, `failed`
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ParameterStringFilter.html
 */
export async function findParameters(
  client: SSMClient,
  names: readonly string[],
): Promise<Map<string, ParameterMetadata>> {
  const pace = new Pace(mostRequests)
  const found = new Map<string, ParameterMetadata>()
  const batches = Array.from({ length: Math.ceil(names.length / namesPerFilter) }, (_, index) =>
    names.slice(index * namesPerFilter, (index + 1) * namesPerFilter),
  )
  await boundedMap(batches, mostRequests, async Values => {
    const ParameterFilters = [{ Key: 'Name', Option: 'Equals', Values }]
    let token: string | undefined
    do {
      const command = new DescribeParametersCommand({ ParameterFilters, NextToken: token, MaxResults: 50 })
      const subject = { action: 'ssm:DescribeParameters', object: `${Values.length} parameters` }
      const page = await pace.run(() => send(client, command, subject))
      for (const metadata of page.Parameters ?? []) found.set(qualifiedName(metadata.Name ?? ''), metadata)
      token = page.NextToken
    } while (token !== undefined && token !== '')
  })
  return found
}
