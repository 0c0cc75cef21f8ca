/** `kmseal reencrypt`: other keys, another context or a signature for what is encrypted already. */

import type { Command } from 'commander'
import { type ByteSink, type ByteSource, bytesSource, commitBytes, MemorySink } from '../byte-stream.ts'
import { AtomicFileSink, lookAtTarget } from '../cli/atomic-file.ts'
import type { Context, Session } from '../cli/context.ts'
import { type FileResult, runEach } from '../cli/file-run.ts'
import { openFileSource } from '../cli/file-source.ts'
import { openInput, readTextFiles } from '../cli/input.ts'
import {
  addReadingOptions,
  type ReadingFlags,
  readingJobs,
  refuseForOneInput,
  searchFiles,
} from '../cli/many-files.ts'
import { addMessageLimits, type MessageLimitFlags, messageLimitsOf, requireChoice } from '../cli/opening.ts'
import { accountId, byteSize, repeatable } from '../cli/options.ts'
import { printable } from '../cli/printable.ts'
import { counted, type Progress } from '../cli/progress.ts'
import { type Encoding, encodingSink, holdBackLimit } from '../cli/stdout-sink.ts'
import type { GlobalFlags } from '../config.ts'
import { parseEncryptionContext, parseRequirements } from '../core/encryption-context.ts'
import { checkKeyId } from '../core/key-id.ts'
import { longestPublicKeyFile, parsePublicKeys } from '../core/public-key-file.ts'
import { type ReadableSink, type ReencryptResult, reencrypt } from '../core/reencrypt.ts'
import { reasonsToReencrypt } from '../core/reencrypt-reasons.ts'
import { checkReencryptRequest, type ReencryptRequest } from '../core/reencrypt-request.ts'
import { resolveKeyArn } from '../core/resolve-key.ts'
import { KmsealError, usageError } from '../errors.ts'

interface Options extends GlobalFlags, ReadingFlags, MessageLimitFlags {
  readonly sourceKeyId?: readonly string[]
  readonly discovery?: boolean
  readonly account?: readonly string[]
  readonly destinationKeyId?: readonly string[]
  readonly publicKey?: readonly string[]
  readonly fingerprint?: readonly string[]
  readonly sourceEncryptionContext?: readonly string[]
  readonly destinationEncryptionContext?: readonly string[]
  readonly requireContext?: readonly string[]
  readonly sign?: boolean
  readonly frameLength?: number
  readonly dryRun?: boolean
}

/** Adds the arguments, options and action of the command. */
export function register(command: Command, session: Session): void {
  command
    .argument('[file...]', 'files to encrypt again, in their places; standard input to output without one')
    .option(
      '--source-key-id <key>',
      'accept only this wrapping key of now; repeat it for several',
      repeatable,
    )
    .option('--discovery', 'without --source-key-id: accept whatever key a file names')
    .option('--account <id>', 'accept keys of this account only; repeat it for several', accountId)
    .option('--destination-key-id <key>', 'new wrapping key; repeat it for several', repeatable)
    .option('--public-key <file>', 'new recipient: a file of kmseal public-key', repeatable)
    .option('--fingerprint <SHA256:…>', 'insist on the key in the --public-key file', repeatable)
    .option(
      '--source-encryption-context <pairs>',
      'KEY=VALUE, or JSON; pairs that it must have been encrypted with',
      repeatable,
    )
    .option(
      '--destination-encryption-context <pairs>',
      'KEY=VALUE, or JSON; instead of the present context',
      repeatable,
    )
    .option('--require-context <key[=value]>', 'insist on a key of the present context', repeatable)
  addMessageLimits(command)
  command
    .option('--sign', 'sign the new message; by default as it is now')
    .option('--no-sign', 'do not sign it')
    .option(
      '--frame-length <bytes>',
      'plaintext in a frame of the new message (1MiB)',
      byteSize('--frame-length', 1, 64 * 1024 * 1024),
    )
    .option('--dry-run', 'tell what would be done and why, by the headers alone, and do nothing')
  addReadingOptions(command)
  command
    .addHelpText('after', examples)
    .action(async (files: string[], options: Options) => run(session.begin(options), files, options))
}

async function run(context: Context, inputs: readonly string[], options: Options): Promise<void> {
  const request = await requestOf(context, options)
  if (inputs.length === 0 || (inputs.length === 1 && inputs[0] === '-')) {
    if (options.dryRun) throw usageError('--dry-run is for files')
    refuseForOneInput(options)
    await reencryptStream(context, request)
    return
  }
  const { io, output } = context
  const files = await searchFiles(context, inputs, options)
  const keyArns = await recipientArns(request)
  if (!options.dryRun) context.announceWrite()
  await runEach({
    io,
    output,
    files,
    options: { jobs: readingJobs(options), failFast: options.failFast === true },
    done: options.dryRun ? 'would encrypt again' : 'encrypted again',
    work: async ({ input }, progress) => {
      const reasons = await reasonsFor(input, request, keyArns)
      if (reasons.length === 0) return undefined
      if (!options.dryRun) return reencryptFile(input, request, progress)
      const text = `${printable(input)}: ${printable(reasons.join('; '))}\n`
      return { bytes: 0, record: { Reasons: reasons }, text }
    },
  })
}

