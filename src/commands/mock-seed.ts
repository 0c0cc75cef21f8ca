/** `kmseal mock seed`: keys with fixed ids and material, aliases and parameters from a file. */

import type { Command } from 'commander'
import type { Context } from '../cli/context.ts'
import type { GlobalFlags } from '../config.ts'
import { readSeed } from './mock-serve.ts'

/** Adds `seed`. */
export function registerSeed(command: Command, begin: (options: GlobalFlags) => Context): void {
  command
    .command('seed')
    .description('make the keys, aliases and parameters of a YAML or JSON file')
    .helpOption('-h, --help', 'show help')
    .argument('<file>', 'seed file')
    .option('--state <dir>', 'state folder, instead of the one of --backend mock')
    .addHelpText('after', '\nExamples:\n  $ kmseal mock seed seed.yaml')
    .action(async (file: string, options: GlobalFlags & { readonly state?: string }) => {
      const { clients, output, settings } = begin(options)
      const text = await readSeed(file)
      const emulator = await clients.emulator(options.state)
      await output.result(await emulator.seed(text, settings.region ?? 'us-east-1'), '')
    })
}
