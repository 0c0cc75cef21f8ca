/** `kmseal help`: of the program, of a command, or on a topic. */

import type { Command } from 'commander'
import type { Session } from '../cli/context.ts'
import { didYouMean, similarNames } from '../cli/similar.ts'
import type { GlobalFlags } from '../config.ts'
import { type KmsealError, usageError } from '../errors.ts'
import { fitLines } from '../help/fit-lines.ts'
import { topicLines, topics } from '../help/topics.ts'

/** Adds the arguments, options and action of the command. */
export function register(command: Command, session: Session): void {
  const program = command.parent ?? command
  const names = program.commands.map(found => found.name())
  const words = [...topics.map(({ name }) => name), ...names]
  command
    .argument('[topic]', 'a command, or a topic as below', wordOf(words))
    .argument('[command...]', 'its subcommand; for iam, the commands to tell of')
    .addHelpText('after', `\n${topicLines()}${examples}`)
    .action(async (topic: string | undefined, more: readonly string[], options: GlobalFlags) => {
      const { output } = session.begin(options)
      const found = topics.find(({ name }) => name === topic)
      if (found === undefined) return showHelp(program, topic === undefined ? [] : [topic, ...more])
      if (more.length > 0 && found.name !== 'iam') {
        throw usageError('too many arguments for help', 'see kmseal help')
      }
      const { text, records } = await found.load(more)
      if (output.settings.json) for (const record of records) await output.result(record, '')
      else await output.result({}, fitLines(text, output.width))
    })
}

/** Takes any word, and tells those that there are, for completion scripts. */
function wordOf(
  values: readonly string[],
): ((word: string) => string) & { readonly values: readonly string[] } {
  return Object.assign((word: string) => word, { values })
}

/** Shows the help of the program, or of a command by its path. */
function showHelp(program: Command, path: readonly string[]): void {
  let shown = program
  for (const word of path) {
    const next = shown.commands.find(found => found.name() === word)
    if (next === undefined) throw noSuchTopic(shown, program, word)
    shown = next
  }
  shown.outputHelp()
}

function noSuchTopic(above: Command, program: Command, word: string): KmsealError {
  const commands = above.commands.map(found => found.name())
  const known = above === program ? [...topics.map(({ name }) => name), ...commands] : commands
  const question = didYouMean(similarNames(word, known))
  const all = 'kmseal help lists all'
  return usageError('there is no such command or topic', question === undefined ? all : `${question} ${all}`)
}

const examples = `
With --json, exit-codes and environment are one object a row, and iam is an IAM policy.

Examples:
  $ kmseal help encrypt
  $ kmseal help exit-codes
  $ kmseal help iam get-param exec
  $ kmseal help iam encrypt decrypt --json`
