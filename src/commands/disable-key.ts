/** `kmseal disable-key`: keeps a key from being used, until it is enabled. */

import type { Command } from 'commander'
import type { Session } from '../cli/context.ts'
import type { GlobalFlags } from '../config.ts'
import { checkKeyId } from '../core/key-id.ts'
import { disableKey } from '../core/key-state.ts'

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
      const result = await disableKey(kms, options.keyId)
      if (!result.Changed) output.note(`key ${result.KeyId} is disabled already: nothing changed`)
      await output.result(result, '')
    })
}

const examples = `
While a key is disabled, nothing can be encrypted or decrypted under it; it costs what it costs otherwise.
Examples:
  $ kmseal disable-key --key-id alias/app`
