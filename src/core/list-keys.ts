/** Lists the KMS keys of an account and Region with their aliases, rotation and costs. */

import {
  type AliasListEntry,
  type KeyListEntry,
  KeyManagerType,
  type KeyMetadata,
  KeySpec,
  KeyState,
  KeyUsageType,
  type KMSClient,
  OriginType,
  paginateListAliases,
  paginateListKeys,
} from '@aws-sdk/client-kms'
import { KmsealError } from '../errors.ts'
import { isAccessDenied, translate } from './aws-errors.ts'
import { boundedMap } from './bounded-map.ts'
import { compare } from './compare.ts'
import { type KeyRunningCosts, readRunningCosts } from './key-running-costs.ts'
import { describeKey } from './keys.ts'

/** Keys that are asked for at once; KMS allows 1,000 such calls a second, and an answer takes some milliseconds. */
const keysAtOnce = 16

/** The words of KMS that keys can be chosen by. */
export const keyWords = {
  keyManager: Object.values(KeyManagerType),
  keyState: Object.values(KeyState),
  keySpec: Object.values(KeySpec),
  keyUsage: Object.values(KeyUsageType),
  origin: Object.values(OriginType),
} as const

/** Which keys to list: those that are all of this. */
export interface KeyFilter {
  readonly keyManager?: KeyManagerType | undefined
  readonly keyState?: KeyState | undefined
  readonly keySpec?: KeySpec | undefined
  readonly keyUsage?: KeyUsageType | undefined
  readonly origin?: OriginType | undefined
  /** Only multi-Region keys. */
  readonly multiRegion?: boolean | undefined
}

/** What is known of one key. Only KeyId and Arn are certain: kms:DescribeKey may be denied. */
export type ListedKey = Partial<KeyMetadata> &
  KeyRunningCosts & {
    readonly KeyId: string
    readonly Arn: string
    /** In the order of their names. */
    readonly Aliases: readonly AliasListEntry[]
  }

/** Keys, and how many of them could not be described. */
export interface KeyList {
  /** Those with an alias first, in the order of their first alias, then the others by key id. */
  readonly keys: readonly ListedKey[]
  /** They are among the keys when there is no filter; with one, nobody knows whether they belong there. */
  readonly undescribed: number
}

/**
 * Lists every key, AWS managed ones included, whatever the number of pages. AWS managed aliases that
 * have no key yet are left out. Of keys that a filter leaves out, no more is read than it takes to know.
 *
 * @throws KmsealError `denied` without kms:ListKeys and kms:ListAliases, `unavailable`
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeys.html
 */
export async function listKeys(client: KMSClient, filter: KeyFilter = {}): Promise<KeyList> {
  const [entries, aliasesOf] = await Promise.all([listAllKeys(client), listAllAliases(client)])
  const filtered = Object.values(filter).some(word => word !== undefined && word !== false)
  let undescribed = 0
  const read = async ({ KeyId = '', KeyArn = '' }: KeyListEntry): Promise<ListedKey | undefined> => {
    const known = { KeyId, Arn: KeyArn, Aliases: aliasesOf.get(KeyId) ?? [] }
    if (isOtherBySight(known, filter)) return undefined
    const metadata = await describeIfAllowed(client, KeyArn)
    if (metadata === undefined) {
      undescribed++
      return filtered ? undefined : known
    }
    if (!matches(metadata, filter)) return undefined
    return { ...metadata, ...(await readRunningCosts(client, KeyArn, metadata)), ...known }
  }
  const keys = (await boundedMap(entries, keysAtOnce, read)).filter(key => key !== undefined)
  return { keys: keys.sort(byAliasThenId), undescribed }
}

/** Whether id and aliases alone tell that a filter leaves a key out. */
function isOtherBySight({ KeyId, Aliases }: ListedKey, { keyManager, multiRegion }: KeyFilter): boolean {
  if (multiRegion === true && !KeyId.startsWith('mrk-')) return true
  const managedByAws = Aliases.some(({ AliasName = '' }) => AliasName.startsWith('alias/aws/'))
  return keyManager === 'CUSTOMER' && managedByAws
}

function matches(metadata: KeyMetadata, filter: KeyFilter): boolean {
  const agrees = (wanted: string | undefined, present: string | undefined): boolean =>
    wanted === undefined || wanted === present
  return (
    agrees(filter.keyManager, metadata.KeyManager) &&
    agrees(filter.keyState, metadata.KeyState) &&
    agrees(filter.keySpec, metadata.KeySpec) &&
    agrees(filter.keyUsage, metadata.KeyUsage) &&
    agrees(filter.origin, metadata.Origin) &&
    (filter.multiRegion !== true || metadata.MultiRegion === true)
  )
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
    const isGone = error instanceof KmsealError && error.awsName === 'NotFoundException'
    if (isGone || isAccessDenied(error)) return undefined
    throw error
  }
}

function byAliasThenId(a: ListedKey, b: ListedKey): number {
  const [first, second] = [a.Aliases[0]?.AliasName, b.Aliases[0]?.AliasName]
  if (first !== undefined && second !== undefined) return compare(first, second)
  if (first !== second) return first === undefined ? 1 : -1
  return compare(a.KeyId, b.KeyId)
}
