/** CreateKey. */

import { firstOf } from '../../policy/request.ts'
import { accessRequest } from '../authorization.ts'
import { notEmulated, validationException } from '../exceptions.ts'
import { type Context, defineOperation } from '../operation.ts'
import { boolean, string } from '../validation.ts'
import { authorizeWithoutKey } from './authorize.ts'
import { newKeyValues, requestValues } from './condition-values.ts'
import { keyMetadata } from './key-metadata.ts'
import { keyArn } from './key-record.ts'
import { type KeyUsage, keySpecs, keyUsages, knownSpecs } from './key-specs.ts'
import { policyMember, tagsMember } from './members.ts'
import { addKey, newSecret } from './new-key.ts'
import { checkedPolicy } from './policy-check.ts'
import { checkTags } from './tags.ts'

/**
 * CreateKey.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html
 */
export const createKey = defineOperation(
  {
    Policy: policyMember,
    Description: string({ max: 8192 }),
    KeyUsage: string({ values: keyUsages }),
    CustomerMasterKeySpec: string({ values: keySpecs }),
    KeySpec: string({ values: keySpecs }),
    Origin: string({ values: ['EXTERNAL', 'AWS_CLOUDHSM', 'AWS_KMS', 'EXTERNAL_KEY_STORE'] }),
    CustomKeyStoreId: string({ min: 1, max: 64 }),
    XksKeyId: string({ min: 1, max: 128 }),
    BypassPolicyLockoutSafetyCheck: boolean(),
    Tags: tagsMember,
    MultiRegion: boolean(),
  },
  async (context, input) => {
    authorizeWithoutKey(context, 'kms:CreateKey')
    if (input.KeySpec !== undefined && input.CustomerMasterKeySpec !== undefined) {
      throw validationException(
        'You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is deprecated.',
      )
    }
    const spec = input.KeySpec ?? input.CustomerMasterKeySpec ?? 'SYMMETRIC_DEFAULT'
    if (input.KeyUsage === undefined && spec !== 'SYMMETRIC_DEFAULT') {
      throw validationException(
        'You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.',
      )
    }
    if (input.CustomKeyStoreId !== undefined || input.XksKeyId !== undefined)
      throw notEmulated('A custom key store')
    const { Origin: origin = 'AWS_KMS' } = input
    const external = origin === 'EXTERNAL'
    if (!external && origin !== 'AWS_KMS') throw notEmulated(`Origin ${origin}`)
    if (external && input.MultiRegion) throw notEmulated('A multi-Region key with imported material')
    const known = knownSpecs.get(spec)
    if (known === undefined) throw notEmulated(`KeySpec ${spec}`)
    const usage = (input.KeyUsage ?? 'ENCRYPT_DECRYPT') as KeyUsage
    if (known.algorithms[usage] === undefined) {
      throw validationException(`KeyUsage ${usage} is not compatible with KeySpec ${spec}`)
    }
    const tags = input.Tags ?? []
    checkTags(tags)
    if (tags.length > 0) authorizeWithoutKey(context, 'kms:TagResource')
    const policy = input.Policy === undefined ? undefined : newPolicy(context, input.Policy, input)
    const secret = external ? undefined : await newSecret(context, known.material)
    const key = context.store.write(() =>
      addKey(context, secret, {
        spec,
        usage,
        tags,
        multiRegion: input.MultiRegion,
        ...(policy === undefined ? {} : { policy }),
        ...(input.Description === undefined ? {} : { description: input.Description }),
      }),
    )
    return { KeyMetadata: keyMetadata(context, key) }
  },
)

function newPolicy(
  context: Context,
  text: string,
  input: { readonly BypassPolicyLockoutSafetyCheck?: boolean | undefined },
): string {
  const action = 'kms:CreateKey'
  const values = firstOf(requestValues(context, action), newKeyValues(context.request))
  // The key has no id yet, and a policy cannot name it.
  const request = accessRequest(context, action, keyArn(context, 'new'), values)
  return checkedPolicy(context, text, request, input.BypassPolicyLockoutSafetyCheck)
}
