/** DeleteParameter and DeleteParameters. */

import { AwsException } from '../exceptions.ts'
import { defineOperation } from '../operation.ts'
import { authorizeParameter } from './authorize.ts'
import { nameMember, namesMember } from './members.ts'
import { readPlainName } from './names.ts'
import { removeParameter } from './parameter-record.ts'

/**
 * DeleteParameter: all versions, labels and tags.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DeleteParameter.html
 */
export const deleteParameter = defineOperation({ Name: nameMember }, (context, input) => {
  const path = readPlainName(input.Name)
  authorizeParameter(context, 'DeleteParameter', path)
  if (!context.store.write(() => removeParameter(context, path))) throw new AwsException('ParameterNotFound')
  return {}
})

/**
 * DeleteParameters: up to ten; missing ones are named in InvalidParameters.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DeleteParameters.html
 */
export const deleteParameters = defineOperation({ Names: namesMember }, (context, input) => {
  const paths = input.Names.map(name => [name, readPlainName(name)] as const)
  for (const [, path] of paths) authorizeParameter(context, 'DeleteParameters', path)
  return context.store.write(() => {
    const deleted: string[] = []
    const invalid: string[] = []
    for (const [name, path] of paths) (removeParameter(context, path) ? deleted : invalid).push(name)
    return { DeletedParameters: deleted, InvalidParameters: invalid }
  })
})
