/** Changes and lists the tags of one parameter. */

import type { SSMClient, Tag } from '@aws-sdk/client-ssm'
import { KmsealError } from '../errors.ts'
import { findParameter } from './find-parameter.ts'
import { addTags, listTags, removeTags } from './parameter-tags.ts'

/** What to change. Tags that are not named stay. */
export interface TagChanges {
  readonly tags: readonly Tag[]
  /** Keys of tags to remove. */
  readonly removed: readonly string[]
}

/**
 * Sets tags, and then removes others.
 *
 * @throws KmsealError `not-found`; `denied`; `unavailable`; `failed` (more than 50 tags); the text says when tags were
 *   set before
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_AddTagsToResource.html
 */
export async function changeTags(ssm: SSMClient, name: string, { tags, removed }: TagChanges): Promise<void> {
  await orMissing(ssm, name, async () => {
    if (tags.length > 0) await addTags(ssm, name, tags)
    if (removed.length === 0) return
    try {
      await removeTags(ssm, name, removed)
    } catch (error) {
      if (tags.length === 0 || !(error instanceof KmsealError)) throw error
      throw error.with({ details: [`set before: ${tags.map(({ Key }) => Key).join(', ')}`] })
    }
  })
}

/**
 * The tags of a parameter, sorted by key.
 *
 * @throws KmsealError `not-found`; `denied`; `unavailable`
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ListTagsForResource.html
 */
export function tagsOf(ssm: SSMClient, name: string): Promise<Tag[]> {
  return orMissing(ssm, name, () => listTags(ssm, name))
}

/** The service calls a parameter that is not there a resource id that is not valid. */
async function orMissing<T>(ssm: SSMClient, name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof KmsealError) || error.awsName !== 'InvalidResourceId') throw error
    const found = await findParameter(ssm, name).catch(() => 'unknown')
    if (found !== undefined) throw error
    throw new KmsealError('not-found', `parameter ${name} does not exist`, {
      hint: 'check the name and --region; kmseal list-params shows what is there',
      awsName: error.awsName,
      cause: error,
    })
  }
}
