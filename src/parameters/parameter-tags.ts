/** Tags of parameters: how they are written, and adding them to a parameter that exists. */

import {
  AddTagsToResourceCommand,
  ListTagsForResourceCommand,
  RemoveTagsFromResourceCommand,
  type SSMClient,
  type Tag,
} from '@aws-sdk/client-ssm'
import { send } from '../core/aws-errors.ts'
import { usageError } from '../errors.ts'

/** Tags that a parameter can have. */
export const maxTags = 50

const allowed = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u

/**
 * Parses tags, each `KEY=VALUE`: the key ends at the first `=`, the value may hold more of them.
 *
 * @throws KmsealError `usage` for a malformed or repeated tag, and for more than 50
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_Tag.html
 */
export function parseTags(texts: readonly string[]): Tag[] {
  const tags = new Map<string, string>()
  for (const text of texts) {
    const end = text.indexOf('=')
    if (end < 1) throw usageError('--tag is not KEY=VALUE', 'write it as --tag Owner=ops')
    const key = text.slice(0, end)
    const value = text.slice(end + 1)
    if ([...key].length > 128 || [...value].length > 256) {
      throw usageError('--tag is too long', 'a key has up to 128 characters, a value up to 256')
    }
    if (!allowed.test(key) || !allowed.test(value)) {
      throw usageError(
        '--tag has a character that no tag has',
        'letters, digits, spaces and _ . : / = + - @ are allowed',
      )
    }
    if (/^aws:/i.test(key))
      throw usageError('--tag has a key that begins with aws:, which AWS keeps for itself')
    if (tags.has(key)) throw usageError('--tag has the same key twice')
    tags.set(key, value)
  }
  if (tags.size > maxTags) throw usageError(`a parameter has at most ${maxTags} tags`)
  return [...tags].map(([Key, Value]) => ({ Key, Value }))
}

/**
 * Sets tags of a parameter. Tags with other keys stay as they are.
 *
 * @throws KmsealError `denied`, `unavailable`, `failed` (no such parameter, more than 50 tags)
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_AddTagsToResource.html
 */
export async function addTags(client: SSMClient, name: string, tags: readonly Tag[]): Promise<void> {
  const input = { ResourceType: 'Parameter' as const, ResourceId: name, Tags: [...tags] }
  await send(client, new AddTagsToResourceCommand(input), {
    action: 'ssm:AddTagsToResource',
    object: `parameter ${name}`,
  })
}

/**
 * Removes tags of a parameter by their keys; keys that it does not have are no failure.
 *
 * @throws KmsealError `denied`, `unavailable`, `failed` (no such parameter)
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_RemoveTagsFromResource.html
 */
export async function removeTags(client: SSMClient, name: string, keys: readonly string[]): Promise<void> {
  const input = { ResourceType: 'Parameter' as const, ResourceId: name, TagKeys: [...keys] }
  await send(client, new RemoveTagsFromResourceCommand(input), {
    action: 'ssm:RemoveTagsFromResource',
    object: `parameter ${name}`,
  })
}

/**
 * The tags of a parameter, sorted by key.
 *
 * @throws KmsealError `denied`, `unavailable`, `failed` (no such parameter)
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ListTagsForResource.html
 */
export async function listTags(client: SSMClient, name: string): Promise<Tag[]> {
  const input = { ResourceType: 'Parameter' as const, ResourceId: name }
  const { TagList = [] } = await send(client, new ListTagsForResourceCommand(input), {
    action: 'ssm:ListTagsForResource',
    object: `parameter ${name}`,
  })
  return TagList.sort(({ Key: one = '' }, { Key: other = '' }) => (one < other ? -1 : 1))
}
