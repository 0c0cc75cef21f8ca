/** Command lines that commander refuses, in our own words. */

import type { Command, CommanderError } from 'commander'
import { didYouMean, similarNames } from './cli/similar.ts'
import { type KmsealError, usageError } from './errors.ts'
import { namedCommand } from './program.ts'

/**
 * Says in our own words what commander found wrong. Its texts repeat what was typed, which may be a secret; a mistyped
 * name is repeated only when it is close to one that there is.
 *
 * @returns nothing when it only showed help or the version
 */
export function commandLineError(
  error: CommanderError,
  argv: readonly string[],
  program: Command,
): KmsealError | undefined {
  if (error.exitCode === 0) return undefined
  const named = namedCommand(argv)
  const place = placeOf(argv, named, program)
  const { where, help } = place
  // These texts are made of our own option names only.
  const ownWords = error.message.replace(/^error: /, '').replace(/\n[\s\S]*$/, '')
  switch (error.code) {
    case 'commander.unknownOption':
      return unknownOption(error.message, place)
    case 'commander.unknownCommand':
      return unknownCommand(error.message, place)
    case 'commander.excessArguments':
      return usageError(`too many arguments for ${where}`, `see ${help}`)
    case 'commander.optionMissingArgument':
    case 'commander.missingArgument':
    case 'commander.missingMandatoryOptionValue':
    case 'commander.conflictingOption':
      return usageError(ownWords, `see ${help}`)
    case 'commander.help':
      if (named === undefined) return usageError('no command was named', `see ${help}`)
      return usageError(`${where} needs a subcommand`, `see ${help}`)
    default:
      return usageError(`the command line of ${where} is malformed`, `see ${help}`)
  }
}

/** The program or command whose words are wrong. */
interface Place {
  /** As in `mock serve`; `kmseal` for the program. */
  readonly where: string
  readonly help: string
  /** The program, the command and its subcommand, as far as they were named. */
  readonly path: readonly Command[]
}

function placeOf(argv: readonly string[], named: string | undefined, program: Command): Place {
  const command = program.commands.find(found => found.name() === named)
  const after = named === undefined ? [] : argv.slice(argv.indexOf(named) + 1)
  const nested = command?.commands.find(found => after.includes(found.name()))
  const path = [command, nested].filter(found => found !== undefined)
  const names = path.map(found => found.name()).join(' ')
  return {
    where: names === '' ? 'kmseal' : names,
    help: names === '' ? 'kmseal --help' : `kmseal ${names} --help`,
    path: [program, ...path],
  }
}

function unknownOption(text: string, { where, help, path }: Place): KmsealError {
  const typed = /^error: unknown option '(-{1,2}[a-z][a-z-]*)(?:=|'$|'\n)/.exec(text)?.[1]
  const known = path.flatMap(({ options }) => options.map(({ long }) => long ?? '')).concat('--help')
  const similar = typed === undefined ? [] : similarNames(typed.replace(/^-*/, '--'), known)
  const question = didYouMean(similar)
  if (question !== undefined)
    return usageError(`${where} has no option ${typed}`, `${question} ${help} lists all`)
  const order = path.length === 1 ? 'options of a command go after its name; ' : ''
  return usageError(`${where} has no such option`, `${order}see ${help}`)
}

/** What other tools call some of the commands; the AWS CLI above all. */
const namesElsewhere: Readonly<Record<string, string>> = {
  'put-parameter': 'put-param',
  'get-parameter': 'get-param',
  'get-parameters': 'get-param',
  'get-parameters-by-path': 'export-params',
  'get-parameter-history': 'param-history',
  'describe-parameters': 'list-params',
  'delete-parameter': 'delete-param',
  'delete-parameters': 'delete-param',
  'label-parameter-version': 'label-param',
  'add-tags-to-resource': 'tag-param',
  're-encrypt': 'reencrypt',
  'generate-data-key': 'datakey',
  'generate-random': 'random',
  'generate-mac': 'mac',
  'get-public-key': 'public-key',
  'create-alias': 'alias-key',
  'update-alias': 'alias-key',
  'delete-alias': 'alias-key',
  'list-aliases': 'list-keys',
  'schedule-key-deletion': 'delete-key',
  'cancel-key-deletion': 'delete-key',
  'rotate-key-on-demand': 'rotate-key',
  'enable-key-rotation': 'rotate-key',
  'get-key-policy': 'key-policy',
  'put-key-policy': 'key-policy',
}

function unknownCommand(text: string, { help, path }: Place): KmsealError {
  const typed = /^error: unknown command '([a-z][a-z-]*)'/.exec(text)?.[1] ?? ''
  const known = path.at(-1)?.commands.map(command => command.name()) ?? []
  const elsewhere =
    path.length === 1 && Object.hasOwn(namesElsewhere, typed) ? namesElsewhere[typed] : undefined
  const question = didYouMean(elsewhere === undefined ? similarNames(typed, known) : [elsewhere])
  if (question === undefined) return usageError('there is no such command', `see ${help}`)
  return usageError(`there is no command ${typed}`, `${question} ${help} lists all`)
}
