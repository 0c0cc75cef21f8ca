/** `kmseal verify-file`: proves that files can be opened, without showing or writing what is in them. */

import type { Command } from 'commander'
import { discardingSink } from '../byte-stream.ts'
import type { Context, Session } from '../cli/context.ts'
import { runEach } from '../cli/file-run.ts'
import { openInput } from '../cli/input.ts'
import { addReadingOptions, type ReadingFlags, readingJobs, searchFiles } from '../cli/many-files.ts'
import {
  addOpeningOptions,
  type OpeningFlags,
  openedRecord,
  openingOf,
  requireChoice,
} from '../cli/opening.ts'
import { counted } from '../cli/progress.ts'
import type { GlobalFlags } from '../config.ts'
import { parseEncryptionContext, parseRequirements } from '../core/encryption-context.ts'
import { checkKeyId } from '../core/key-id.ts'
import { open } from '../core/open.ts'
import { KmsealError } from '../errors.ts'

interface Options extends GlobalFlags, ReadingFlags, OpeningFlags {
  readonly discovery?: boolean
}

/** Adds the arguments, options and action of the command. */
export function register(command: Command, session: Session): void {
  command.argument('<file...>', 'files to verify; - is standard input')
  addOpeningOptions(command)
  command.option('--discovery', 'without --key-id: accept whatever key a file names')
  addReadingOptions(command)
  command
    .addHelpText('after', examples)
    .action(async (files: string[], options: Options) => verify(session.begin(options), files, options))
}

async function verify(context: Context, inputs: readonly string[], options: Options): Promise<void> {
  requireChoice(options.keyId, options.discovery === true, options.account)
  const request = {
    ...openingOf(context, options, (options.keyId ?? []).map(checkKeyId)),
    context: parseEncryptionContext(options.encryptionContext ?? []),
    required: parseRequirements(options.requireContext ?? []),
  }
  const { io, output } = context
  const { withDataKeyCache } = await import('../core/data-key-cache.ts')
  const files = await searchFiles(
    context,
    inputs.filter(input => input !== '-'),
    options,
  )
  const all = [...files, ...(inputs.includes('-') ? [{ input: '-' }] : [])]
  // A backup that is not there has not been verified.
  if (all.length === 0) throw new KmsealError('not-found', 'there was no file to verify')
  const onEnd = (savedFetches: number): void => {
    context.stats.savedCalls += savedFetches
  }
  await withDataKeyCache({ scope: context.scope, onEnd }, cache =>
    runEach({
      io,
      output,
      files: all,
      options: { jobs: readingJobs(options), failFast: options.failFast === true },
      done: 'verified',
      work: async ({ input }, progress) => {
        const source = await openInput(io, input)
        try {
          const result = await open(counted(source, progress), discardingSink, { ...request, cache })
          return { bytes: result.plaintextBytes, record: openedRecord(result) }
        } finally {
          await source.close()
        }
      },
    }),
  )
}

const examples = `
Every tag and signature is checked to the end. The exit status is 5 when a file is altered or cut.

Examples:
  $ kmseal verify-file --key-id alias/backup backup.enc
  $ kmseal verify-file --discovery --recursive backups --include '*.enc'`
