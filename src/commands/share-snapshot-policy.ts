/** `kmseal share-snapshot-policy`: lets another account use encrypted snapshots: policies, steps, and the proof. */

import { type Command, Option } from 'commander'
import type { Context, Session } from '../cli/context.ts'
import { readTextFiles } from '../cli/input.ts'
import { oneOf, repeatable } from '../cli/options.ts'
import { agreeToPolicyChange, policyChangeRecord } from '../cli/policy-change.ts'
import { tellRemainingGrants } from '../cli/remaining-grants.ts'
import { renderTable } from '../cli/table.ts'
import type { GlobalFlags, Settings } from '../config.ts'
import { grantsOfAccount, listGrants, listGrantsIfAllowed } from '../core/key-grants.ts'
import { checkKeyId, parseKeyArn, regionOfKey } from '../core/key-id.ts'
import { changeKeyPolicy, readKeyPolicy } from '../core/key-policy.ts'
import { resolveKeyArn } from '../core/resolve-key.ts'
import { findSharedKey, type SharedKey } from '../core/shared-key.ts'
import { statusOfDecision, usageError } from '../errors.ts'
import { decisionRecord, describeDecision } from '../policy/decision.ts'
import { requirePolicy } from '../policy/document.ts'
import { withoutStatements, withStatements } from '../policy/own-statements.ts'
import { maximumPolicyBytes } from '../policy/policy-text.ts'
import { checkAccountId, checkRoleName } from '../policy/principal.ts'
import { checkKeyArnForIam, checkKeyPartition, refuseAwsManagedKey } from '../policy/shared-key.ts'
import { decideSnapshotCopy, overallDecision } from '../policy/snapshot-access.ts'
import { checkSnapshotId, checkTargetKey, snapshotPlanScript } from '../policy/snapshot-plan.ts'
import {
  actionsOnlyInFull,
  fullSnapshotSharingStatements,
  type SnapshotService,
  type SnapshotSharing,
  snapshotSharingStatement,
  targetIamPolicy,
  targetPrincipalArn,
  withAccountInSids,
} from '../policy/snapshot-sharing.ts'
import { samePolicy } from '../policy/statement-meaning.ts'

interface Options extends GlobalFlags {
  readonly targetAccount: string
  readonly targetRole?: string
  readonly targetPrincipal?: string
  readonly keyId?: string
  readonly service: SnapshotService
  readonly full?: boolean
  readonly iam?: boolean
  readonly plan?: boolean
  readonly snapshotId?: string
  readonly targetKeyId?: string
  readonly apply?: boolean
  readonly revoke?: boolean
  readonly verify?: boolean
  readonly iamPolicy?: readonly string[]
  readonly dryRun?: boolean
  readonly yes?: boolean
}

/** Adds the arguments, options and action of the command. */
export function register(command: Command, session: Session): void {
  command
    .requiredOption('--target-account <id>', 'account that the snapshots are shared with', checkAccountId)
    .option(
      '--target-role <name>',
      'role there, with its path if it has one; otherwise the whole account',
      checkRoleName,
    )
    .option('--target-principal <arn>', 'any other principal there')
    .option('--key-id <key-id>', 'the key: id, alias/NAME or ARN, which also tells the Region', checkKeyId)
    .option('--service <ec2|rds>', 'whose snapshots', oneOf('--service', ['ec2', 'rds']), 'ec2')
    .option('--full', 'all statements that copying the snapshot needs')
    .addOption(mode('--iam', "the target account's half: an IAM policy for the principal"))
    .addOption(mode('--plan', 'the five steps, as a shell script for both accounts'))
    .option('--snapshot-id <id>', 'with --plan: the snapshot, or the identifier of the DB snapshot')
    .option('--target-key-id <key-id>', 'with --plan: key in the target account for the copy', checkKeyId)
    .addOption(mode('--apply', 'add the statement to the policy of the key, after showing what changes'))
    .addOption(mode('--revoke', 'take it back, and list the grants that remain'))
    .option('--dry-run', 'with --apply and --revoke: show what would change, and change nothing')
    .option('-y, --yes', 'with --apply and --revoke: do not ask')
    .addOption(mode('--verify', 'tell whether a copy in the target account is allowed, action by action'))
    .option('--iam-policy <file>', 'with --verify: an IAM policy of the principal (repeatable)', repeatable)
    .addHelpText('after', help)
    .action((options: Options) => sharePolicy(session, options))
}

const modes = ['iam', 'plan', 'apply', 'revoke', 'verify'] as const

function mode(flag: `--${(typeof modes)[number]}`, description: string): Option {
  return new Option(flag, description).conflicts(modes.filter(other => `--${other}` !== flag))
}

