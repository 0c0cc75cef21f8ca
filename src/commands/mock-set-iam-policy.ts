/** `kmseal mock set-iam-policy`: what a principal of the mock may do. */

import type { Command } from 'commander'
import type { Context } from '../cli/context.ts'
import { readTextFiles } from '../cli/input.ts'
import { type GlobalFlags, requireMockDirectory } from '../config.ts'
import { usageError } from '../errors.ts'
import { maximumPolicyBytes } from '../policy/policy-text.ts'
import { servedDirectory } from './mock-serve.ts'

interface PolicyFlags extends GlobalFlags {
  readonly state?: string
  readonly remove?: boolean
}

/** Adds `set-iam-policy`. */
export function registerSetIamPolicy(command: Command, begin: (options: GlobalFlags) => Context): void {
  command
    .command('set-iam-policy')
    .description('give a principal an IAM policy; without one, it may do everything in its account')
    .helpOption('-h, --help', 'show help')
    .argument('<principal-arn>', 'of a user or role, such as arn:aws:iam::111122223333:user/alice')
    .argument('[file]', 'the policy, as JSON; - reads standard input')
    .option('--remove', 'take the policy away')
    .option('--state <dir>', 'state folder (default: the one of mock serve, or with --backend mock its own)')
    .addHelpText('after', setIamPolicyExamples)
    .action(async (arn: string, file: string | undefined, options: PolicyFlags) => {
      const { clients, io, output, settings } = begin(options)
      if ((file === undefined) !== (options.remove === true)) {
        throw usageError('either a file or --remove is needed')
      }
      const [policy] = await readTextFiles(io, file === undefined ? [] : [file], maximumPolicyBytes)
      const document = policy?.text
      const usual = settings.backend === 'mock' ? requireMockDirectory(settings) : servedDirectory(settings)
      const emulator = await clients.emulator(options.state ?? usual)
      emulator.setIdentityPolicy(arn, document)
      await output.result({ Principal: arn, HasPolicy: document !== undefined }, '')
    })
}

const setIamPolicyExamples = `
Examples:
  $ kmseal mock set-iam-policy arn:aws:iam::111122223333:user/alice policy.json
  $ kmseal help iam decrypt --json | kmseal mock set-iam-policy arn:aws:iam::111122223333:user/alice -
  $ kmseal mock set-iam-policy arn:aws:iam::111122223333:user/alice --remove`
