/** `kmseal share-key`: lets principals use a key: the key policy statements, the IAM policy, and both ways of change. */

import { type Command, Option } from 'commander'
import type { Context, Session } from '../cli/context.ts'
import { oneOf, repeatable } from '../cli/options.ts'
import { agreeToPolicyChange, policyChangeRecord } from '../cli/policy-change.ts'
import { tellRemainingGrants } from '../cli/remaining-grants.ts'
import type { GlobalFlags } from '../config.ts'
import { parseEncryptionContext } from '../core/encryption-context.ts'
import { listGrants } from '../core/key-grants.ts'
import { checkKeyId, parseKeyArn, regionOfKey } from '../core/key-id.ts'
import { changeKeyPolicy } from '../core/key-policy.ts'
import { findSharedKey, type SharedKey } from '../core/shared-key.ts'
import { usageError } from '../errors.ts'
import { checkViaService } from '../policy/caller-options.ts'
import { type Ability, abilities, checkAbilities } from '../policy/key-abilities.ts'
import {
  checkSharedContext,
  checkSharedPrincipal,
  type KeySharing,
  keySharingStatements,
  sharedKeyIamPolicy,
  statementsNaming,
  statementsSharedWith,
} from '../policy/key-sharing.ts'
import { withoutStatements, withStatements } from '../policy/own-statements.ts'
import { inPolicyCharacters } from '../policy/policy-text.ts'
import { checkKeyPartition, refuseAwsManagedKey } from '../policy/shared-key.ts'
import type { PolicyStatement } from '../policy/statement.ts'
import { samePolicy } from '../policy/statement-meaning.ts'

interface Options extends GlobalFlags {
  readonly keyId: string
  readonly principal?: readonly string[]
  readonly can?: readonly Ability[]
  readonly encryptionContext?: readonly string[]
  readonly viaService?: string
  readonly keyPolicy?: boolean
  readonly iam?: boolean
  readonly apply?: boolean
  readonly revoke?: boolean
  readonly dryRun?: boolean
  readonly yes?: boolean
}

/** Adds the options and action of the command. */
export function register(command: Command, session: Session): void {
  command
    .requiredOption('--key-id <key-id>', 'the key: id, alias/NAME or ARN', checkKeyId)
    .requiredOption('--principal <arn>', 'who: ARN of a role, user or root (repeatable)', repeatable)
    .option('--can <ability>', `${abilities.join(', ')} (repeatable)`, canList)
    .option(
      '--encryption-context <k=v>',
      'only with these pairs in the encryption context (repeatable)',
      repeatable,
    )
    .option('--via-service <service>', 'only through this service, such as ec2 or ec2.REGION.amazonaws.com')
    .addOption(mode('--key-policy', 'print only the statements for the policy of the key'))
    .addOption(mode('--iam', 'print only the IAM policy for the principals'))
    .addOption(mode('--apply', 'add the statements to the policy of the key, after showing what changes'))
    .addOption(mode('--revoke', 'take them back, without --can all of them, and list the grants that remain'))
    .option('--dry-run', 'with --apply and --revoke: show what would change, and change nothing')
    .option('-y, --yes', 'with --apply and --revoke: do not ask')
    .addHelpText('after', help)
    .action((options: Options) => shareKey(session, options))
}

const modes = ['keyPolicy', 'iam', 'apply', 'revoke']
const ability = oneOf('--can', abilities)
const canList = Object.assign(
  (text: string, previous: readonly Ability[] | undefined): Ability[] => [...(previous ?? []), ability(text)],
  { values: abilities },
)

function mode(flag: string, description: string): Option {
  const option = new Option(flag, description)
  return option.conflicts(modes.filter(other => other !== option.attributeName()))
}

