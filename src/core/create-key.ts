/** Creates a KMS key, and its first alias. */

import {
  CreateKeyCommand,
  type CreateKeyCommandInput,
  type KeyMetadata,
  type KMSClient,
  type Tag,
} from '@aws-sdk/client-kms'
import { KmsealError, usageError } from '../errors.ts'
import { send } from './aws-errors.ts'
import { checkAliasIsFree, giveFirstAlias } from './first-alias.ts'
import { type CreatableKeySpec, type KeyUsage, usageFor } from './key-kinds.ts'

/** Where key material can come from: KMS makes it, or it is imported. */
export const keyOrigins = ['AWS_KMS', 'EXTERNAL'] as const

/** What a new key shall be. */
export interface NewKey {
  readonly keySpec: CreatableKeySpec
  /** Without it, the one that is usual for the spec. */
  readonly keyUsage?: KeyUsage | undefined
  /** `EXTERNAL` makes a key that waits for imported key material; default AWS_KMS. */
  readonly origin?: (typeof keyOrigins)[number] | undefined
  /** A key that can be replicated to other Regions. */
  readonly multiRegion?: boolean | undefined
  /** Up to 8192 characters. */
  readonly description?: string | undefined
  readonly aliasName?: string | undefined
  readonly tags: readonly Tag[]
  /** JSON text of at most 32,768 bytes; without it KMS gives the default key policy. */
  readonly policy?: string | undefined
}

/** The metadata of a new key, and its alias if it got one. */
export type CreatedKey = KeyMetadata & { readonly Arn: string; readonly AliasName?: string }

/**
 * Creates a key, then its alias. An alias that is taken is noticed before a key exists, if
 * kms:DescribeKey is allowed.
 *
 * @throws KmsealError `usage` for a usage that the spec does not have, `exists` when the alias is taken,
 * `denied`, `unavailable`. When only the alias failed, the text has the ARN of the key that was created.
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html
 */
export async function createKey(client: KMSClient, key: NewKey): Promise<CreatedKey> {
  const keyUsage = usageFor(key.keySpec, key.keyUsage)
  if (key.aliasName !== undefined) await checkAliasIsFree(client, key.aliasName)
  const { KeyMetadata: metadata } = await send(client, new CreateKeyCommand(requestFor(key, keyUsage)), {
    action: 'kms:CreateKey',
    object: 'a new key',
    hints: policyHints,
  })
  if (metadata?.Arn === undefined)
    throw new KmsealError('failed', 'KMS answered without the ARN of the new key')
  const created: CreatedKey = { ...metadata, Arn: metadata.Arn }
  if (key.aliasName === undefined) return created
  await giveFirstAlias(client, key.aliasName, created.Arn)
  return { ...created, AliasName: key.aliasName }
}

/** What to advise when KMS does not take a key policy. */
export const policyHints: Readonly<Record<string, string>> = {
  MalformedPolicyDocumentException:
    'check that every principal of the key policy exists (a new one takes some seconds to be known), and that the policy lets you change it',
  InvalidArnException: 'check the ARNs of the principals in the key policy',
}

/**
 * Parses tags written as `KEY=VALUE`; the value may be empty or have further `=`.
 *
 * @throws KmsealError `usage` for a malformed, reserved or repeated key, and more than 50 tags
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_Tag.html
 */
export function parseTags(texts: readonly string[]): Tag[] {
  const tags = texts.map(parseTag)
  if (new Set(tags.map(({ TagKey }) => TagKey)).size < tags.length)
    throw usageError('a tag key is given twice')
  if (tags.length > 50) throw usageError('a key has at most 50 tags')
  return tags
}

function parseTag(text: string): Tag {
  const split = text.indexOf('=')
  if (split < 1) throw usageError('a tag is not KEY=VALUE', 'write it as --tag team=payments')
  const TagKey = text.slice(0, split)
  const TagValue = text.slice(split + 1)
  if (TagKey.length > 128) throw usageError('a tag key has more than 128 characters')
  if (TagValue.length > 256) throw usageError('a tag value has more than 256 characters')
  if (/^aws:/i.test(TagKey)) throw usageError('a tag key begins with aws:, which is reserved for AWS')
  return { TagKey, TagValue }
}

function requestFor(key: NewKey, keyUsage: KeyUsage): CreateKeyCommandInput {
  return {
    KeySpec: key.keySpec,
    KeyUsage: keyUsage,
    ...(key.origin === undefined ? {} : { Origin: key.origin }),
    ...(key.multiRegion === true ? { MultiRegion: true } : {}),
    ...(key.description === undefined ? {} : { Description: key.description }),
    ...(key.tags.length === 0 ? {} : { Tags: [...key.tags] }),
    ...(key.policy === undefined ? {} : { Policy: key.policy }),
  }
}
