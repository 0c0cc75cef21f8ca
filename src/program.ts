/** The root of the command line: global options, help groups, and subcommands that load when they are named. */

import { Command, Option } from 'commander'
import type { Session } from './cli/context.ts'
import { commandEntries } from './command-entries.ts'
import { topicLines } from './help/topics.ts'
import { version } from './version.ts'

/** Adds the options that stand on every command. */
export function addGlobalOptions(command: Command, session: Session): Command {
  return (
    command
      .addOption(globalOption('--backend <aws|mock>', 'aws, or mock to work offline (KMSEAL_BACKEND)'))
      .addOption(globalOption('--region <name>', 'AWS Region (AWS_REGION)'))
      .addOption(globalOption('--profile <name>', 'profile of the AWS configuration (AWS_PROFILE)'))
      .addOption(globalOption('--endpoint-url <url>', 'where to send requests (AWS_ENDPOINT_URL)'))
      .addOption(globalOption('--allow-http', 'allow an endpoint without TLS off this machine'))
      .addOption(globalOption('--config <file>', 'configuration file (KMSEAL_CONFIG)'))
      .addOption(globalOption('--env <name>', 'environment of the configuration file (KMSEAL_ENV)'))
      .addOption(globalOption('--json', 'one JSON object instead of text'))
      .addOption(globalOption('-q, --quiet', 'no notes, errors only'))
      .addOption(globalOption('--stats', 'tell how many calls were made and saved, and what they cost'))
      .addOption(globalOption('--no-color', 'no colours (NO_COLOR)'))
      // Its value would be overwritten by the default of a command below.
      .on('option:no-color', () => session.forbidColours())
      .addOption(globalOption('--debug', 'show where an error came from, without secrets'))
  )
}

function globalOption(flags: string, description: string): Option {
  return new Option(flags, description).helpGroup('Global options:')
}

/**
 * Builds the program with every subcommand named, and the `loaded` one complete.
 *
 * @param show takes the help and the version that are asked for
 * @param loaded the subcommands to load; `completion` describes all of them, so it loads them all
 */
export async function buildProgram(
  show: (text: string) => void,
  session: Session,
  loaded: readonly string[],
): Promise<Command> {
  const program = new Command('kmseal')
  program
    .description(
      'Secrets over AWS KMS, the AWS Encryption SDK and Parameter Store, or offline on a mock of them.',
    )
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeOut: show, writeErr: () => undefined })
    .helpCommand(false)
    .addHelpText('after', `\n${topicLines()}\nkmseal COMMAND --help tells more.`)
  addGlobalOptions(program, session)
  for (const entry of commandEntries) {
    const command = program
      .command(entry.name)
      .summary(entry.summary)
      .description(entry.summary)
      .helpGroup(`${entry.group}:`)
      .helpOption('-h, --help', 'show help')
      .allowExcessArguments(false)
    if (!loaded.includes('completion') && !loaded.includes(entry.name)) continue
    const module = await entry.load()
    module.register(command, session)
    addGlobalOptions(command, session)
    for (const nested of command.commands) addGlobalOptions(nested, session)
    command.hook('preAction', async (_, action) => {
      session.setRootFlags(program.opts())
      if (entry.readsConfiguration === false) return
      await session.readConfiguration({ ...command.opts(), ...action.opts() })
    })
  }
  return program
}

const valueOptions = new Set(['--backend', '--region', '--profile', '--endpoint-url', '--config', '--env'])

/** The subcommand that a command line names (the word after `help` too), for loading it alone. */
export function namedCommand(argv: readonly string[]): string | undefined {
  for (let index = 0; index < argv.length; index += 1) {
    const word = argv[index] ?? ''
    if (valueOptions.has(word)) index += 1
    else if (!word.startsWith('-') && word !== 'help') return word
  }
  return undefined
}

/** The subcommands that a command line needs: the one that it names, and `help` beside it when that is asked for it. */
export function neededCommands(argv: readonly string[]): readonly string[] {
  const named = namedCommand(argv)
  const asksHelp = argv.slice(0, named === undefined ? argv.length : argv.indexOf(named)).includes('help')
  return [...(asksHelp ? ['help'] : []), ...(named === undefined ? [] : [named])]
}

/** The exit status of failures of the command that a command line names, where it is not that of their code. */
export function failureStatusOf(argv: readonly string[]): number | undefined {
  const named = namedCommand(argv)
  return commandEntries.find(({ name }) => name === named)?.failureStatus
}

/**
 * Takes the command of a child off a command line: what follows the first `--` of `exec`. It is never parsed.
 *
 * @returns the words before it, and the child's own; nothing for these when there is no `--`
 */
export function splitChildCommand(argv: readonly string[]): {
  readonly own: readonly string[]
  readonly child: readonly string[] | undefined
} {
  const end = argv.indexOf('--')
  if (end === -1 || namedCommand(argv.slice(0, end)) !== 'exec') return { own: argv, child: undefined }
  return { own: argv.slice(0, end), child: argv.slice(end + 1) }
}
