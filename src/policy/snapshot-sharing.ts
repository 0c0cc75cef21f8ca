/** What another account needs of a key to use snapshots that were encrypted under it. Pure: no AWS call. */

import { usageError } from '../errors.ts'
import { partitionOfRegion } from './partition.ts'
import { checkAccountId, checkRoleName, parsePrincipal } from './principal.ts'
import type { ConditionBlock, PolicyDocument, PolicyStatement } from './statement.ts'

/** The service whose snapshots are shared: EBS answers as `ec2`. */
export type SnapshotService = 'ec2' | 'rds'

/** Who may use the key, and where. */
export interface SnapshotSharing {
  /** Twelve digits. */
  readonly targetAccount: string
  /** Name of a role in the target account, with its path. */
  readonly targetRole?: string | undefined
  /** ARN of any principal in the target account. Without a role or principal, the account's root. */
  readonly targetPrincipal?: string | undefined
  /** The Region of the key and of its snapshots. */
  readonly region: string
  readonly service: SnapshotService
}

/**
 * The one statement that lets the target account decrypt and attach snapshots under this key.
 *
 * @throws KmsealError `usage` when account, role or principal are malformed or contradict each other
 * @see https://docs.aws.amazon.com/ebs/latest/userguide/share-kms-key.html
 */
export function snapshotSharingStatement(sharing: SnapshotSharing): PolicyStatement {
  return {
    Sid: keySid,
    Effect: 'Allow',
    Principal: { AWS: targetPrincipalArn(sharing) },
    Action: ['kms:Decrypt', 'kms:CreateGrant'],
    Resource: '*',
    Condition: { StringEquals: ownerConditions(sharing) },
  }
}

/**
 * All that copying a shared snapshot needs by the services' documentation, as statements of the key policy:
 * use of the key, and grants for resources of AWS services only.
 *
 * Both carry kms:ViaService: in a copy the service makes every call, DescribeKey too, as in the key policies
 * of `aws/ebs` and `aws/rds`. kms:CallerAccount is then the account that asked the service.
 *
 * @throws KmsealError `usage` as {@link snapshotSharingStatement}
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
 */
export function fullSnapshotSharingStatements(sharing: SnapshotSharing): PolicyStatement[] {
  const principal = { AWS: targetPrincipalArn(sharing) }
  const StringEquals = ownerConditions(sharing)
  return [
    {
      Sid: keySid,
      Effect: 'Allow',
      Principal: principal,
      Action: useActions,
      Resource: '*',
      Condition: { StringEquals },
    },
    {
      Sid: 'Allow grants for AWS resources with destination account',
      Effect: 'Allow',
      Principal: principal,
      Action: 'kms:CreateGrant',
      Resource: '*',
      Condition: { StringEquals, Bool: forAwsResource },
    },
  ]
}

/**
 * The other half: the IAM policy for the principal in the target account. Access from another account needs
 * both. kms:CallerAccount is left out, since the policy's holder is in that account anyway.
 *
 * @param keyArn ARN of the key in its own account; IAM matches keys by nothing else
 * @param extent `default` for the single statement, `full` for all that copying needs
 * @throws KmsealError `usage` as {@link snapshotSharingStatement}
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
 */
export function targetIamPolicy(
  sharing: SnapshotSharing,
  keyArn: string,
  extent: 'default' | 'full',
): PolicyDocument {
  // Contradictions are refused here too, although the principal is not part of the document.
  targetPrincipalArn(sharing)
  const StringEquals = { 'kms:ViaService': viaService(sharing) }
  const allow = (
    Sid: string,
    Action: string | readonly string[],
    Condition: ConditionBlock,
  ): PolicyStatement => ({
    Sid,
    Effect: 'Allow',
    Action,
    Resource: keyArn,
    Condition,
  })
  // The Sid of an IAM policy has letters and digits only, unlike that of a key policy.
  const Statement =
    extent === 'default'
      ? [allow('AllowUseOfSharedSnapshotKey', ['kms:Decrypt', 'kms:CreateGrant'], { StringEquals })]
      : [
          allow('AllowUseOfSharedSnapshotKey', useActions, { StringEquals }),
          allow('AllowGrantsForAWSResources', 'kms:CreateGrant', { StringEquals, Bool: forAwsResource }),
        ]
  return { Version: '2012-10-17', Statement }
}

/** What a copy needs, and the single statement does not allow. */
export const actionsOnlyInFull = ['kms:DescribeKey', 'kms:ReEncrypt*', 'kms:GenerateDataKey*'] as const

/**
 * The same statements with the target account in their Sids, and the service unless it is EC2, so that several targets
 * stand side by side in one policy.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_sid.html
 */
export function withAccountInSids(
  statements: readonly PolicyStatement[],
  { targetAccount, service }: SnapshotSharing,
): PolicyStatement[] {
  const suffix = service === 'ec2' ? targetAccount : `${targetAccount} ${service}`
  return statements.map(statement => ({ ...statement, Sid: `${statement.Sid} ${suffix}` }))
}

const keySid = 'Allow use of the key with destination account'
const useActions = ['kms:DescribeKey', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*'] as const
const forAwsResource = { 'kms:GrantIsForAWSResource': 'true' } as const

function ownerConditions(sharing: SnapshotSharing): Record<string, string> {
  return { 'kms:ViaService': viaService(sharing), 'kms:CallerAccount': sharing.targetAccount }
}

/**
 * The service as kms:ViaService names it. Unlike endpoints, the value ends in .amazonaws.com in every partition, China
 * included.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
 */
export function viaService({ service, region }: SnapshotSharing): string {
  return `${service}.${region}.amazonaws.com`
}

/**
 * The ARN of the principal that the key is shared with.
 *
 * @throws KmsealError `usage` as {@link snapshotSharingStatement}
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
export function targetPrincipalArn(sharing: SnapshotSharing): string {
  const account = checkAccountId(sharing.targetAccount)
  const partition = partitionOfRegion(sharing.region)
  if (sharing.targetPrincipal === undefined) {
    const role = sharing.targetRole === undefined ? undefined : checkRoleName(sharing.targetRole)
    return `arn:${partition}:iam::${account}:${role === undefined ? 'root' : `role/${role}`}`
  }
  if (sharing.targetRole !== undefined) {
    throw usageError('--target-role and --target-principal are both given', 'give one of them')
  }
  const principal = parsePrincipal(sharing.targetPrincipal, '--target-principal')
  if (principal.account !== account) {
    throw usageError(
      `--target-principal is in account ${principal.account}, not in --target-account ${account}`,
      'give the account of the principal',
    )
  }
  if (principal.partition !== partition) {
    throw usageError(
      `--target-principal is in partition ${principal.partition}, but the Region ${sharing.region} is in ${partition}`,
      'snapshots and keys cannot be shared across partitions',
    )
  }
  return principal.arn
}
