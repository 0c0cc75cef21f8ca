/** `kmseal verify-mac`: whether an HMAC is of a message. */

import type { Command } from 'commander'
import type { Session } from '../cli/context.ts'
import { openInput, readStart } from '../cli/input.ts'
import { oneOf } from '../cli/options.ts'
import type { GlobalFlags } from '../config.ts'
import { type MacAlgorithm, macAlgorithms } from '../core/key-algorithms.ts'
import { checkKeyId } from '../core/key-id.ts'
import { verifyMac } from '../core/mac.ts'
import { decodedSignature, longestSignatureFile } from '../core/signature.ts'
import { usageError } from '../errors.ts'

interface Options extends GlobalFlags {
  readonly keyId: string
  readonly mac: string
  readonly macAlgorithm?: MacAlgorithm
}

/** Adds the arguments, options and action of the command. */
export function register(command: Command, session: Session): void {
  command
    .argument('[file]', 'message of 1 to 4096 bytes; standard input without it, and for -')
    .requiredOption('--key-id <key>', 'HMAC key: id, alias/NAME or ARN', checkKeyId)
    .requiredOption('--mac <file>', 'MAC, raw or as base64 or hex text')
    .option(
      '--mac-algorithm <name>',
      'the one of the key, which is looked up without it (kms:DescribeKey)',
      oneOf('--mac-algorithm', macAlgorithms),
    )
    .addHelpText('after', help)
    .action((file: string | undefined, options: Options) => checkMac(session, file, options))
}

async function checkMac(session: Session, file: string | undefined, options: Options): Promise<void> {
  const { io, kms, output } = session.begin(options)
  if ((file ?? '-') === '-' && options.mac === '-') {
    throw usageError('message and MAC cannot both be read from standard input')
  }
  const { bytes } = await readStart(io, options.mac, longestSignatureFile + 1)
  const mac = decodedSignature(bytes, 'MAC')
  const source = await openInput(io, file)
  try {
    const request = { keyId: options.keyId, algorithm: options.macAlgorithm }
    const verified = await verifyMac(kms, source, mac, request)
    await output.result(verified, `valid ${verified.MacAlgorithm} MAC by ${verified.KeyId}\n`)
  } finally {
    await source.close()
  }
}

const help = `
The exit status is 0 for a valid MAC, 5 for any other, and 6 when KMS could not be asked.

Examples:
  $ printf %s "$TOKEN" | kmseal verify-mac --key-id alias/tokens --mac token.mac
  $ kmseal verify-mac --key-id alias/tokens --mac request.mac request.json`
