/** `kmseal alias-key`: gives a key an alias, moves it, or removes it. */

import { type Command, Option } from 'commander'
import type { Session } from '../cli/context.ts'
import type { GlobalFlags } from '../config.ts'
import { checkAliasName, createAlias, deleteAlias, moveAlias } from '../core/aliases.ts'
import { checkKeyId } from '../core/key-id.ts'
import { clientForKey } from '../core/kms-access.ts'
import { usageError } from '../errors.ts'

interface Options extends GlobalFlags {
  readonly keyId?: string
  readonly move?: boolean
  readonly delete?: boolean
}

/** Adds the arguments, options and action of the command. */
export function register(command: Command, session: Session): void {
  command
    .argument('<alias>', 'alias/NAME', checkAliasName)
    .option('--key-id <key-id>', 'the key that the alias shall name', checkKeyId)
    .option('--move', 'let an alias that exists name this key from now on')
    .addOption(new Option('--delete', 'remove the alias; its key stays').conflicts(['keyId', 'move']))
    .addHelpText('after', examples)
    .action(async (aliasName: string, options: Options) => {
      const { announceWrite, output, kms } = session.begin(options)
      if (options.delete === true) {
        announceWrite()
        await deleteAlias(await kms.client(), aliasName)
        return output.result({ AliasName: aliasName }, '')
      }
      const { keyId } = options
      if (keyId === undefined) {
        throw usageError(
          'alias-key needs the key that the alias shall name',
          'give it with --key-id, or use --delete',
        )
      }
      announceWrite()
      const setAlias = options.move === true ? moveAlias : createAlias
      const target = await setAlias(await clientForKey(kms, keyId), aliasName, keyId)
      await output.result(target, '')
    })
}

const examples = `
Examples:
  $ kmseal alias-key alias/app --key-id 1234abcd-12ab-34cd-56ef-1234567890ab
  $ kmseal alias-key alias/app --key-id alias/app-next --move
  $ kmseal alias-key alias/app --delete`
