/** `kmseal key-policy`: the key policy itself, to read, replace and look over. */

import type { Command } from 'commander'
import type { Context, Session } from '../cli/context.ts'
import type { GlobalFlags } from '../config.ts'
import { checkKeyId } from '../core/key-id.ts'
import { readKeyPolicy } from '../core/key-policy.ts'
import { clientForKey } from '../core/kms-access.ts'
import { resolveKeyArn } from '../core/resolve-key.ts'
import { inPolicyCharacters } from '../policy/policy-text.ts'
import { registerLint } from './key-policy-lint.ts'
import { registerPut } from './key-policy-put.ts'

interface Options extends GlobalFlags {
  readonly keyId: string
}

/** Adds the subcommands. */
export function register(command: Command, session: Session): void {
  // Global options may stand on either side of the subcommand.
  const begin = (options: GlobalFlags): Context =>
    session.begin({ ...command.opts<GlobalFlags>(), ...options })
  command
    .command('get')
    .description('print the key policy as JSON')
    .helpOption('-h, --help', 'show help')
    .requiredOption('--key-id <key-id>', 'key id, alias/NAME, key ARN or alias ARN', checkKeyId)
    .addHelpText('after', getExamples)
    .action(async (options: Options) => {
      const { output, kms } = begin(options)
      const keyArn = await resolveKeyArn(kms, options.keyId)
      const { text } = await readKeyPolicy(await clientForKey(kms, keyArn), keyArn)
      const policy: object = JSON.parse(text)
      await output.result(policy, `${inPolicyCharacters(JSON.stringify(policy, undefined, 2))}\n`)
    })
  registerPut(command, begin, session)
  registerLint(command, begin, session)
  command.addHelpText('after', examples)
}

const getExamples = `
Examples:
  $ kmseal key-policy get --key-id alias/app > policy.json
  $ kmseal key-policy get --key-id alias/app --json | jq -r '.Statement[].Sid'`

const examples = `
Examples:
  $ kmseal key-policy get --key-id alias/app > policy.json
  $ kmseal key-policy lint policy.json
  $ kmseal key-policy put --key-id alias/app policy.json`
