/** CreateAlias, UpdateAlias, DeleteAlias and ListAliases. */

import { parseArn } from '../arn.ts'
import { AwsException, accessDenied, validationException } from '../exceptions.ts'
import { type Context, defineOperation } from '../operation.ts'
import { integer, required, string } from '../validation.ts'
import { authorizeKey, authorizeWithoutKey } from './authorize.ts'
import { findKey } from './key-lookup.ts'
import {
  type AliasRecord,
  aliasArn,
  aliases,
  aliasesOfKeys,
  type KeyRecord,
  loadAlias,
  loadKey,
  pointAlias,
} from './key-record.ts'
import { knownSpecs } from './key-specs.ts'
import { listPage } from './listing.ts'
import { managedKeys } from './managed-keys.ts'
import { keyIdMember, markerMember } from './members.ts'
import { requireState } from './states.ts'

const mostAliases = 50
const reserved = 'alias/aws/'
const aliasNameMember = required(string({ min: 1, max: 256, pattern: /^[a-zA-Z0-9:/_-]+$/ }))

/**
 * CreateAlias, for a customer managed key of the same account and Region.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html
 */
export const createAlias = defineOperation(
  { AliasName: aliasNameMember, TargetKeyId: required(keyIdMember) },
  (context, input) =>
    context.store.write(() => {
      const name = input.AliasName
      checkAliasName(name)
      if (name.startsWith(reserved)) {
        throw new AwsException(
          'InvalidAliasNameException',
          'The alias name for a customer managed CMK cannot begin with alias/aws/.',
        )
      }
      authorizeWithoutKey(context, 'kms:CreateAlias', aliasArn(context, name))
      const key = findTarget(context, input.TargetKeyId, 'CreateAlias')
      if (loadAlias(context, name) !== undefined) {
        throw new AwsException(
          'AlreadyExistsException',
          `An alias with the name ${aliasArn(context, name)} already exists`,
        )
      }
      requireRoom(context, key)
      pointAlias(context, name, key.id)
      return undefined
    }),
)

/**
 * UpdateAlias: moves an alias to another key of the same kind and usage.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_UpdateAlias.html
 */
export const updateAlias = defineOperation(
  { AliasName: aliasNameMember, TargetKeyId: required(keyIdMember) },
  (context, input) =>
    context.store.write(() => {
      const name = input.AliasName
      checkAliasName(name)
      const before = findAliasTarget(context, name, 'UpdateAlias')
      const key = findTarget(context, input.TargetKeyId, 'UpdateAlias')
      if (key.usage !== before.usage) {
        throw validationException(
          `Alias ${name} cannot be changed from a CMK with key usage ${before.usage} to a CMK with key usage ${key.usage}`,
        )
      }
      if (knownSpecs.get(key.spec)?.kind !== knownSpecs.get(before.spec)?.kind) {
        throw validationException(
          `Alias ${name} cannot be changed from a CMK with key spec ${before.spec} to a CMK with key spec ${key.spec}`,
        )
      }
      if (key.id !== before.id) requireRoom(context, key)
      pointAlias(context, name, key.id)
      return undefined
    }),
)

/**
 * DeleteAlias: the key stays.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_DeleteAlias.html
 */
export const deleteAlias = defineOperation({ AliasName: aliasNameMember }, (context, input) =>
  context.store.write(() => {
    const name = input.AliasName
    checkAliasName(name)
    const key = findAliasTarget(context, name, 'DeleteAlias')
    aliases.remove(context.store, context, name)
    aliasesOfKeys.remove(context.store, context, `${key.id}/${name}`)
    return undefined
  }),
)

/**
 * ListAliases: of one key or of all, in pages of 50 by default, at most 100. Aliases of managed keys that
 * were not used yet come without TargetKeyId.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_ListAliases.html
 */
export const listAliases = defineOperation(
  { KeyId: keyIdMember, Limit: integer({ min: 1, max: 100 }), Marker: markerMember },
  (context, input) => {
    authorizeWithoutKey(context, 'kms:ListAliases')
    const { store } = context
    const owner = parseArn(input.KeyId ?? '')?.account ?? context.account
    if (owner !== context.account) throw accessDenied(context.principal, 'kms:ListAliases', input.KeyId ?? '')
    const key =
      input.KeyId === undefined
        ? undefined
        : findKey(context, input.KeyId, { operation: 'ListAliases', aliases: false })
    const listing = `ListAliases ${context.account} ${context.region} ${key?.id ?? ''}`
    return listPage(listing, input.Marker, input.Limit ?? 50, 'Aliases', after =>
      key === undefined ? ofAll(after) : ofKey(key, after),
    )

    function* ofKey({ id }: KeyRecord, after: string | undefined) {
      const lead = `${id}/`
      const position = after === undefined ? undefined : lead + after
      for (const [entry] of aliasesOfKeys.list(store, context, lead, { after: position })) {
        const name = entry.slice(lead.length)
        const alias = aliases.get(store, context, name)
        if (alias) yield [name, entryOf(name, alias)] as const
      }
    }

    function* ofAll(after: string | undefined) {
      // Merged in order, since a page may end anywhere.
      const unused = managedKeys
        .map(managed => managed.alias)
        .filter(
          name => aliases.get(store, context, name) === undefined && (after === undefined || name > after),
        )
        .sort()
      for (const [name, alias] of aliases.list(store, context, '', { after })) {
        while (unused[0] !== undefined && unused[0] < name) yield unusedEntry(unused.shift() ?? '')
        if (loadKey(context, alias.target)) yield [name, entryOf(name, alias)] as const
      }
      for (const name of unused) yield unusedEntry(name)
    }

    function unusedEntry(name: string) {
      return [name, { AliasName: name, AliasArn: aliasArn(context, name) }] as const
    }

    function entryOf(name: string, alias: AliasRecord) {
      return {
        AliasName: name,
        AliasArn: aliasArn(context, name),
        TargetKeyId: alias.target,
        CreationDate: alias.created / 1000,
        LastUpdatedDate: alias.updated / 1000,
      }
    }
  },
)

function checkAliasName(name: string): void {
  if (!name.startsWith('alias/') || name === 'alias/') {
    throw validationException(
      'Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html',
    )
  }
  if (name.includes(':')) throw validationException(`${name} contains invalid characters for an alias`)
}

function findTarget(context: Context, keyId: string, operation: string): KeyRecord {
  if (keyId.startsWith('alias/') || keyId.includes(':alias/')) {
    throw validationException('Aliases must refer to keys. Not aliases')
  }
  const key = findKey(context, keyId, { operation, aliases: false })
  requireState(key, 'change')
  return key
}

function findAliasTarget(context: Context, name: string, operation: string): KeyRecord {
  authorizeWithoutKey(context, `kms:${operation}`, aliasArn(context, name))
  const alias = loadAlias(context, name)
  const key = alias && loadKey(context, alias.target)
  if (key?.manager === 'AWS' || (key === undefined && managedKeys.some(managed => managed.alias === name))) {
    throw accessDenied(context.principal, `kms:${operation}`, aliasArn(context, name))
  }
  if (key === undefined)
    throw new AwsException('NotFoundException', `Alias ${aliasArn(context, name)} is not found.`)
  authorizeKey(context, key, `kms:${operation}`)
  return key
}

function requireRoom(context: Context, key: KeyRecord): void {
  const present = [...aliasesOfKeys.list(context.store, context, `${key.id}/`, { limit: mostAliases })]
  if (present.length >= mostAliases) throw new AwsException('LimitExceededException')
}
