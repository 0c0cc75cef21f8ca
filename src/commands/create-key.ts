/** `kmseal create-key`: creates a KMS key, with an alias on request. */

import type { Command } from 'commander'
import type { Session } from '../cli/context.ts'
import { openInput, readWhole } from '../cli/input.ts'
import type { Io } from '../cli/io.ts'
import { oneOf, repeatable } from '../cli/options.ts'
import type { GlobalFlags } from '../config.ts'
import { checkAliasName } from '../core/aliases.ts'
import { createKey, keySpecs, keyUsages, type NewKey, parseTags } from '../core/create-key.ts'
import { checkPolicyText, maximumPolicyBytes } from '../policy/policy-text.ts'

interface Options extends GlobalFlags {
  readonly keySpec: NewKey['keySpec']
  readonly keyUsage: NewKey['keyUsage']
  readonly description?: string
  readonly alias?: string
  readonly tag?: string[]
  readonly policy?: string
}

/** Adds the arguments, options and action of the command. */
export function register(command: Command, session: Session): void {
  command
    .option('--key-spec <spec>', keySpecs.join(', '), oneOf('--key-spec', keySpecs), 'SYMMETRIC_DEFAULT')
    .option('--key-usage <usage>', keyUsages.join(', '), oneOf('--key-usage', keyUsages), 'ENCRYPT_DECRYPT')
    .option('--description <text>', 'what the key is for')
    .option('--alias <alias>', 'give the key this alias too, as alias/NAME', checkAliasName)
    .option('--tag <key=value>', 'tag the key (repeatable)', repeatable)
    .option('--policy <file>', 'key policy as JSON, instead of the default one; - reads standard input')
    .addHelpText('after', examples)
    .action(async (options: Options) => {
      const { announceWrite, io, output, kms } = session.begin(options)
      const request = {
        keySpec: options.keySpec,
        keyUsage: options.keyUsage,
        description: options.description,
        aliasName: options.alias,
        tags: parseTags(options.tag ?? []),
        policy: await readPolicy(io, options.policy),
      }
      announceWrite()
      const created = await createKey(await kms.client(), request)
      await output.result(created, `${created.Arn}\n`)
    })
}

async function readPolicy(io: Io, file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined
  const source = await openInput(io, file)
  try {
    return checkPolicyText(await readWhole(source, maximumPolicyBytes, 'the key policy'))
  } finally {
    await source.close()
  }
}

const examples = `
Examples:
  $ kmseal create-key --alias alias/app --description 'secrets of app' --tag team=payments
  $ kmseal create-key --key-spec RSA_4096 --key-usage SIGN_VERIFY
  $ kmseal create-key --policy key-policy.json --json | jq -r .Arn`
