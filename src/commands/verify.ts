/** `kmseal verify`: whether a signature is of a message, by KMS or with a public key alone. */

import { type Command, Option } from 'commander'
import type { ByteSource } from '../byte-stream.ts'
import type { Context, Session } from '../cli/context.ts'
import { openInput, readSmallFile, readStart } from '../cli/input.ts'
import { oneOf } from '../cli/options.ts'
import type { GlobalFlags } from '../config.ts'
import { checkKeyId } from '../core/key-id.ts'
import type { MessageType } from '../core/message-to-sign.ts'
import { longestPublicKeyFile, readPublicKey } from '../core/public-key-file.ts'
import { type Verified, verify } from '../core/sign.ts'
import { decodedSignature, longestSignatureFile } from '../core/signature.ts'
import { type SigningAlgorithm, signingAlgorithms } from '../core/signing-algorithms.ts'
import { type VerifiedOffline, verifyOffline } from '../core/verify-offline.ts'
import { usageError } from '../errors.ts'

interface Options extends GlobalFlags {
  readonly keyId?: string
  readonly publicKey?: string
  readonly signature: string
  readonly signingAlgorithm?: SigningAlgorithm
  readonly messageType?: MessageType
}

/** Adds the arguments, options and action of the command. */
export function register(command: Command, session: Session): void {
  command
    .argument('[file]', 'message; standard input without it, and for -')
    .option('--key-id <key>', 'key that signed: id, alias/NAME or ARN', checkKeyId)
    .addOption(
      new Option(
        '--public-key <file>',
        'its public key instead, in PEM or DER; needs no network and no credentials',
      ).conflicts('keyId'),
    )
    .requiredOption('--signature <file>', 'signature, raw or as base64 or hex text')
    .option(
      '--signing-algorithm <name>',
      'instead of the usual one of the key, as with sign',
      oneOf('--signing-algorithm', signingAlgorithms),
    )
    .addOption(
      new Option('--message-type <type>', 'as with sign: RAW, or DIGEST for an input that is a digest')
        .argParser(oneOf('--message-type', ['RAW', 'DIGEST']))
        .conflicts('publicKey'),
    )
    .addHelpText('after', help)
    .action((file: string | undefined, options: Options) =>
      verifySignature(session.begin(options), file, options),
    )
}

async function verifySignature(context: Context, file: string | undefined, options: Options): Promise<void> {
  const { io, output } = context
  const { keyId, publicKey } = options
  if (keyId === undefined && publicKey === undefined) {
    throw usageError('verify needs the key that signed', 'name it with --key-id or --public-key')
  }
  const fromStandardInput = [file ?? '-', options.signature, publicKey].filter(name => name === '-')
  if (fromStandardInput.length > 1) {
    throw usageError('message, signature and key cannot all be read from standard input')
  }
  const { bytes } = await readStart(io, options.signature, longestSignatureFile + 1)
  const signature = decodedSignature(bytes, 'signature')
  const verifier = await verifierFor(context, options, file !== undefined && file !== '-')
  const source = await openInput(io, file)
  try {
    const verified = await verifier(source, signature)
    await output.result(verified, `valid ${verified.SigningAlgorithm} signature by ${nameOf(verified)}\n`)
  } finally {
    await source.close()
  }
}

function nameOf({ KeyId, Fingerprint }: Partial<VerifiedOffline>): string {
  if (Fingerprint === undefined) return `${KeyId}`
  return `public key ${Fingerprint}${KeyId === undefined ? '' : `, said to be of ${KeyId}`}`
}

type Verifier = (source: ByteSource, signature: Uint8Array) => Promise<Verified | VerifiedOffline>

async function verifierFor({ io, kms }: Context, options: Options, emptyAllowed: boolean): Promise<Verifier> {
  const { keyId = '', publicKey, signingAlgorithm: algorithm, messageType } = options
  if (publicKey === undefined) {
    const request = { keyId, algorithm, messageType, emptyAllowed }
    return (source, signature) => verify(kms, source, signature, request)
  }
  const { bytes, name } = await readSmallFile(io, publicKey, longestPublicKeyFile)
  const key = readPublicKey(bytes, name)
  return (source, signature) => verifyOffline(source, signature, key, { algorithm, emptyAllowed })
}

const help = `
The exit status is 0 for a valid signature, 5 for any other, and 6 when KMS could not be asked.

With --public-key nothing is asked of KMS. Which KMS key it is, is what the file says: take it from a place that you
trust. The message itself is needed then, since its digest cannot be verified alone.

Examples:
  $ kmseal verify --key-id alias/release --signature app.tar.sig app.tar
  $ kmseal public-key --key-id alias/release -o release.pem
  $ kmseal verify --public-key release.pem --signature app.tar.sig app.tar`