async function requestOf({ io, kms, settings }: Context, options: Options): Promise<ReencryptRequest> {
  requireChoice(options.sourceKeyId, options.discovery === true, options.account, '--source-key-id')
  const publicKeys = parsePublicKeys(
    await readTextFiles(io, options.publicKey ?? [], longestPublicKeyFile),
    options.fingerprint,
  )
  const { destinationEncryptionContext: destination } = options
  const request = {
    kms,
    pins: (options.sourceKeyId ?? []).map(checkKeyId),
    accounts: options.account,
    sourceContext: parseEncryptionContext(options.sourceEncryptionContext ?? []),
    required: parseRequirements(options.requireContext ?? []),
    ...messageLimitsOf({ settings }, options),
    keyIds: (options.destinationKeyId ?? []).map(checkKeyId),
    publicKeys,
    context: destination === undefined ? undefined : parseEncryptionContext(destination),
    sign: options.sign,
    frameLength: options.frameLength,
  }
  checkReencryptRequest(request)
  return request
}

/** Whom the new message is for, as its header would say it; not known without kms:DescribeKey. */
async function recipientArns(request: ReencryptRequest): Promise<readonly string[] | undefined> {
  try {
    const named = await Promise.all(request.keyIds.map(keyId => resolveKeyArn(request.kms, keyId)))
    return [...named, ...request.publicKeys.map(({ keyArn }) => keyArn)]
  } catch (error) {
    if (error instanceof KmsealError && error.code === 'denied') return undefined
    throw error
  }
}

async function reasonsFor(
  file: string,
  request: ReencryptRequest,
  keyArns: readonly string[] | undefined,
): Promise<readonly string[]> {
  const source = await openFileSource(file)
  try {
    return await reasonsToReencrypt(source, request, keyArns)
  } finally {
    await source.close()
  }
}

async function reencryptFile(
  file: string,
  request: ReencryptRequest,
  progress: Progress,
): Promise<FileResult> {
  const target = await lookAtTarget(file)
  const source = await openFileSource(file)
  const opened: { close(): Promise<void> }[] = [source]
  try {
    const result = await reencrypt(
      counted(source, progress),
      form => {
        const place = new AtomicFileSink(target, { succeed: true })
        return readable(place, form, async () => {
          const written = await place.readBack()
          opened.push(written)
          return written
        })
      },
      request,
    )
    return { bytes: result.plaintextBytes ?? 0, record: recordOf(result) }
  } finally {
    for (const each of opened) await each.close()
  }
}

/** Standard input to standard output, which nothing reaches before all has verified. */
async function reencryptStream(
  { io, output, announceWrite }: Context,
  request: ReencryptRequest,
): Promise<void> {
  announceWrite()
  const source = await openInput(io, undefined)
  const memory = new MemorySink(holdBackLimit)
  try {
    // The form that the ciphertext had is in the bytes already.
    const place = {
      output: undefined,
      encoding: 'raw',
      encodingChosen: false,
      release: 'everything',
    } as const
    await output.bytes(place, 'CiphertextBlob', async sink => {
      const result = await reencrypt(
        source,
        form => readable(memory, form, async () => bytesSource(memory.bytes())),
        request,
      )
      await commitBytes(sink, memory.bytes())
      return recordOf(result)
    })
  } finally {
    await source.close()
  }
}

/** @param read gives what the place holds, once it holds everything */
function readable(place: ByteSink, form: Encoding, read: () => Promise<ByteSource>): ReadableSink {
  const { finish, ...sink } = encodingSink(place, form)
  return { ...sink, readBack: () => finish().then(read) }
}

function recordOf(result: ReencryptResult): object {
  return {
    Mode: result.mode,
    SourceKeyId: result.sourceKeyArn,
    KeyIds: result.keyArns,
    EncryptionContext: result.context,
    PlaintextLength: result.plaintextBytes,
  }
}

const examples = `
A file is replaced after its new message was read back and has verified; one that is as wished is left alone, so an
interrupted run can be run again. A KMS ciphertext goes through kms:ReEncrypt: its plaintext never comes here.

Examples:
  $ kmseal reencrypt --source-key-id alias/old --destination-key-id alias/new backup.enc
  $ kmseal reencrypt --discovery --destination-key-id alias/new -r backups --include '*.enc' --dry-run`
