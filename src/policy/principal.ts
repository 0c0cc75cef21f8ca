/** Principals that a key policy can name: an account, a role by its name, or any principal by its ARN. */

import { usageError } from '../errors.ts'

const principalPattern = /^arn:(aws[a-z-]*):(iam|sts)::(\d{12}):(.+)$/
const iamResource = /^(?:root|(?:user|role)\/[\w+=,.@/-]+)$/
const stsResource = /^(?:assumed-role\/[\w+=,.@-]+|federated-user)\/[\w+=,.@-]+$/
const roleName = /^(?:[\w+=,.@-]+\/)*[\w+=,.@-]{1,64}$/

/**
 * Checks the id of an AWS account: twelve digits, zeros in front included.
 *
 * @throws KmsealError `usage`
 */
export function checkAccountId(text: string): string {
  if (/^\d{12}$/.test(text)) return text
  throw usageError('an account id has twelve digits', 'keep zeros in front, as in 012345678901')
}

/**
 * Checks the name of a role, with its path when it has one.
 *
 * @throws KmsealError `usage`
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
 */
export function checkRoleName(text: string): string {
  if (text.startsWith('arn:')) {
    throw usageError(
      '--target-role takes the name of a role, not an ARN',
      'give an ARN with --target-principal',
    )
  }
  if (text.startsWith('/')) {
    throw usageError('--target-role begins with a /', 'write the path without it, as in service-role/NAME')
  }
  if (text.length > 512 || !roleName.test(text)) {
    throw usageError(
      '--target-role is no name of a role',
      'a name has up to 64 letters, digits and +=,.@_-, after an optional path',
    )
  }
  return text
}

/** The parts of a principal's ARN that must agree with the rest of a policy. */
export interface Principal {
  readonly arn: string
  readonly partition: string
  readonly account: string
}

/**
 * Takes apart the ARN of a principal that a key policy can name: an account's root, a user, a role, a role
 * session or a federated user.
 *
 * @param option the option that it was given with, for the text of a refusal
 * @throws KmsealError `usage`
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
export function parsePrincipal(arn: string, option: string): Principal {
  const forms = 'write it as arn:aws:iam::111122223333:role/NAME, or :user/NAME, or :root'
  const match = principalPattern.exec(arn)
  if (match === null && /^arn:aws[a-z-]*:(?:iam|sts)::[^:]*:./.test(arn)) {
    throw usageError(`the account in ${option} has not twelve digits`, forms)
  }
  if (match === null) throw usageError(`${option} is no ARN of a principal`, forms)
  const [, partition = '', service, account = '', resource = ''] = match
  if (service === 'iam' && resource.startsWith('group/')) {
    throw usageError(`${option} is a group, and a group is no principal in a key policy`, forms)
  }
  if (!(service === 'iam' ? iamResource : stsResource).test(resource)) {
    throw usageError(`${option} is no ARN of a principal`, forms)
  }
  return { arn, partition, account }
}
