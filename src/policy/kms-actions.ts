/** What authorization must know of the KMS actions: which need no key, cross accounts, or bind a context. */

/** Actions that have no key: only IAM policies of the caller count. */
const withoutKey = lowered([
  'ConnectCustomKeyStore',
  'CreateCustomKeyStore',
  'CreateKey',
  'DeleteCustomKeyStore',
  'DescribeCustomKeyStores',
  'DisconnectCustomKeyStore',
  'GenerateRandom',
  'ListAliases',
  'ListKeys',
  'ListRetirableGrants',
  'UpdateCustomKeyStore',
])

/** Actions that bind an encryption context, so that a grant's constraints apply. */
const withContext = lowered([
  'Decrypt',
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyPair',
  'GenerateDataKeyPairWithoutPlaintext',
  'GenerateDataKeyWithoutPlaintext',
  'ReEncryptFrom',
  'ReEncryptTo',
])

/** Actions that a grant can hold. */
const grantable = new Set([
  ...withContext,
  ...lowered([
    'CreateGrant',
    'DeriveSharedSecret',
    'DescribeKey',
    'GenerateMac',
    'GetPublicKey',
    'RetireGrant',
    'Sign',
    'Verify',
    'VerifyMac',
  ]),
])

const acrossAccounts = new Set([
  ...grantable,
  ...lowered(['GetKeyRotationStatus', 'ListGrants', 'RevokeGrant']),
])

/**
 * Whether an action, such as `kms:CreateKey`, has no key, so that only the caller's IAM policies count.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/kms-api-permissions-reference.html
 */
export function isActionWithoutKey(action: string): boolean {
  return withoutKey.has(action.toLowerCase())
}

/**
 * Whether principals of other accounts can be given an action; policies that try others have no effect.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
 */
export function isCrossAccountAction(action: string): boolean {
  return acrossAccounts.has(action.toLowerCase())
}

/**
 * Whether a grant can hold an action.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/grants.html
 */
export function isGrantAction(action: string): boolean {
  return grantable.has(action.toLowerCase())
}

/**
 * Whether the encryption context of a grant's constraints applies to an action.
 *
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_GrantConstraints.html
 */
export function isEncryptionContextAction(action: string): boolean {
  return withContext.has(action.toLowerCase())
}

/**
 * Whether a request for an action has an encryption context that conditions can look at: its own, or for
 * `kms:CreateGrant` that of the constraints.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-encryption-context
 */
export function takesEncryptionContext(action: string): boolean {
  return isEncryptionContextAction(action) || action.toLowerCase() === 'kms:creategrant'
}

const usages: readonly (readonly [RegExp, string])[] = [
  [/^kms:(?:encrypt|decrypt|reencrypt(?:from|to)|generatedatakey.*)$/, 'ENCRYPT_DECRYPT'],
  [/^kms:(?:sign|verify)$/, 'SIGN_VERIFY'],
  [/^kms:(?:generatemac|verifymac)$/, 'GENERATE_VERIFY_MAC'],
  [/^kms:derivesharedsecret$/, 'KEY_AGREEMENT'],
]

/**
 * The key usage that an action needs of its key; nothing for those that every key has.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/create-keys.html#key-usage
 */
export function keyUsageOf(action: string): string | undefined {
  return usages.find(([actions]) => actions.test(action.toLowerCase()))?.[1]
}

function lowered(names: readonly string[]): ReadonlySet<string> {
  return new Set(names.map(name => `kms:${name}`.toLowerCase()))
}
