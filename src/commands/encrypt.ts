/** `kmseal encrypt`: a secret or a file of any size. */

import type { Command } from 'commander'
import type { Session } from '../cli/context.ts'
import { openSecret, readTextFiles } from '../cli/input.ts'
import { byteSize, oneOf, outputFile, repeatable, sinkRequest } from '../cli/options.ts'
import type { Encoding } from '../cli/stdout-sink.ts'
import { type GlobalFlags, wrappingKeys } from '../config.ts'
import { parseEncryptionContext } from '../core/encryption-context.ts'
import { checkKeyId } from '../core/key-id.ts'
import { fingerprintOf, parsePublicKeys } from '../core/public-key-file.ts'
import { type SealRequest, seal } from '../core/seal.ts'
import { usageError } from '../errors.ts'

interface Options extends GlobalFlags {
  readonly keyId?: readonly string[]
  readonly publicKey?: readonly string[]
  readonly fingerprint?: readonly string[]
  readonly encryptionContext?: readonly string[]
  readonly mode?: SealRequest['mode']
  readonly sign?: boolean
  readonly frameLength?: number
  readonly encryptionAlgorithm?: string
  readonly output?: string
  readonly encoding?: Encoding
  readonly trim?: boolean
}

/** Adds the arguments, options and action of the command. */
export function register(command: Command, session: Session): void {
  command
    .argument('[file]', 'file to encrypt; standard input or a hidden prompt without one')
    .option(
      '--key-id <key>',
      'wrapping key: id, alias/NAME or ARN; repeat it for several (KMSEAL_KEY_ID)',
      repeatable,
    )
    .option(
      '--public-key <file>',
      'recipient: a file of kmseal public-key; needs no network; repeat it for several',
      repeatable,
    )
    .option(
      '--fingerprint <SHA256:…>',
      'insist on the key in the --public-key file; repeat it for several',
      repeatable,
    )
    .option(
      '--encryption-context <pairs>',
      'KEY=VALUE, or JSON; bound to the ciphertext, not secret',
      repeatable,
    )
    .option(
      '--mode <mode>',
      'auto, direct (KMS itself, to 4096 bytes) or envelope (AWS Encryption SDK message)',
      oneOf('--mode', ['auto', 'direct', 'envelope']),
    )
    .option('--sign', 'envelope with an ECDSA signature')
    .option(
      '--frame-length <bytes>',
      'plaintext in a frame of an envelope (1MiB)',
      byteSize('--frame-length', 1, 64 * 1024 * 1024),
    )
    .option(
      '--encryption-algorithm <name>',
      'for direct mode under an RSA key',
      oneOf('--encryption-algorithm', ['SYMMETRIC_DEFAULT', 'RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256']),
    )
    .option(
      '-o, --output <file>',
      'write raw bytes to a file instead of base64 to standard output',
      outputFile,
    )
    .option('--encoding <form>', 'base64, raw or hex', oneOf('--encoding', ['base64', 'raw', 'hex']))
    .option('--trim', 'drop exactly one final line end of the input')
    .addHelpText(
      'after',
      `
Examples:
  printf %s "$PASSWORD" | kmseal encrypt --key-id alias/app
  kmseal encrypt --key-id alias/app --encryption-context purpose=backup -o db.enc db.dump
  kmseal encrypt --public-key dropbox.pem report.pdf -o report.pdf.enc
  kmseal --backend mock encrypt README.md -o README.enc`,
    )
    .action((file: string | undefined, options: Options) => encrypt(session, file, options))
}

async function encrypt(session: Session, file: string | undefined, options: Options): Promise<void> {
  const { io, output, kms, settings, announceWrite } = session.begin(options)
  const { publicKey: files = [] } = options
  if (options.fingerprint !== undefined && files.length === 0) {
    throw usageError('--fingerprint needs --public-key')
  }
  const publicKeys = parsePublicKeys(await readTextFiles(io, files, 64 * 1024), options.fingerprint)
  // With public keys alone nothing is asked of KMS, so its usual keys do not count.
  const keyIds = (files.length > 0 ? (options.keyId ?? []) : wrappingKeys(settings, options.keyId)).map(
    checkKeyId,
  )
  const context = parseEncryptionContext(options.encryptionContext ?? [])
  const request = { ...sinkRequest(options), release: 'beyond-limit' } as const
  const source = await openSecret(io, {
    file,
    question: 'Secret to encrypt:',
    trim: options.trim === true,
    onSingleLine: () => output.note('the input ends in a newline, which is encrypted too; --trim drops it'),
  })
  try {
    announceWrite()
    await output.bytes(request, 'CiphertextBlob', async sink => {
      const result = await seal(source, sink, {
        kms,
        keyIds,
        publicKeys,
        context,
        mode: options.mode ?? 'auto',
        sign: options.sign === true,
        frameLength: options.frameLength,
        algorithm: options.encryptionAlgorithm,
        emptyAllowed: file !== undefined && file !== '-',
      })
      if (options.fingerprint === undefined) {
        for (const { publicKey, keyArn } of publicKeys) {
          output.note(`encrypted under public key ${fingerprintOf(publicKey)} of ${keyArn}`)
        }
      }
      return {
        Mode: result.mode,
        KeyIds: result.keyArns,
        Fingerprints: files.length === 0 ? undefined : publicKeys.map(key => fingerprintOf(key.publicKey)),
        EncryptionContext: result.context,
        PlaintextLength: result.plaintextBytes,
      }
    })
  } finally {
    await source.close()
  }
}
