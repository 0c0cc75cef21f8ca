/** `kmseal explain-access`: whether a principal may do something with a key, and which statement decides. */

import type { KeyMetadata, KMSClient } from '@aws-sdk/client-kms'
import type { Command } from 'commander'
import type { Context, Session } from '../cli/context.ts'
import { readTextFiles } from '../cli/input.ts'
import { repeatable } from '../cli/options.ts'
import { printable } from '../cli/printable.ts'
import type { GlobalFlags } from '../config.ts'
import { findChangeableKey } from '../core/changeable-key.ts'
import { parseEncryptionContext } from '../core/encryption-context.ts'
import { listGrantsIfAllowed } from '../core/key-grants.ts'
import { checkKeyId, parseKeyArn } from '../core/key-id.ts'
import { readKeyPolicyIfAllowed } from '../core/key-policy.ts'
import { clientForKey } from '../core/kms-access.ts'
import { KmsealError, statusOfDecision, usageError } from '../errors.ts'
import { checkCaller, checkViaService } from '../policy/caller-options.ts'
import type { DecidingStatement } from '../policy/decision.ts'
import { requirePolicy } from '../policy/document.ts'
import { type AccessExplanation, type AccessQuestion, explainAccess } from '../policy/explain-access.ts'
import { keyUsageOf, takesEncryptionContext } from '../policy/kms-actions.ts'
import { checkKeyAction } from '../policy/named-action.ts'
import { maximumPolicyBytes } from '../policy/policy-text.ts'

interface Options extends GlobalFlags {
  readonly keyId: string
  readonly principal: string
  readonly action: string
  readonly viaService?: string
  readonly encryptionContext?: readonly string[]
  /** False with `--no-iam-policy`. */
  readonly iamPolicy?: readonly string[] | false
  readonly policy?: string
  /** False with `--no-grants`. */
  readonly grants: boolean
}

/** Adds the options and action of the command. */
export function register(command: Command, session: Session): void {
  const given = new Set<string>()
  command
    .requiredOption('--key-id <key-id>', 'key id, alias/NAME, key ARN or alias ARN', checkKeyId)
    .requiredOption('--principal <arn>', 'who: ARN of a user, role, role session or root, or a service')
    .requiredOption('--action <action>', 'what, such as kms:Decrypt', checkKeyAction)
    .option('--via-service <service>', 'through this service, such as ec2 or ec2.REGION.amazonaws.com')
    .option(
      '--encryption-context <k=v>',
      "with this encryption context; '{}' for none (repeatable)",
      repeatable,
    )
    .option('--iam-policy <file>', 'an IAM policy of the principal, as JSON (repeatable)', filesOf)
    .option('--no-iam-policy', 'the principal has no IAM policy')
    // Both set the same value, so that the later one would win in silence.
    .on('option:iam-policy', () => given.add('iam-policy'))
    .on('option:no-iam-policy', () => given.add('no-iam-policy'))
    .option('--policy <file>', 'a key policy to try, instead of the one of the key')
    .option('--no-grants', 'leave the grants of the key out of it')
    .addHelpText('after', help)
    .action((options: Options) => {
      if (given.size > 1)
        throw usageError('--iam-policy and --no-iam-policy are both given', 'give one of them')
      return explain(session, options)
    })
}

/** `--no-iam-policy` before it gives false, which is no list. */
function filesOf(file: string, previous: readonly string[] | false | undefined): string[] {
  return repeatable(file, previous === false ? undefined : previous)
}

