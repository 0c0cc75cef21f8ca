/** `kmseal put-param`: stores a parameter. */

import { type Command, Option } from 'commander'
import { readUpTo } from '../byte-stream.ts'
import type { Context, Session } from '../cli/context.ts'
import { tellContext } from '../cli/default-context.ts'
import { openSecret } from '../cli/input.ts'
import { oneOf, repeatable } from '../cli/options.ts'
import { defaultContext, defaultKeys, type GlobalFlags, wrappingKeys } from '../config.ts'
import { parseEncryptionContext } from '../core/encryption-context.ts'
import { checkKeyId } from '../core/key-id.ts'
import { usageError } from '../errors.ts'
import { checkNewParameterName } from '../parameters/parameter-name.ts'
import { parseTags } from '../parameters/parameter-tags.ts'
import {
  advancedLimit,
  type ParameterTier,
  type ParameterType,
  parameterDataTypes,
  parameterTiers,
  parameterTypes,
  textToStore,
} from '../parameters/parameter-value.ts'
import { putParameter } from '../parameters/put-parameter.ts'
import { sealValue } from '../parameters/sealed-value.ts'

interface Options extends GlobalFlags {
  readonly value?: string
  readonly valueFile?: string
  readonly valueStdin?: boolean
  readonly trim?: boolean
  readonly type?: ParameterType
  readonly keyId?: readonly string[]
  readonly overwrite?: boolean
  readonly forceWrite?: boolean
  readonly description?: string
  readonly tier?: ParameterTier
  readonly tag?: readonly string[]
  readonly allowedPattern?: string
  readonly dataType?: string
  readonly seal?: boolean
  readonly encryptionContext?: readonly string[]
}

/** Adds the arguments, options and action of the command. */
export function register(command: Command, session: Session): void {
  command
    .argument('<name>', 'name of the parameter, such as /app/db/password', checkNewParameterName)
    .addOption(
      new Option(
        '--value <text>',
        'the value itself, taken as it is; other users of the machine can see it',
      ).conflicts(['valueFile', 'valueStdin', 'trim']),
    )
    .option('--value-file <file>', 'file with the value; standard input or a hidden prompt without one')
    .addOption(
      new Option(
        '--value-stdin',
        'say that the value comes from standard input: never a prompt that nobody answers',
      ).conflicts('valueFile'),
    )
    .option('--trim', 'drop exactly one final line end of the input')
    .option('--type <type>', parameterTypes.join(', '), oneOf('--type', parameterTypes))
    .option(
      '--key-id <key>',
      'key of a SecureString: id, alias/NAME or ARN (KMSEAL_KEY_ID when new)',
      repeatable,
    )
    .option(
      '--overwrite',
      'store a new version when the parameter exists; its type and key stay unless named',
    )
    .option('--force-write', 'with --overwrite: store a new version even when nothing changed')
    .option('--description <text>', 'what the parameter is for, not secret', upTo1024('--description'))
    .option('--tier <tier>', parameterTiers.join(', '), oneOf('--tier', parameterTiers))
    .option('--tag <key=value>', 'tag the parameter (repeatable); its other tags stay', repeatable)
    .option('--allowed-pattern <regex>', 'what values must match from now on', upTo1024('--allowed-pattern'))
    .option('--data-type <name>', parameterDataTypes.join(', '), oneOf('--data-type', parameterDataTypes))
    .option('--seal', 'encrypt the value here first, so that Parameter Store never sees it')
    .option('--encryption-context <pairs>', 'with --seal: KEY=VALUE, or JSON; not secret', repeatable)
    .addHelpText('after', help)
    .action((name: string, options: Options) => putParam(session.begin(options), name, options))
}

async function putParam(context: Context, name: string, options: Options): Promise<void> {
  const { output, clients, kms, settings } = context
  const keyIds = (options.keyId ?? []).map(checkKeyId)
  const seals = options.seal === true
  if (keyIds.length > 1 && !seals) throw usageError('a parameter has one key', 'several are for --seal only')
  if (options.encryptionContext !== undefined && !seals) throw usageError('--encryption-context needs --seal')
  if (options.forceWrite === true && options.overwrite !== true)
    throw usageError('--force-write needs --overwrite')
  const tags = parseTags(options.tag ?? [])
  const target = { parameter: name }
  const pairs = options.encryptionContext
    ? parseEncryptionContext(options.encryptionContext)
    : (defaultContext(settings, target) ?? {})
  const sealingKeys = seals ? wrappingKeys(settings, keyIds, target).map(checkKeyId) : []
  const bytes = await readValue(context, name, options)
  const value = seals
    ? await sealValue(bytes, { kms, name, keyIds: sealingKeys, context: pairs })
    : textToStore(bytes)
  context.announceWrite()
  if (seals && options.encryptionContext === undefined) tellContext(output, settings, pairs)
  const result = await putParameter({
    ssm: await clients.ssm(),
    kms,
    name,
    value,
    what: seals ? 'sealed value' : 'value',
    type: options.type,
    keyId: seals ? undefined : keyIds[0],
    defaultKeyId: defaultKeys(settings, target).map(checkKeyId)[0],
    description: options.description,
    tier: options.tier,
    allowedPattern: options.allowedPattern,
    dataType: options.dataType,
    tags,
    overwrite: options.overwrite === true,
    // Sealing the same value again gives another ciphertext.
    forceWrite: options.forceWrite === true || seals,
  })
  if (!result.Changed)
    output.note(`nothing changed: version ${result.Version} stays; --force-write stores a new one`)
  await output.result(result, `${result.Version}\n`)
}

async function readValue({ io, output }: Context, name: string, options: Options): Promise<Uint8Array> {
  if (options.value !== undefined) return Buffer.from(options.value, 'utf8')
  if (options.valueStdin === true && io.stdin.isTTY === true) {
    throw usageError(
      '--value-stdin: standard input is a terminal',
      'pipe the value in, or leave the option out to be asked for it',
    )
  }
  const source = await openSecret(io, {
    file: options.valueFile,
    question: `Value of ${name}:`,
    trim: options.trim === true,
    onSingleLine: () => output.note('the value ends in a newline, which is stored too; --trim drops it'),
  })
  try {
    // One byte more than any parameter holds is enough to know that it is too large.
    return await readUpTo(source, advancedLimit + 1)
  } finally {
    await source.close()
  }
}

function upTo1024(flag: string): (text: string) => string {
  return text => {
    if ([...text].length <= 1024) return text
    throw usageError(`${flag} has more than 1024 characters`)
  }
}

const help = `
A new parameter is a SecureString under --key-id, the first key of KMSEAL_KEY_ID, or the account's alias/aws/ssm.
An overwrite keeps type, key, description and pattern; --key-id alias/aws/ssm goes back to the account's key.
With --seal, --key-id (repeatable) is the sealing key only. Every such version is new, and bound to the name: the
encryption context gets kmseal:parameter=/NAME, which get-param --open insists on.
Prints the version that holds the value.

Examples:
  $ printf %s "$PASSWORD" | kmseal put-param /app/db/password
  $ kmseal put-param /app/db/password --overwrite --value-file password.txt --trim
  $ kmseal put-param /app/url --type String --value 'https://example.com/?a=1'`
