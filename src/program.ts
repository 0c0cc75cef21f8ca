/** The root of the command line: global options, help groups, and subcommands that load when they are named. */

import { Command, Option } from 'commander'
import type { Session } from './cli/context.ts'
import type { Io } from './cli/io.ts'
import { version } from './version.ts'

/** What a file in `commands/` exports: it adds arguments, options and an action to its command. */
export interface CommandModule {
  register(command: Command, session: Session): void
}

interface CommandEntry {
  readonly name: string
  readonly group: string
  readonly summary: string
  /** Exit status of its failures, for a command whose other statuses are those of a child. */
  readonly failureStatus?: number
  readonly load: () => Promise<CommandModule>
}

/** All subcommands in the order of `--help`. */
export const commandEntries: readonly CommandEntry[] = [
  {
    name: 'encrypt',
    group: 'Secrets',
    summary: 'encrypt a secret or a file of any size',
    load: () => import('./commands/encrypt.ts'),
  },
  {
    name: 'decrypt',
    group: 'Secrets',
    summary: 'decrypt what KMS or an AWS Encryption SDK encrypted',
    load: () => import('./commands/decrypt.ts'),
  },
  {
    name: 'reencrypt',
    group: 'Secrets',
    summary: 'encrypt again under other keys, without showing the plaintext',
    load: () => import('./commands/reencrypt.ts'),
  },
  {
    name: 'verify-file',
    group: 'Secrets',
    summary: 'prove that files can be opened, without writing or showing them',
    load: () => import('./commands/verify-file.ts'),
  },
  {
    name: 'inspect',
    group: 'Secrets',
    summary: 'show what can be known of a ciphertext without a key',
    load: () => import('./commands/inspect.ts'),
  },
  {
    name: 'edit',
    group: 'Secrets',
    summary: 'change what is encrypted, in an editor',
    load: () => import('./commands/edit.ts'),
  },
  {
    name: 'datakey',
    group: 'Secrets',
    summary: 'generate a data key, wrapped and, on request, plain',
    load: () => import('./commands/datakey.ts'),
  },
  {
    name: 'random',
    group: 'Secrets',
    summary: 'generate random bytes in KMS',
    load: () => import('./commands/random.ts'),
  },
  {
    name: 'put-param',
    group: 'Parameters',
    summary: 'store a parameter, as a SecureString unless told otherwise',
    load: () => import('./commands/put-param.ts'),
  },
  {
    name: 'get-param',
    group: 'Parameters',
    summary: 'print the value of parameters',
    load: () => import('./commands/get-param.ts'),
  },
  {
    name: 'list-params',
    group: 'Parameters',
    summary: 'list parameters without their values',
    load: () => import('./commands/list-params.ts'),
  },
  {
    name: 'param-history',
    group: 'Parameters',
    summary: 'show all versions of a parameter',
    load: () => import('./commands/param-history.ts'),
  },
  {
    name: 'label-param',
    group: 'Parameters',
    summary: 'label a version of a parameter',
    load: () => import('./commands/label-param.ts'),
  },
  {
    name: 'tag-param',
    group: 'Parameters',
    summary: 'set, remove and list tags of a parameter',
    load: () => import('./commands/tag-param.ts'),
  },
  {
    name: 'copy-param',
    group: 'Parameters',
    summary: 'copy parameters to other names, Regions, accounts or backends',
    load: () => import('./commands/copy-param.ts'),
  },
  {
    name: 'rollback-param',
    group: 'Parameters',
    summary: 'store an old value of a parameter again',
    load: () => import('./commands/rollback-param.ts'),
  },
  {
    name: 'delete-param',
    group: 'Parameters',
    summary: 'delete parameters',
    load: () => import('./commands/delete-param.ts'),
  },
  {
    name: 'import-params',
    group: 'Parameters',
    summary: 'store what a dotenv, JSON or YAML file holds, after a plan',
    load: () => import('./commands/import-params.ts'),
  },
  {
    name: 'export-params',
    group: 'Parameters',
    summary: 'write parameters as dotenv, JSON, YAML, shell commands and more',
    load: () => import('./commands/export-params.ts'),
  },
  {
    name: 'exec',
    group: 'Parameters',
    summary: 'run a program with parameters in its environment',
    failureStatus: 125,
    load: () => import('./commands/exec.ts'),
  },
  {
    name: 'create-key',
    group: 'Keys',
    summary: 'create a KMS key',
    load: () => import('./commands/create-key.ts'),
  },
  {
    name: 'list-keys',
    group: 'Keys',
    summary: 'list KMS keys with their aliases',
    load: () => import('./commands/list-keys.ts'),
  },
  {
    name: 'describe-key',
    group: 'Keys',
    summary: 'show what KMS knows of a key',
    load: () => import('./commands/describe-key.ts'),
  },
  {
    name: 'alias-key',
    group: 'Keys',
    summary: 'give a key an alias, move it, or remove it',
    load: () => import('./commands/alias-key.ts'),
  },
  {
    name: 'public-key',
    group: 'Keys',
    summary: 'write the public half of an asymmetric key, for encrypting without KMS',
    load: () => import('./commands/public-key.ts'),
  },
  {
    name: 'share-snapshot-policy',
    group: 'Access',
    summary: 'print the key policy statement that shares encrypted snapshots',
    load: () => import('./commands/share-snapshot-policy.ts'),
  },
  {
    name: 'mock',
    group: 'Tool',
    summary: 'serve, fill, look at or empty the built-in mock of KMS and Parameter Store',
    load: () => import('./commands/mock.ts'),
  },
  {
    name: 'completion',
    group: 'Tool',
    summary: 'print the completion script of a shell',
    load: () => import('./commands/completion.ts'),
  },
]

