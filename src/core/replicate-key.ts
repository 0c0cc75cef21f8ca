/** Puts a multi-Region key in one more Region. */

import { type KeyMetadata, ReplicateKeyCommand, type Tag } from '@aws-sdk/client-kms'
import { KmsealError } from '../errors.ts'
import { send } from './aws-errors.ts'
import { findChangeableKey, subjectOf } from './changeable-key.ts'
import { type CreatedKey, policyHints } from './create-key.ts'
import { checkAliasIsFree, giveFirstAlias } from './first-alias.ts'
import type { KmsAccess } from './kms-access.ts'

/** What a replica shall be. None of this is taken over from the primary key. */
export interface NewReplica {
  /** The primary key: id, ARN or alias. */
  readonly keyId: string
  readonly replicaRegion: string
  /** Up to 8192 characters. */
  readonly description?: string | undefined
  readonly aliasName?: string | undefined
  readonly tags: readonly Tag[]
  /** JSON text of at most 32,768 bytes; without it KMS gives the default key policy. */
  readonly policy?: string | undefined
}

/**
 * Replicates a multi-Region primary key, then gives the replica its alias. KMS makes the replica within some
 * seconds: its state is `Creating` until then.
 *
 * @throws KmsealError `failed` for a key that is no multi-Region primary key or in a state that does not allow it,
 *   `exists` for a Region that has one already or an alias that is taken there, `denied`, `unavailable`
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_ReplicateKey.html
 */
export async function replicateKey(access: KmsAccess, wanted: NewReplica): Promise<CreatedKey> {
  const { replicaRegion, description, aliasName, tags, policy } = wanted
  const key = await findChangeableKey(access, wanted.keyId)
  const there = await access.client(replicaRegion)
  if (aliasName !== undefined) await checkAliasIsFree(there, aliasName)
  const { ReplicaKeyMetadata: metadata } = await send(
    key.client,
    new ReplicateKeyCommand({
      KeyId: key.keyId,
      ReplicaRegion: replicaRegion,
      ...(description === undefined ? {} : { Description: description }),
      ...(tags.length === 0 ? {} : { Tags: [...tags] }),
      ...(policy === undefined ? {} : { Policy: policy }),
    }),
    subjectOf(key, 'kms:ReplicateKey', {
      ...policyHints,
      ...whyNot(key.metadata),
      AlreadyExistsException: `each Region has one key of a family; see kmseal describe-key ${key.keyId}`,
    }),
  )
  if (metadata?.Arn === undefined)
    throw new KmsealError('failed', 'KMS answered without the ARN of the replica')
  const created = { ...metadata, Arn: metadata.Arn }
  if (aliasName === undefined) return created
  await giveFirstAlias(there, aliasName, created.Arn)
  return { ...created, AliasName: aliasName }
}

function whyNot(metadata: KeyMetadata | undefined): Readonly<Record<string, string>> {
  const primary = metadata?.MultiRegionConfiguration?.PrimaryKey?.Arn
  if (metadata?.MultiRegion === true && primary !== undefined && primary !== metadata.Arn) {
    return { UnsupportedOperationException: `this is a replica; replicate its primary key ${primary}` }
  }
  if (metadata?.MultiRegion === true) return {}
  return {
    UnsupportedOperationException:
      'only multi-Region keys can be replicated, and a key stays what it is: make one with kmseal create-key --multi-region',
  }
}