async function sharePolicy(session: Session, options: Options): Promise<void> {
  checkTogether(options)
  const context = session.begin(options)
  const { output, settings } = context
  if (options.keyId !== undefined) refuseAwsManagedKey(options.keyId)
  if (options.plan === true) return plan(context, options)
  if (options.apply === true || options.revoke === true) return change(context, options)
  if (options.verify === true) {
    const decision = await verify(context, options)
    return session.endWith(statusOfDecision[decision])
  }
  const sharing = sharingOf(options, regionOf(options.keyId, settings))
  const policy =
    options.iam === true
      ? targetIamPolicy(sharing, checkKeyArnForIam(options.keyId), options.full ? 'full' : 'default')
      : options.full === true
        ? fullSnapshotSharingStatements(sharing)
        : snapshotSharingStatement(sharing)
  await output.result(policy, `${JSON.stringify(policy, undefined, 2)}\n`)
}

/** Options that say something in some modes only are not ignored in the others. */
function checkTogether(options: Options): void {
  for (const [option, flag, owners] of partOfModes) {
    if (options[option] === undefined || owners.some(owner => options[owner] === true)) continue
    throw usageError(`${flag} needs ${owners.map(owner => `--${owner}`).join(' or ')}`)
  }
}

const partOfModes = [
  ['snapshotId', '--snapshot-id', ['plan']],
  ['targetKeyId', '--target-key-id', ['plan']],
  ['dryRun', '--dry-run', ['apply', 'revoke']],
  ['yes', '--yes', ['apply', 'revoke']],
  ['iamPolicy', '--iam-policy', ['verify']],
] as const satisfies readonly (readonly [keyof Options, string, readonly (typeof modes)[number][]])[]

async function plan({ kms, output }: Context, options: Options): Promise<void> {
  const { service, snapshotId, targetKeyId, targetAccount } = options
  const keyArn = await resolveKeyArn(kms, requireKey(options, '--plan'))
  const { account = '', region = '' } = parseKeyArn(keyArn) ?? {}
  checkKeyPartition(keyArn, region)
  const script = snapshotPlanScript({
    sharing: sharingOf(options, region, account),
    keyArn,
    owner: account,
    snapshotId: snapshotId === undefined ? undefined : checkSnapshotId(snapshotId, service),
    targetKeyId: targetKeyId === undefined ? undefined : checkTargetKey(targetKeyId, targetAccount, region),
  })
  await output.result({ Script: script }, script)
}

async function change(context: Context, options: Options): Promise<void> {
  const { kms, output } = context
  const flag = options.apply === true ? '--apply' : '--revoke'
  const key = await findSnapshotKey(kms, requireKey(options, flag))
  const sharing = sharingOf(options, key.region, key.account)
  const { edit, outcome } = await changeKeyPolicy(key.client, key.arn, {
    edit: options.apply === true ? added(sharing, options) : taken(sharing),
    agree: policies => agreeToPolicyChange(context, policies, options),
    isSame: samePolicy,
  })
  const record = {
    KeyId: key.arn,
    TargetPrincipal: targetPrincipalArn(sharing),
    ...policyChangeRecord(outcome, options),
    Statements: edit.statements,
  }
  if (options.revoke === true) {
    if (outcome === 'unchanged') output.note('the key policy has no such statement: nothing to take back')
    const remaining = await tellRemainingGrants(output, key.arn, async () =>
      grantsOfAccount(await listGrants(key.client, key.arn), sharing.targetAccount),
    )
    return output.result({ ...record, RemainingGrants: remaining }, '')
  }
  if (outcome === 'unchanged') output.note(`the key policy of ${key.arn} says so already: unchanged`)
  if (key.keyState !== 'Enabled') output.note(`the key cannot be used now: its state is ${key.keyState}`)
  if (options.full !== true) {
    output.note(
      `that allows to decrypt and to attach; a copy also needs ${actionsOnlyInFull.join(', ')}: apply --full`,
    )
  }
  if (outcome === 'changed') {
    output.note(
      `the other half is the IAM policy in ${sharing.targetAccount} (--iam); share nothing else under this key`,
    )
  }
  await output.result(record, '')
}

function added(sharing: SnapshotSharing, { full }: Options) {
  const wanted = full === true ? fullSnapshotSharingStatements(sharing) : [snapshotSharingStatement(sharing)]
  return (text: string) => withStatements(text, withAccountInSids(wanted, sharing))
}

function taken(sharing: SnapshotSharing) {
  const ours = [snapshotSharingStatement(sharing), ...fullSnapshotSharingStatements(sharing)]
  return (text: string) => withoutStatements(text, ours)
}

