/** `kmseal sign`: a signature by an asymmetric key, of a message of any length. */

import type { Command } from 'commander'
import { commitBytes } from '../byte-stream.ts'
import type { Session } from '../cli/context.ts'
import { openInput, refuseSamePlace } from '../cli/input.ts'
import { oneOf, outputFile, sinkRequest } from '../cli/options.ts'
import type { Encoding } from '../cli/stdout-sink.ts'
import type { GlobalFlags } from '../config.ts'
import { checkKeyId } from '../core/key-id.ts'
import type { MessageType } from '../core/message-to-sign.ts'
import { sign } from '../core/sign.ts'
import { type SigningAlgorithm, signingAlgorithms } from '../core/signing-algorithms.ts'

interface Options extends GlobalFlags {
  readonly keyId: string
  readonly signingAlgorithm?: SigningAlgorithm
  readonly messageType?: MessageType
  readonly output?: string
  readonly encoding?: Encoding
}

/** Adds the arguments, options and action of the command. */
export function register(command: Command, session: Session): void {
  command
    .argument('[file]', 'message; standard input without it, and for -')
    .requiredOption('--key-id <key>', 'key of usage SIGN_VERIFY: id, alias/NAME or ARN', checkKeyId)
    .option(
      '--signing-algorithm <name>',
      'instead of the usual one of the key, as below',
      oneOf('--signing-algorithm', signingAlgorithms),
    )
    .option(
      '--message-type <type>',
      'RAW: send the message itself or fail; DIGEST: the input is a digest already',
      oneOf('--message-type', ['RAW', 'DIGEST']),
    )
    .option(
      '-o, --output <file>',
      'write the raw signature to a file instead of base64 to standard output',
      outputFile,
    )
    .option('--encoding <form>', 'base64, raw or hex', oneOf('--encoding', ['base64', 'raw', 'hex']))
    .addHelpText('after', help)
    .action((file: string | undefined, options: Options) => signMessage(session, file, options))
}

async function signMessage(session: Session, file: string | undefined, options: Options): Promise<void> {
  const { announceWrite, io, kms, output } = session.begin(options)
  await refuseSamePlace(file, options.output)
  const source = await openInput(io, file)
  try {
    announceWrite()
    const request = {
      keyId: options.keyId,
      algorithm: options.signingAlgorithm,
      messageType: options.messageType,
      emptyAllowed: file !== undefined && file !== '-',
    }
    await output.bytes({ ...sinkRequest(options), release: 'nothing' }, 'Signature', async sink => {
      const { Signature, ...record } = await sign(kms, source, request)
      await commitBytes(sink, Signature)
      return record
    })
  } finally {
    await source.close()
  }
}

const help = `
Up to 4096 bytes go to KMS, which hashes them; of a longer message the digest is made here, and signed. Both give the
same kind of signature. ED25519_SHA_512 signs messages only, up to 4096 bytes.

The usual algorithm is the only one that the key has; for RSA keys RSASSA_PSS_SHA_512, for Ed25519 keys
ED25519_SHA_512. It is looked up (kms:DescribeKey or kms:GetPublicKey); naming it saves a call. PSS signatures have a
salt as long as the digest; ECDSA signatures are DER, as openssl has them. SM2 and ML-DSA are not supported.

Examples:
  $ kmseal sign --key-id alias/release app.tar -o app.tar.sig
  $ kmseal sign --key-id alias/release --signing-algorithm RSASSA_PKCS1_V1_5_SHA_256 < app.tar
  $ openssl dgst -sha256 -binary app.tar | kmseal sign --key-id alias/p256 --message-type DIGEST`
