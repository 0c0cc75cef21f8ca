/** The Parameter Store operations that the mock answers, by their names on the wire. */

import type { Operation } from '../operation.ts'
import { deleteParameter, deleteParameters } from './delete-parameters.ts'
import { getParameter, getParameters } from './get-parameters.ts'
import { getParameterHistory } from './history.ts'
import { labelParameterVersion, unlabelParameterVersion } from './labels.ts'
import { describeParameters, getParametersByPath } from './list-parameters.ts'
import { putParameter } from './put-parameter.ts'
import { addTagsToResource, listTagsForResource, removeTagsFromResource } from './tags.ts'

/**
 * Parameter Store operations by name.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_Operations.html
 */
export const ssmOperations: ReadonlyMap<string, Operation> = new Map([
  ['AddTagsToResource', addTagsToResource],
  ['DeleteParameter', deleteParameter],
  ['DeleteParameters', deleteParameters],
  ['DescribeParameters', describeParameters],
  ['GetParameter', getParameter],
  ['GetParameterHistory', getParameterHistory],
  ['GetParameters', getParameters],
  ['GetParametersByPath', getParametersByPath],
  ['LabelParameterVersion', labelParameterVersion],
  ['ListTagsForResource', listTagsForResource],
  ['PutParameter', putParameter],
  ['RemoveTagsFromResource', removeTagsFromResource],
  ['UnlabelParameterVersion', unlabelParameterVersion],
])
