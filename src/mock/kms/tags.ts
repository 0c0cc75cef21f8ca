/** TagResource, UntagResource and ListResourceTags. */

import { AwsException } from '../exceptions.ts'
import { defineOperation } from '../operation.ts'
import { integer, list, required, string } from '../validation.ts'
import { findKey } from './key-lookup.ts'
import { type KeyTag, saveKey } from './key-record.ts'
import { listPage } from './listing.ts'
import { keyIdMember, markerMember, tagsMember } from './members.ts'
import { requireState } from './states.ts'

const mostTags = 50

/**
 * TagResource: adds tags, or replaces the values of those that exist.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_TagResource.html
 */
export const tagResource = defineOperation(
  { KeyId: required(keyIdMember), Tags: required(tagsMember) },
  (context, input) =>
    context.store.write(() => {
      const key = findKey(context, input.KeyId, { operation: 'TagResource', aliases: false })
      requireState(key, 'change')
      checkTags(input.Tags)
      const tags = new Map([...key.tags, ...input.Tags].map(tag => [tag.TagKey, tag.TagValue]))
      if (tags.size > mostTags) throw new AwsException('TagException', 'Too many tags')
      saveKey(context, { ...key, tags: [...tags].map(([TagKey, TagValue]) => ({ TagKey, TagValue })) })
      return undefined
    }),
)

/**
 * UntagResource: removes tags; keys that are not there are ignored.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_UntagResource.html
 */
export const untagResource = defineOperation(
  { KeyId: required(keyIdMember), TagKeys: required(list(string({ min: 1, max: 128 }))) },
  (context, input) =>
    context.store.write(() => {
      const key = findKey(context, input.KeyId, { operation: 'UntagResource', aliases: false })
      requireState(key, 'change')
      saveKey(context, { ...key, tags: key.tags.filter(tag => !input.TagKeys.includes(tag.TagKey)) })
      return undefined
    }),
)

/**
 * ListResourceTags: pages of at most 50.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_ListResourceTags.html
 */
export const listResourceTags = defineOperation(
  { KeyId: required(keyIdMember), Limit: integer({ min: 1, max: 50 }), Marker: markerMember },
  (context, input) => {
    const key = findKey(context, input.KeyId, {
      operation: 'ListResourceTags',
      aliases: false,
    })
    return listPage(`ListResourceTags ${key.arn}`, input.Marker, input.Limit ?? 50, 'Tags', after =>
      key.tags
        .map((tag, index) => [`${index}`, tag] as const)
        .slice(after === undefined ? 0 : Number(after) + 1),
    )
  },
)

/**
 * Checks the tags of one request.
 *
 * @throws AwsException TagException for more than 50, a key twice, or a reserved key
 */
export function checkTags(tags: readonly KeyTag[]): void {
  if (tags.length > mostTags) throw new AwsException('TagException', 'Too many tags')
  if (new Set(tags.map(tag => tag.TagKey)).size < tags.length) {
    throw new AwsException('TagException', 'Duplicate tag keys')
  }
  if (tags.some(tag => /^aws:/i.test(tag.TagKey))) {
    throw new AwsException('TagException', 'Tags beginning with aws: are reserved')
  }
}