async function shareKey(session: Session, options: Options): Promise<void> {
  const { apply, revoke, can, dryRun, yes } = options
  if (apply !== true && revoke !== true && (dryRun !== undefined || yes !== undefined)) {
    throw usageError(`${dryRun === undefined ? '--yes' : '--dry-run'} needs --apply or --revoke`)
  }
  if (can === undefined && revoke !== true) {
    throw usageError('share-key needs to know what to share', `name it with --can: ${abilities.join(', ')}`)
  }
  if (can === undefined && (options.encryptionContext ?? options.viaService) !== undefined) {
    throw usageError(
      '--encryption-context and --via-service need --can',
      'without --can, --revoke takes back everything',
    )
  }
  const context = session.begin(options)
  refuseAwsManagedKey(options.keyId, undefined, otherKey)
  const key = await findKey(context, options)
  const sharings = sharingsOf(options, key)
  if (apply === true || revoke === true) return change(context, options, key, sharings)
  const KeyPolicyStatements = sharings.flatMap(keySharingStatements)
  const [first] = sharings
  const IamPolicy = first && sharedKeyIamPolicy(first, key.arn)
  const IamPolicyNeeded = sharings.some(({ principal }) => isElsewhere(principal, key) || isRoot(principal))
  const whole = { KeyPolicyStatements, IamPolicy, IamPolicyNeeded }
  const printed =
    options.keyPolicy === true ? KeyPolicyStatements : options.iam === true ? (IamPolicy ?? {}) : whole
  await context.output.result(printed, `${inPolicyCharacters(JSON.stringify(printed, undefined, 2))}\n`)
}

type Found = Omit<SharedKey, 'client'> & Partial<Pick<SharedKey, 'client'>>

/** With the key's ARN, printing asks nothing of AWS. */
async function findKey({ kms }: Context, { keyId, apply, revoke }: Options): Promise<Found> {
  const parts = parseKeyArn(keyId)
  if (apply !== true && revoke !== true && parts?.resource.startsWith('key/') === true) {
    regionOfKey(keyId, kms.choice)
    checkKeyPartition(keyId, parts.region)
    const { account, region } = parts
    return { arn: keyId, account, region, keyManager: undefined, ...unknownKind }
  }
  const key = await findSharedKey(kms, keyId)
  refuseAwsManagedKey(keyId, key.keyManager, otherKey)
  return key
}

const unknownKind = { keySpec: undefined, keyUsage: undefined, keyState: undefined }
const otherKey = 'encrypt under a customer managed key (kmseal create-key) and share that one'

function sharingsOf(options: Options, key: Found): KeySharing[] {
  const partition = key.arn.split(':')[1] ?? ''
  const principals = new Set(
    options.principal?.map(text => checkSharedPrincipal(text, partition, { taken: options.revoke })),
  )
  const encryptionContext =
    options.encryptionContext && checkSharedContext(parseEncryptionContext(options.encryptionContext))
  const viaService =
    options.viaService === undefined ? undefined : checkViaService(options.viaService, key.region)
  const can = options.can ?? []
  checkAbilities(can, {
    keyUsage: key.keyUsage,
    keySpec: key.keySpec,
    acrossAccounts: [...principals].some(principal => isElsewhere(principal, key)),
    limitedToContext: encryptionContext !== undefined,
  })
  return [...principals].map(principal => ({ principal, abilities: can, encryptionContext, viaService }))
}

