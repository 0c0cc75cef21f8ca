/** `kmseal random`: random bytes from KMS. */

import type { Command } from 'commander'
import { commitBytes } from '../byte-stream.ts'
import type { Session } from '../cli/context.ts'
import { oneOf, outputFile, sinkRequest, wholeNumber } from '../cli/options.ts'
import type { Encoding } from '../cli/stdout-sink.ts'
import type { GlobalFlags } from '../config.ts'
import { generateRandom } from '../core/data-key.ts'

interface Options extends GlobalFlags {
  readonly numberOfBytes: number
  readonly output?: string
  readonly encoding?: Encoding
}

/** Adds the arguments, options and action of the command. */
export function register(command: Command, session: Session): void {
  command
    .requiredOption('--number-of-bytes <count>', 'from 1 to 1024', wholeNumber('--number-of-bytes', 1, 1024))
    .option(
      '-o, --output <file>',
      'write raw bytes to a file instead of base64 to standard output',
      outputFile,
    )
    .option('--encoding <form>', 'base64, raw or hex', oneOf('--encoding', ['base64', 'raw', 'hex']))
    .addHelpText('after', '\nExamples:\n  $ kmseal random --number-of-bytes 32 --encoding hex')
    .action(async (options: Options) => {
      const { output, clients } = session.begin(options)
      const request = { ...sinkRequest(options), release: 'nothing' } as const
      const bytes = await generateRandom(await clients.kms(), options.numberOfBytes)
      await output.bytes(request, 'Plaintext', async sink => {
        await commitBytes(sink, bytes)
        return {}
      })
    })
}
