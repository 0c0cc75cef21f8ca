/** Key policies as text: the default ones, and the service's way of printing one. */

import type { Context } from '../operation.ts'

/**
 * The policy of a key that was made without one: the account's root may do everything, which lets IAM
 * policies count.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
 */
export function defaultKeyPolicy(context: Context): string {
  return printPolicy({
    Version: '2012-10-17',
    Id: 'key-default-1',
    Statement: [
      {
        Sid: 'Enable IAM User Permissions',
        Effect: 'Allow',
        Principal: { AWS: rootArn(context) },
        Action: 'kms:*',
        Resource: '*',
      },
    ],
  })
}

/**
 * The policy of a key that AWS manages for a service: the account's principals may use it through that
 * service only, and its root may look at it.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/aws-managed-policy.html
 */
export function managedKeyPolicy(context: Context, service: string): string {
  return printPolicy({
    Version: '2012-10-17',
    Id: `auto-${service}-1`,
    Statement: [
      {
        Sid: `Allow access through ${service} for all principals in the account that are authorized to use it`,
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: ['kms:Encrypt', 'kms:Decrypt', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:DescribeKey'],
        Resource: '*',
        Condition: {
          StringEquals: {
            'kms:CallerAccount': context.account,
            'kms:ViaService': `${service}.${context.region}.amazonaws.com`,
          },
        },
      },
      {
        Sid: 'Allow direct access to key metadata to the account',
        Effect: 'Allow',
        Principal: { AWS: rootArn(context) },
        Action: ['kms:Describe*', 'kms:Get*', 'kms:List*'],
        Resource: '*',
      },
    ],
  })
}

/** Prints a policy as the service does: indented by two, ` : ` after names, lists opened on their line. */
export function printPolicy(value: unknown, indent = ''): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  if (Array.isArray(value)) {
    return value.length === 0 ? '[ ]' : `[ ${value.map(item => printPolicy(item, indent)).join(', ')} ]`
  }
  const deeper = `${indent}  `
  const members = Object.entries(value).map(
    ([name, member]) => `${deeper}${JSON.stringify(name)} : ${printPolicy(member, deeper)}`,
  )
  return members.length === 0 ? '{ }' : `{\n${members.join(',\n')}\n${indent}}`
}

function rootArn(context: Context): string {
  return `arn:${context.partition}:iam::${context.account}:root`
}
