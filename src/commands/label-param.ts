/** `kmseal label-param`: labels a version of a parameter. */

import type { Command } from 'commander'
import type { Session } from '../cli/context.ts'
import { wholeNumber } from '../cli/options.ts'
import type { GlobalFlags } from '../config.ts'
import { usageError } from '../errors.ts'
import { checkLabel, labelVersion, maxLabels, removeLabels } from '../parameters/parameter-labels.ts'
import { checkParameterName } from '../parameters/parameter-name.ts'

interface Options extends GlobalFlags {
  readonly version?: number
  readonly remove?: boolean
}

/** Adds the arguments, options and action of the command. */
export function register(command: Command, session: Session): void {
  command
    .argument('<name>', 'name of the parameter', checkParameterName)
    .argument('<label...>', 'labels, such as prod')
    .option(
      '--version <number>',
      'the version; the latest one when it is left away',
      wholeNumber('--version', 1, Number.MAX_SAFE_INTEGER),
    )
    .option('--remove', 'take the labels off, from whatever version has them')
    .addHelpText('after', help)
    .action((name: string, labels: string[], options: Options) => label(session, name, labels, options))
}

async function label(session: Session, name: string, typed: string[], options: Options): Promise<void> {
  const { output, clients, announceWrite } = session.begin(options)
  const labels = [...new Set(typed.map(checkLabel))]
  if (labels.length > maxLabels) throw usageError(`a version has at most ${maxLabels} labels`)
  const request = { ssm: await clients.ssm(), name, labels, version: options.version }
  announceWrite()
  if (options.remove === true) {
    await removeLabels(request)
    await output.result({ Name: name, RemovedLabels: labels }, '')
    return
  }
  const result = await labelVersion(request)
  const moved = Object.entries(result.MovedFrom).map(([text, from]) => `${text} from version ${from}`)
  if (moved.length > 0) output.note(`moved to version ${result.ParameterVersion}: ${moved.join(', ')}`)
  await output.result(result, `${result.ParameterVersion}\n`)
}

const help = `
A label is on one version only: from another version it moves away, which a note tells. Prints the version that has
the labels now. get-param NAME:LABEL reads it.

Examples:
  $ kmseal label-param /app/db/password prod --version 7
  $ kmseal label-param /app/db/password staging next
  $ kmseal label-param /app/db/password staging --remove`
