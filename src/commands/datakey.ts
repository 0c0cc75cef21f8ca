/** `kmseal datakey`: a data key, wrapped by KMS and, on request, plain. */

import type { Command } from 'commander'
import { commitBytes } from '../byte-stream.ts'
import type { Context, Session } from '../cli/context.ts'
import { tellContext } from '../cli/default-context.ts'
import { oneOf, outputFile, repeatable, sinkRequest, wholeNumber } from '../cli/options.ts'
import type { Encoding } from '../cli/stdout-sink.ts'
import { defaultContext, type GlobalFlags, wrappingKeys } from '../config.ts'
import { type DataKey, type DataKeySize, generateDataKey } from '../core/data-key.ts'
import { parseEncryptionContext } from '../core/encryption-context.ts'
import { checkKeyId } from '../core/key-id.ts'
import { usageError } from '../errors.ts'

interface Options extends GlobalFlags {
  readonly keyId?: string
  readonly keySpec?: 'AES_256' | 'AES_128'
  readonly numberOfBytes?: number
  readonly encryptionContext?: readonly string[]
  readonly withPlaintext?: boolean
  readonly plaintextOut?: string
  readonly output?: string
  readonly encoding?: Encoding
}

/** Adds the arguments, options and action of the command. */
export function register(command: Command, session: Session): void {
  command
    .option('--key-id <key>', 'wrapping key: id, alias/NAME or ARN (KMSEAL_KEY_ID)', checkKeyId)
    .option('--key-spec <spec>', 'AES_256 or AES_128 (AES_256)', oneOf('--key-spec', ['AES_256', 'AES_128']))
    .option(
      '--number-of-bytes <count>',
      'another length, from 1 to 1024',
      wholeNumber('--number-of-bytes', 1, 1024),
    )
    .option(
      '--encryption-context <pairs>',
      'KEY=VALUE, or JSON; bound to the wrapped key, not secret',
      repeatable,
    )
    .option('--plaintext-out <file>', 'write the plain data key, raw, to a file of mode 0600', outputFile)
    .option('--with-plaintext', 'print the plain data key too, as a second line')
    .option('-o, --output <file>', 'write the wrapped data key, raw, to a file', outputFile)
    .option('--encoding <form>', 'base64, raw or hex', oneOf('--encoding', ['base64', 'raw', 'hex']))
    .addHelpText(
      'after',
      `
Without --plaintext-out or --with-plaintext the plain data key never leaves KMS; kmseal decrypt unwraps it later.

Examples:
  $ kmseal datakey --key-id alias/app
  $ kmseal datakey --key-id alias/app --plaintext-out data.key -o data.key.enc`,
    )
    .action((options: Options) => datakey(session.begin(options), options))
}

async function datakey(context: Context, options: Options): Promise<void> {
  const keyId = wrappingKey(context, options.keyId)
  const wantsPlaintext = options.withPlaintext === true || options.plaintextOut !== undefined
  if (options.withPlaintext === true && options.encoding === 'raw') {
    throw usageError('two keys cannot be told apart as raw bytes', 'write one to a file with --plaintext-out')
  }
  const encryptionContext = options.encryptionContext
    ? parseEncryptionContext(options.encryptionContext)
    : (defaultContext(context.settings) ?? {})
  if (options.encryptionContext === undefined)
    tellContext(context.output, context.settings, encryptionContext)
  const key = await generateDataKey(context.kms, keyId, sizeOf(options), encryptionContext, wantsPlaintext)
  try {
    await writeKeys(context, options, key)
  } finally {
    key.Plaintext?.fill(0)
  }
}

function wrappingKey({ settings }: Context, typed: string | undefined): string {
  const [keyId = '', ...more] = wrappingKeys(settings, typed === undefined ? [] : [typed]).map(checkKeyId)
  if (more.length > 0) throw usageError('a data key has one wrapping key', 'name it with --key-id')
  return keyId
}

function sizeOf({ keySpec, numberOfBytes }: Options): DataKeySize {
  if (numberOfBytes === undefined) return { KeySpec: keySpec ?? 'AES_256' }
  if (keySpec !== undefined) throw usageError('--key-spec and --number-of-bytes exclude each other')
  return { NumberOfBytes: numberOfBytes }
}

/** The file of the plain key appears only after the wrapped key is safe. */
async function writeKeys({ output }: Context, options: Options, key: DataKey): Promise<void> {
  const { KeyId, Plaintext, CiphertextBlob } = key
  const request = { ...sinkRequest(options), release: 'nothing' } as const
  const plainFile =
    options.plaintextOut === undefined
      ? undefined
      : await output.sink({ ...request, output: options.plaintextOut, encoding: 'raw', encodingChosen: true })
  try {
    await plainFile?.write([Plaintext ?? new Uint8Array(0)])
    const shown = options.withPlaintext === true && Plaintext !== undefined ? { Plaintext } : {}
    await output.bytes(request, 'CiphertextBlob', async sink => {
      await commitBytes(sink, CiphertextBlob)
      return { KeyId, ...shown }
    })
    if (shown.Plaintext !== undefined && !output.settings.json) {
      const second = { ...request, output: undefined, encoding: options.encoding ?? 'base64' } as const
      await commitBytes(await output.sink(second), shown.Plaintext)
    }
    await plainFile?.commit()
  } catch (error) {
    await plainFile?.abort()
    throw error
  }
}
