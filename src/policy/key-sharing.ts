/** The two halves of sharing a key with a principal: key policy statements, and an IAM policy. Pure: no AWS call. */

import { usageError } from '../errors.ts'
import { type Ability, abilities, actionsOfAbility, isLimitedByContext } from './key-abilities.ts'
import { parsePrincipal } from './principal.ts'
import type { PolicyDocument, PolicyStatement } from './statement.ts'
import { sameStatement, withoutRoot } from './statement-meaning.ts'

/** What is shared, with whom, and under which conditions. */
export interface KeySharing {
  /** ARN of the principal. */
  readonly principal: string
  /** In any order; repetitions do not count. */
  readonly abilities: readonly Ability[]
  /** Pairs that the encryption context must have; it may have more. */
  readonly encryptionContext?: Readonly<Record<string, string>> | undefined
  /** The service that must call for the principal, such as `ec2.eu-west-1.amazonaws.com`. */
  readonly viaService?: string | undefined
}

/**
 * Checks a principal that a key is to be shared with.
 *
 * @param partition of the key
 * @param options.taken whether it is taken back: then the id that KMS shows for a deleted user or role will do
 * @param options.option the option that it was given with
 * @throws KmsealError `usage` for a session of a role, a group, another partition, or no ARN of a principal
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
export function checkSharedPrincipal(
  text: string,
  partition: string,
  {
    taken = false,
    option = '--principal',
  }: { readonly taken?: boolean | undefined; readonly option?: string } = {},
): string {
  if (/^A(?:IDA|ROA)[A-Z0-9]{8,}$/.test(text)) {
    if (taken) return text
    throw usageError(`${option} is the id of a user or role, and policies take ARNs`, 'give its ARN')
  }
  if (/^\d{12}$/.test(text)) {
    throw usageError(`${option} takes an ARN`, `the whole account is arn:${partition}:iam::${text}:root`)
  }
  const session = /^arn:([^:]*):sts::(\d{12}):assumed-role\/([^/]+)/.exec(text)
  if (session !== null) {
    const [, of = '', account = '', role = ''] = session
    throw usageError(
      `${option} is a session of a role, and ends with it`,
      `name the role: arn:${of}:iam::${account}:role/${role}, with its path if it has one`,
    )
  }
  const principal = parsePrincipal(text, option)
  if (principal.partition === partition) return text
  throw usageError(
    `${option} is in partition ${principal.partition}, but the key is in ${partition}`,
    'keys cannot be shared across partitions',
  )
}

/**
 * Checks an encryption context that is to stand in conditions.
 *
 * @throws KmsealError `usage` for what a policy would read as something else, and for no pairs at all
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
export function checkSharedContext(
  context: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const pairs = Object.entries(context)
  if (pairs.length === 0)
    throw usageError('--encryption-context has no pairs', 'leave it away for any context')
  if (pairs.flat().some(text => text.includes('${'))) {
    throw usageError('--encryption-context has ${, which a policy reads as a variable')
  }
  const names = pairs.map(([name]) => name.toLowerCase())
  if (new Set(names).size < names.length) {
    throw usageError(
      '--encryption-context has keys that differ in letter case only, which conditions do not tell apart',
    )
  }
  return context
}

/** What has the same conditions stands in one statement. */
interface Part {
  readonly actions: readonly string[]
  /** What it lets somebody do, in words of letters. */
  readonly name: string
  readonly context: boolean
  readonly forAwsResource: boolean
}

/**
 * The statements for the policy of the key: one for everything under the same conditions. An encryption context limits
 * the actions that have one; grants are for AWS services only.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-modifying-external-accounts.html
 */
export function keySharingStatements(sharing: KeySharing): PolicyStatement[] {
  const { principal } = sharing
  return partsOf(sharing).map(part => ({
    Sid: `Allow ${nameOf(principal)} to ${part.name}`,
    Effect: 'Allow',
    Principal: { AWS: principal },
    Action: part.actions,
    Resource: '*',
    ...conditionOf(part, sharing),
  }))
}

/**
 * The other half: the IAM policy for the principals, which those of other accounts need too.
 *
 * @param keyArn ARN of the key itself; IAM matches keys by nothing else
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/cmks-in-iam-policies.html
 */
export function sharedKeyIamPolicy(sharing: Omit<KeySharing, 'principal'>, keyArn: string): PolicyDocument {
  const Statement = partsOf(sharing).map(part => ({
    // The Sid of an IAM policy has letters and digits only.
    Sid: `Allow${pascalCase(part.name)}`,
    Effect: 'Allow' as const,
    Action: part.actions,
    Resource: keyArn,
    ...conditionOf(part, sharing),
  }))
  return { Version: '2012-10-17', Statement }
}

/**
 * The statements of a key policy that sharing the key with a principal makes, whatever was shared: those with its
 * principal, actions and conditions, and a Sid as it writes them. Without the Sid, what the AWS console writes for the
 * users of a key would be among them. Of users and roles that were deleted, by whatever Sid.
 *
 * @param text JSON text of the policy
 */
