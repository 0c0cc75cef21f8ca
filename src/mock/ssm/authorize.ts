/** Whether the caller's IAM policy allows an operation on a parameter. */

import { type ConditionValues, conditionValues, firstOf } from '../../policy/request.ts'
import { accessRequest, authorizeByIdentity, tagValue } from '../authorization.ts'
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
  more: ConditionValues = () => undefined,
): void {
  const sent = () => tags.map(keyAndValue)
  const present = () => (loadParameter(context, path)?.tags ?? []).map(keyAndValue)
  const ofTags: ConditionValues = name =>
    name === 'aws:tagkeys'
      ? tags.map(({ Key }) => Key)
      : (tagValue(name, 'aws:requesttag/', sent) ??
        tagValue(name, 'aws:resourcetag/', present) ??
        tagValue(name, 'ssm:resourcetag/', present))
  const values = firstOf(ofTags, more, withoutOwnKeys)
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
  authorizeByIdentity(context, accessRequest(context, `ssm:${operation}`, everything, withoutOwnKeys))
}

/** Operations that do not say otherwise have none of these. */
const withoutOwnKeys = conditionValues([
  ['ssm:Overwrite', []],
  ['ssm:Policies', []],
  ['ssm:Recursive', []],
])

function keyAndValue({ Key, Value }: ParameterTag): readonly [string, string] {
  return [Key, Value]
}
