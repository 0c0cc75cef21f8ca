/** Answers whether a principal may do something with a key, and says why: only what is known counts. */

import type { Caller } from './caller.ts'
import { type AccessDecision, describeDecision, nameOf } from './decision.ts'
import { evaluateKeyAccess } from './evaluate.ts'
import type { Grant } from './grant-access.ts'
import { isEncryptionContextAction, takesEncryptionContext } from './kms-actions.ts'
import type { ParsedPolicy } from './parsed-policy.ts'
import { matchPrincipal } from './principal-element.ts'
import { type AccessRequest, conditionValues } from './request.ts'
import { unmetConditions } from './statement-match.ts'

/** What is known of a key beside its policy. */
export interface KeyFacts {
  readonly keySpec?: string | undefined
  readonly keyUsage?: string | undefined
  readonly origin?: string | undefined
  readonly multiRegion?: boolean | undefined
  readonly multiRegionKeyType?: string | undefined
}

/** Who wants to do what, and everything that is known about it. */
export interface AccessQuestion {
  /** ARN of the key itself, not of an alias. */
  readonly keyArn: string
  readonly caller: Caller
  /** Such as `kms:Decrypt`. */
  readonly action: string
  /** The service that calls for the principal, such as `ec2.eu-west-1.amazonaws.com`; undefined for a direct call. */
  readonly viaService?: string | undefined
  /** Undefined when it is not known; `{}` for none. Actions that take none have none. */
  readonly encryptionContext?: Readonly<Record<string, string>> | undefined
  /** Undefined when it is not known. */
  readonly keyPolicy: ParsedPolicy | undefined
  /** All IAM policies of the principal; undefined when they are not known. */
  readonly identityPolicies: readonly ParsedPolicy[] | undefined
  /** Undefined when they are not known. */
  readonly grants: readonly Grant[] | undefined
  readonly key?: KeyFacts | undefined
  /** Milliseconds since 1970 of the call; undefined when it is not known. */
  readonly now?: number | undefined
}

/** The answer. */
export interface AccessExplanation {
  readonly answer: AccessDecision
  /** One sentence each, the deciding one first: lower case, no final stop, names as they stand in the policies. */
  readonly reasons: readonly string[]
  /**
   * What keeps the answer from being `allowed`: `KeyPolicy`, `IamPolicy` or both when they do not allow it or were not
   * given, `Grants` when they were not, then conditions that could not be decided, as `operator key`.
   */
  readonly missing: readonly string[]
}

/**
 * Explains the access of a principal to a key: allowed, denied, or unknown when something that was not given could
 * change the answer. Service and resource control policies, permissions boundaries, session policies and policies
 * of VPC endpoints are not looked at: they can only take away.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/policy-evaluation.html
 */
export function explainAccess(question: AccessQuestion): AccessExplanation {
  const { keyArn, keyPolicy, identityPolicies, grants } = question
  const request = requestOf(question)
  const keyAccount = keyArn.split(':')[4] ?? ''
  const answer = evaluateKeyAccess({ request, keyPolicy, keyAccount, identityPolicies, grants })
  const nearly = answer.decision === 'allowed' ? [] : nearMisses(question, request)
  return { answer, reasons: [describeDecision(answer), ...nearly], missing: missingParts(answer) }
}

function requestOf(question: AccessQuestion): AccessRequest {
  const { keyArn, caller, action, viaService, encryptionContext, key, now } = question
  const via = viaService === undefined ? [] : [viaService]
  return {
    caller,
    action,
    resource: keyArn,
    encryptionContext: takesEncryptionContext(action) ? encryptionContext : {},
    values: conditionValues([
      ['kms:ViaService', via],
      ['aws:ViaAWSService', [String(via.length > 0)]],
      ['kms:GrantIsForAWSResource', /Grants?$/i.test(action) ? [String(via.length > 0)] : []],
      ['aws:RequestedRegion', [keyArn.split(':')[3] ?? '']],
      // KMS answers over TLS only.
      ['aws:SecureTransport', ['true']],
      ...(now === undefined ? [] : timeValues(now)),
      ...(key === undefined ? [] : keyValues(key, action)),
    ]),
    others: 'unknown',
  }
}

type Values = readonly (readonly [name: string, values: readonly string[]])[]

function timeValues(now: number): Values {
  return [
    ['aws:CurrentTime', [new Date(now).toISOString()]],
    ['aws:EpochTime', [String(Math.floor(now / 1000))]],
  ]
}

function keyValues(key: KeyFacts, action: string): Values {
  const { keySpec, keyUsage, origin, multiRegion, multiRegionKeyType } = key
  const known = (names: readonly string[], value: string | undefined): Values =>
    value === undefined ? [] : names.map(name => [`kms:${name}`, [value]] as const)
  return [
    ...known(['KeySpec', 'CustomerMasterKeySpec'], keySpec),
    ...known(['KeyUsage', 'CustomerMasterKeyUsage'], keyUsage),
    ...known(['KeyOrigin'], origin),
    ...known(['MultiRegion'], multiRegion === undefined ? undefined : String(multiRegion)),
    ...known(['MultiRegionKeyType'], multiRegionKeyType),
    ...(multiRegion === false ? [['kms:MultiRegionKeyType', []] as const] : []),
    // Symmetric keys have one algorithm.
    ...(keySpec === 'SYMMETRIC_DEFAULT' && isEncryptionContextAction(action)
      ? known(['EncryptionAlgorithm'], keySpec)
      : []),
  ]
}

/** The statements that would allow it but for their conditions. */
function nearMisses(question: AccessQuestion, request: AccessRequest): string[] {
  const { keyPolicy, identityPolicies = [], caller } = question
  const documents = [
    ...(keyPolicy === undefined ? [] : [{ policy: 'key policy' as const, parsed: keyPolicy }]),
    ...identityPolicies.map((parsed, document) => ({ policy: 'identity policy' as const, parsed, document })),
  ]
  return documents.flatMap(({ policy, parsed, ...place }) =>
    parsed.statements.flatMap((statement, index) => {
      const { effect, principal, sid } = statement
      if (effect !== 'Allow') return []
      const match = principal && matchPrincipal(principal, effect, caller)
      if (match !== undefined && match.direct === false && match.account === false) return []
      const unmet = unmetConditions(statement, parsed.version, request)
      if (unmet.length === 0) return []
      const name = nameOf({ policy, index, sid, ...place })
      return [`${name} would allow it, but its condition ${unmet.join(', ')} does not hold`]
    }),
  )
}

const halves = {
  'key policy': ['KeyPolicy'],
  'identity policy': ['IamPolicy'],
  both: ['KeyPolicy', 'IamPolicy'],
}

function missingParts(answer: AccessDecision): string[] {
  if (answer.decision === 'allowed' || answer.reason === 'explicit-deny') return []
  const half = answer.missingHalf === undefined ? [] : halves[answer.missingHalf]
  if (answer.decision === 'denied') return half
  const grants = answer.reason === 'grants-not-given' ? ['Grants'] : []
  return [...half, ...grants, ...(answer.undecided ?? [])]
}
