/** Lists the KMS keys of an account and Region with their aliases. */

import {
  type AliasListEntry,
  type KeyListEntry,
  type KeyMetadata,
  type KMSClient,
  paginateListAliases,
  paginateListKeys,
} from '@aws-sdk/client-kms'
import { KmsealError } from '../errors.ts'
import { translate } from './aws-errors.ts'
import { boundedMap } from './bounded-map.ts'
import { describeKey } from './keys.ts'

/** DescribeKey calls in flight; KMS allows 2,000 a second, and an answer takes some milliseconds. */
const describeLimit = 16

/** What is known of one key. Only KeyId and Arn are certain: kms:DescribeKey may be denied. */
export type ListedKey = Partial<KeyMetadata> & {
  readonly KeyId: string
  readonly Arn: string
  /** In the order of their names. */
  readonly Aliases: readonly AliasListEntry[]
}

/** All keys, and how many of them could not be described. */
export interface KeyList {
  /** Those with an alias first, in the order of their first alias, then the others by key id. */
  readonly keys: readonly ListedKey[]
  readonly undescribed: number
}

/**
 * Lists every key, AWS managed ones included, whatever the number of pages. AWS managed aliases that
 * have no key yet are left out.
 *
 * @throws KmsealError `denied` without kms:ListKeys and kms:ListAliases, `unavailable`
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeys.html
 */
export async function listKeys(client: KMSClient): Promise<KeyList> {
  const [entries, aliasesOf] = await Promise.all([listAllKeys(client), listAllAliases(client)])
  let undescribed = 0
  const keys = await boundedMap(entries, describeLimit, async ({ KeyId = '', KeyArn = '' }) => {
    const metadata = await describeIfAllowed(client, KeyArn)
    if (metadata === undefined) undescribed++
    return { ...metadata, KeyId, Arn: KeyArn, Aliases: aliasesOf.get(KeyId) ?? [] }
  })
  return { keys: keys.sort(byAliasThenId), undescribed }
}

async function listAllKeys(client: KMSClient): Promise<KeyListEntry[]> {
  const entries: KeyListEntry[] = []
  try {
    for await (const { Keys } of paginateListKeys({ client, pageSize: 1000 }, {}))
      entries.push(...(Keys ?? []))
  } catch (error) {
    throw translate(error, { action: 'kms:ListKeys', object: 'all keys' })
  }
  return entries
}

/** Aliases by key id, in the order of their names. */
async function listAllAliases(client: KMSClient): Promise<Map<string, AliasListEntry[]>> {
  const byKey = new Map<string, AliasListEntry[]>()
  try {
    for await (const { Aliases } of paginateListAliases({ client, pageSize: 100 }, {})) {
      for (const alias of Aliases ?? []) {
        if (alias.TargetKeyId === undefined) continue
        byKey.set(alias.TargetKeyId, [...(byKey.get(alias.TargetKeyId) ?? []), alias])
      }
    }
  } catch (error) {
    throw translate(error, { action: 'kms:ListAliases', object: 'all aliases' })
  }
  for (const aliases of byKey.values()) aliases.sort((a, b) => compare(a.AliasName, b.AliasName))
  return byKey
}

async function describeIfAllowed(client: KMSClient, keyArn: string): Promise<KeyMetadata | undefined> {
  try {
    return await describeKey(client, keyArn)
  } catch (error) {
    // Not found means that it was deleted since it was listed. Expired credentials are no reason to go on.
    const name = error instanceof KmsealError ? error.awsName : undefined
    if (name === 'AccessDeniedException' || name === 'NotFoundException') return undefined
    throw error
  }
}

function byAliasThenId(a: ListedKey, b: ListedKey): number {
  const [first, second] = [a.Aliases[0]?.AliasName, b.Aliases[0]?.AliasName]
  if (first !== undefined && second !== undefined) return compare(first, second)
  if (first !== second) return first === undefined ? 1 : -1
  return compare(a.KeyId, b.KeyId)
}

/** By code points, the same on every machine. */
function compare(a = '', b = ''): number {
  return a < b ? -1 : a > b ? 1 : 0
}
