/** AddTagsToResource, RemoveTagsFromResource and ListTagsForResource, for parameters. */

import { AwsException } from '../exceptions.ts'
import { type Context, defineOperation } from '../operation.ts'
import { required, string } from '../validation.ts'
import { authorizeParameter } from './authorize.ts'
import { refuseReservedTags, tagKeysMember, tagsMember } from './members.ts'
import { readPlainName } from './names.ts'
import { loadParameter, type ParameterHead, type ParameterTag, saveParameter } from './parameter-record.ts'

const mostTags = 50
const resource = {
  ResourceType: required(
    string({
      values: [
        'Association',
        'Automation',
        'Document',
        'MaintenanceWindow',
        'ManagedInstance',
        'OpsItem',
        'OpsMetadata',
        'Parameter',
        'PatchBaseline',
      ],
    }),
  ),
  ResourceId: required(string()),
}

/**
 * AddTagsToResource: adds tags, or replaces the values of those that exist. It makes no new version.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_AddTagsToResource.html
 */
export const addTagsToResource = defineOperation(
  { ...resource, Tags: required(tagsMember) },
  (context, input) => {
    refuseReservedTags(input.Tags)
    return changeTags(context, 'AddTagsToResource', input, before => {
      const tags = new Map([...before, ...input.Tags].map(tag => [tag.Key, tag.Value]))
      if (tags.size > mostTags) throw new AwsException('TooManyTagsError')
      return [...tags].map(([Key, Value]) => ({ Key, Value }))
    })
  },
)

/**
 * RemoveTagsFromResource: keys that are not there are ignored.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_RemoveTagsFromResource.html
 */
export const removeTagsFromResource = defineOperation(
  { ...resource, TagKeys: required(tagKeysMember) },
  (context, input) =>
    changeTags(context, 'RemoveTagsFromResource', input, tags =>
      tags.filter(tag => !input.TagKeys.includes(tag.Key)),
    ),
)

/**
 * ListTagsForResource.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ListTagsForResource.html
 */
export const listTagsForResource = defineOperation(resource, (context, input) => ({
  TagList: findTagged(context, 'ListTagsForResource', input)[1].tags,
}))

interface TaggedResource {
  readonly ResourceType: string
  readonly ResourceId: string
  readonly Tags?: readonly ParameterTag[] | undefined
}

function changeTags(
  context: Context,
  operation: string,
  input: TaggedResource,
  edit: (tags: readonly ParameterTag[]) => readonly ParameterTag[],
): Record<string, never> {
  context.store.write(() => {
    const [path, head] = findTagged(context, operation, input)
    saveParameter(context, path, { ...head, tags: edit(head.tags) })
  })
  return {}
}

function findTagged(
  context: Context,
  operation: string,
  input: TaggedResource,
): [path: string, head: ParameterHead] {
  const invalid = new AwsException('InvalidResourceId')
  if (input.ResourceType !== 'Parameter' || !/^[a-zA-Z0-9_./-]+$/.test(input.ResourceId)) throw invalid
  const path = readPlainName(input.ResourceId)
  authorizeParameter(context, operation, path, input.Tags)
  const head = loadParameter(context, path)
  if (head === undefined) throw invalid
  return [path, head]
}
