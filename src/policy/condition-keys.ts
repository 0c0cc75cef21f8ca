/** The names of condition keys that are known: a condition on any other is not decided. */

const kmsKeys = `BypassPolicyLockoutSafetyCheck CallerAccount CustomerMasterKeySpec CustomerMasterKeyUsage
  DataKeyPairSpec EncryptionAlgorithm EncryptionContextKeys ExpirationModel GrantConstraintType
  GrantIsForAWSResource GrantOperations GranteePrincipal KeyAgreementAlgorithm KeyOrigin KeySpec KeyUsage
  MacAlgorithm MessageType MultiRegion MultiRegionKeyType PrimaryRegion ReEncryptOnSameKey ReplicaRegion
  RequestAlias ResourceAliases RetiringPrincipal RotationPeriodInDays ScheduleKeyDeletionPendingWindowInDays
  SigningAlgorithm ValidTo ViaService WrappingAlgorithm WrappingKeySpec`

const globalKeys = `CalledVia CalledViaFirst CalledViaLast ChatbotSourceArn CurrentTime EpochTime
  FederatedProvider MultiFactorAuthAge MultiFactorAuthPresent PrincipalAccount PrincipalArn
  PrincipalIsAWSService PrincipalOrgID PrincipalOrgPaths PrincipalServiceName PrincipalServiceNamesList
  PrincipalType Referer RequestedRegion ResourceAccount ResourceOrgID ResourceOrgPaths SecureTransport
  SourceAccount SourceArn SourceIdentity SourceIp SourceOrgID SourceOrgPaths SourceVpc SourceVpcArn SourceVpce
  TagKeys TokenIssueTime UserAgent ViaAWSService VpcSourceIp userid username`

/** The condition keys of KMS and the global ones, as AWS writes them; those that end in a name of the user's aside. */
export const knownConditionKeys: readonly string[] = [
  ...prefixed('kms', kmsKeys),
  ...prefixed('aws', globalKeys),
]

const names = new Set(knownConditionKeys.map(key => key.toLowerCase()))

/** Prefixes of keys that go on with a name of the user's: an encryption context key, a tag. */
const families = [
  'kms:encryptioncontext:',
  'kms:recipientattestation:',
  'aws:principaltag/',
  'aws:requesttag/',
  'aws:resourcetag/',
]

/** Keys that every request has, so that leaving one out of a description does not make it absent. */
const everywhere = new Set(
  [
    ...prefixed('aws', 'CurrentTime EpochTime PrincipalType RequestedRegion SecureTransport userid'),
    ...prefixed('aws', 'PrincipalIsAWSService ViaAWSService'),
  ].map(key => key.toLowerCase()),
)

/**
 * Whether a condition key is one of KMS's or a global one. Letter case does not matter.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/policy-conditions.html
 */
export function isKnownConditionKey(key: string): boolean {
  const lower = key.toLowerCase()
  return names.has(lower) || families.some(family => lower.startsWith(family) && lower !== family)
}

/**
 * Whether every request has a condition key, whoever calls whatever. Letter case does not matter.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
export function isAlwaysPresent(key: string): boolean {
  return everywhere.has(key.toLowerCase())
}

function prefixed(prefix: string, list: string): string[] {
  return list.split(/\s+/).map(name => `${prefix}:${name}`)
}
