/** Whether the caller's IAM policy allows an operation on a parameter. */

import { accessRequest, authorizeByIdentity, type ConditionValues } from '../authorization.ts'
import type { Context } from '../operation.ts'
import { parameterArn } from './names.ts'
import { loadParameter, type ParameterTag } from './parameter-record.ts'

/**
 * Passes an operation on one parameter, or on everything below a path.
 *
 * @param operation its name, such as `GetParameter`
 * @param path the name with its leading slash, as it was understood, whatever form it was given in
 * @param tags of the request
 * @param more further condition keys of the operation
 * @throws AwsException AccessDeniedException
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssystemsmanager.html
 */
export function authorizeParameter(
  context: Context,
  operation: string,
  path: string,
  tags: readonly ParameterTag[] = [],
  more: ConditionValues = [],
): void {
  const values = (): ConditionValues => {
    const present = loadParameter(context, path)?.tags ?? []
    return [
      ...tagValues('aws:RequestTag', tags),
      ['aws:TagKeys', tags.map(({ Key }) => Key)],
      ...tagValues('aws:ResourceTag', present),
      ...tagValues('ssm:resourceTag', present),
      // Of the operations that have none of these, the key is absent.
      ...ownKeys.map(name => [name, []] as const),
      ...more,
    ]
  }
  authorizeByIdentity(
    context,
    accessRequest(context, `ssm:${operation}`, parameterArn(context, path), values),
  )
}

/**
 * Passes an operation on all parameters of the Region.
 *
 * @throws AwsException AccessDeniedException
 */
export function authorizeAllParameters(context: Context, operation: string): void {
  const everything = `arn:${context.partition}:ssm:${context.region}:${context.account}:*`
  const values = (): ConditionValues => ownKeys.map(name => [name, []] as const)
  authorizeByIdentity(context, accessRequest(context, `ssm:${operation}`, everything, values))
}

const ownKeys = ['ssm:Overwrite', 'ssm:Policies', 'ssm:Recursive']

function tagValues(prefix: string, tags: readonly ParameterTag[]): ConditionValues {
  return tags.map(({ Key, Value }) => [`${prefix}/${Key}`, [Value]] as const)
}
