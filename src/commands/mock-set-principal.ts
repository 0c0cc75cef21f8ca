/** `kmseal mock set-principal`: whom an access key id stands for in requests to a served mock. */

import type { Command } from 'commander'
import type { Context } from '../cli/context.ts'
import type { GlobalFlags } from '../config.ts'
import { usageError } from '../errors.ts'
import { parseCaller } from '../policy/caller.ts'
import { servedDirectory } from './mock-serve.ts'

/** Adds `set-principal`. */
export function registerSetPrincipal(command: Command, begin: (options: GlobalFlags) => Context): void {
  command
    .command('set-principal')
    .description('make an access key id stand for a principal in requests to the served mock')
    .helpOption('-h, --help', 'show help')
    .argument('<access-key-id>', 'any id, such as AKIAALICE')
    .argument('<arn>', 'such as arn:aws:iam::111122223333:user/alice')
    .option('--state <dir>', 'state folder (default: the one of mock serve)')
    .addHelpText(
      'after',
      '\nExamples:\n  $ kmseal mock set-principal AKIAALICE arn:aws:iam::111122223333:user/alice',
    )
    .action(async (id: string, arn: string, options: GlobalFlags & { readonly state?: string }) => {
      const { clients, output, settings } = begin(options)
      if (!/^\w{1,128}$/.test(id)) throw usageError('an access key id is letters and digits')
      if (parseCaller(arn)?.account === undefined) {
        throw usageError('the principal is no ARN', 'write it as arn:aws:iam::111122223333:user/NAME')
      }
      const emulator = await clients.emulator(options.state ?? servedDirectory(settings))
      emulator.setPrincipal(id, arn)
      await output.result({ AccessKeyId: id, Principal: arn }, '')
    })
}