async function explain(session: Session, options: Options): Promise<void> {
  const context = session.begin(options)
  const { output } = context
  const caller = checkCaller(options.principal, '--principal')
  const encryptionContext = contextOf(options)
  const files = await readPolicies(context, options)
  const key = await findKey(context, options)
  const region = key.arn.split(':')[3] ?? ''
  const text = files.keyPolicy?.text ?? (await readKeyPolicyIfAllowed(key.client, key.arn))?.text
  const partition = key.arn.split(':')[1]
  const name = files.keyPolicy?.name ?? `the key policy of ${key.arn}`
  const { KeySpec, KeyUsage, Origin, MultiRegion, MultiRegionConfiguration } = key.metadata ?? {}
  const question: AccessQuestion = {
    keyArn: key.arn,
    caller,
    action: options.action,
    viaService: options.viaService === undefined ? undefined : checkViaService(options.viaService, region),
    encryptionContext,
    keyPolicy: text === undefined ? undefined : requirePolicy(text, 'key policy', name, partition),
    identityPolicies: files.iam?.map(({ name, text }) => requirePolicy(text, 'identity policy', name)),
    grants: options.grants ? undefined : [],
    key: key.metadata && {
      keySpec: KeySpec,
      keyUsage: KeyUsage,
      origin: Origin,
      multiRegion: MultiRegion,
      multiRegionKeyType: MultiRegionConfiguration?.MultiRegionKeyType,
    },
    now: Date.now(),
  }
  let explanation = explainAccess(question)
  let grants: Awaited<ReturnType<typeof listGrantsIfAllowed>>
  if (options.grants && mayHangOnGrants(question)) {
    grants = await listGrantsIfAllowed(key.client, key.arn)
    if (grants === undefined) output.note('kms:ListGrants was denied: grants may allow it')
    explanation = explainAccess({ ...question, grants })
  }
  const { answer, reasons, missing } = explanation
  const record = {
    KeyId: key.arn,
    Principal: caller.arn,
    Action: options.action,
    ViaService: question.viaService,
    EncryptionContext: encryptionContext,
    Decision: answer.decision,
    DecidedBy: decidedBy(answer.statement, files.iam, grants),
    DelegatedBy: answer.decision === 'allowed' ? decidedBy(answer.delegation, files.iam, grants) : undefined,
    Reasons: reasons,
    Missing: missing,
    KeyState: key.metadata?.KeyState,
    KeyUsage: key.metadata?.KeyUsage,
  }
  const [first = '', ...more] = reasons
  const lines = [`${answer.decision}: ${first}`, ...more.map(reason => `  ${reason}`)]
  await output.result(record, lines.map(line => `${printable(line)}\n`).join(''))
  tellBeside(context, options, key, explanation, text === undefined)
  session.endWith(statusOfDecision[answer.decision])
}

/** Whether grants can change the answer; there may be thousands of them. */
function mayHangOnGrants(question: AccessQuestion): boolean {
  const [without, unknown] = [explainAccess({ ...question, grants: [] }), explainAccess(question)]
  return without.answer.decision !== 'allowed' && unknown.answer.decision !== 'denied'
}

function contextOf({ encryptionContext, action }: Options): AccessQuestion['encryptionContext'] {
  if (encryptionContext === undefined) return undefined
  if (takesEncryptionContext(action)) return parseEncryptionContext(encryptionContext)
  throw usageError(`${action} has no encryption context`, 'leave --encryption-context away')
}

type NamedText = Awaited<ReturnType<typeof readTextFiles>>[number]

async function readPolicies(
  { io }: Context,
  { policy, iamPolicy }: Options,
): Promise<{ keyPolicy: NamedText | undefined; iam: readonly NamedText[] | undefined }> {
  const iamFiles = iamPolicy === false ? [] : iamPolicy
  if ([policy, ...(iamFiles ?? [])].filter(file => file === '-').length > 1) {
    throw usageError('standard input can be read once only', 'name a file instead of one of the -')
  }
  const [keyPolicy] = await readTextFiles(io, policy === undefined ? [] : [policy], maximumPolicyBytes)
  const iam = iamFiles && (await readTextFiles(io, iamFiles, maximumPolicyBytes))
  return { keyPolicy, iam }
}

interface FoundKey {
  readonly client: KMSClient
  readonly arn: string
  /** Absent when it was not needed, or kms:DescribeKey is not allowed. */
  readonly metadata?: KeyMetadata | undefined
}

