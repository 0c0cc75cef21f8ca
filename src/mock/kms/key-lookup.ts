/** From what a caller names a key by (id, ARN, alias, alias ARN) to the key. */

import { parseArn } from '../arn.ts'
import { AwsException, accessDenied } from '../exceptions.ts'
import type { Context } from '../operation.ts'
import { rotateWhenDue } from './key-materials.ts'
import { aliasArn, type KeyRecord, keyArn, loadAlias, loadKey } from './key-record.ts'
import { makeManagedKey, managedKeyOfAlias } from './managed-keys.ts'

/** How a KeyId is resolved for an operation. */
export interface LookupRules {
  /** Name of the operation, for texts of refusals. */
  readonly operation: string
  /** Whether an alias may stand for the key. */
  readonly aliases: boolean
  /** Whether the operation may work on a key that AWS manages; direct callers mostly may not. */
  readonly managedKeys?: boolean
}

const idForm = /^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32})$/

/**
 * Finds the key that `KeyId` names.
 *
 * @throws AwsException NotFoundException, InvalidArnException (an alias where none is taken, or a malformed
 *   ARN), AccessDeniedException (another account's key, or one that AWS manages)
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id
 */
export function findKey(context: Context, given: string, rules: LookupRules): KeyRecord {
  const key = given.startsWith('arn:') ? byArn(context, given, rules) : byName(context, given, rules)
  if (key.manager === 'AWS' && !rules.managedKeys && context.viaService === undefined) {
    throw accessDenied(context.principal, `kms:${rules.operation}`, key.arn)
  }
  return rotateWhenDue(context, key, () => loadKey(context, key.id) ?? key)
}

function byArn(context: Context, given: string, rules: LookupRules): KeyRecord {
  const arn = parseArn(given)
  if (
    arn?.service !== 'kms' ||
    arn.partition !== context.partition ||
    !/^(key|alias)\/./.test(arn.resource)
  ) {
    throw new AwsException('InvalidArnException', 'Invalid ARN.')
  }
  if (arn.region !== context.region) throw new AwsException('NotFoundException', `Invalid arn ${arn.region}`)
  // No policy is evaluated yet, and without one another account's key is closed, whether it exists or not.
  if (arn.account !== context.account) throw accessDenied(context.principal, `kms:${rules.operation}`, given)
  return byName(context, arn.resource.replace(/^key\//, ''), rules)
}

function byName(context: Context, name: string, rules: LookupRules): KeyRecord {
  if (!name.startsWith('alias/')) {
    if (!idForm.test(name)) throw new AwsException('NotFoundException', `Invalid keyId '${name}'`)
    const key = loadKey(context, name)
    if (key === undefined)
      throw new AwsException('NotFoundException', `Key '${keyArn(context, name)}' does not exist`)
    return key
  }
  if (!rules.aliases) {
    throw new AwsException('InvalidArnException', 'Key Aliases are not supported for this operation.')
  }
  const alias = loadAlias(context, name)
  const key = alias === undefined ? makeUnusedManagedKey(context, name) : loadKey(context, alias.target)
  if (key === undefined) {
    throw new AwsException('NotFoundException', `Alias ${aliasArn(context, name)} is not found.`)
  }
  return key
}

function makeUnusedManagedKey(context: Context, alias: string): KeyRecord | undefined {
  const managed = managedKeyOfAlias(alias)
  return managed === undefined ? undefined : makeManagedKey(context, managed)
}
