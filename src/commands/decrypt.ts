/** `kmseal decrypt`: what KMS or an AWS Encryption SDK encrypted, in any encoding. */

import type { Command } from 'commander'
import { bytesSource } from '../byte-stream.ts'
import type { Session } from '../cli/context.ts'
import type { OpenSource } from '../cli/file-source.ts'
import { openInput } from '../cli/input.ts'
import type { Io } from '../cli/io.ts'
import { accountId, byteSize, oneOf, outputFile, repeatable, wholeNumber } from '../cli/options.ts'
import type { Encoding } from '../cli/stdout-sink.ts'
import type { GlobalFlags } from '../config.ts'
import { parseEncryptionContext } from '../core/encryption-context.ts'
import { checkKeyId } from '../core/key-id.ts'
import { open } from '../core/open.ts'
import { usageError } from '../errors.ts'

interface Options extends GlobalFlags {
  readonly ciphertext?: string
  readonly keyId?: readonly string[]
  readonly encryptionContext?: readonly string[]
  readonly encryptionAlgorithm?: string
  readonly account?: readonly string[]
  readonly maxEncryptedDataKeys?: number
  readonly maxFrameLength?: number
  readonly allowLegacy?: boolean
  readonly stream?: boolean
  readonly output?: string
  readonly encoding?: Encoding
}

/** Adds the arguments, options and action of the command. */
export function register(command: Command, session: Session): void {
  command
    .argument('[file]', 'file to decrypt; standard input without one')
    .option('--ciphertext <text>', 'the ciphertext itself, as base64 or hex')
    .option('--key-id <key>', 'accept only this wrapping key; repeat it for several', repeatable)
    .option(
      '--encryption-context <pairs>',
      'KEY=VALUE, or JSON; pairs that it must have been encrypted with',
      repeatable,
    )
    .option(
      '--encryption-algorithm <name>',
      'for ciphertext of an RSA key',
      oneOf('--encryption-algorithm', ['SYMMETRIC_DEFAULT', 'RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256']),
    )
    .option(
      '--account <id>',
      'without --key-id: accept keys of this account only; repeat it for several',
      accountId,
    )
    .option(
      '--max-encrypted-data-keys <count>',
      'wrapped data keys that a message may carry (10)',
      wholeNumber('--max-encrypted-data-keys', 1, 65_535),
    )
    .option(
      '--max-frame-length <bytes>',
      'bytes that a frame may claim (64MiB)',
      byteSize('--max-frame-length', 1, 0xffffffff),
    )
    .option('--allow-legacy', 'also read messages without key commitment')
    .option('--stream', 'release each frame to standard output as it verifies, before the end of the message')
    .option('-o, --output <file>', 'write the plaintext to a file', outputFile)
    .option('--encoding <form>', 'raw, base64 or hex', oneOf('--encoding', ['raw', 'base64', 'hex']))
    .addHelpText(
      'after',
      `
Examples:
  kmseal decrypt --ciphertext "$SECRET"
  kmseal decrypt --key-id alias/app --encryption-context purpose=backup -o db.dump db.enc`,
    )
    .action((file: string | undefined, options: Options) => decrypt(session, file, options))
}

async function decrypt(session: Session, file: string | undefined, options: Options): Promise<void> {
  const { io, output, kms } = session.begin(options)
  const pins = (options.keyId ?? []).map(checkKeyId)
  if (pins.length > 0 && options.account !== undefined) {
    throw usageError('--account limits what is tried without --key-id', 'leave one of them away')
  }
  const context = parseEncryptionContext(options.encryptionContext ?? [])
  const request = {
    output: options.output,
    encoding: options.encoding ?? 'raw',
    encodingChosen: options.encoding !== undefined,
    release: options.stream === true ? 'everything' : 'nothing',
  } as const
  const source = await openCiphertext(io, file, options.ciphertext)
  try {
    await output.bytes(request, 'Plaintext', async sink => {
      const result = await open(source, sink, {
        kms,
        pins,
        context,
        algorithm: options.encryptionAlgorithm,
        accounts: options.account,
        maxEncryptedDataKeys: options.maxEncryptedDataKeys,
        maxFrameLength: options.maxFrameLength,
        allowLegacy: options.allowLegacy,
        releasesEarly: options.stream,
      })
      return {
        Mode: result.mode,
        KeyId: result.keyArn,
        EncryptionContext: result.context,
        PlaintextLength: result.plaintextBytes,
        Signed: result.signed,
      }
    })
  } finally {
    await source.close()
  }
}

async function openCiphertext(
  io: Io,
  file: string | undefined,
  text: string | undefined,
): Promise<OpenSource> {
  if (text === undefined) return openInput(io, file)
  if (file !== undefined)
    throw usageError('the ciphertext is given twice', 'leave --ciphertext or the file away')
  return { ...bytesSource(Buffer.from(text, 'utf8')), close: async () => undefined }
}
