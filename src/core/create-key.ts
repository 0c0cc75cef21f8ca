/** Creates a KMS key, and its first alias. */

import {
  CreateKeyCommand,
  type CreateKeyCommandInput,
  type KeyMetadata,
  type KMSClient,
  type Tag,
} from '@aws-sdk/client-kms'
import { KmsealError, usageError } from '../errors.ts'
import { createAlias } from './aliases.ts'
import { send } from './aws-errors.ts'
import { describeKey } from './keys.ts'

/** Kinds of keys that can be created. */
export const keySpecs = ['SYMMETRIC_DEFAULT', 'RSA_2048', 'RSA_3072', 'RSA_4096'] as const

/** What a key can be for; it stays so for the key's life. */
export const keyUsages = ['ENCRYPT_DECRYPT', 'SIGN_VERIFY'] as const

/** What a new key shall be. */
export interface NewKey {
  readonly keySpec: (typeof keySpecs)[number]
  readonly keyUsage: (typeof keyUsages)[number]
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
  if (key.keySpec === 'SYMMETRIC_DEFAULT' && key.keyUsage === 'SIGN_VERIFY') {
    throw usageError(
      'a SYMMETRIC_DEFAULT key cannot sign',
      'choose --key-spec RSA_2048, RSA_3072 or RSA_4096',
    )
  }
  if (key.aliasName !== undefined) await checkAliasIsFree(client, key.aliasName)
  const { KeyMetadata: metadata } = await send(client, new CreateKeyCommand(requestFor(key)), {
    action: 'kms:CreateKey',
    object: 'a new key',
  })
  if (metadata?.Arn === undefined)
    throw new KmsealError('failed', 'KMS answered without the ARN of the new key')
  const created: CreatedKey = { ...metadata, Arn: metadata.Arn }
  if (key.aliasName === undefined) return created
  try {
    await createAlias(client, key.aliasName, created.Arn)
  } catch (error) {
    throw withoutAlias(error, created.Arn, key.aliasName)
  }
  return { ...created, AliasName: key.aliasName }
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

function requestFor(key: NewKey): CreateKeyCommandInput {
  return {
    KeySpec: key.keySpec,
    KeyUsage: key.keyUsage,
    ...(key.description === undefined ? {} : { Description: key.description }),
    ...(key.tags.length === 0 ? {} : { Tags: [...key.tags] }),
    ...(key.policy === undefined ? {} : { Policy: key.policy }),
  }
}

async function checkAliasIsFree(client: KMSClient, aliasName: string): Promise<void> {
  let arn: string | undefined
  try {
    arn = (await describeKey(client, aliasName)).Arn
  } catch (error) {
    // Free, or not for us to see: then CreateAlias has the last word.
    if (error instanceof KmsealError && (error.code === 'not-found' || error.code === 'denied')) return
    throw error
  }
  throw new KmsealError('exists', `${aliasName} exists already and names ${arn}; no key was created`, {
    hint: `choose another name, or create the key without --alias, then: kmseal alias-key ${aliasName} --key-id KEY --move`,
  })
}

function withoutAlias(error: unknown, arn: string, aliasName: string): unknown {
  if (!(error instanceof KmsealError)) return error
  const { code, message, awsName, details } = error
  return new KmsealError(code, `key ${arn} was created, but ${aliasName} was not: ${message}`, {
    hint: `give it its alias with: kmseal alias-key ${aliasName} --key-id ${arn}`,
    details,
    awsName,
    cause: error,
  })
}
