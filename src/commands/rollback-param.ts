/** `kmseal rollback-param`: stores an old value of a parameter again. */

import type { Command } from 'commander'
import type { Session } from '../cli/context.ts'
import type { GlobalFlags } from '../config.ts'
import { usageError } from '../errors.ts'
import { checkNewParameterName } from '../parameters/parameter-name.ts'
import { rollbackParameter } from '../parameters/rollback-parameter.ts'

interface Options extends GlobalFlags {
  readonly to: string
}

/** Adds the arguments, options and action of the command. */
export function register(command: Command, session: Session): void {
  command
    .argument('<name>', 'name of the parameter', checkNewParameterName)
    .requiredOption('--to <version|label>', 'the version whose value is to be current again', selector)
    .addHelpText('after', help)
    .action((name: string, options: Options) => rollBack(session, name, options))
}

function selector(text: string): string {
  if (text !== '' && !text.includes(':')) return text
  throw usageError('--to is neither a version nor a label', 'write it as --to 3 or --to prod')
}

async function rollBack(session: Session, name: string, options: Options): Promise<void> {
  const { output, kms, ssm, announceWrite } = session.begin(options)
  announceWrite()
  const result = await rollbackParameter({ ssm, kms, name, to: options.to })
  if (!result.Changed) output.note(`nothing changed: version ${result.Version} has that value already`)
  await output.result(result, `${result.Version}\n`)
}

const help = `
The old value becomes a new version, which is printed; no version is lost, and labels stay where they are. When the
present value is the same already, nothing is written. The description and the pattern that the old version had come
back with it. Type, key and tier stay as they are now; only when the old version was a SecureString and the present
one is not, or was under a key of your own and the present one is under alias/aws/ssm, type and key come back too.

Examples:
  $ kmseal rollback-param /app/db/password --to 3
  $ kmseal rollback-param /app/db/password --to prod`
