/** `kmseal mock`: the built-in mock itself, whichever backend is chosen; its state, here, and serving it. */

import { stat } from 'node:fs/promises'
import type { Command } from 'commander'
import { confirm } from '../cli/confirm.ts'
import type { Context, Session } from '../cli/context.ts'
import { renderRecord } from '../cli/record-text.ts'
import { type GlobalFlags, requireMockDirectory } from '../config.ts'
import { KmsealError } from '../errors.ts'
import { registerEnv } from './mock-env.ts'
import { registerSeed } from './mock-seed.ts'
import { registerServe } from './mock-serve.ts'
import { registerSetIamPolicy } from './mock-set-iam-policy.ts'
import { registerSetPrincipal } from './mock-set-principal.ts'

/** Adds the subcommands. */
export function register(command: Command, session: Session): void {
  // Global options may stand on either side of the subcommand.
  const begin = (options: GlobalFlags): Context => session.begin({ ...command.opts(), ...options })
  command
    .command('status')
    .description('show where the state is, and what it holds')
    .helpOption('-h, --help', 'show help')
    .action(async (options: GlobalFlags) => status(begin(options)))
  command
    .command('reset')
    .description('remove every key, alias and parameter of the mock')
    .helpOption('-h, --help', 'show help')
    .option('--yes', 'do not ask')
    .action(async (options: GlobalFlags & { readonly yes?: boolean }) =>
      reset(begin(options), options.yes === true),
    )
  registerServe(command, begin)
  registerEnv(command, begin)
  registerSeed(command, begin)
  registerSetPrincipal(command, begin)
  registerSetIamPolicy(command, begin)
  command.addHelpText('after', examples)
}

async function status({ output, settings, clients }: Context): Promise<void> {
  const directory = requireMockDirectory(settings)
  // Opening the emulator would make the folder.
  const found = (await exists(directory))
    ? (await clients.emulator()).status()
    : { directory, keys: 0, aliases: 0, parameters: 0, bytes: 0 }
  await output.result(found, renderRecord(found))
}

async function reset({ io, output, settings, clients }: Context, agreed: boolean): Promise<void> {
  const directory = requireMockDirectory(settings)
  if (await exists(directory)) {
    const emulator = await clients.emulator()
    const { keys, aliases, parameters } = emulator.status()
    const question = `empty the mock in ${directory} (keys: ${keys}, aliases: ${aliases}, parameters: ${parameters})?`
    if (!agreed && !(await confirm(io, question))) {
      throw new KmsealError('failed', `the mock in ${directory} was not emptied`)
    }
    emulator.reset()
  }
  await output.result({ directory, keys: 0, aliases: 0, parameters: 0 }, '')
}

async function exists(directory: string): Promise<boolean> {
  return stat(directory).then(
    () => true,
    error => {
      if (error.code === 'ENOENT') return false
      // Anything else is for the mock itself to report, with its own reasons.
      return true
    },
  )
}

const examples = `
Examples:
  $ kmseal mock serve --port 4566
  $ eval "$(kmseal mock env --port 4566)"
  $ kmseal mock status
  $ kmseal mock reset --yes
  $ KMSEAL_MOCK_DIR=/tmp/test-mock kmseal mock status --json`
