/** `kmseal key-policy put`: replaces a key policy by one that somebody wrote, after showing what changes. */

import type { Command } from 'commander'
import type { Context, Session } from '../cli/context.ts'
import { readSmallFile } from '../cli/input.ts'
import { agreeToPolicyChange, policyChangeRecord } from '../cli/policy-change.ts'
import type { GlobalFlags } from '../config.ts'
import { findChangeableKey } from '../core/changeable-key.ts'
import { checkKeyId } from '../core/key-id.ts'
import { changeKeyPolicy } from '../core/key-policy.ts'
import { exitStatusOf, usageError } from '../errors.ts'
import { lintKeyPolicy } from '../policy/lint-policy.ts'
import { checkPolicyText, maximumPolicyBytes } from '../policy/policy-text.ts'
import { refuseAwsManagedKey } from '../policy/shared-key.ts'
import { samePolicy } from '../policy/statement-meaning.ts'

interface Options extends GlobalFlags {
  readonly keyId: string
  readonly dryRun?: boolean
  readonly exitCode?: boolean
  readonly yes?: boolean
}

/** Adds `put`. */
export function registerPut(
  command: Command,
  begin: (options: GlobalFlags) => Context,
  session: Session,
): void {
  command
    .command('put')
    .description('replace the key policy, after showing what changes')
    .helpOption('-h, --help', 'show help')
    .argument('<file>', 'the new policy, as JSON; - reads standard input')
    .requiredOption('--key-id <key-id>', 'key id, alias/NAME, key ARN or alias ARN', checkKeyId)
    .option('--dry-run', 'show what would change, and change nothing')
    .option('--exit-code', 'with --dry-run: status 7 when something would change')
    .option('-y, --yes', 'do not ask')
    .addHelpText('after', help)
    .action((file: string, options: Options) => putPolicy(begin(options), session, file, options))
}

async function putPolicy(context: Context, session: Session, file: string, options: Options): Promise<void> {
  const { io, kms, output } = context
  if (options.exitCode === true && options.dryRun !== true) throw usageError('--exit-code needs --dry-run')
  const { bytes } = await readSmallFile(io, file, maximumPolicyBytes)
  const wanted = checkPolicyText(bytes)
  const { client, keyId, metadata } = await findChangeableKey(kms, options.keyId)
  refuseAwsManagedKey(options.keyId, metadata?.KeyManager, 'make a key of your own with kmseal create-key')
  const { outcome } = await changeKeyPolicy(client, keyId, {
    edit: present => ({ text: samePolicy(present, wanted) ? present : wanted }),
    agree: async change => {
      const found = lintKeyPolicy(bytes, metadata?.Arn)
      const errors = found.filter(({ Severity }) => Severity === 'error').length
      if (errors > 0) output.note(`the new policy has faults (${errors}): kmseal key-policy lint names them`)
      return agreeToPolicyChange(context, change, options)
    },
    isSame: samePolicy,
  })
  if (outcome === 'unchanged') output.note(`the key policy of ${keyId} says so already: unchanged`)
  else if (options.exitCode === true) session.endWith(exitStatusOf.changes)
  await output.result({ KeyId: keyId, ...policyChangeRecord(outcome, options) }, '')
}

const help = `
The lines that change are shown on standard error. Then it asks, unless --yes; without a terminal it needs --yes. A
policy that says the same in another way is not written. The policy is read again right before it is written, and right
after; KMS's check that you can still change it is never bypassed.

Examples:
  $ kmseal key-policy put --key-id alias/app policy.json
  $ kmseal key-policy put --key-id alias/app policy.json --dry-run --exit-code
  $ kmseal key-policy get --key-id alias/a | kmseal key-policy put --key-id alias/b - --yes`