async function change(
  context: Context,
  options: Options,
  key: Found,
  sharings: readonly KeySharing[],
): Promise<void> {
  const { output } = context
  if (key.client === undefined) throw new TypeError('a key whose policy is to change was looked up')
  const { edit, outcome } = await changeKeyPolicy(key.client, key.arn, {
    edit: present => {
      const { statements, text } =
        options.apply === true
          ? withStatements(present, sharings.flatMap(keySharingStatements))
          : withoutStatements(present, ours(present, options, sharings))
      return { statements, text: statements.length === 0 ? present : inPolicyCharacters(text) }
    },
    agree: policies => agreeToPolicyChange(context, policies, options),
    isSame: samePolicy,
  })
  const record = {
    KeyId: key.arn,
    Principals: sharings.map(({ principal }) => principal),
    ...policyChangeRecord(outcome, options),
    Statements: edit.statements,
  }
  if (options.revoke === true) {
    const remaining = await tellRemaining(context, options, key.client, key, sharings, {
      outcome,
      text: edit.text,
    })
    return output.result({ ...record, RemainingGrants: remaining }, '')
  }
  if (outcome === 'unchanged') output.note(`the key policy of ${key.arn} says so already: unchanged`)
  if (key.keyState !== 'Enabled') output.note(`the key cannot be used now: its state is ${key.keyState}`)
  const elsewhere = sharings.filter(({ principal }) => isElsewhere(principal, key))
  if (elsewhere.length > 0 && outcome === 'changed') {
    output.note(
      `the other half is an IAM policy for ${elsewhere.map(({ principal }) => principal).join(', ')}: --iam prints it`,
    )
  }
  await output.result(record, '')
}

function ours(text: string, { can }: Options, sharings: readonly KeySharing[]): PolicyStatement[] {
  return can === undefined
    ? sharings.flatMap(({ principal }) => statementsSharedWith(text, principal))
    : sharings.flatMap(keySharingStatements)
}

/** What the principals still have: statements of others that name them, and grants. */
async function tellRemaining(
  { output }: Context,
  { can }: Options,
  client: SharedKey['client'],
  { arn }: Found,
  sharings: readonly KeySharing[],
  after: { readonly outcome: string; readonly text: string },
): Promise<readonly object[] | undefined> {
  if (after.outcome === 'unchanged') {
    output.note('the key policy has no such statement: nothing to take back')
    const kept = sharings.some(({ principal }) => statementsSharedWith(after.text, principal).length > 0)
    if (kept && can !== undefined)
      output.note('it has others of share-key: --revoke without --can takes all back')
  }
  for (const { principal } of sharings) {
    for (const number of statementsNaming(after.text, principal)) {
      output.note(`statement ${number} of the key policy still names ${principal}`)
    }
  }
  return tellRemainingGrants(output, arn, async () => {
    const lists = await Promise.all(sharings.map(({ principal }) => listGrants(client, arn, principal)))
    return lists.flat()
  })
}

function isElsewhere(principal: string, { account }: Found): boolean {
  return principal.split(':')[4] !== account
}

function isRoot(principal: string): boolean {
  return principal.endsWith(':root')
}

const help = `
Prints the two halves: KeyPolicyStatements for the policy of the key, and IamPolicy for the principals. Principals of
other accounts need both; for those of the key's account the key policy alone is enough (IamPolicyNeeded says so). With
the ARN of the key nothing is asked of AWS.

encrypt and decrypt include data keys and re-encryption. view is DescribeKey, GetPublicKey and GetKeyRotationStatus,
which AWS services and programs that look a key up first need too. grant lets AWS services make grants for the
principal, nobody else. administer is what the console gives administrators, in the key's own account.
--encryption-context limits encrypt, decrypt and grant.

--apply adds what the policy does not say yet; statements of others stay as they are. --revoke takes back what --apply
added for those principals: exactly what --can, --encryption-context and --via-service say, or without --can everything.
Both show what changes and ask, unless --yes.

Examples:
  $ kmseal share-key --key-id alias/app --principal arn:aws:iam::111122223333:role/api --can encrypt --can decrypt
  $ kmseal share-key --key-id alias/app --principal arn:aws:iam::111122223333:role/api --can decrypt \\
      --encryption-context purpose=backup --apply
  $ kmseal share-key --key-id alias/app --principal arn:aws:iam::111122223333:role/api --can decrypt --iam
  $ kmseal share-key --key-id alias/app --principal arn:aws:iam::111122223333:role/api --revoke`
