/** Verifies signatures of KMS keys with a public key, without KMS. */

import { constants, createVerify, type KeyObject, verify as verifyWhole } from 'node:crypto'
import { type ByteSource, eachPiece, prepend, readUpTo } from '../byte-stream.ts'
import { integrityError, usageError } from '../errors.ts'
import { emptyMessage } from './message-to-sign.ts'
import { fingerprintOf, type NamedPublicKey } from './public-key-file.ts'
import { otherAlgorithm, type Verified } from './sign.ts'
import { checkSignatureShape } from './signature.ts'
import { hashOf, type SigningAlgorithm, schemeOf, signingKind, usualAlgorithm } from './signing-algorithms.ts'

/** Ed25519 looks at a message twice, so that all of it has to be in memory. */
const longestWhole = 64 * 1024 * 1024

/** A signature that is valid, and the key that verified it. */
export interface VerifiedOffline extends Verified {
  /** SHA-256 of the public key. */
  readonly Fingerprint: string
}

/**
 * Verifies a signature of a message of any length (Ed25519: up to 64 MiB), as KMS would.
 *
 * @param key with its name, for texts
 * @param algorithm by the type of the key when it is not given
 * @throws KmsealError `integrity` when the signature is not valid; `usage` for a key or an algorithm that does not do
 */
export async function verifyOffline(
  source: ByteSource,
  signature: Uint8Array,
  key: NamedPublicKey,
  request: { readonly algorithm?: SigningAlgorithm | undefined; readonly emptyAllowed: boolean },
): Promise<VerifiedOffline> {
  const algorithm = algorithmFor(key, request.algorithm)
  const { publicKey, keyArn } = key
  const { modulusLength } = publicKey.asymmetricKeyDetails ?? {}
  checkSignatureShape(signature, algorithm, modulusLength === undefined ? undefined : modulusLength / 8)
  const head = await readUpTo(source, 1)
  if (head.length === 0 && !request.emptyAllowed) throw emptyMessage()
  const message = prepend(head, source)
  const isValid =
    schemeOf(algorithm) === 'ed25519'
      ? verifyWhole(null, await readAll(message), publicKey, signature)
      : await verifyPieces(message, signature, publicKey, algorithm)
  if (!isValid) {
    throw integrityError(
      `the signature is not of this message, of the key in ${key.name} and ${algorithm}`,
      otherAlgorithm(algorithm),
    )
  }
  return {
    SignatureValid: true,
    SigningAlgorithm: algorithm,
    KeyId: keyArn,
    Fingerprint: fingerprintOf(publicKey),
  }
}

function algorithmFor({ publicKey, name }: NamedPublicKey, wanted: SigningAlgorithm | undefined) {
  const kind = signingKind(publicKey)
  const algorithm = wanted ?? usualAlgorithm(kind?.algorithms ?? [])
  if (kind === undefined || algorithm === undefined) {
    throw usageError(`the public key in ${name} is of a kind that no KMS key is`)
  }
  if (!kind.algorithms.includes(algorithm)) {
    throw usageError(`the public key in ${name} is ${kind.keySpec}, which does not sign with ${algorithm}`)
  }
  if (schemeOf(algorithm) === 'ed25519ph') {
    throw usageError(`${algorithm} cannot be verified here`, 'let KMS do it, with --key-id')
  }
  return algorithm
}

async function verifyPieces(
  message: ByteSource,
  signature: Uint8Array,
  publicKey: KeyObject,
  algorithm: SigningAlgorithm,
): Promise<boolean> {
  const verifier = createVerify(hashOf(algorithm).name)
  await eachPiece(message, piece => void verifier.update(piece))
  // KMS makes the salt as long as the digest, and takes no other.
  const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
  return verifier.verify({ key: publicKey, ...(schemeOf(algorithm) === 'pss' ? pss : {}) }, signature)
}

async function readAll(message: ByteSource): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  let length = 0
  await eachPiece(message, piece => {
    length += piece.length
    if (length > longestWhole) throw usageError('an Ed25519 signature is verified of at most 64 MiB')
    pieces.push(Uint8Array.from(piece))
  })
  return Buffer.concat(pieces)
}
