/** Callers, policies and keys for the tests of who may do what. */

import { CreateKeyCommand, PutKeyPolicyCommand } from '@aws-sdk/client-kms'
import { account, type Mock, root } from '../mock-clients.ts'

export const other = '111122223333'
export const alice = `arn:aws:iam::${account}:user/alice`
export const bob = `arn:aws:iam::${other}:user/bob`
export const otherRoot = `arn:aws:iam::${other}:root`

/** A statement; what is left out allows everything. */
export interface Statement {
  readonly Sid?: string
  readonly Effect?: 'Allow' | 'Deny'
  readonly Principal?: unknown
  readonly Action?: string | readonly string[]
  readonly Resource?: string | readonly string[]
  readonly Condition?: Record<string, Record<string, string | readonly string[]>>
}

/** An identity policy of the given statements. */
export function identityPolicy(...statements: Statement[]): string {
  const whole = statements.map(statement => ({ Effect: 'Allow', Action: '*', Resource: '*', ...statement }))
  return JSON.stringify({ Version: '2012-10-17', Statement: whole })
}

/** A key policy: the account's root may do everything, and the given statements. */
export function keyPolicy(...statements: Statement[]): string {
  return identityPolicy({ Principal: { AWS: root }, Action: 'kms:*' }, ...statements)
}

/** A new key with a policy of the given statements beside the account's; gives its ARN. */
export async function keyWith(mock: Mock, ...statements: Statement[]): Promise<string> {
  const { KeyMetadata: key } = await mock.kms.send(new CreateKeyCommand({}))
  const KeyId = key?.Arn ?? ''
  await mock.kms.send(new PutKeyPolicyCommand({ KeyId, Policy: keyPolicy(...statements) }))
  return KeyId
}

/** The refusal of an action on a resource. */
export function denied(principal: string, action: string, resource: string, why?: string): string {
  const reason = why ?? `because no resource-based policy allows the ${action} action`
  return `AccessDeniedException: User: ${principal} is not authorized to perform: ${action} on resource: ${resource} ${reason}`
}

/** The end of a refusal for want of an identity policy. */
export const byIdentity = (action: string) => `because no identity-based policy allows the ${action} action`
