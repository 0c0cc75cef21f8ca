/** Whether the caller's IAM policy allows an operation on parameters. */

import { accessRequest, authorizeByIdentity } from '../authorization.ts'
import type { Context, Operation } from '../operation.ts'
import { parameterArn } from './names.ts'

/**
 * An operation that only runs when the caller's IAM policy allows it on every parameter that the request names.
 *
 * @param name of the operation
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html
 */
export function authorized(name: string, operation: Operation): Operation {
  return (context, body) => {
    for (const resource of resourcesOf(context, body)) {
      authorizeByIdentity(context, accessRequest(context, `ssm:${name}`, resource))
    }
    return operation(context, body)
  }
}

/** The parameters that a request names, not validated yet; without a name, everything in the Region. */
function resourcesOf(context: Context, body: unknown): readonly string[] {
  const { Name, Names, Path, ResourceId } = (body ?? {}) as Record<string, unknown>
  const named = [Name, Path, ResourceId, ...(Array.isArray(Names) ? Names : [])].filter(
    name => typeof name === 'string',
  )
  if (named.length === 0) return [`arn:${context.partition}:ssm:${context.region}:${context.account}:*`]
  return named.map(given => {
    const name = given.trim()
    if (name.startsWith('arn:')) return name.split(':').slice(0, 6).join(':')
    const [path = ''] = name.split(':')
    return parameterArn(context, path.startsWith('/') ? path : `/${path}`)
  })
}
