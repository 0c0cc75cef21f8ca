/** `kmseal public-key`: the public half of an asymmetric key, as a file that says whose it is. */

import type { Command } from 'commander'
import { commitBytes } from '../byte-stream.ts'
import type { Session } from '../cli/context.ts'
import { oneOf, outputFile } from '../cli/options.ts'
import type { GlobalFlags } from '../config.ts'
import { checkKeyId } from '../core/key-id.ts'
import { getPublicKey, type PublicKey } from '../core/public-key.ts'
import {
  fingerprintOf,
  publicKeyText,
  type RsaEncryptionAlgorithm,
  rsaEncryptionAlgorithms,
} from '../core/public-key-file.ts'
import { usageError } from '../errors.ts'

interface Options extends GlobalFlags {
  readonly keyId: string
  readonly encryptionAlgorithm?: RsaEncryptionAlgorithm
  readonly format?: 'pem' | 'der'
  readonly output?: string
}

/** Adds the arguments, options and action of the command. */
export function register(command: Command, session: Session): void {
  command
    .requiredOption('--key-id <key>', 'asymmetric key: id, alias/NAME or ARN', checkKeyId)
    .option(
      '--encryption-algorithm <name>',
      'what encrypt --public-key shall use (RSAES_OAEP_SHA_256)',
      oneOf('--encryption-algorithm', rsaEncryptionAlgorithms),
    )
    .option(
      '--format <form>',
      'pem, which says whose key it is, or der, the bare SPKI (pem)',
      oneOf('--format', ['pem', 'der']),
    )
    .option('-o, --output <file>', 'write it to a file', outputFile)
    .addHelpText('after', examples)
    .action(async (options: Options) => publicKey(session, options))
}

async function publicKey(session: Session, options: Options): Promise<void> {
  const { kms, output } = session.begin(options)
  const toFile = options.output !== undefined && options.output !== '-'
  if (options.format !== undefined && output.settings.json && !toFile) {
    throw usageError('--format is for files and plain output', 'in JSON, PublicKey is the DER in base64')
  }
  const found = await getPublicKey(kms, options.keyId)
  const algorithm = chosenAlgorithm(found, options.encryptionAlgorithm)
  const record = {
    KeyId: found.keyArn,
    KeySpec: found.keySpec,
    KeyUsage: found.keyUsage,
    EncryptionAlgorithm: algorithm,
    SigningAlgorithms: someOf(found.signingAlgorithms),
    KeyAgreementAlgorithms: someOf(found.keyAgreementAlgorithms),
    Fingerprint: fingerprintOf(found.publicKey),
    PublicKey: found.publicKey,
  }
  if (output.settings.json && !toFile) return output.result(record, '')
  const isDer = options.format === 'der'
  const { keyArn, publicKey: der } = found
  const sink = await output.sink({
    output: options.output,
    encoding: 'raw',
    encodingChosen: !isDer,
    release: 'everything',
    terminalHint: 'write it to a file with -o FILE, or leave --format der away',
  })
  await commitBytes(sink, isDer ? der : Buffer.from(publicKeyText({ keyArn, publicKey: der, algorithm })))
  await output.result({ Output: options.output, ...record }, '')
}

function someOf(algorithms: readonly string[]): readonly string[] | undefined {
  return algorithms.length === 0 ? undefined : algorithms
}

function chosenAlgorithm(
  { encryptionAlgorithms, keyUsage, keyArn }: PublicKey,
  wanted: RsaEncryptionAlgorithm | undefined,
): RsaEncryptionAlgorithm | undefined {
  if (wanted !== undefined && !encryptionAlgorithms.includes(wanted)) {
    throw usageError(`key ${keyArn} does not encrypt with ${wanted}: its key usage is ${keyUsage}`)
  }
  return wanted ?? rsaEncryptionAlgorithms.find(known => encryptionAlgorithms.includes(known))
}

const examples = `
Examples:
  $ kmseal public-key --key-id alias/dropbox -o dropbox.pem
  $ kmseal encrypt --public-key dropbox.pem report.pdf -o report.pdf.enc
  $ kmseal public-key --key-id alias/release -o release.pem
  $ kmseal verify --public-key release.pem --signature app.tar.sig app.tar
  $ kmseal public-key --key-id alias/release --format der | openssl pkey -pubin -inform DER -text -noout`