/** With the key's ARN and a policy to try, nothing needs to be asked. */
async function findKey({ kms }: Context, { keyId, policy }: Options): Promise<FoundKey> {
  const isArn = (text: string) => parseKeyArn(text)?.resource.startsWith('key/') === true
  if (policy !== undefined && isArn(keyId)) return { client: await clientForKey(kms, keyId), arn: keyId }
  const { client, keyId: arn, metadata } = await findChangeableKey(kms, keyId)
  if (isArn(arn)) return { client, arn, metadata }
  throw new KmsealError(
    'denied',
    `kms:DescribeKey was denied for key ${keyId}, so that its ARN is not known`,
    {
      hint: 'name the key by its ARN',
    },
  )
}

function decidedBy(
  statement: DecidingStatement | undefined,
  iam: readonly NamedText[] | undefined,
  grants: readonly { readonly GrantId?: string | undefined }[] | undefined,
): object | undefined {
  if (statement === undefined) return undefined
  const { policy, index, sid, document } = statement
  const File = document === undefined ? undefined : iam?.[document]?.name
  if (policy === 'grant') return { Policy: policy, Index: index, GrantId: grants?.[index]?.GrantId }
  return { Policy: policy, Index: index, Sid: sid, File }
}

function tellBeside(
  { output }: Context,
  { action }: Options,
  { arn, metadata }: FoundKey,
  { answer, missing }: AccessExplanation,
  policyDenied: boolean,
): void {
  const state = metadata?.KeyState
  if (state !== undefined && state !== 'Enabled') {
    output.note(`the key is in state ${state}: KMS may refuse to use it, whatever its policy says`)
  }
  const usage = keyUsageOf(action)
  if (usage !== undefined && metadata?.KeyUsage !== undefined && metadata.KeyUsage !== usage) {
    output.note(`the key usage is ${metadata.KeyUsage}: KMS refuses ${action}, whatever its policy says`)
  }
  if (/^kms:(?:Create|Update|Delete)Alias$/.test(action)) {
    output.note('that is the half of the key; an IAM policy must allow it on the alias too')
  }
  if (answer.decision === 'allowed') {
    output.note('policies of organizations, permissions boundaries and session policies were not looked at')
  }
  if (answer.decision !== 'unknown') return
  if (policyDenied) output.note(`the policy of ${arn} may not be read: give it with --policy FILE`)
  if (missing.includes('IamPolicy')) {
    output.note(
      'give the IAM policies of the principal with --iam-policy FILE, or --no-iam-policy if it has none',
    )
  }
  if (missing.some(part => /kms:EncryptionContext/i.test(part))) {
    output.note("give the encryption context with --encryption-context KEY=VALUE, or '{}' for none")
  }
}

const help = `
Prints allowed, denied or unknown, with the statement that decides, or what is missing. The exit status is 0, 4 or 9.
Without --via-service the principal calls KMS itself. The encryption context counts only where a condition or a grant
looks at it; what is not given is not guessed. In another account than the key's, both the key policy and an IAM policy
must allow it; in the key's own, an IAM policy could still deny it, so that without one the answer is unknown.

--iam-policy files stand for all IAM policies of the principal. Nothing is known of policies of organizations,
permissions boundaries, session policies and policies of VPC endpoints: they could only take away. Grants are listed
when they can change the answer. With the ARN of a key, --policy and --no-grants, nothing is asked of AWS.

Examples:
  $ kmseal explain-access --key-id alias/app --principal arn:aws:iam::111122223333:role/api --action kms:Decrypt
  $ kmseal explain-access --key-id alias/app --principal arn:aws:iam::111122223333:role/api --action kms:Decrypt \\
      --iam-policy role.json --encryption-context purpose=backup --via-service ssm
  $ kmseal explain-access --key-id alias/release --principal arn:aws:iam::111122223333:user/ana --action kms:Sign \\
      --policy draft.json --no-iam-policy --json | jq -r .Decision`
