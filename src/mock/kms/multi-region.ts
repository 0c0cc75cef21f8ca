/** ReplicateKey and UpdatePrimaryRegion: keys with the same id and material in several Regions. */

import { partitionOfRegion } from '../../policy/partition.ts'
import { AwsException } from '../exceptions.ts'
import { type Context, defineOperation } from '../operation.ts'
import { boolean, required, string } from '../validation.ts'
import { authorizeKey, authorizeWithoutKey, keyRequest } from './authorize.ts'
import { removeGrantsOf } from './grant-record.ts'
import { findKey } from './key-lookup.ts'
import { keyMetadata } from './key-metadata.ts'
import { defaultKeyPolicy } from './key-policy-text.ts'
import {
  isGone,
  type KeyRecord,
  keyArn,
  regionOf,
  removeAliasesOf,
  replicasOf,
  saveKey,
  saveShared,
} from './key-record.ts'
import { keyIdMember, policyMember, tagsMember } from './members.ts'
import { checkedPolicy } from './policy-check.ts'
import { requireState } from './states.ts'
import { checkTags } from './tags.ts'

const regionMember = required(string({ min: 1, max: 32, pattern: /^([a-z]+-){2,3}\d+$/ }))

/**
 * ReplicateKey: puts a multi-Region key in one more Region. Description, tags, policy, aliases and grants are
 * not copied. The replica is there at once, though the answer says that it is being created.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_ReplicateKey.html
 */
export const replicateKey = defineOperation(
  {
    KeyId: required(keyIdMember),
    ReplicaRegion: regionMember,
    Policy: policyMember,
    BypassPolicyLockoutSafetyCheck: boolean(),
    Description: string({ max: 8192 }),
    Tags: tagsMember,
  },
  (context, input) => {
    const tags = input.Tags ?? []
    checkTags(tags)
    return context.store.write(() => {
      const key = findPrimary(context, input.KeyId, 'ReplicateKey')
      const { ReplicaRegion: region } = input
      const there: Context = { ...context, region }
      if (partitionOfRegion(region) !== context.partition)
        throw new AwsException('UnsupportedOperationException')
      if (region === regionOf(key)) {
        throw new AwsException(
          'AlreadyExistsException',
          `${region} cannot have a replica because it contains the primary.`,
        )
      }
      if (liveReplicas(context, key).some(replica => regionOf(replica) === region)) {
        throw new AwsException('AlreadyExistsException')
      }
      const { spec: KeySpec, usage: KeyUsage, origin: Origin } = key
      const made = { KeySpec, KeyUsage, Origin, MultiRegion: true }
      authorizeWithoutKey({ ...there, request: made }, 'kms:CreateKey')
      if (tags.length > 0) authorizeWithoutKey(there, 'kms:TagResource')
      const asked = keyRequest(there, { ...key, arn: keyArn(there, key.id) }, 'kms:ReplicateKey')
      const policy =
        input.Policy === undefined
          ? defaultKeyPolicy(there)
          : checkedPolicy(there, input.Policy, asked, input.BypassPolicyLockoutSafetyCheck)
      const regions = [...new Set([...(key.multiRegion?.regions ?? []), region])]
      const multiRegion = { primary: regionOf(key), regions }
      const replica: KeyRecord = {
        ...key,
        arn: keyArn(there, key.id),
        created: context.now,
        description: input.Description ?? '',
        state: 'Enabled',
        policy,
        tags,
        multiRegion,
      }
      // One that was there before, and is gone, leaves nothing to its successor.
      removeGrantsOf(there, replica)
      removeAliasesOf(there, replica)
      saveKey(there, replica)
      saveShared(context, key, { multiRegion })
      return {
        ReplicaKeyMetadata: keyMetadata(there, { ...replica, state: 'Creating', materialId: '' }),
        ReplicaPolicy: policy,
        ReplicaTags: tags,
      }
    })
  },
)

/**
 * UpdatePrimaryRegion: makes a replica the primary key, and the primary key a replica.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdatePrimaryRegion.html
 */
export const updatePrimaryRegion = defineOperation(
  { KeyId: required(keyIdMember), PrimaryRegion: regionMember },
  (context, input) =>
    context.store.write(() => {
      const key = findPrimary(context, input.KeyId, 'UpdatePrimaryRegion')
      const { PrimaryRegion: primary } = input
      const replica = liveReplicas(context, key).find(candidate => regionOf(candidate) === primary)
      if (replica === undefined) {
        const arn = keyArn({ ...context, region: primary }, key.id)
        throw new AwsException('NotFoundException', `Key '${arn}' does not exist`)
      }
      authorizeKey({ ...context, region: primary }, replica, 'kms:UpdatePrimaryRegion')
      requireState(replica, 'use')
      saveShared(context, key, { multiRegion: { primary, regions: key.multiRegion?.regions ?? [] } })
      return undefined
    }),
)

/** The replicas of a key that exist. */
export function liveReplicas(context: Context, key: KeyRecord): readonly KeyRecord[] {
  return replicasOf(context, key).filter(replica => !isGone(context, replica))
}

/** Whether a key is its own master: a key of one Region, or the primary of several. */
export function isPrimaryOrSingle(key: KeyRecord): boolean {
  return key.multiRegion === undefined || key.multiRegion.primary === regionOf(key)
}

/** The refusal of what can be done to primary keys only. */
export function notPrimary(key: KeyRecord): AwsException {
  return new AwsException('UnsupportedOperationException', `${key.arn} is not a multi-region primary key.`)
}

function findPrimary(context: Context, keyId: string, operation: string): KeyRecord {
  const key = findKey(context, keyId, { operation, aliases: false })
  if (key.multiRegion === undefined || !isPrimaryOrSingle(key)) throw notPrimary(key)
  requireState(key, 'use')
  return key
}
