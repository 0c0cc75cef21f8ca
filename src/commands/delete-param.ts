/** `kmseal delete-param`: deletes parameters. */

import type { Command } from 'commander'
import type { Session } from '../cli/context.ts'
import type { GlobalFlags } from '../config.ts'
import { KmsealError } from '../errors.ts'
import { deleteParameters } from '../parameters/delete-parameters.ts'
import { checkParameterName } from '../parameters/parameter-name.ts'

interface Options extends GlobalFlags {
  readonly ignoreMissing?: boolean
}

/** Adds the arguments, options and action of the command. */
export function register(command: Command, session: Session): void {
  command
    .argument('<name...>', 'names of parameters; all their versions go')
    .option('--ignore-missing', 'do not mind parameters that are not there')
    .addHelpText('after', help)
    .action(async (typed: string[], options: Options) => {
      const { output, clients, announceWrite } = session.begin(options)
      const names = typed.map(checkParameterName)
      announceWrite()
      const result = await deleteParameters(await clients.ssm(), names)
      if (options.ignoreMissing !== true && result.InvalidParameters.length > 0) throw missing(result)
      await output.result(result, '')
    })
}

function missing(result: Awaited<ReturnType<typeof deleteParameters>>): KmsealError {
  const absent = result.InvalidParameters
  const deleted = result.DeletedParameters
  const [only] = absent
  const message =
    absent.length === 1
      ? `parameter ${only} does not exist`
      : `${absent.length} parameters do not exist: ${absent.join(', ')}`
  return new KmsealError('not-found', message, {
    hint: 'check the names and --region, or give --ignore-missing',
    details: deleted.length === 0 ? [] : [`deleted: ${deleted.join(', ')}`],
  })
}

const help = `
Nothing is asked and nothing printed. Missing parameters do not keep the others from being deleted; the exit
status is then 3.

Examples:
  kmseal delete-param /app/db/password
  kmseal delete-param /app/a /app/b --ignore-missing`
