/** `kmseal rollback-param`: stores an old value of a parameter again. */

import type { Command } from 'commander'
import type { Session } from '../cli/context.ts'
import type { GlobalFlags } from '../config.ts'
import { KmsealError, usageError } from '../errors.ts'
import { getParameters } from '../parameters/get-parameters.ts'
import { checkNewParameterName } from '../parameters/parameter-name.ts'
import { parseParameterReference } from '../parameters/parameter-reference.ts'
import { putParameter } from '../parameters/put-parameter.ts'

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
  const { output, clients, kms, settings, announceWrite } = session.begin(options)
  const reference = parseParameterReference(`${name}:${options.to}`)
  const reading = {
    ssm: { client: (region?: string) => clients.ssm(region), choice: settings },
    withDecryption: true,
  }
  const [old] = await getParameters(reading, [reference])
  const value = old?.Value
  if (old === undefined || value === undefined || value === '') {
    throw new KmsealError('failed', `the service gave no value for ${name}:${options.to}`)
  }
  announceWrite()
  const result = await putParameter({
    ssm: await clients.ssm(),
    kms,
    name,
    value,
    what: `value of version ${old.Version}`,
    ...asItIs,
  })
  if (!result.Changed) output.note(`nothing changed: version ${result.Version} has that value already`)
  await output.result({ ...result, RolledBackTo: old.Version }, `${result.Version}\n`)
}

// Type, key, tier, description and pattern stay those of the present version: protection is never lowered.
const asItIs = {
  type: undefined,
  keyId: undefined,
  defaultKeyId: undefined,
  description: undefined,
  tier: undefined,
  allowedPattern: undefined,
  dataType: undefined,
  tags: [],
  overwrite: true,
  forceWrite: false,
}

const help = `
The old value becomes a new version, which is printed; no version is lost. Type, key, tier, description and pattern
stay as they are now. When the present value is the same already, nothing is written. Labels stay where they are.

Examples:
  kmseal rollback-param /app/db/password --to 3
  kmseal rollback-param /app/db/password --to prod`
