/** Who calls: the kinds of principals that can sign a request, told from their ARNs. */

/** The kinds of callers; `role` is some session of the role, whichever. */
export type CallerKind = 'root' | 'user' | 'role' | 'assumed-role' | 'federated-user' | 'service'

/** A principal that makes a request. */
export interface Caller {
  readonly kind: CallerKind
  /** ARN, or the name of a service principal such as `ec2.amazonaws.com`. */
  readonly arn: string
  /** Undefined for services. */
  readonly partition: string | undefined
  /** Twelve digits; undefined for services. */
  readonly account: string | undefined
  /** Name of the user or role, without its path; empty for others. */
  readonly name: string
  /** ARN of the role, path included. Undefined when it is no role, or when a session's ARN does not tell. */
  readonly roleArn: string | undefined
}

/**
 * Tells what a caller is. The ARN of a session leaves the path of its role out, so that conditions on
 * `aws:PrincipalArn` stay undecided unless `roleArn` gives it.
 *
 * @param arn ARN of an account's root, a user, role, role session or federated user, or a service principal
 * @returns undefined for anything else
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
 */
export function parseCaller(arn: string, roleArn?: string): Caller | undefined {
  if (/^[a-z0-9-]+(?:\.[a-z0-9-]+)*\.amazonaws\.com(?:\.cn)?$/.test(arn)) {
    return { kind: 'service', arn, partition: undefined, account: undefined, name: '', roleArn: undefined }
  }
  const match = /^arn:(aws[a-z-]*):(iam|sts)::(\d{12}):(.+)$/.exec(arn)
  if (match === null) return undefined
  const [, partition, service, account, resource = ''] = match
  const caller = (kind: CallerKind, name = '', role?: string): Caller => ({
    kind,
    arn,
    partition,
    account,
    name,
    roleArn: role,
  })
  if (service === 'iam' && resource === 'root') return caller('root')
  const [, type, name] = named.exec(resource) ?? []
  if (service === 'iam') {
    if (type === 'user') return caller('user', name)
    return type === 'role' ? caller('role', name, arn) : undefined
  }
  const [, role] = session.exec(resource) ?? []
  if (role !== undefined) return caller('assumed-role', role, roleArn)
  return /^federated-user\/[\w+=,.@-]+$/.test(resource) ? caller('federated-user') : undefined
}

const named = /^(user|role)\/(?:[\w+=,.@-]+\/)*([\w+=,.@-]+)$/
const session = /^assumed-role\/([\w+=,.@-]+)\/[\w+=,.@-]+$/
