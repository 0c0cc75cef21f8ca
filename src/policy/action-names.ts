/** The actions of KMS by name: which a pattern covers, and which a misspelt one means. */

import { closest } from './closest.ts'
import { compileWildcard, matchesWildcard } from './wildcard.ts'

const names =
  `CancelKeyDeletion ConnectCustomKeyStore CreateAlias CreateCustomKeyStore CreateGrant CreateKey Decrypt
  DeleteAlias DeleteCustomKeyStore DeleteImportedKeyMaterial DeriveSharedSecret DescribeCustomKeyStores DescribeKey
  DisableKey DisableKeyRotation DisconnectCustomKeyStore EnableKey EnableKeyRotation Encrypt GenerateDataKey
  GenerateDataKeyPair GenerateDataKeyPairWithoutPlaintext GenerateDataKeyWithoutPlaintext GenerateMac GenerateRandom
  GetKeyPolicy GetKeyRotationStatus GetParametersForImport GetPublicKey ImportKeyMaterial ListAliases ListGrants
  ListKeyPolicies ListKeyRotations ListKeys ListResourceTags ListRetirableGrants PutKeyPolicy ReEncryptFrom
  ReEncryptTo ReplicateKey RetireGrant RevokeGrant RotateKeyOnDemand ScheduleKeyDeletion Sign
  SynchronizeMultiRegionKey TagResource UntagResource UpdateAlias UpdateCustomKeyStore UpdateKeyDescription
  UpdatePrimaryRegion Verify VerifyMac`.split(/\s+/)

/**
 * All actions of KMS that a policy can name, as AWS writes them, such as `kms:Decrypt`.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html
 */
export const kmsActions: readonly string[] = names.map(name => `kms:${name}`)

/** The actions that an Action pattern of a policy covers, such as `kms:Get*` or `*`, without regard to letter case. */
export function actionsOf(pattern: string): readonly string[] {
  const compiled = compileWildcard(pattern.toLowerCase())
  return kmsActions.filter(action => matchesWildcard(compiled, action.toLowerCase()))
}

/**
 * What a name that is no action probably means: an action, or with a `*` all that begin so.
 *
 * @param action with its prefix `kms:`
 */
export function suggestedAction(action: string): string | undefined {
  const name = action.replace(/^kms:/i, '').replace(/[*?]+$/, '')
  if (name === '') return undefined
  const longer = names.find(known => known.toLowerCase().startsWith(name.toLowerCase()))
  if (longer !== undefined) return `kms:${longer.slice(0, name.length)}*`
  const found = closest(name, names)
  return found === undefined ? undefined : `kms:${found}`
}
