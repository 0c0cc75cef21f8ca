/** Names of keys that begin as typed, for completion. */

import { type KMSClient, paginateListAliases, paginateListKeys } from '@aws-sdk/client-kms'

/**
 * Aliases, or for what begins as an ARN or id, these. Aliases of AWS managed keys only for what begins as theirs.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_ListAliases.html
 */
export async function keyNames(client: KMSClient, typed: string): Promise<string[]> {
  if (typed.startsWith('arn:'))
    return [...(await aliases(client, 'AliasArn')), ...(await keys(client, 'KeyArn'))]
  if (/^(mrk-|[0-9a-f]{2})/.test(typed)) return keys(client, 'KeyId')
  const names = await aliases(client, 'AliasName')
  return names.filter(name => !name.startsWith('alias/aws/') || typed.startsWith('alias/aws'))
}

async function aliases(client: KMSClient, member: 'AliasName' | 'AliasArn'): Promise<string[]> {
  const names: string[] = []
  for await (const { Aliases } of paginateListAliases({ client, pageSize: 100 }, {})) {
    names.push(...(Aliases ?? []).map(alias => alias[member] ?? ''))
  }
  return names
}

async function keys(client: KMSClient, member: 'KeyId' | 'KeyArn'): Promise<string[]> {
  const names: string[] = []
  for await (const { Keys } of paginateListKeys({ client, pageSize: 1000 }, {})) {
    names.push(...(Keys ?? []).map(key => key[member] ?? ''))
  }
  return names
}
