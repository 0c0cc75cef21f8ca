/** `kmseal config`: where settings come from, and which configuration files count. */

import type { Command } from 'commander'
import type { Session } from '../cli/context.ts'
import type { GlobalFlags } from '../config.ts'
import { registerShow } from './config-show.ts'
import { registerTrust } from './config-trust.ts'

/** Adds the subcommands. */
export function register(command: Command, session: Session): void {
  // Global options may stand on either side of the subcommand.
  const flagsOf = <Flags extends GlobalFlags>(options: Flags): Flags => ({ ...command.opts(), ...options })
  registerShow(command, session, flagsOf)
  registerTrust(command, session, flagsOf)
  command
    .command('schema')
    .description('print the JSON Schema of configuration files')
    .helpOption('-h, --help', 'show help')
    .addHelpText('after', '\nExamples:\n  $ kmseal config schema > kmseal.config.schema.json')
    .action(async (options: GlobalFlags) => {
      const { output } = session.begin(flagsOf(options))
      const { configSchema } = await import('../config/config-schema.ts')
      await output.result(configSchema, `${JSON.stringify(configSchema, undefined, 2)}\n`)
    })
  command.addHelpText('after', examples)
}

const examples = `
kmseal.config.json, kmseal.config.yaml and kmseal.config.yml are looked for from the working directory upward. A file
counts once it is trusted, until it changes; so does one that --config or KMSEAL_CONFIG names. It must be yours, and
writable by nobody else. Where the wrong keys would be a disaster, as in CI, name the file: then it counts, or nothing
is done.

Examples:
  $ kmseal config show
  $ kmseal config show --parameter /shop/payment/token
  $ kmseal config trust
  $ kmseal --env prod config show --json
  $ kmseal config schema > kmseal.config.schema.json`
