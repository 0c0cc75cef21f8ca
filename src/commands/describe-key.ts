/** `kmseal describe-key`: what KMS knows of a key. */

import type { Command } from 'commander'
import type { Session } from '../cli/context.ts'
import { renderRecord } from '../cli/record-text.ts'
import type { GlobalFlags } from '../config.ts'
import { checkKeyId } from '../core/key-id.ts'
import { describeKey } from '../core/keys.ts'
import { clientForKey } from '../core/kms-access.ts'
import { usageError } from '../errors.ts'

interface Options extends GlobalFlags {
  readonly keyId?: string
}

/** Adds the arguments, options and action of the command. */
export function register(command: Command, session: Session): void {
  command
    .argument('[key-id]', 'key id, alias/NAME, key ARN or alias ARN', checkKeyId)
    .option('--key-id <key-id>', 'the same, as an option', checkKeyId)
    .addHelpText('after', examples)
    .action(async (named: string | undefined, options: Options) => {
      const { output, kms } = session.begin(options)
      const keyId = named ?? options.keyId
      if (keyId === undefined || (named !== undefined && options.keyId !== undefined)) {
        throw usageError('describe-key needs one key', 'give it as kmseal describe-key KEY')
      }
      const metadata = await describeKey(await clientForKey(kms, keyId), keyId)
      await output.result(metadata, renderRecord(metadata, order))
    })
}

/** What people look for first. */
const order = [
  'Arn',
  'KeyId',
  'AWSAccountId',
  'Description',
  'KeyState',
  'Enabled',
  'DeletionDate',
  'PendingDeletionWindowInDays',
  'KeyManager',
  'Origin',
  'KeySpec',
  'KeyUsage',
  'EncryptionAlgorithms',
  'SigningAlgorithms',
  'MacAlgorithms',
  'KeyAgreementAlgorithms',
  'CreationDate',
  'MultiRegion',
  'MultiRegionConfiguration',
]

const examples = `
Examples:
  $ kmseal describe-key alias/app
  $ kmseal describe-key alias/app --json | jq -r .KeyState`
