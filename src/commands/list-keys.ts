/** `kmseal list-keys`: the KMS keys of an account and Region. */

import type { Command } from 'commander'
import type { Session } from '../cli/context.ts'
import { renderTable } from '../cli/table.ts'
import type { GlobalFlags } from '../config.ts'
import { type ListedKey, listKeys } from '../core/list-keys.ts'

/** Adds the arguments, options and action of the command. */
export function register(command: Command, session: Session): void {
  command.addHelpText('after', examples).action(async (options: GlobalFlags) => {
    const { output, kms } = session.begin(options)
    const { keys, undescribed } = await listKeys(await kms.client())
    if (output.settings.json) for (const key of keys) await output.result(key, '')
    else await output.result({}, renderTable(head, keys.map(rowOf)))
    if (keys.length === 0) output.note('there are no keys in this account and Region')
    if (undescribed > 0) {
      output.note(
        `kms:DescribeKey was not allowed for ${undescribed} of ${keys.length} keys: they are listed by id alone`,
      )
    }
  })
}

const head = ['ALIASES', 'KEY ID', 'MANAGED BY', 'SPEC', 'USAGE', 'ORIGIN', 'STATE']

function rowOf(key: ListedKey): string[] {
  return [
    key.Aliases.map(({ AliasName }) => AliasName).join(','),
    key.KeyId,
    key.KeyManager === 'CUSTOMER' ? 'customer' : (key.KeyManager ?? ''),
    key.KeySpec ?? '',
    key.KeyUsage ?? '',
    key.Origin ?? '',
    key.KeyState ?? '',
  ]
}

const examples = `
Examples:
  $ kmseal list-keys
  $ kmseal list-keys --json | jq -r 'select(.KeyManager == "CUSTOMER") | .Arn'`
