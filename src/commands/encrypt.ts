/** `kmseal encrypt`: a secret or a file of any size. */

import type { Command } from 'commander'
import type { Context, Session } from '../cli/context.ts'
import { tellContext } from '../cli/default-context.ts'
import { fileTarget } from '../cli/file-target.ts'
import { openSecret, readTextFiles, refuseSamePlace } from '../cli/input.ts'
import {
  addManyFilesOptions,
  cacheLimitsOf,
  isManyFiles,
  type ManyFilesFlags,
  runManyFiles,
} from '../cli/many-files.ts'
import { byteSize, oneOf, outputFile, repeatable, sinkRequest } from '../cli/options.ts'
import { counted, startFileProgress } from '../cli/progress.ts'
import type { Encoding } from '../cli/stdout-sink.ts'
import type { RuleTarget } from '../config/config-defaults.ts'
import { defaultContext, type GlobalFlags, wrappingKeys } from '../config.ts'
import { type EncryptionContext, parseEncryptionContext } from '../core/encryption-context.ts'
import { checkKeyId } from '../core/key-id.ts'
import { fingerprintOf, longestPublicKeyFile, parsePublicKeys } from '../core/public-key-file.ts'
import { type SealRequest, type SealResult, seal } from '../core/seal.ts'
import { usageError } from '../errors.ts'

interface Options extends GlobalFlags, ManyFilesFlags {
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
    .argument('[file...]', 'files to encrypt; standard input or a hidden prompt without one')
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
      'for direct mode under an RSA key (with --public-key, as its file says)',
      oneOf('--encryption-algorithm', ['SYMMETRIC_DEFAULT', 'RSAES_OAEP_SHA_1', 'RSAES_OAEP_SHA_256']),
    )
    .option(
      '-o, --output <file>',
      'write raw bytes to a file instead of base64 to standard output',
      outputFile,
    )
    .option('--encoding <form>', 'base64, raw or hex', oneOf('--encoding', ['base64', 'raw', 'hex']))
    .option('--trim', 'drop exactly one final line end of the input')
  addManyFilesOptions(command, 'encrypt', 'added to the names of the files')
  command
    .addHelpText(
      'after',
      `
Examples:
  $ printf %s "$PASSWORD" | kmseal encrypt --key-id alias/app
  $ kmseal encrypt --key-id alias/app --encryption-context purpose=backup -o db.enc db.dump
  $ kmseal encrypt --public-key dropbox.pem report.pdf -o report.pdf.enc
  $ kmseal encrypt --key-id alias/app --recursive photos --out-dir photos.enc --suffix .enc
  $ kmseal --backend mock encrypt README.md -o README.enc`,
    )
    .action((files: string[], options: Options) => encrypt(session, files, options))
}

async function encrypt(session: Session, files: readonly string[], options: Options): Promise<void> {
  const context = session.begin(options)
  const publicKeys = await publicKeysOf(context, options)
  const typedContext = options.encryptionContext && parseEncryptionContext(options.encryptionContext)
  const requestFor = (target: RuleTarget): Request => ({
    kms: context.kms,
    publicKeys,
    keyIds: keyIdsFor(context, options, target),
    context: typedContext ?? ownContext(defaultContext(context.settings, target)),
    sign: options.sign === true,
    frameLength: options.frameLength,
    algorithm: options.encryptionAlgorithm,
  })
  if (isManyFiles(files, options)) await encryptFiles(context, files, options, requestFor)
  else await encryptOne(context, files[0], options, requestFor(fileTarget(context.io, files[0])))
  if (options.fingerprint === undefined) {
    for (const { publicKey, keyArn } of publicKeys) {
      context.output.note(`encrypted under public key ${fingerprintOf(publicKey)} of ${keyArn}`)
    }
  }
}

type Request = Omit<SealRequest, 'mode' | 'emptyAllowed'>

