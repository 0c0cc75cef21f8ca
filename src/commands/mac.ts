/** `kmseal mac`: the HMAC of a short message, by a key that never leaves KMS. */

import type { Command } from 'commander'
import { commitBytes } from '../byte-stream.ts'
import type { Session } from '../cli/context.ts'
import { openInput, refuseSamePlace } from '../cli/input.ts'
import { oneOf, outputFile, sinkRequest } from '../cli/options.ts'
import type { Encoding } from '../cli/stdout-sink.ts'
import type { GlobalFlags } from '../config.ts'
import { type MacAlgorithm, macAlgorithms } from '../core/key-algorithms.ts'
import { checkKeyId } from '../core/key-id.ts'
import { generateMac } from '../core/mac.ts'

interface Options extends GlobalFlags {
  readonly keyId: string
  readonly macAlgorithm?: MacAlgorithm
  readonly output?: string
  readonly encoding?: Encoding
}

/** Adds the arguments, options and action of the command. */
export function register(command: Command, session: Session): void {
  command
    .argument('[file]', 'message of 1 to 4096 bytes; standard input without it, and for -')
    .requiredOption('--key-id <key>', 'HMAC key: id, alias/NAME or ARN', checkKeyId)
    .option(
      '--mac-algorithm <name>',
      'the one of the key, which is looked up without it (kms:DescribeKey)',
      oneOf('--mac-algorithm', macAlgorithms),
    )
    .option(
      '-o, --output <file>',
      'write the raw MAC to a file instead of base64 to standard output',
      outputFile,
    )
    .option('--encoding <form>', 'base64, raw or hex', oneOf('--encoding', ['base64', 'raw', 'hex']))
    .addHelpText('after', help)
    .action((file: string | undefined, options: Options) => makeMac(session, file, options))
}

async function makeMac(session: Session, file: string | undefined, options: Options): Promise<void> {
  const { announceWrite, io, kms, output } = session.begin(options)
  await refuseSamePlace(file, options.output)
  const source = await openInput(io, file)
  try {
    announceWrite()
    const request = { keyId: options.keyId, algorithm: options.macAlgorithm }
    await output.bytes({ ...sinkRequest(options), release: 'nothing' }, 'Mac', async sink => {
      const { Mac, ...record } = await generateMac(kms, source, request)
      await commitBytes(sink, Mac)
      return record
    })
  } finally {
    await source.close()
  }
}

const help = `
Nothing is trimmed: a final newline is part of the message. Longer messages are refused, since KMS makes a MAC of what
it is sent only, and the MAC of a digest is another one.

Examples:
  $ printf %s "$TOKEN" | kmseal mac --key-id alias/tokens
  $ kmseal mac --key-id alias/tokens request.json -o request.mac`
