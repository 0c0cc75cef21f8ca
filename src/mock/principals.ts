/** Who calls, and the IAM policies of principals. A principal that was given none may do everything in its account. */

import { usageError } from '../errors.ts'
import { type Caller, parseCaller } from '../policy/caller.ts'
import { hasUnknownOperator } from '../policy/condition.ts'
import { parsePolicy, requirePolicy } from '../policy/document.ts'
import type { ParsedPolicy, PolicyKind } from '../policy/parsed-policy.ts'
import type { Context } from './operation.ts'
import type { Store } from './store.ts'

/** The IAM policy of a principal, as kept. */
interface IdentityPolicy {
  /** ARN that the policy was given to. */
  readonly principal: string
  readonly document: string
}

const everything = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'

/**
 * The caller of a request. The path of a session's role is that of the role that was given a policy, else none.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
 */
export function callerOf(context: Context): Caller {
  const { principal, partition, account } = context
  const caller = parseCaller(principal)
  if (caller === undefined) throw new TypeError('the principal of a mock caller is no ARN of a principal')
  if (caller.kind !== 'assumed-role') return caller
  const given = load(context.store, caller)?.principal ?? `arn:aws:iam::${account}:role/${caller.name}`
  return parseCaller(principal, given.replace(/^arn:[^:]+/, `arn:${partition}`)) ?? caller
}

/** The IAM policies of the caller. */
export function identityPoliciesOf(context: Context): readonly ParsedPolicy[] {
  const caller = parseCaller(context.principal)
  const document = caller && load(context.store, caller)?.document
  const policy = parsedPolicy(document ?? everything, 'identity policy')
  return policy === undefined ? [] : [policy]
}

/**
 * Gives a principal an IAM policy in place of the one that it had, or takes it away.
 *
 * @param arn of a user, a role (for all its sessions) or a federated user
 * @throws KmsealError usage for another ARN, or for a document that is no IAM policy
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_identity-vs-resource.html
 */
export function setIdentityPolicy(store: Store, arn: string, document: string | undefined): void {
  const caller = parseCaller(arn)
  if (caller === undefined || caller.kind === 'service') {
    throw usageError('the principal is no user or role', 'write it as arn:aws:iam::111122223333:user/NAME')
  }
  if (caller.kind === 'root') {
    throw usageError('IAM policies do not apply to the root user', 'name a user or a role')
  }
  if (caller.kind === 'assumed-role') {
    throw usageError('a session has no IAM policy of its own', 'give the policy to its role')
  }
  if (document === undefined) {
    store.write(() => store.remove(policyKey(caller)))
    return
  }
  if (hasUnknownOperator(requirePolicy(document, 'identity policy', 'the document'))) {
    throw usageError('the document is no IAM policy: a condition operator is not known')
  }
  const policy: IdentityPolicy = { principal: arn, document }
  store.write(() => store.put(policyKey(caller), Buffer.from(JSON.stringify(policy))))
}

const cache = new Map<string, ParsedPolicy | undefined>()
const mostCached = 1000

/** A policy by its text, parsed once; undefined for a text that is no policy. */
export function parsedPolicy(text: string, kind: PolicyKind): ParsedPolicy | undefined {
  const key = `${kind} ${text}`
  const known = cache.get(key)
  if (known !== undefined) return known
  const result = parsePolicy(text, kind)
  const policy = 'document' in result ? result.document : undefined
  if (cache.size >= mostCached) cache.clear()
  cache.set(key, policy)
  return policy
}

function load(store: Store, caller: Caller): IdentityPolicy | undefined {
  if (caller.kind === 'root') return undefined
  const found = store.get(policyKey(caller))
  return found === undefined ? undefined : (JSON.parse(found.toString()) as IdentityPolicy)
}

/** A role's name is unique in its account, whatever the path, and so is a user's. */
function policyKey({ kind, account, name, arn }: Caller): string {
  const type = kind === 'assumed-role' ? 'role' : kind
  return `identity-policy\0${account}\0${name === '' ? arn.split(':').at(-1) : `${type}/${name}`}`
}
