/** `kmseal replicate-key`: puts a multi-Region key in one more Region. */

import type { Command } from 'commander'
import type { Session } from '../cli/context.ts'
import { readSmallFile } from '../cli/input.ts'
import { repeatable } from '../cli/options.ts'
import type { GlobalFlags } from '../config.ts'
import { checkAliasName } from '../core/aliases.ts'
import { parseTags } from '../core/create-key.ts'
import { checkKeyId, isRegionName } from '../core/key-id.ts'
import { replicateKey } from '../core/replicate-key.ts'
import { usageError } from '../errors.ts'
import { checkPolicyText, maximumPolicyBytes } from '../policy/policy-text.ts'

interface Options extends GlobalFlags {
  readonly keyId: string
  readonly replicaRegion: string
  readonly description?: string
  readonly alias?: string
  readonly tag?: string[]
  readonly policy?: string
}

/** Adds the arguments, options and action of the command. */
export function register(command: Command, session: Session): void {
  command
    .requiredOption('--key-id <key>', 'multi-Region primary key: id, alias/NAME or ARN', checkKeyId)
    .requiredOption('--replica-region <name>', 'the Region that shall have the key too', regionName)
    .option('--description <text>', 'what the replica is for')
    .option('--alias <alias>', 'give the replica this alias, as alias/NAME', checkAliasName)
    .option('--tag <key=value>', 'tag the replica (repeatable)', repeatable)
    .option('--policy <file>', 'key policy of the replica as JSON; - reads standard input')
    .addHelpText('after', help)
    .action(async (options: Options) => {
      const { announceWrite, io, output, kms } = session.begin(options)
      const { keyId, replicaRegion, description, alias: aliasName, policy: file } = options
      const tags = parseTags(options.tag ?? [])
      const policy =
        file === undefined
          ? undefined
          : checkPolicyText((await readSmallFile(io, file, maximumPolicyBytes)).bytes)
      announceWrite()
      const wanted = { keyId, replicaRegion, description, aliasName, tags, policy }
      const replica = await replicateKey(kms, wanted)
      await output.result(replica, `${replica.Arn}\n`)
    })
}

function regionName(text: string): string {
  if (isRegionName(text)) return text
  throw usageError('--replica-region is no name of a Region', 'write it as eu-west-1')
}

const help = `
A replica has the id and key material of its primary key, so that each decrypts what the other encrypted. Description,
alias, tags and policy are its own: without --policy it gets KMS's default key policy. It costs what a key costs.

Examples:
  $ kmseal create-key --multi-region --alias alias/app --region eu-west-1
  $ kmseal replicate-key --key-id alias/app --region eu-west-1 --replica-region us-east-1 --alias alias/app`