/** Adds the options that stand on every command. */
export function addGlobalOptions(command: Command): Command {
  return command
    .addOption(globalOption('--backend <aws|mock>', 'aws, or mock to work offline (KMSEAL_BACKEND)'))
    .addOption(globalOption('--region <name>', 'AWS Region (AWS_REGION)'))
    .addOption(globalOption('--profile <name>', 'profile of the AWS configuration (AWS_PROFILE)'))
    .addOption(globalOption('--endpoint-url <url>', 'where to send requests (AWS_ENDPOINT_URL)'))
    .addOption(globalOption('--allow-http', 'allow an endpoint without TLS off this machine'))
    .addOption(globalOption('--json', 'one JSON object instead of text'))
    .addOption(globalOption('-q, --quiet', 'no notes, errors only'))
    .addOption(globalOption('--stats', 'tell how many calls were made and saved, and what they cost'))
    .addOption(globalOption('--debug', 'show where an error came from, without secrets'))
}

function globalOption(flags: string, description: string): Option {
  return new Option(flags, description).helpGroup('Global options:')
}

/**
 * Builds the program with every subcommand named, and the `loaded` one complete.
 *
 * @param loaded the subcommand to load, or none; `completion` describes all of them, so it loads them all
 */
export async function buildProgram(io: Io, session: Session, loaded: string | undefined): Promise<Command> {
  const program = new Command('kmseal')
  program
    .description(
      'Secrets over AWS KMS, the AWS Encryption SDK and Parameter Store, or offline on a mock of them.',
    )
    .version(version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeOut: text => void io.stdout.write(text), writeErr: () => undefined })
    .addHelpText('after', '\nkmseal COMMAND --help tells more. Exit statuses are listed in README.md.')
  addGlobalOptions(program)
  for (const entry of commandEntries) {
    const command = program
      .command(entry.name)
      .summary(entry.summary)
      .description(entry.summary)
      .helpGroup(`${entry.group}:`)
      .helpOption('-h, --help', 'show help')
      .allowExcessArguments(false)
    if (loaded !== 'completion' && loaded !== entry.name) continue
    const module = await entry.load()
    module.register(command, session)
    addGlobalOptions(command)
    for (const nested of command.commands) addGlobalOptions(nested)
    command.hook('preAction', () => session.setRootFlags(program.opts()))
  }
  return program
}

const valueOptions = new Set(['--backend', '--region', '--profile', '--endpoint-url'])

/** The subcommand that a command line names (the word after `help` too), for loading it alone. */
export function namedCommand(argv: readonly string[]): string | undefined {
  for (let index = 0; index < argv.length; index += 1) {
    const word = argv[index] ?? ''
    if (valueOptions.has(word)) index += 1
    else if (!word.startsWith('-') && word !== 'help') return word
  }
  return undefined
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
