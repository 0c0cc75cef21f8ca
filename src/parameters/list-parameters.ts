/** Lists what Parameter Store knows of parameters, without their values. */

import { DescribeParametersCommand, type ParameterMetadata, type SSMClient } from '@aws-sdk/client-ssm'
import { send } from '../core/aws-errors.ts'
import { Pace } from './pace.ts'

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
  const pace = new Pace(1)
  let token: string | undefined
  // The number of rows says nothing: a page may be short or empty while more follow.
  do {
    const page = await pace.run(() => listPage(request, token))
    if (page.parameters.length > 0) yield page.parameters
    token = page.token
  } while (token !== undefined)
}

/** One page of a listing. */
export interface ParameterPage {
  readonly parameters: ParameterMetadata[]
  /** Leads to the next page; absent on the last one. */
  readonly token: string | undefined
}

/**
 * Gives one page of {@link listParameters}, which may be empty although others follow.
 *
 * @param token of the page before; nothing for the first page
 * @throws KmsealError `denied`, `unavailable`, `failed` (a path of AWS's own parameters)
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeParameters.html
 */
export async function listPage(
  { ssm, path, oneLevel }: ListParametersRequest,
  token: string | undefined,
): Promise<ParameterPage> {
  const filter =
    path === undefined || (path === '/' && !oneLevel)
      ? undefined
      : [{ Key: 'Path', Option: oneLevel ? 'OneLevel' : 'Recursive', Values: [path] }]
  const page = await send(
    ssm,
    new DescribeParametersCommand({ ParameterFilters: filter, NextToken: token, MaxResults: 50 }),
    { action: 'ssm:DescribeParameters', object: path === undefined ? 'all parameters' : `path ${path}` },
  )
  const next = page.NextToken
  return { parameters: page.Parameters ?? [], token: next === '' ? undefined : next }
}
