/** From what a caller names a key by (id, ARN, alias, alias ARN) to the key. */

import { parseArn } from '../arn.ts'
import { AwsException, accessDenied } from '../exceptions.ts'
import type { Context } from '../operation.ts'
import { authorizeKey } from './authorize.ts'
import { rotateWhenDue } from './key-materials.ts'
import { aliasArn, type KeyRecord, keyArn, loadAlias, loadKey } from './key-record.ts'
import { makeManagedKey, managedKeyOfAlias } from './managed-keys.ts'

/** How a KeyId is resolved for an operation. */
export interface LookupRules {
  /** Name of the operation, for texts of refusals. */
  readonly operation: string
  /** Whether an alias may stand for the key. */
  readonly aliases: boolean
  /** The action that the caller needs, where it is not named like the operation; without its prefix. */
  readonly action?: string | undefined
}

const idForm = /^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32})$/

/**
 * Finds the key that `KeyId` names, for a caller who may do this to it.
 *
 * @throws AwsException NotFoundException, InvalidArnException (an alias where none is taken, or a malformed
 *   ARN), AccessDeniedException
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id
 */
export function findKey(context: Context, given: string, rules: LookupRules): KeyRecord {
  const key = resolveKey(context, given, rules)
  const action = actionOf(rules)
  // Where an alias of another account leads is not said.
  const hidden = key.account !== context.account && given !== key.arn
  authorizeKey(
    context,
    key,
    action,
    hidden ? () => accessDenied(context.principal, action, given) : undefined,
  )
  return rotateWhenDue(context, key, () => loadKey(ownerContext(context, key.account), key.id) ?? key)
}

/**
 * Finds the key that `KeyId` names, for whomever.
 *
 * @throws AwsException NotFoundException, InvalidArnException; AccessDeniedException for a key of another
 *   account that does not exist, as if it did
 */
export function resolveKey(context: Context, given: string, rules: LookupRules): KeyRecord {
  return given.startsWith('arn:') ? byArn(context, given, rules) : byName(context, given, rules)
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
  const [type, ...rest] = arn.resource.split('/')
  const name = type === 'key' ? rest.join('/') : arn.resource
  if (type === 'key' && !idForm.test(name)) {
    throw new AwsException('NotFoundException', `Invalid keyId '${name}'`)
  }
  if (arn.account === context.account) return byName(context, name, rules)
  if (managedKeyOfAlias(name)) throw accessDenied(context.principal, actionOf(rules), given)
  try {
    return byName(ownerContext(context, arn.account), name, rules)
  } catch (error) {
    if (!(error instanceof AwsException) || error.code !== 'NotFoundException') throw error
    // Nobody learns what exists in another account.
    throw accessDenied(context.principal, actionOf(rules), given)
  }
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
  const makes = rules.operation === 'DescribeKey' || context.viaService !== undefined
  const unused = alias === undefined && makes ? makeUnusedManagedKey(context, name) : undefined
  const key = alias === undefined ? unused : loadKey(context, alias.target)
  if (key === undefined) {
    throw new AwsException('NotFoundException', `Alias ${aliasArn(context, name)} is not found.`)
  }
  return key
}

/** The state as the account of a key sees it. */
function ownerContext(context: Context, account: string): Context {
  return account === context.account ? context : { ...context, account }
}

function actionOf({ operation, action = operation }: LookupRules): string {
  return `kms:${action}`
}

function makeUnusedManagedKey(context: Context, alias: string): KeyRecord | undefined {
  const managed = managedKeyOfAlias(alias)
  return managed === undefined ? undefined : makeManagedKey(context, managed)
}