export function statementsSharedWith(text: string, principal: string): PolicyStatement[] {
  const { Statement: statements }: { Statement?: unknown } = JSON.parse(text)
  return [statements].flat().flatMap(statement => {
    const { Sid, Action, Condition } = (statement ?? {}) as Readonly<Record<string, unknown>>
    if (principal.startsWith('arn:') && !ownSid.test(String(Sid))) return []
    const given = new Set([Action].flat().map(action => String(action).toLowerCase()))
    const able = abilities.filter(ability =>
      actionsOfAbility(ability).some(action => given.has(action.toLowerCase())),
    )
    const conditions = Object.entries(
      (Condition as { StringEquals?: object } | undefined)?.StringEquals ?? {},
    )
    const viaService = textOf(conditions.find(([key]) => key.toLowerCase() === 'kms:viaservice')?.[1])
    const pairs = conditions.flatMap(([key, value]): [string, string][] => {
      const name = /^kms:encryptioncontext:(.+)$/is.exec(key)?.[1]
      const text = textOf(value)
      return name === undefined || text === undefined ? [] : [[name, text]]
    })
    // What has no context stands apart from what has one.
    const contexts = pairs.length === 0 ? [undefined, { any: 'any' }] : [Object.fromEntries(pairs)]
    const made = subsetsNear(able, given).flatMap(some =>
      contexts.flatMap(encryptionContext =>
        keySharingStatements({ principal, abilities: some, encryptionContext, viaService }),
      ),
    )
    return made.some(one => sameStatement(one, statement)) ? [statement as PolicyStatement] : []
  })
}

/**
 * The Allow statements of a key policy that name a principal, whoever wrote them: their numbers, from 1.
 *
 * @param text JSON text of the policy
 */
export function statementsNaming(text: string, principal: string): number[] {
  const { Statement: statements }: { Statement?: unknown } = JSON.parse(text)
  return [statements].flat().flatMap((statement, index) => {
    const { Effect, Principal } = (statement ?? {}) as { Effect?: unknown; Principal?: { AWS?: unknown } }
    const named = [Principal?.AWS].flat().map(withoutRoot)
    return Effect === 'Allow' && named.includes(withoutRoot(principal)) ? [index + 1] : []
  })
}

const ownSid = /^Allow .+ of (?:\d{12}) to |^Allow account \d{12} to /

/** The abilities whose actions are all there, and those of which a part stands in a statement of its own. */
function subsetsNear(able: readonly Ability[], given: ReadonlySet<string>): Ability[][] {
  const whole = able.filter(ability =>
    actionsOfAbility(ability).every(action => given.has(action.toLowerCase())),
  )
  return [whole, able.filter(ability => ability === 'grant')].filter(some => some.length > 0)
}

function textOf(value: unknown): string | undefined {
  const list: unknown[] = [value].flat()
  return list.length === 1 && typeof list[0] === 'string' ? list[0] : undefined
}

function partsOf({ abilities: wanted, encryptionContext }: Omit<KeySharing, 'principal'>): Part[] {
  const limited = encryptionContext !== undefined
  const ordered = abilities.filter(ability => wanted.includes(ability))
  const uses = ordered.filter(ability => ability !== 'grant' && ability !== 'administer')
  const bound = uses.filter(ability => limited && isLimitedByContext(ability))
  const free = uses.filter(ability => !bound.includes(ability))
  const part = (of: readonly Ability[], more: Partial<Part> = {}): Part => ({
    name: of.join(' and ').replaceAll('-', ' '),
    actions: of.flatMap(actionsOfAbility),
    context: false,
    forAwsResource: false,
    ...more,
  })
  const grants = limited
    ? [
        // Grants are listed and revoked without a context.
        part(['grant'], { actions: ['kms:CreateGrant'], context: true, forAwsResource: true }),
        part(['grant'], {
          name: 'list and revoke grants',
          actions: ['kms:ListGrants', 'kms:RevokeGrant'],
          forAwsResource: true,
        }),
      ]
    : [part(['grant'], { forAwsResource: true })]
  return [
    part(bound, { context: true }),
    part(free),
    ...(ordered.includes('grant') ? grants : []),
    part(ordered.filter(ability => ability === 'administer')),
  ].filter(({ actions }) => actions.length > 0)
}

function conditionOf(
  { context, forAwsResource }: Part,
  { encryptionContext = {}, viaService }: Omit<KeySharing, 'principal'>,
): Pick<PolicyStatement, 'Condition'> {
  const pairs = context ? Object.entries(encryptionContext) : []
  const equals = [
    ...pairs.map(([key, value]) => [`kms:EncryptionContext:${key}`, value] as const),
    ...(viaService === undefined ? [] : [['kms:ViaService', viaService] as const]),
  ]
  const Condition = {
    ...(equals.length === 0 ? {} : { StringEquals: Object.fromEntries(equals) }),
    ...(forAwsResource ? { Bool: { 'kms:GrantIsForAWSResource': 'true' } } : {}),
  }
  return Object.keys(Condition).length === 0 ? {} : { Condition }
}

/** Such as `role backup of 111122223333`: letters, digits and spaces, as a Sid may have them. */
function nameOf(arn: string): string {
  const [, , , , account = '', ...rest] = arn.split(':')
  const [type = '', ...path] = rest.join(':').split('/')
  const name = path
    .at(-1)
    ?.replace(/[^A-Za-z0-9]+/g, ' ')
    .trim()
  return type === 'root' ? `account ${account}` : `${type.replace('-', ' ')} ${name} of ${account}`
}

function pascalCase(words: string): string {
  return words.replace(/(?:^| )([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
