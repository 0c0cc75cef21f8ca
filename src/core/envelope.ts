/** Envelope encryption: AWS Encryption SDK messages, sealed and opened in one pass. */

import {
  type KeyringNode,
  NodeDefaultCryptographicMaterialsManager,
  type NodeMaterialsManager,
} from '@aws-crypto/material-management-node'
import { type ByteSink, type ByteSource, discardingSink } from '../byte-stream.ts'
import { commonCode, integrityError, KmsealError, usageError } from '../errors.ts'
import type { DataKeyCache } from './data-key-cache.ts'
import { detect } from './detect.ts'
import {
  type ContextRequirement,
  type EncryptionContext,
  requireContext,
  requireKeys,
} from './encryption-context.ts'
import type { OpeningKeyring, RefusedKey } from './keyrings.ts'
import { openingMaterials, sealingMaterials } from './materials.ts'
import type { HeaderDataKey, MessageHeader } from './message/header.ts'
import { readHeader } from './message/read-header.ts'
import { readBody } from './message/read-message.ts'
import { signedSuiteId, suiteName, unsignedSuiteId } from './message/suites.ts'
import { writeMessage } from './message/write-message.ts'
import { keyNameOf } from './message-keys.ts'

/** Bytes of plaintext in a frame unless told otherwise: 1 MiB. */
export const defaultFrameLength = 1024 * 1024

/** The largest frame that is written, and the largest that is read unless told otherwise: 64 MiB. */
export const maxFrameLength = 64 * 1024 * 1024

/** Wrapped data keys that a message may carry unless told otherwise. */
export const defaultMaxEncryptedDataKeys = 10

/** How an envelope is sealed. */
export interface SealEnvelopeRequest {
  readonly keyring: KeyringNode
  /** A cache of data keys, and the keys that its entries are for, in their order. */
  readonly cached?: CachedKeys | undefined
  readonly context: EncryptionContext
  readonly sign: boolean
  /** 1 to 67,108,864 bytes. */
  readonly frameLength: number
  /** Gives what was written, to verify it to its end before the data key is forgotten. */
  readonly readBack?: (() => Promise<ByteSource>) | undefined
}

/** Where data keys may come from instead of a keyring. */
export interface CachedKeys {
  readonly cache: DataKeyCache
  /** Such as `seal` or `open pinned`. */
  readonly kind: string
  /** The recipients or pins in their order. */
  readonly keys: readonly string[]
}

function managerOf(keyring: KeyringNode, cached: CachedKeys | undefined): NodeMaterialsManager {
  if (cached === undefined) return new NodeDefaultCryptographicMaterialsManager(keyring)
  return cached.cache.manager(keyring, cached.kind, cached.keys)
}

/** What sealing an envelope gave. */
export interface SealedEnvelope {
  readonly keyNames: readonly string[]
  readonly plaintextBytes: number
}

/**
 * Writes the plaintext of a source as one message. The sink is neither committed nor aborted.
 *
 * @throws KmsealError from KMS, the source or the sink
 * @see https://docs.aws.amazon.com/encryption-sdk/latest/developer-guide/message-format.html
 */
export async function sealEnvelope(
  source: ByteSource,
  sink: ByteSink,
  request: SealEnvelopeRequest,
): Promise<SealedEnvelope> {
  const { writer, keyNames, keyring, dispose } = await sealingMaterials({
    manager: managerOf(request.keyring, request.cached),
    plaintextBytes: source.size,
    suiteId: request.sign ? signedSuiteId : unsignedSuiteId,
    context: request.context,
    frameLength: request.frameLength,
  })
  try {
    const plaintextBytes = await writeMessage(source, sink, { ...writer, announcedBytes: source.size })
    if (request.readBack !== undefined) await verify(await request.readBack(), keyring, plaintextBytes)
    return { keyNames, plaintextBytes }
  } finally {
    dispose()
  }
}

/** Reads a message that was just written; anything else than the whole of it is a fault of the disk, or ours. */
async function verify(source: ByteSource, keyring: KeyringNode, plaintextBytes: number): Promise<void> {
  const found = await detect(source, false)
  if (found.kind !== 'message') throw new KmsealError('failed', 'what was written is no message')
  const read = await openEnvelope(found.source, discardingSink, {
    keyring: { keyring, refused: [] },
    context: {},
  })
  if (read.plaintextBytes !== plaintextBytes) throw new KmsealError('failed', 'what was written is cut')
}

