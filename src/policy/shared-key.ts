/** Which keys can be shared with another account, and how a policy there names them. */

import { KmsealError, usageError } from '../errors.ts'
import { partitionOfRegion } from './partition.ts'

/** Whether a key id names an AWS managed key by its alias, such as `alias/aws/ebs` or the ARN of it. */
export function isAwsManagedAlias(keyId: string): boolean {
  return /^(?:arn:aws[a-z-]*:kms:[^:]*:[^:]*:)?alias\/aws\//.test(keyId)
}

/**
 * Refuses to share an AWS managed key, saying why it cannot be done and what can.
 *
 * @param keyManager as DescribeKey tells it, where it was asked
 * @param hint what to do instead
 * @throws KmsealError `failed` for an AWS managed key, known by its alias or by its manager
 * @see https://docs.aws.amazon.com/ebs/latest/userguide/ebs-modifying-snapshot-permissions.html
 */
export function refuseAwsManagedKey(
  keyId: string,
  keyManager?: string,
  hint = 'copy the snapshot under a customer managed key (kmseal create-key) and share that one',
): void {
  if (!isAwsManagedAlias(keyId) && keyManager !== 'AWS') return
  throw new KmsealError(
    'failed',
    `${keyId} is an AWS managed key: its key policy admits its own account only, and nobody can change it`,
    { hint },
  )
}

/**
 * Checks that the partition in a key's ARN is that of its Region. Other forms of key ids have none.
 *
 * @throws KmsealError `usage`
 */
export function checkKeyPartition(keyId: string, region: string): void {
  const partition = /^arn:([^:]*):/.exec(keyId)?.[1]
  if (partition === undefined || partition === partitionOfRegion(region)) return
  throw usageError(
    `the key ARN names partition ${partition}, but its Region ${region} is in ${partitionOfRegion(region)}`,
    'copy the ARN from describe-key',
  )
}

/**
 * Checks that a key is given as the Resource of an IAM policy in another account must name it: by key ARN.
 *
 * @throws KmsealError `usage`, saying why an alias or a key id alone does not do
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/cmks-in-iam-policies.html
 */
export function checkKeyArnForIam(keyId: string | undefined): string {
  const hint = 'give --key-id arn:aws:kms:REGION:ACCOUNT:key/ID, as describe-key prints it'
  if (keyId === undefined) throw usageError('--iam needs the ARN of the key, for Resource', hint)
  if (/^arn:[^:]*:kms:[^:]*:\d{12}:key\//.test(keyId)) return keyId
  if (/(?:^|:)alias\//.test(keyId)) {
    throw usageError('--iam needs the ARN of the key: an alias in Resource matches no key', hint)
  }
  throw usageError('--iam needs the ARN of the key: a key id alone means a key of the target account', hint)
}