async function verify(context: Context, options: Options): Promise<'allowed' | 'denied' | 'unknown'> {
  const { kms, io, output } = context
  const key = await findSnapshotKey(kms, requireKey(options, '--verify'))
  const sharing = sharingOf(options, key.region, key.account)
  const identity = await readTextFiles(io, options.iamPolicy ?? [], maximumPolicyBytes)
  const { text } = await readKeyPolicy(key.client, key.arn)
  const decisions = decideSnapshotCopy({
    sharing,
    keyArn: key.arn,
    keyPolicy: requirePolicy(text, 'key policy', `the policy of ${key.arn}`),
    identityPolicies:
      options.iamPolicy === undefined
        ? undefined
        : identity.map(({ name, text }) => requirePolicy(text, 'identity policy', name)),
    grants: await listGrantsIfAllowed(key.client, key.arn),
  })
  const decision = overallDecision(decisions)
  await output.result(
    {
      KeyId: key.arn,
      TargetPrincipal: targetPrincipalArn(sharing),
      Decision: decision,
      Actions: decisions.map(({ action, answer }) => ({ Action: action, ...decisionRecord(answer) })),
    },
    renderTable(
      ['ACTION', 'DECISION', 'WHY'],
      decisions.map(({ action, answer }) => [action, answer.decision, describeDecision(answer)]),
      output.width,
    ),
  )
  if (decision !== 'allowed' && options.iamPolicy === undefined) {
    output.note(`the IAM half in ${sharing.targetAccount} is not given: show it with --iam-policy FILE`)
  }
  if (decision === 'allowed') {
    const who = targetPrincipalArn(sharing).endsWith(':root') ? 'that is for roles; users may differ. ' : ''
    output.note(`${who}policies of organizations, boundaries and sessions were not looked at`)
  }
  const lacking = decisions.filter(({ answer }) => answer.decision === 'denied').map(({ action }) => action)
  if (lacking.length > 0) output.note(`a copy lacks ${lacking.join(', ')}`)
  if (key.keyState !== 'Enabled') output.note(`the key cannot be used now: its state is ${key.keyState}`)
  return decision
}

function sharingOf(options: Options, region: string, owner?: string): SnapshotSharing {
  const { targetAccount, targetRole, targetPrincipal, service } = options
  if (targetAccount === owner) {
    throw usageError('--target-account is the account of the key itself', 'there an IAM policy is enough')
  }
  return { targetAccount, targetRole, targetPrincipal, service, region }
}

function requireKey({ keyId }: Options, flag: string): string {
  if (keyId !== undefined) return keyId
  throw usageError(`${flag} needs the key`, 'give it with --key-id')
}

async function findSnapshotKey(kms: Context['kms'], keyId: string): Promise<SharedKey> {
  const key = await findSharedKey(kms, keyId)
  refuseAwsManagedKey(keyId, key.keyManager)
  if (key.keySpec === undefined || key.keySpec === 'SYMMETRIC_DEFAULT') return key
  throw usageError(`${key.arn} is a ${key.keySpec} key: snapshots are encrypted under symmetric keys only`)
}

function regionOf(keyId: string | undefined, settings: Settings): string {
  const region = (keyId === undefined ? undefined : regionOfKey(keyId, settings)) ?? settings.region
  if (region === undefined) {
    throw usageError(
      'the Region of the key is not known',
      'name it with --region, or give the ARN of the key',
    )
  }
  if (keyId !== undefined) checkKeyPartition(keyId, region)
  return region
}

const help = `
Prints the statement for the key policy, and asks AWS nothing; --iam prints the other half, which the principal in the
target account needs too. The single statement lets the account decrypt and attach; copying the snapshot, which is
what the account should do, needs --full.

--apply adds to the policy of the key what it does not say yet; statements of others stay as they are. --revoke takes
back what --apply added for that account, principal and service. Both show what changes and ask, unless --yes.
--verify exits with 0 when everything that a copy asks of KMS is allowed, 4 when something is denied, 9 when that
cannot be known, as without --iam-policy. Policies of organizations are not looked at.
--plan needs the AWS CLI v2 and jq where it runs.

AWS managed keys such as aws/ebs cannot be shared: copy the snapshot under a customer managed key first.

Examples:
  $ kmseal share-snapshot-policy --target-account 111122223333 --target-role backup --region eu-central-1
  $ kmseal share-snapshot-policy --target-account 111122223333 --region eu-central-1 --service rds --full
  $ kmseal share-snapshot-policy --target-account 111122223333 --key-id alias/shared --full --apply
  $ kmseal share-snapshot-policy --target-account 111122223333 --key-id alias/shared --verify --iam-policy iam.json
  $ kmseal share-snapshot-policy --target-account 111122223333 --iam --full --key-id arn:aws:kms:eu-central-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab
  $ kmseal share-snapshot-policy --target-account 111122223333 --key-id alias/shared --plan > share.sh`
