/** Requests and policies for the tests of evaluation. */

import { parseCaller } from '../../src/policy/caller.ts'
import { parsePolicy } from '../../src/policy/document.ts'
import { evaluateKeyAccess, type KeyAccess } from '../../src/policy/evaluate.ts'
import type { Grant } from '../../src/policy/grant-access.ts'
import type { ParsedPolicy, PolicyKind } from '../../src/policy/parsed-policy.ts'
import type { AccessRequest } from '../../src/policy/request.ts'

/** Owner of the key. */
export const owner = '111122223333'
/** Another account. */
export const other = '444455556666'
export const keyArn = `arn:aws:kms:eu-central-1:${owner}:key/1234abcd-12ab-34cd-56ef-1234567890ab`

/** ARN of an IAM principal, such as `user/alice`. */
export const iam = (resource: string, account = owner): string => `arn:aws:iam::${account}:${resource}`
/** ARN of a role session. */
export const session = (role: string, name = 's', account = owner): string =>
  `arn:aws:sts::${account}:assumed-role/${role}/${name}`

/** A statement as it stands in JSON. */
export type Statement = Record<string, unknown>

/** A statement of a key policy. */
export const allow = (principal: unknown, rest: Statement = {}): Statement => ({
  Effect: 'Allow',
  Principal: principal === '*' ? '*' : typeof principal === 'string' ? { AWS: principal } : principal,
  Action: 'kms:*',
  Resource: '*',
  ...rest,
})
export const deny = (principal: unknown, rest: Statement = {}): Statement => ({
  ...allow(principal, rest),
  Effect: 'Deny',
})
/** A statement of an identity policy. */
export const may = (rest: Statement = {}): Statement => ({
  Effect: 'Allow',
  Action: 'kms:*',
  Resource: keyArn,
  ...rest,
})
export const mayNot = (rest: Statement = {}): Statement => ({ ...may(rest), Effect: 'Deny' })

/** Reads a policy that is right. */
export function policy(kind: PolicyKind, ...statements: Statement[]): ParsedPolicy {
  const result = parsePolicy(JSON.stringify({ Version: '2012-10-17', Statement: statements }), kind)
  if ('problems' in result) throw new Error(JSON.stringify(result.problems))
  return result.document
}
export const keyPolicy = (...statements: Statement[]): ParsedPolicy => policy('key policy', ...statements)
export const identityPolicy = (...statements: Statement[]): ParsedPolicy =>
  policy('identity policy', ...statements)

/** A request whose description is complete. */
export function request(caller: string, rest: Partial<AccessRequest> = {}): AccessRequest {
  const parsed = parseCaller(caller)
  if (parsed === undefined) throw new Error(caller)
  return {
    caller: parsed,
    action: 'kms:Decrypt',
    resource: keyArn,
    encryptionContext: {},
    others: 'absent',
    ...rest,
  }
}

/** What a test varies. */
export interface Case {
  readonly key?: readonly Statement[]
  /** Undefined: not given. */
  readonly identity?: readonly Statement[] | undefined
  readonly grants?: readonly Grant[]
  readonly request?: Partial<AccessRequest>
  readonly access?: Partial<KeyAccess>
}

/** Evaluates a request of a caller; without identity statements, the caller has no policies. */
export function evaluate(caller: string, given: Case) {
  const identity = 'identity' in given ? given.identity : []
  return evaluateKeyAccess({
    request: request(caller, given.request),
    keyPolicy: keyPolicy(...(given.key ?? [])),
    keyAccount: owner,
    identityPolicies: identity && [identityPolicy(...identity)],
    grants: given.grants ?? [],
    ...given.access,
  })
}
