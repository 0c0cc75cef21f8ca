/** What somebody can be let do with a key, in words, and the actions of KMS that each needs. */

import { usageError } from '../errors.ts'
import { actionsOf } from './action-names.ts'
import { takesEncryptionContext } from './kms-actions.ts'

/** What can be shared of a key. */
export const abilities = [
  'encrypt',
  'decrypt',
  'sign',
  'verify',
  'generate-mac',
  'verify-mac',
  'derive',
  'view',
  'grant',
  'administer',
] as const

/** One of {@link abilities}. */
export type Ability = (typeof abilities)[number]

/**
 * What the AWS console gives the administrators of every key, wherever its key material is from.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#key-policy-default-allow-administrators
 */
export const administratorActions: readonly string[] = [
  ...['kms:Create*', 'kms:Describe*', 'kms:Enable*', 'kms:List*', 'kms:Put*', 'kms:Update*'],
  ...['kms:Revoke*', 'kms:Disable*', 'kms:Get*', 'kms:Delete*', 'kms:TagResource', 'kms:UntagResource'],
  ...['kms:ScheduleKeyDeletion', 'kms:CancelKeyDeletion', 'kms:RotateKeyOnDemand'],
]

const actions: Readonly<Record<Ability, readonly string[]>> = {
  encrypt: ['kms:Encrypt', 'kms:GenerateDataKey*', 'kms:ReEncryptTo'],
  decrypt: ['kms:Decrypt', 'kms:ReEncryptFrom'],
  sign: ['kms:Sign'],
  verify: ['kms:Verify'],
  'generate-mac': ['kms:GenerateMac'],
  'verify-mac': ['kms:VerifyMac'],
  derive: ['kms:DeriveSharedSecret'],
  view: ['kms:DescribeKey', 'kms:GetPublicKey', 'kms:GetKeyRotationStatus'],
  grant: ['kms:CreateGrant', 'kms:ListGrants', 'kms:RevokeGrant'],
  administer: [...administratorActions, 'kms:ImportKeyMaterial', 'kms:ReplicateKey'],
}

const usages: Readonly<Partial<Record<Ability, string>>> = {
  encrypt: 'ENCRYPT_DECRYPT',
  decrypt: 'ENCRYPT_DECRYPT',
  sign: 'SIGN_VERIFY',
  verify: 'SIGN_VERIFY',
  'generate-mac': 'GENERATE_VERIFY_MAC',
  'verify-mac': 'GENERATE_VERIFY_MAC',
  derive: 'KEY_AGREEMENT',
}

/**
 * The actions that an ability needs.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html
 */
export function actionsOfAbility(ability: Ability): readonly string[] {
  return actions[ability]
}

/** Whether an ability binds an encryption context, so that it can be limited to one. */
export function isLimitedByContext(ability: Ability): boolean {
  return (
    ability !== 'administer' &&
    actions[ability].some(action => actionsOf(action).every(takesEncryptionContext))
  )
}

/** What a list of abilities is about, as far as it is known. */
export interface AbilityCheck {
  /** Of the key; undefined when it is not known. */
  readonly keyUsage?: string | undefined
  readonly keySpec?: string | undefined
  readonly acrossAccounts: boolean
  readonly limitedToContext: boolean
}

/**
 * Checks that abilities can have an effect.
 *
 * @throws KmsealError `usage` for an ability that the key does not have, that cannot be given to another account, or
 *   for an encryption context that none of them has
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
 */
export function checkAbilities(wanted: readonly Ability[], about: AbilityCheck): void {
  for (const ability of wanted) {
    const usage = usages[ability]
    if (usage !== undefined && about.keyUsage !== undefined && about.keyUsage !== usage) {
      const can = abilities.filter(other => usages[other] === about.keyUsage)
      throw usageError(
        `the key is for ${about.keyUsage}: nobody can ${ability} with it`,
        `it can ${can.join(', ')}`,
      )
    }
  }
  if (about.acrossAccounts && wanted.includes('administer')) {
    throw usageError(
      '--can administer cannot be given to another account: KMS lets none administer a key but its own',
      "share it with a role of the key's account, which the other account may assume",
    )
  }
  if (!about.limitedToContext) return
  if (about.keySpec !== undefined && about.keySpec !== 'SYMMETRIC_DEFAULT') {
    throw usageError(`a ${about.keySpec} key has no encryption context`, 'leave --encryption-context away')
  }
  if (!wanted.some(isLimitedByContext)) {
    throw usageError(
      `--encryption-context has no meaning for --can ${wanted.join(' and ')}`,
      'it limits encrypt, decrypt and grant',
    )
  }
}
