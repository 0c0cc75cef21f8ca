/** The key policy of a new key with administrators and users of its own. Pure: no AWS call. */

import { usageError } from '../errors.ts'
import { actionsOfAbility, administratorActions } from './key-abilities.ts'
import { checkSharedPrincipal } from './key-sharing.ts'
import type { PolicyDocument, PolicyStatement } from './statement.ts'

/** A new key, as far as its policy depends on it. */
export interface KeyForPolicy {
  /** Account of the key, twelve digits. */
  readonly account: string
  /** Such as `aws`. */
  readonly partition: string
  readonly keySpec: string
  readonly keyUsage: string
  readonly multiRegion: boolean
  /** Whether its key material is imported. */
  readonly imported: boolean
}

/** Who shall administer and use a new key, by ARN. */
export interface KeyPrincipals {
  readonly admins: readonly string[]
  readonly users: readonly string[]
}

/**
 * Checks principals of a key policy before anything is asked.
 *
 * @param option the option that they were given with
 * @param partition of the key; principals of another one can never use it
 * @returns them without repetitions, in the order given
 * @throws KmsealError `usage`
 */
export function checkKeyPrincipals(option: string, arns: readonly string[], partition: string): string[] {
  return [...new Set(arns.map(arn => checkSharedPrincipal(arn, partition, { option })))]
}

/**
 * The policy that the AWS console gives a new key: IAM policies of the account count; administrators may manage the
 * key and its policy, but not use it; users may do with it what its key usage allows, and let AWS services do so for
 * them.
 *
 * @throws KmsealError `usage` for an administrator of another account, whom KMS would not let administer anything
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
 */
export function newKeyPolicy(key: KeyForPolicy, { admins, users }: KeyPrincipals): PolicyDocument {
  if (admins.some(arn => arn.split(':')[4] !== key.account)) {
    throw usageError(
      '--admin is of another account, and only principals of its own can administer a key',
      `name one of account ${key.account}`,
    )
  }
  const statements: PolicyStatement[] = [
    allow('Enable IAM User Permissions', [`arn:${key.partition}:iam::${key.account}:root`], 'kms:*'),
  ]
  if (admins.length > 0) {
    statements.push(allow('Allow access for Key Administrators', admins, adminActions(key)))
  }
  if (users.length > 0) statements.push(allow('Allow use of the key', users, useActions(key)))
  // No AWS service uses HMAC keys.
  if (users.length > 0 && key.keyUsage !== 'GENERATE_VERIFY_MAC') {
    statements.push({
      ...allow('Allow attachment of persistent resources', users, actionsOfAbility('grant')),
      Condition: { Bool: { 'kms:GrantIsForAWSResource': 'true' } },
    })
  }
  return { Version: '2012-10-17', Id: 'key-consolepolicy-3', Statement: statements }
}

function allow(
  Sid: string,
  [first = '', ...others]: readonly string[],
  Action: string | readonly string[],
): PolicyStatement {
  const AWS = others.length === 0 ? first : [first, ...others]
  return { Sid, Effect: 'Allow', Principal: { AWS }, Action, Resource: '*' }
}

function adminActions({ multiRegion, imported }: KeyForPolicy): string[] {
  return [
    ...administratorActions,
    ...(imported ? ['kms:ImportKeyMaterial'] : []),
    ...(multiRegion ? ['kms:ReplicateKey', 'kms:UpdatePrimaryRegion'] : []),
  ]
}

function useActions({ keySpec, keyUsage }: KeyForPolicy): readonly string[] {
  if (keyUsage === 'SIGN_VERIFY') return ['kms:DescribeKey', 'kms:GetPublicKey', 'kms:Sign', 'kms:Verify']
  if (keyUsage === 'KEY_AGREEMENT') return ['kms:DescribeKey', 'kms:GetPublicKey', 'kms:DeriveSharedSecret']
  if (keyUsage === 'GENERATE_VERIFY_MAC') return ['kms:DescribeKey', 'kms:GenerateMac', 'kms:VerifyMac']
  const encrypting = ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*']
  return keySpec === 'SYMMETRIC_DEFAULT'
    ? [...encrypting, 'kms:GenerateDataKey*', 'kms:DescribeKey']
    : [...encrypting, 'kms:DescribeKey', 'kms:GetPublicKey']
}
