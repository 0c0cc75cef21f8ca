/** Whether another account can copy snapshots under a key: what its service asks KMS, decided action by action. */

import { parseCaller } from './caller.ts'
import type { AccessDecision } from './decision.ts'
import { explainAccess } from './explain-access.ts'
import type { Grant } from './grant-access.ts'
import type { ParsedPolicy } from './parsed-policy.ts'
import { partitionOfRegion } from './partition.ts'
import { type SnapshotSharing, targetPrincipalArn, viaService } from './snapshot-sharing.ts'

/** What is known of a key and of the one who copies. */
export interface SnapshotAccess {
  readonly sharing: SnapshotSharing
  readonly keyArn: string
  readonly keyPolicy: ParsedPolicy
  /** The principal's IAM policies; undefined when they are not known. */
  readonly identityPolicies: readonly ParsedPolicy[] | undefined
  /** Undefined when they are not known. */
  readonly grants: readonly Grant[] | undefined
}

/** The answer for one action. */
export interface ActionDecision {
  readonly action: string
  readonly answer: AccessDecision
}

/** What a copy asks of the key that the snapshot is under. */
const copyActions = [
  'kms:DescribeKey',
  'kms:Decrypt',
  'kms:ReEncryptFrom',
  'kms:GenerateDataKeyWithoutPlaintext',
  'kms:CreateGrant',
] as const

/**
 * Decides each action of a copy in the target account, made by the service for the principal. For a whole account it
 * is some principal of the account that the key policy does not name by itself. Policies of organizations are not
 * looked at.
 *
 * @see https://docs.aws.amazon.com/ebs/latest/userguide/ebs-copy-snapshot.html
 */
export function decideSnapshotCopy(access: SnapshotAccess): ActionDecision[] {
  const { sharing, keyArn, keyPolicy, identityPolicies, grants } = access
  const caller = parseCaller(copierArn(sharing))
  if (caller === undefined) throw new TypeError('a target principal that can be shared with is a caller')
  return copyActions.map(action => ({
    action,
    answer: explainAccess({
      keyArn,
      caller,
      action,
      viaService: viaService(sharing),
      keyPolicy,
      identityPolicies,
      grants,
    }).answer,
  }))
}

/** What all actions together amount to: denied when one is, allowed when all are. */
export function overallDecision(decisions: readonly ActionDecision[]): AccessDecision['decision'] {
  const found = new Set(decisions.map(({ answer }) => answer.decision))
  return found.has('denied') ? 'denied' : found.has('unknown') ? 'unknown' : 'allowed'
}

/** A session of a role that nobody names: its role's path, and so its ARN, is not known. */
function copierArn(sharing: SnapshotSharing): string {
  const arn = targetPrincipalArn(sharing)
  if (!arn.endsWith(':root')) return arn
  return `arn:${partitionOfRegion(sharing.region)}:sts::${sharing.targetAccount}:assumed-role/ANY/ANY`
}
