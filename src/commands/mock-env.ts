/** `kmseal mock env`: the variables that send AWS clients to a served mock, for `eval` in a shell. */

import type { Command } from 'commander'
import type { Context } from '../cli/context.ts'
import { wholeNumber } from '../cli/options.ts'
import type { GlobalFlags } from '../config.ts'
import { usageError } from '../errors.ts'

interface EnvFlags extends GlobalFlags {
  readonly port: number
  readonly host: string
  readonly accessKeyId: string
}

/** Adds `env`. */
export function registerEnv(command: Command, begin: (options: GlobalFlags) => Context): void {
  command
    .command('env')
    .description('print the variables that send AWS clients to a served mock')
    .helpOption('-h, --help', 'show help')
    .requiredOption('--port <number>', 'port of the served mock', wholeNumber('--port', 1, 65_535))
    .option('--host <address>', 'its address', '127.0.0.1')
    .option(
      '--access-key-id <id>',
      'account id of 12 digits, or an id given with set-principal',
      '000000000000',
    )
    .addHelpText('after', envExamples)
    .action(async (options: EnvFlags) => printEnv(begin(options), options))
}

async function printEnv({ output, settings }: Context, options: EnvFlags): Promise<void> {
  const { port, host, accessKeyId } = options
  if (!/^[a-zA-Z0-9.:-]{1,255}$/.test(host)) throw usageError('--host is no address')
  if (!/^\w{1,128}$/.test(accessKeyId)) throw usageError('--access-key-id is letters and digits')
  const region = settings.region ?? 'us-east-1'
  const variables = {
    AWS_ENDPOINT_URL: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: 'mock',
    AWS_REGION: region,
    // The aws CLI and boto3 read this one only.
    AWS_DEFAULT_REGION: region,
  }
  const lines = Object.entries(variables).map(([name, value]) => `export ${name}=${value}\n`)
  await output.result(variables, lines.join(''))
}

const envExamples = `
Examples:
  $ eval "$(kmseal mock env --port 4566)"
  $ kmseal mock env --port 4566 --access-key-id 111122223333`
