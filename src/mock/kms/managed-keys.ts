/** Keys that exist without CreateKey: those that AWS manages for a service, and the mock's first key. */

import type { Context } from '../operation.ts'
import { managedKeyPolicy } from './key-policy-text.ts'
import { type KeyRecord, loadAlias, loadKey, pointAlias } from './key-record.ts'
import { addKey, symmetricSecret } from './new-key.ts'

/** A key that AWS makes for a service on first use. */
export interface ManagedKey {
  readonly alias: string
  readonly service: string
  readonly description: string
}

/** The managed keys that the mock knows. */
export const managedKeys: readonly ManagedKey[] = [
  {
    alias: 'alias/aws/ssm',
    service: 'ssm',
    description: 'Default key that protects my SSM parameters when no other key is defined',
  },
]

/** Alias of the key that the mock makes on the first use of a Region, so that there is one to try. */
export const firstAlias = 'alias/kmseal'

/** The managed key that an alias is reserved for, or undefined. */
export function managedKeyOfAlias(alias: string): ManagedKey | undefined {
  return managedKeys.find(managed => managed.alias === alias)
}

/**
 * Makes a managed key unless it was made meanwhile.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#aws-managed-key
 */
export function makeManagedKey(context: Context, managed: ManagedKey): KeyRecord {
  return context.store.write(() => {
    const alias = loadAlias(context, managed.alias)
    const made = alias && loadKey(context, alias.target)
    if (made) return made
    const key = addKey(context, symmetricSecret(context), {
      spec: 'SYMMETRIC_DEFAULT',
      usage: 'ENCRYPT_DECRYPT',
      manager: 'AWS',
      description: managed.description,
      policy: managedKeyPolicy(context, managed.service),
    })
    pointAlias(context, managed.alias, key.id)
    return key
  })
}

/**
 * On the first use of a Region by an account, makes a symmetric key under {@link firstAlias}: one only,
 * however many processes come first at once, and never again when it was deleted.
 */
export function makeFirstKey(context: Context): void {
  const { store } = context
  const flag = `used\0${context.account}\0${context.region}`
  if (store.get(flag) !== undefined) return
  store.write(() => {
    if (store.get(flag) !== undefined) return
    store.put(flag, Buffer.from('1'))
    const key = addKey(context, symmetricSecret(context), {
      spec: 'SYMMETRIC_DEFAULT',
      usage: 'ENCRYPT_DECRYPT',
      description: 'Made by the kmseal mock on the first use of this Region',
    })
    pointAlias(context, firstAlias, key.id)
  })
}
