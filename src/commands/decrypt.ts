/** `kmseal decrypt`: what KMS or an AWS Encryption SDK encrypted, in any encoding. */

import type { Command } from 'commander'
import { bytesSource } from '../byte-stream.ts'
import type { Context, Session } from '../cli/context.ts'
import type { OpenSource } from '../cli/file-source.ts'
import { openInput, refuseSamePlace } from '../cli/input.ts'
import type { Io } from '../cli/io.ts'
import {
  addManyFilesOptions,
  cacheLimitsOf,
  isManyFiles,
  type ManyFilesFlags,
  runManyFiles,
} from '../cli/many-files.ts'
import { addOpeningOptions, type OpeningFlags, openedRecord, openingOf } from '../cli/opening.ts'
import { oneOf, outputFile } from '../cli/options.ts'
import { counted, startFileProgress } from '../cli/progress.ts'
import type { Encoding } from '../cli/stdout-sink.ts'
import type { GlobalFlags } from '../config.ts'
import { parseEncryptionContext, parseRequirements } from '../core/encryption-context.ts'
import { checkKeyId } from '../core/key-id.ts'
import { type OpenRequest, open } from '../core/open.ts'
import { usageError } from '../errors.ts'

interface Options extends GlobalFlags, ManyFilesFlags, OpeningFlags {
  readonly ciphertext?: string
  readonly stream?: boolean
  readonly output?: string
  readonly encoding?: Encoding
}

/** Adds the arguments, options and action of the command. */
export function register(command: Command, session: Session): void {
  command
    .argument('[file...]', 'files to decrypt; standard input without one')
    .option('--ciphertext <text>', 'the ciphertext itself, as base64 or hex')
  addOpeningOptions(command)
  command
    .option('--stream', 'release each frame to standard output as it verifies, before the end of the message')
    .option('-o, --output <file>', 'write the plaintext to a file', outputFile)
    .option('--encoding <form>', 'raw, base64 or hex', oneOf('--encoding', ['raw', 'base64', 'hex']))
  addManyFilesOptions(
    command,
    'decrypt',
    'taken off the names of the files; others in a directory are left out',
  )
  command
    .addHelpText(
      'after',
      `
Examples:
  $ kmseal decrypt --ciphertext "$SECRET"
  $ kmseal decrypt --key-id alias/app --encryption-context purpose=backup -o db.dump db.enc
  $ kmseal decrypt --key-id alias/app --recursive photos.enc --suffix .enc --out-dir photos`,
    )
    .action((files: string[], options: Options) => decrypt(session, files, options))
}

async function decrypt(session: Session, files: readonly string[], options: Options): Promise<void> {
  const context = session.begin(options)
  const request = {
    ...openingOf(context, options, (options.keyId ?? []).map(checkKeyId)),
    context: parseEncryptionContext(options.encryptionContext ?? []),
    required: parseRequirements(options.requireContext ?? []),
  }
  if (isManyFiles(files, options)) await decryptFiles(context, files, options, request)
  else await decryptOne(context, files[0], options, request)
}

async function decryptOne(
  { io, output }: Context,
  file: string | undefined,
  options: Options,
  request: OpenRequest,
): Promise<void> {
  const sinkOf = {
    output: options.output,
    encoding: options.encoding ?? 'raw',
    encodingChosen: options.encoding !== undefined,
    release: options.stream === true ? 'everything' : 'nothing',
  } as const
  await refuseSamePlace(file, options.output)
  const source = await openCiphertext(io, file, options.ciphertext)
  const progress = await startFileProgress(io, output.showsProgress, {
    path: options.output,
    size: source.size,
  })
  try {
    await output.bytes(sinkOf, 'Plaintext', async sink =>
      openedRecord(
        await open(counted(source, progress), sink, { ...request, releasesEarly: options.stream }),
      ),
    )
  } finally {
    progress.stop()
    await source.close()
  }
}

async function decryptFiles(
  context: Context,
  inputs: readonly string[],
  options: Options,
  request: OpenRequest,
): Promise<void> {
  const single = { '-o': options.output, '--ciphertext': options.ciphertext, '--stream': options.stream }
  for (const [flag, value] of Object.entries(single)) {
    if (value !== undefined)
      throw usageError(`${flag} is for one input`, 'name a place with --out-dir or --suffix')
  }
  const { withDataKeyCache } = await import('../core/data-key-cache.ts')
  const onEnd = (savedFetches: number): void => {
    context.stats.savedCalls += savedFetches
  }
  await withDataKeyCache(
    { limits: cacheLimitsOf(options, context.settings), scope: context.scope, onEnd },
    cache =>
      runManyFiles(context, {
        inputs,
        flags: options,
        suffixMode: 'remove',
        encoding: options.encoding ?? 'raw',
        done: 'decrypted',
        work: async (source, sink) => {
          const result = await open(source, sink, { ...request, cache })
          return { bytes: result.plaintextBytes, record: openedRecord(result) }
        },
      }),
  )
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
