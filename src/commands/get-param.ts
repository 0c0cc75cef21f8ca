/** `kmseal get-param`: the values of parameters. */

import type { Parameter } from '@aws-sdk/client-ssm'
import type { Command } from 'commander'
import { commitBytes } from '../byte-stream.ts'
import type { Context, Session } from '../cli/context.ts'
import { addOpenOptions } from '../cli/open-options.ts'
import { oneOf, outputFile } from '../cli/options.ts'
import type { Encoding } from '../cli/stdout-sink.ts'
import type { GlobalFlags } from '../config.ts'
import { KmsealError, usageError } from '../errors.ts'
import { getParameters } from '../parameters/get-parameters.ts'
import { type OpenFlags, openValues, parseOpening } from '../parameters/open-values.ts'
import { type ParameterReference, parseParameterReference } from '../parameters/parameter-reference.ts'
import { textOf } from '../parameters/parameter-value.ts'

interface Options extends GlobalFlags, OpenFlags {
  readonly decryption: boolean
  readonly output?: string
  readonly encoding?: Encoding
}

/** Adds the arguments, options and action of the command. */
export function register(command: Command, session: Session): void {
  command
    .argument('<name...>', 'NAME, NAME:VERSION, NAME:LABEL, or an ARN')
    .option('--no-decryption', 'leave SecureStrings encrypted, as base64')
  addOpenOptions(command)
  command
    .option('-o, --output <file>', 'write the value to a file of mode 0600', outputFile)
    .option('--encoding <form>', 'raw, base64 or hex', oneOf('--encoding', ['raw', 'base64', 'hex']))
    .addHelpText('after', help)
    .action((names: string[], options: Options) => getParams(session.begin(options), names, options))
}

async function getParams(context: Context, names: readonly string[], options: Options): Promise<void> {
  const { kms, ssm } = context
  if (names.length > 1 && options.encoding !== undefined) {
    throw usageError('--encoding is for the value of one parameter', 'name one, or use --json for several')
  }
  const references = names.map(parseParameterReference)
  const opening = parseOpening(kms, options)
  const parameters = await getParameters({ ssm, withDecryption: options.decryption }, references)
  const stored = references.map(({ name }, index) => ({ name, value: parameters[index]?.Value ?? '' }))
  await print(context, options, references, parameters, await openValues(stored, opening))
}

async function print(
  { output }: Context,
  options: Options,
  references: readonly ParameterReference[],
  parameters: readonly Parameter[],
  contents: readonly Buffer[],
): Promise<void> {
  const { json } = output.settings
  const toFile = options.output !== undefined && options.output !== '-'
  const text = (index: number): string =>
    textOr(contents[index] ?? Buffer.alloc(0), references[index]?.text ?? '')
  const [first] = contents
  const single = contents.length === 1 && first !== undefined
  if (json && !toFile) {
    if (options.encoding !== undefined) throw usageError('--encoding is for text and files, not for --json')
    const records = parameters.map((parameter, index) => ({ ...parameter, Value: text(index) }))
    await output.result(single ? (records[0] ?? {}) : records, '')
    return
  }
  const data = single ? first : Buffer.from(`${JSON.stringify(contents.map((_, index) => text(index)))}\n`)
  const request = {
    encoding: options.encoding ?? 'raw',
    encodingChosen: options.encoding !== undefined,
  } as const
  await commitBytes(await output.sink({ output: options.output, release: 'nothing', ...request }), data)
  if (!json) return
  const records = parameters.map(parameter => ({ ...parameter, Value: undefined }))
  await output.result({ Output: options.output, ...(single ? records[0] : { Parameters: records }) }, '')
}

function textOr(content: Uint8Array, parameter: string): string {
  const text = textOf(content)
  if (text !== undefined) return text
  throw new KmsealError('failed', `the opened value of ${parameter} is binary, which JSON cannot carry`, {
    hint: 'read it alone, with -o FILE or --encoding base64',
  })
}

const help = `
One value is printed as it is, with nothing added. Several are printed as a JSON array in the order named; with
--json each is an object. When any of them is missing, nothing is printed and the exit status is 3.

Examples:
  $ kmseal get-param /app/db/password
  $ kmseal get-param /app/db/password:3 -o old-password.txt
  $ kmseal get-param /app/user /app/password --json | jq -r '.[].Value'`
