/** `kmseal create-key`: creates a KMS key, with an alias, administrators and users on request. */

import { type Command, Option } from 'commander'
import type { Context, Session } from '../cli/context.ts'
import { readSmallFile } from '../cli/input.ts'
import { oneOf, repeatable } from '../cli/options.ts'
import type { GlobalFlags } from '../config.ts'
import { checkAliasName } from '../core/aliases.ts'
import { callerAccount } from '../core/caller-identity.ts'
import { createKey, keyOrigins, type NewKey, parseTags } from '../core/create-key.ts'
import { keySpecs, keyUsages, usageFor } from '../core/key-kinds.ts'
import { checkKeyPrincipals, newKeyPolicy } from '../policy/new-key-policy.ts'
import { partitionOfRegion } from '../policy/partition.ts'
import { checkPolicyText, maximumPolicyBytes } from '../policy/policy-text.ts'

interface Options extends GlobalFlags {
  readonly keySpec: NewKey['keySpec']
  readonly keyUsage?: NewKey['keyUsage']
  readonly origin?: NewKey['origin']
  readonly multiRegion?: boolean
  readonly description?: string
  readonly alias?: string
  readonly tag?: string[]
  readonly admin?: string[]
  readonly user?: string[]
  readonly policy?: string
}

/** Adds the arguments, options and action of the command. */
export function register(command: Command, session: Session): void {
  command
    .option('--key-spec <spec>', keySpecs.join(', '), oneOf('--key-spec', keySpecs), 'SYMMETRIC_DEFAULT')
    .option('--key-usage <usage>', keyUsages.join(', '), oneOf('--key-usage', keyUsages))
    .option('--origin <origin>', 'EXTERNAL waits for your own key material', oneOf('--origin', keyOrigins))
    .option('--multi-region', 'a key that can be replicated to other Regions')
    .option('--description <text>', 'what the key is for')
    .option('--alias <alias>', 'give the key this alias too, as alias/NAME', checkAliasName)
    .option('--tag <key=value>', 'tag the key (repeatable)', repeatable)
    .option('--admin <arn>', 'user or role that may manage the key, not use it (repeatable)', repeatable)
    .option('--user <arn>', 'user, role or account that may use the key (repeatable)', repeatable)
    .addOption(
      new Option(
        '--policy <file>',
        'key policy as JSON, instead of the default one; - reads standard input',
      ).conflicts(['admin', 'user']),
    )
    .addHelpText('after', help)
    .action((options: Options) => create(session.begin(options), options))
}

async function create(context: Context, options: Options): Promise<void> {
  const { announceWrite, output, kms } = context
  const { keySpec, origin, multiRegion, description, alias: aliasName } = options
  const keyUsage = usageFor(keySpec, options.keyUsage)
  const tags = parseTags(options.tag ?? [])
  const client = await kms.client()
  const policy = await policyFor(context, { ...options, keyUsage })
  announceWrite()
  const wanted = { keySpec, keyUsage, origin, multiRegion, description, aliasName, tags, policy }
  const created = await createKey(client, wanted)
  if (created.KeyState === 'PendingImport') {
    output.note('the key waits for its key material, and cannot be used before that is imported')
  }
  await output.result(created, `${created.Arn}\n`)
}

/** The key policy as text; nothing where KMS's own default shall do. */
async function policyFor({ io, kms, clients }: Context, options: Options): Promise<string | undefined> {
  if (options.policy !== undefined) {
    return checkPolicyText((await readSmallFile(io, options.policy, maximumPolicyBytes)).bytes)
  }
  const { admin = [], user = [], keySpec, keyUsage = '', multiRegion = false } = options
  if (admin.length + user.length === 0) return undefined
  const region = await (await kms.client()).config.region()
  const partition = partitionOfRegion(region)
  const principals = {
    admins: checkKeyPrincipals('--admin', admin, partition),
    users: checkKeyPrincipals('--user', user, partition),
  }
  const account = await callerAccount(await clients.sts(region))
  const imported = options.origin === 'EXTERNAL'
  const key = { account, partition, keySpec, keyUsage, multiRegion, imported }
  return JSON.stringify(newKeyPolicy(key, principals))
}

const help = `
Without --key-usage, RSA keys encrypt, keys on elliptic curves sign, and HMAC keys make MACs. With --admin or --user
the key policy is the one that the AWS console gives: the account and its IAM policies, administrators, users. What a
key is, it stays; only its description, tags, aliases and policy can be changed.

Examples:
  $ kmseal create-key --alias alias/app --description 'secrets of app' --tag team=payments
  $ kmseal create-key --key-spec ECC_NIST_P256 --alias alias/release-signing
  $ kmseal create-key --admin arn:aws:iam::111122223333:role/KeyAdmin --user arn:aws:iam::111122223333:role/App
  $ kmseal create-key --policy key-policy.json --json | jq -r .Arn`