/** How an envelope is opened. */
export interface OpenEnvelopeRequest {
  readonly keyring: OpeningKeyring
  readonly cached?: CachedKeys | undefined
  /** Which encrypted data keys may be tried at all. */
  readonly admits?: (key: HeaderDataKey) => boolean
  /** Pairs that must be in the message. */
  readonly context: EncryptionContext
  /** Keys that must be in it, whatever else is. */
  readonly required?: readonly ContextRequirement[] | undefined
  /** Data keys that the message may carry; {@link defaultMaxEncryptedDataKeys} unless given. */
  readonly maxEncryptedDataKeys?: number | undefined
  /** Bytes that a frame may claim; {@link maxFrameLength} unless given. */
  readonly maxFrameLength?: number | undefined
  /** Also read version 1 of the format, which has no key commitment. */
  readonly allowLegacy?: boolean | undefined
  /** Told what the header says once its tag has verified, and before any plaintext. */
  readonly onHeader?: (header: MessageHeader) => void
}

/** What opening an envelope gave. */
export interface OpenedEnvelope {
  readonly header: MessageHeader
  /** Name of the wrapping key that opened it. */
  readonly keyName: string
  readonly plaintextBytes: number
}

/**
 * Reads one message to its very end. The sink is neither committed nor aborted; what was written to it
 * counts only when this returns.
 *
 * @throws KmsealError `integrity` when the message was altered, cut or extended, has another context, or
 *   when no key may open it; `denied`, `unavailable`, … when KMS refused every key
 */
export async function openEnvelope(
  source: ByteSource,
  sink: ByteSink,
  request: OpenEnvelopeRequest,
): Promise<OpenedEnvelope> {
  const { header, rest } = await readHeader(
    source,
    request.maxEncryptedDataKeys ?? defaultMaxEncryptedDataKeys,
  )
  checkHeader(header, request)
  requireContext(header.context, request.context)
  requireKeys(header.context, request.required ?? [])
  const { reader, keyName, dispose } = await openingMaterialsOf(header, request)
  try {
    request.onHeader?.(header)
    const plaintextBytes = await readBody(rest, sink, reader)
    return { header, keyName, plaintextBytes }
  } finally {
    dispose()
  }
}

function checkHeader(header: MessageHeader, request: OpenEnvelopeRequest): void {
  if (!header.suite.committing && !request.allowLegacy) {
    throw integrityError(
      `the message uses algorithm suite ${suiteName(header.suite.id)}, which does not commit to one key`,
      'if you trust its origin, read it with --allow-legacy and encrypt it again',
    )
  }
  const longest = request.maxFrameLength ?? maxFrameLength
  if (header.frameLength > longest) {
    throw integrityError(
      `the message claims frames of ${header.frameLength} bytes, more than the ${longest} allowed`,
      'if you trust its origin, raise --max-frame-length',
    )
  }
}

async function openingMaterialsOf(header: MessageHeader, request: OpenEnvelopeRequest) {
  const { keyring, refused } = request.keyring
  const admitted = header.encryptedDataKeys.filter(key => request.admits?.(key) ?? true)
  if (admitted.length === 0) throw noKeyOpens(header, refused)
  try {
    return await openingMaterials({
      manager: managerOf(keyring, request.cached),
      header,
      encryptedDataKeys: admitted,
      allowLegacy: request.allowLegacy === true,
    })
  } catch (error) {
    if (error instanceof KmsealError && !refused.some(entry => entry.error === error)) throw error
    throw noKeyOpens(header, refused, error)
  }
}

/** Names every wrapping key of the message, and what became of it. */
function noKeyOpens(header: MessageHeader, refused: readonly RefusedKey[], cause?: unknown): KmsealError {
  const details = header.encryptedDataKeys.map(key => {
    const name = keyNameOf(key)
    const answer = refused.find(entry => entry.keyArn === name)
    return `${name}: ${answer === undefined ? 'not tried: it is not among the keys allowed here' : answer.error.message}`
  })
  for (const { keyArn, error } of refused) {
    if (!header.encryptedDataKeys.some(key => keyNameOf(key) === keyArn))
      details.push(`${keyArn}: ${error.message}`)
  }
  if (refused.length === 0) {
    return new KmsealError('integrity', 'none of the keys allowed here can open the message', {
      details,
      cause,
      hint: 'name one of these keys, or leave the choice open',
    })
  }
  const code = commonCode(refused.map(({ error }) => error.code))
  const [first] = refused
  return new KmsealError(code, 'no wrapping key of the message could be used', {
    details,
    hint: first?.error.hint,
    awsName: first?.error.awsName,
    cause: first?.error,
  })
}

/** Checks a frame length for writing. Throws `usage` with the range. */
export function checkFrameLength(bytes: number): number {
  if (Number.isSafeInteger(bytes) && bytes >= 1 && bytes <= maxFrameLength) return bytes
  throw usageError(`a frame length is from 1 to ${maxFrameLength} bytes`)
}
