/** The options of commands that can open sealed parameters. */

import type { Command } from 'commander'
import { repeatable } from './options.ts'

/** Adds `--open` and what belongs to it. */
export function addOpenOptions(command: Command): void {
  const open = command.createOption('--open', 'decrypt what put-param --seal encrypted')
  command
    .addOption(open.conflicts('decryption'))
    .option('--key-id <key>', 'with --open: accept only this sealing key; repeat it for several', repeatable)
    .option('--encryption-context <pairs>', 'with --open: the pairs given to put-param', repeatable)
}
