/** `kmseal inspect`: what can be known of a ciphertext without a key. */

import type { Command } from 'commander'
import type { Session } from '../cli/context.ts'
import { openInput } from '../cli/input.ts'
import { printable } from '../cli/printable.ts'
import type { GlobalFlags } from '../config.ts'
import { type InspectedBlob, type InspectedMessage, inspect } from '../core/inspect.ts'

/** Adds the arguments, options and action of the command. */
export function register(command: Command, session: Session): void {
  command
    .argument('[file]', 'file to look at; standard input without one')
    .addHelpText(
      'after',
      `
No key and no request is needed; nothing that is shown has been authenticated.

Examples:
  kmseal inspect backup.enc
  kmseal inspect --json < backup.enc | jq -r '.EncryptedDataKeys[].KeyInfo'`,
    )
    .action(async (file: string | undefined, options: GlobalFlags) => {
      const { io, output } = session.begin(options)
      const source = await openInput(io, file)
      try {
        const found = await inspect(source)
        await output.result(found, found.Mode === 'direct' ? renderBlob(found) : renderMessage(found))
      } finally {
        await source.close()
      }
    })
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