async function publicKeysOf({ io }: Context, { publicKey: files = [], fingerprint }: Options) {
  return parsePublicKeys(await readTextFiles(io, files, longestPublicKeyFile), fingerprint)
}

function keyIdsFor({ settings }: Context, { publicKey, keyId }: Options, target: RuleTarget): string[] {
  // With public keys nothing is asked of KMS unless it was named, so its usual keys do not count.
  const keyIds = publicKey === undefined ? wrappingKeys(settings, keyId, target) : (keyId ?? [])
  return keyIds.map(checkKeyId)
}

function ownContext(pairs: EncryptionContext | undefined): EncryptionContext {
  return Object.assign(Object.create(null), pairs) as EncryptionContext
}

async function encryptOne(
  { io, output, settings, announceWrite }: Context,
  file: string | undefined,
  options: Options,
  request: Request,
): Promise<void> {
  const sinkOf = { ...sinkRequest(options), release: 'beyond-limit' } as const
  await refuseSamePlace(file, options.output)
  const source = await openSecret(io, {
    file,
    question: 'Secret to encrypt:',
    trim: options.trim === true,
    onSingleLine: () => output.note('the input ends in a newline, which is encrypted too; --trim drops it'),
  })
  announceWrite()
  const progress = await startFileProgress(io, output.showsProgress, {
    path: options.output,
    size: source.size,
  })
  try {
    await output.bytes(sinkOf, 'CiphertextBlob', async sink => {
      const emptyAllowed = file !== undefined && file !== '-'
      const { mode = 'auto' } = options
      const result = await seal(counted(source, progress), sink, { ...request, mode, emptyAllowed })
      if (result.mode === 'direct' && options.encryptionContext === undefined)
        tellContext(output, settings, request.context)
      return recordOf(result, request)
    })
  } finally {
    progress.stop()
    await source.close()
  }
}

async function encryptFiles(
  context: Context,
  inputs: readonly string[],
  options: Options,
  requestFor: (target: RuleTarget) => Request,
): Promise<void> {
  if (options.output !== undefined)
    throw usageError('-o is for one input', 'name a place with --out-dir or --suffix')
  if (options.trim) throw usageError('--trim is for one input')
  const { withDataKeyCache } = await import('../core/data-key-cache.ts')
  context.announceWrite()
  // One KMS call for each file would be the price of mode direct; envelopes share data keys.
  const mode = options.mode === 'direct' ? 'direct' : 'envelope'
  // Without a file of rules, a missing key is a fault of the command line.
  if (context.settings.config === undefined) requestFor({})
  // The fewest keys that any file has: what is told is not too much where rules give files different keys.
  let keys = Number.POSITIVE_INFINITY
  const onEnd = (savedFetches: number): void => {
    if (savedFetches > 0) context.stats.savedCalls += savedFetches * keys
  }
  await withDataKeyCache(
    { limits: cacheLimitsOf(options, context.settings), scope: context.scope, onEnd },
    cache =>
      runManyFiles(context, {
        inputs,
        flags: options,
        suffixMode: 'add',
        encoding: options.encoding ?? 'raw',
        done: 'encrypted',
        work: async (source, sink, { input }) => {
          const request = requestFor(fileTarget(context.io, input))
          keys = Math.min(keys, request.keyIds.length)
          const result = await seal(source, sink, { ...request, mode, emptyAllowed: true, cache })
          return { bytes: result.plaintextBytes, record: recordOf(result, request) }
        },
      }),
  )
}

function recordOf(result: SealResult, { publicKeys = [] }: Request): object {
  const fingerprints = publicKeys.map(({ publicKey }) => fingerprintOf(publicKey))
  return {
    Mode: result.mode,
    KeyIds: result.keyArns,
    Fingerprints: fingerprints.length === 0 ? undefined : fingerprints,
    EncryptionContext: result.context,
    PlaintextLength: result.plaintextBytes,
  }
}
