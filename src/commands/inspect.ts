/** `kmseal inspect`: what can be known of a ciphertext without a key. */

import { stat } from 'node:fs/promises'
import type { Command } from 'commander'
import type { Context, Session } from '../cli/context.ts'
import { runEach } from '../cli/file-run.ts'
import { openInput } from '../cli/input.ts'
import {
  addSearchOptions,
  givenForMany,
  type ReadingFlags,
  refuseForOneInput,
  searchFiles,
} from '../cli/many-files.ts'
import { printable } from '../cli/printable.ts'
import type { GlobalFlags } from '../config.ts'
import { type InspectedBlob, type InspectedMessage, inspect } from '../core/inspect.ts'

/** Adds the arguments, options and action of the command. */
export function register(command: Command, session: Session): void {
  command.argument('[file...]', 'files to look at; standard input without one')
  addSearchOptions(command)
  command
    .addHelpText(
      'after',
      `
No key and no request is needed; nothing that is shown has been authenticated.

Examples:
  $ kmseal inspect backup.enc
  $ kmseal inspect --recursive backups --include '*.enc'
  $ kmseal inspect --json < backup.enc | jq -r '.EncryptedDataKeys[].KeyInfo'`,
    )
    .action(async (files: string[], options: Options) => {
      const context = session.begin(options)
      const [file] = files
      if (file === undefined || file === '-') refuseForOneInput(options)
      if (files.length > 1 || options.recursive || givenForMany(options) !== undefined) {
        await inspectFiles(context, files, options)
      } else {
        const found = await inspectInput(context, file)
        await context.output.result(found, render(found))
      }
    })
}

interface Options extends GlobalFlags, ReadingFlags {}

async function inspectInput({ io }: Context, file: string | undefined) {
  const source = await openInput(io, file)
  try {
    return await inspect(source)
  } finally {
    await source.close()
  }
}

async function inspectFiles(context: Context, inputs: readonly string[], options: Options): Promise<void> {
  const { io, output } = context
  const files = await searchFiles(context, inputs, options)
  await runEach({
    io,
    output,
    files,
    // One after the other, in order.
    options: { jobs: 1, failFast: options.failFast === true },
    done: 'inspected',
    work: async ({ input }) => {
      const [found, { size }] = [await inspectInput(context, input), await stat(input)]
      const text = `${printable(input)}:\n${render(found).replace(/^/gm, '  ').trimEnd()}\n`
      return { bytes: size, record: { Size: size, ...found }, text }
    },
  })
}

function render(found: InspectedBlob | InspectedMessage): string {
  return found.Mode === 'direct' ? renderBlob(found) : renderMessage(found)
}

const kinds: Readonly<Record<InspectedBlob['Kind'], string>> = {
  'kms-symmetric': 'KMS ciphertext of a symmetric key (by its looks; it does not name the key)',
  'kms-symmetric-old': 'KMS ciphertext of a symmetric key, in an old form (by its looks)',
  'kms-rsa-possible': 'maybe a KMS ciphertext of an RSA key (by its length)',
  unknown: 'unknown; only KMS can tell',
}

function renderBlob(found: InspectedBlob): string {
  const mock = found.SealedByMock ? "sealed by kmseal's mock: no AWS key opens it\n" : ''
  return `mode: direct\nencoding: ${found.Encoding}\nlength: ${found.Length} bytes\nkind: ${kinds[found.Kind]}\n${mock}`
}

function renderMessage(found: InspectedMessage): string {
  const context = Object.entries(found.EncryptionContext).map(
    ([key, value]) => `  ${printable(key)} = ${printable(value)}\n`,
  )
  const keys = found.EncryptedDataKeys.map(
    key => `  ${printable(key.KeyInfo)} (${printable(key.ProviderId)}, ${key.Length} bytes)\n`,
  )
  return [
    'mode: envelope\n',
    `encoding: ${found.Encoding}\n`,
    `format: AWS Encryption SDK message, version ${found.FormatVersion}\n`,
    `algorithm suite: ${found.AlgorithmSuite} (${found.AlgorithmSuiteDescription})\n`,
    `signed: ${found.Signed ? 'yes' : 'no'}\n`,
    `message id: ${found.MessageId}\n`,
    `encryption context:${context.length === 0 ? ' none\n' : '\n'}`,
    ...context,
    'wrapping keys:\n',
    ...keys,
    `body: ${found.ContentType === 'framed' ? `frames of ${found.FrameLength} bytes` : 'unframed'}\n`,
    `header: ${found.HeaderLength} bytes\n`,
  ].join('')
}
