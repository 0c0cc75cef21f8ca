/** Command lines that commander refuses, in our own words. */

import type { CommanderError } from 'commander'
import { commandEntries } from './command-entries.ts'
import { type KmsealError, usageError } from './errors.ts'
import { namedCommand } from './program.ts'

/**
 * Says in our own words what commander found wrong. Its texts repeat what was typed, which may be a secret.
 *
 * @returns nothing when it only showed help or the version
 */
export function commandLineError(error: CommanderError, argv: readonly string[]): KmsealError | undefined {
  if (error.exitCode === 0) return undefined
  const named = namedCommand(argv)
  const name = commandEntries.find(entry => entry.name === named)?.name
  const help = name === undefined ? 'kmseal --help' : `kmseal ${name} --help`
  const where = name ?? 'kmseal'
  const similar = /\n\(Did you mean (?:one of )?([a-z, -]+)\?\)$/.exec(error.message)?.[1]
  const hint = similar === undefined ? `see ${help}` : `did you mean ${similar}? ${help} lists all`
  // These texts are made of our own option names only.
  const ownWords = error.message.replace(/^error: /, '').replace(/\n[\s\S]*$/, '')
  switch (error.code) {
    case 'commander.unknownOption':
      return usageError(`${where} has no such option`, hint)
    case 'commander.unknownCommand':
      return usageError('there is no such command', hint)
    case 'commander.excessArguments':
      return usageError(`too many arguments for ${where}`, `see ${help}`)
    case 'commander.optionMissingArgument':
    case 'commander.missingArgument':
    case 'commander.missingMandatoryOptionValue':
    case 'commander.conflictingOption':
      return usageError(ownWords, `see ${help}`)
    case 'commander.help':
      return usageError(
        name !== undefined
          ? `${where} needs a subcommand`
          : named === undefined
            ? 'no command was named'
            : 'there is no such command',
        `see ${help}`,
      )
    default:
      return usageError(`the command line of ${where} is malformed`, `see ${help}`)
  }
}
