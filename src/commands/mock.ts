/** `kmseal mock`: the built-in mock itself, whichever backend is chosen; its state, here, and serving it. */

import { stat } from 'node:fs/promises'
import type { Command } from 'commander'
import { confirm } from '../cli/confirm.ts'
import type { Context, Session } from '../cli/context.ts'
import { renderRecord } from '../cli/record-text.ts'
import { type GlobalFlags, requireMockDirectory } from '../config.ts'
import { KmsealError, usageError } from '../errors.ts'
import { registerEnv } from './mock-env.ts'
import { registerSeed } from './mock-seed.ts'
import { registerServe } from './mock-serve.ts'
import { registerSetIamPolicy } from './mock-set-iam-policy.ts'
import { registerSetPrincipal } from './mock-set-principal.ts'

interface StateFlags extends GlobalFlags {
  readonly state?: string
  readonly yes?: boolean
  readonly check?: boolean
}

/** Adds the subcommands. */
export function register(command: Command, session: Session): void {
  // Global options may stand on either side of the subcommand.
  const begin = (options: GlobalFlags): Context => {
    const flags = { ...command.opts<GlobalFlags>(), ...options }
    if (flags.endpointUrl === undefined) return session.begin(flags)
    throw usageError(
      '--endpoint-url has no place here: these commands work on a state folder',
      'name the folder with --state',
    )
  }
  command
    .command('status')
    .description('show where the state is, and what it holds')
    .helpOption('-h, --help', 'show help')
    .option('--state <dir>', 'state folder, instead of the one of --backend mock')
    .option('--check', 'read every record, to find damage')
    .addHelpText('after', statusExamples)
    .action(async (options: StateFlags) => status(begin(options), options.state, options.check === true))
  command
    .command('reset')
    .description('remove every key, alias and parameter of the mock')
    .helpOption('-h, --help', 'show help')
    .option('--yes', 'do not ask')
    .option('--state <dir>', 'state folder, instead of the one of --backend mock')
    .addHelpText('after', resetExamples)
    .action(async (options: StateFlags) => reset(begin(options), options.yes === true, options.state))
  registerServe(command, begin)
  registerEnv(command, begin)
  registerSeed(command, begin)
  registerSetPrincipal(command, begin)
  registerSetIamPolicy(command, begin)
  command.addHelpText('after', examples)
}

async function status(
  { output, settings, clients }: Context,
  state: string | undefined,
  check: boolean,
): Promise<void> {
  const directory = state ?? requireMockDirectory(settings)
  // Opening the emulator would make the folder.
  const emulator = (await exists(directory)) ? await clients.emulator(directory) : undefined
  const found = emulator?.status() ?? { directory, keys: 0, aliases: 0, parameters: 0, bytes: 0 }
  const shown = check ? { ...found, records: emulator?.readAll() ?? 0 } : found
  await output.result(shown, renderRecord(shown))
}

async function reset(
  { io, output, settings, clients }: Context,
  agreed: boolean,
  state: string | undefined,
): Promise<void> {
  const directory = state ?? requireMockDirectory(settings)
  if (await exists(directory)) {
    const emulator = await clients.emulator(directory)
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

const statusExamples = `
Examples:
  $ kmseal mock status
  $ kmseal mock status --check --json`

const resetExamples = `
Examples:
  $ kmseal mock reset
  $ kmseal mock reset --state served --yes`
