/** Messages of any length, as KMS takes them for signing: up to 4096 bytes whole, or the digest of them. */

import { createHash } from 'node:crypto'
import { type ByteSource, eachPiece, readUpTo } from '../byte-stream.ts'
import { usageError } from '../errors.ts'
import { hashOf, type SigningAlgorithm, schemeOf } from './signing-algorithms.ts'
import { decodeHex } from './text-forms.ts'

/** Bytes of a message that KMS takes in one call. */
export const maxMessageBytes = 4096

/** What the bytes that go to KMS are. */
export type MessageType = 'RAW' | 'DIGEST'

/** How a message is read. */
export interface MessageRequest {
  readonly algorithm: SigningAlgorithm
  /** RAW insists on sending the message itself; DIGEST says that the input is a digest already. */
  readonly messageType?: MessageType | undefined
  /** An input without a byte is what is meant, not an accident. */
  readonly emptyAllowed: boolean
}

/** A message for KMS. */
export interface MessageToSign {
  readonly Message: Uint8Array
  readonly MessageType: MessageType
}

/**
 * Reads a message: up to 4096 bytes of it are sent as they are; of a longer one the digest, made in constant memory.
 *
 * @throws KmsealError `usage` for what the algorithm cannot take, a digest of another length, and an empty input
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html
 */
export async function readMessageToSign(source: ByteSource, request: MessageRequest): Promise<MessageToSign> {
  const { algorithm, messageType } = request
  if (messageType === 'DIGEST') return { Message: await readDigest(source, algorithm), MessageType: 'DIGEST' }
  const digestOnly = schemeOf(algorithm) === 'ed25519ph'
  if (digestOnly && messageType === 'RAW') {
    throw usageError(`${algorithm} signs digests only`, 'leave --message-type away: the digest is made here')
  }
  const head = await readUpTo(source, maxMessageBytes + 1)
  const isShort = head.length <= maxMessageBytes
  if (head.length === 0 && !request.emptyAllowed) throw emptyMessage()
  if (isShort && head.length > 0 && !digestOnly) return { Message: head, MessageType: 'RAW' }
  if (schemeOf(algorithm) === 'ed25519') throw noDigest(algorithm, head.length === 0)
  if (messageType === 'RAW') {
    throw usageError(
      `the message is ${isShort ? 'empty' : 'longer than 4096 bytes'}, which KMS does not take as RAW`,
      'leave --message-type away, and its digest is sent',
    )
  }
  const hash = createHash(hashOf(algorithm).name).update(head)
  if (!isShort) await eachPiece(source, piece => void hash.update(piece))
  return { Message: hash.digest(), MessageType: 'DIGEST' }
}

/** The refusal of an empty standard input, which is hardly meant. */
export function emptyMessage(): Error {
  return usageError('the message is empty', 'name an empty file if that is what is meant')
}

async function readDigest(source: ByteSource, algorithm: SigningAlgorithm): Promise<Uint8Array> {
  if (schemeOf(algorithm) === 'ed25519') throw noDigest(algorithm, false)
  const { bytes, name } = hashOf(algorithm)
  const digest = await readUpTo(source, maxMessageBytes)
  const hint = `give the raw bytes, as openssl dgst -${name} -binary writes them`
  if (decodeHex(Buffer.from(digest).toString('latin1').trim()) !== undefined) {
    throw usageError('the digest is hex text', hint)
  }
  if (digest.length === bytes) return digest
  const found = digest.length === maxMessageBytes ? `${maxMessageBytes} or more` : digest.length
  throw usageError(`a digest for ${algorithm} has ${bytes} bytes, and the input has ${found}`, hint)
}

function noDigest(algorithm: SigningAlgorithm, isEmpty: boolean): Error {
  const what = isEmpty ? 'and KMS takes no empty one' : `and KMS takes at most ${maxMessageBytes} bytes of it`
  return usageError(
    `${algorithm} signs the message itself, never a digest, ${what}`,
    'choose --signing-algorithm ED25519_PH_SHA_512, or sign with an ECDSA or RSA key',
  )
}
