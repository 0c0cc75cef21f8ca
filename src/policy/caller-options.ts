/** Who makes a request, and through what, as somebody names it on a command line. */

import { usageError } from '../errors.ts'
import { type Caller, parseCaller } from './caller.ts'
import { parsePrincipal } from './principal.ts'

/**
 * Reads who makes a request: the ARN of an account's root, user, role, role session or federated user, or a service.
 *
 * @param option names the value for the error text
 * @throws KmsealError `usage` for anything else
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
 */
export function checkCaller(text: string, option: string): Caller {
  const caller = parseCaller(text)
  if (caller !== undefined) return caller
  if (/^\d{12}$/.test(text)) {
    throw usageError(
      `${option} is an account, and it is principals that call`,
      `its root is arn:aws:iam::${text}:root`,
    )
  }
  parsePrincipal(text, option)
  throw usageError(`${option} is no ARN of a principal`)
}

/**
 * Reads the service that calls KMS for a principal: its short name, or the whole value of kms:ViaService.
 *
 * @param region of the key
 * @returns such as `ec2.eu-west-1.amazonaws.com`, which ends so in every partition
 * @throws KmsealError `usage`, also for another Region
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
 */
export function checkViaService(text: string, region: string): string {
  if (/^[a-z][a-z0-9-]{0,62}$/.test(text)) return `${text}.${region}.amazonaws.com`
  const named = /^[a-z][a-z0-9-]{0,62}\.([a-z0-9-]+)\.amazonaws\.com$/.exec(text)?.[1]
  if (named === region) return text
  if (named === undefined) {
    throw usageError('--via-service is no service', `write it as ec2, or ec2.${region}.amazonaws.com`)
  }
  throw usageError(
    `--via-service is in ${named}, but the key is in ${region}`,
    'a service calls KMS in its own Region',
  )
}
