/** DescribeKey, ListKeys and GetPublicKey: what there is to know about keys. */

import { AwsException } from '../exceptions.ts'
import { defineOperation } from '../operation.ts'
import { required } from '../validation.ts'
import { authorizeWithoutKey } from './authorize.ts'
import { findKey } from './key-lookup.ts'
import { algorithmList, keyMetadata } from './key-metadata.ts'
import { keys, loadKey } from './key-record.ts'
import { knownSpecs } from './key-specs.ts'
import { listPage } from './listing.ts'
import { loadMaterial } from './materials.ts'
import { grantTokensMember, keyIdMember, limitMember, markerMember } from './members.ts'
import { requireState } from './states.ts'

/**
 * DescribeKey. On the alias of a managed key that was not used yet, it makes that key.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html
 */
export const describeKey = defineOperation(
  { KeyId: required(keyIdMember), GrantTokens: grantTokensMember },
  (context, input) => ({
    KeyMetadata: keyMetadata(
      context,
      findKey(context, input.KeyId, { operation: 'DescribeKey', aliases: true }),
    ),
  }),
)

/**
 * ListKeys: pages of 100 by default, at most 1000.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_ListKeys.html
 */
export const listKeys = defineOperation({ Limit: limitMember, Marker: markerMember }, (context, input) => {
  authorizeWithoutKey(context, 'kms:ListKeys')
  const listing = `ListKeys ${context.account} ${context.region}`
  const size = input.Limit ?? 100
  return listPage(listing, input.Marker, size, 'Keys', after =>
    visible(keys.list(context.store, context, '', { after })),
  )

  function* visible(found: ReturnType<typeof keys.list>) {
    for (const [id, key] of found) {
      if (loadKey(context, key.id)) yield [id, { KeyId: key.id, KeyArn: key.arn }] as const
    }
  }
})

/**
 * GetPublicKey, of asymmetric keys.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_GetPublicKey.html
 */
export const getPublicKey = defineOperation(
  { KeyId: required(keyIdMember), GrantTokens: grantTokensMember },
  (context, input) => {
    const key = findKey(context, input.KeyId, { operation: 'GetPublicKey', aliases: true })
    requireState(key, 'use')
    if (knownSpecs.get(key.spec)?.kind !== 'asymmetric')
      throw new AwsException('UnsupportedOperationException')
    return {
      KeyId: key.arn,
      PublicKey: loadMaterial(context, key.materialId)?.publicKey,
      CustomerMasterKeySpec: key.spec,
      KeySpec: key.spec,
      KeyUsage: key.usage,
      ...algorithmList(key),
    }
  },
)
