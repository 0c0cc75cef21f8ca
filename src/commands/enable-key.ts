/** `kmseal enable-key`: lets a disabled key be used again. */

import type { Command } from 'commander'
import type { Session } from '../cli/context.ts'
import type { GlobalFlags } from '../config.ts'
import { checkKeyId } from '../core/key-id.ts'
import { enableKey } from '../core/key-state.ts'

interface Options extends GlobalFlags {
  readonly keyId: string
}

/** Adds the arguments, options and action of the command. */
export function register(command: Command, session: Session): void {
  command
    .requiredOption('--key-id <key>', 'key: id, alias/NAME or ARN', checkKeyId)
    .addHelpText('after', examples)
    .action(async (options: Options) => {
      const { announceWrite, output, kms } = session.begin(options)
      announceWrite()
      const result = await enableKey(kms, options.keyId)
      if (!result.Changed) output.note(`key ${result.KeyId} is enabled already: nothing changed`)
      await output.result(result, '')
    })
}

const examples = `
Examples:
  $ kmseal enable-key --key-id alias/app`
