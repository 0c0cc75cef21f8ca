/** AWS managed keys, which no policy can open to another account. */

import { KmsealError } from '../errors.ts'

/** Whether a key id names an AWS managed key by its alias, such as `alias/aws/ebs` or the ARN of it. */
export function isAwsManagedAlias(keyId: string): boolean {
  return /^(?:arn:aws[a-z-]*:kms:[^:]*:[^:]*:)?alias\/aws\//.test(keyId)
}

/**
 * Refuses to share an AWS managed key, saying why it cannot be done and what can.
 *
 * @throws KmsealError `failed` for the alias of an AWS managed key
 * @see https://docs.aws.amazon.com/ebs/latest/userguide/ebs-modifying-snapshot-permissions.html
 */
export function refuseAwsManagedKey(keyId: string): void {
  if (!isAwsManagedAlias(keyId)) return
  throw new KmsealError(
    'failed',
    `${keyId} is an AWS managed key: its key policy admits its own account only, and nobody can change it`,
    { hint: 'copy the snapshot under a customer managed key (kmseal create-key) and share that one' },
  )
}
