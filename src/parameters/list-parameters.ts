/** Lists what Parameter Store knows of parameters, without their values. */

import { DescribeParametersCommand, type ParameterMetadata, type SSMClient } from '@aws-sdk/client-ssm'
import { send } from '../core/aws-errors.ts'

/** Which parameters to list. */
export interface ListParametersRequest {
  readonly ssm: SSMClient
  /** A path without a slash at its end, or `/`; all parameters when absent. */
  readonly path: string | undefined
  /** Only the direct children of the path. */
  readonly oneLevel: boolean
}

/**
 * Yields the parameters below a path, a page of up to 50 at a time, in the order of the service. A parameter
 * whose name is the path itself is not below it.
 *
 * @throws KmsealError `denied`, `unavailable`, `failed` (a path of AWS's own parameters)
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeParameters.html
 */
export async function* listParameters(request: ListParametersRequest): AsyncGenerator<ParameterMetadata[]> {
  const { ssm, path, oneLevel } = request
  const filter =
    path === undefined || (path === '/' && !oneLevel)
      ? undefined
      : [{ Key: 'Path', Option: oneLevel ? 'OneLevel' : 'Recursive', Values: [path] }]
  let token: string | undefined
  // The number of rows says nothing: a page may be short or empty while more follow.
  do {
    const page = await send(
      ssm,
      new DescribeParametersCommand({ ParameterFilters: filter, NextToken: token, MaxResults: 50 }),
      { action: 'ssm:DescribeParameters', object: path === undefined ? 'all parameters' : `path ${path}` },
    )
    if (page.Parameters !== undefined && page.Parameters.length > 0) yield page.Parameters
    token = page.NextToken
  } while (token !== undefined && token !== '')
}
