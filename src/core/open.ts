/** Decrypts anything: detects what it is, and routes it. */

import type { ByteSink, ByteSource } from '../byte-stream.ts'
import { KmsealError, usageError } from '../errors.ts'
import type { DataKeyCache } from './data-key-cache.ts'
import { type Detected, detect, isSealedByMock } from './detect.ts'
import { openDirect } from './direct.ts'
import { type ContextRequirement, type EncryptionContext, requireKeys } from './encryption-context.ts'
import type { KmsAccess } from './kms-access.ts'
import { keyNameOf, namesKmsKey } from './message-keys.ts'
import { resolveKeyArn } from './resolve-key.ts'
import type { SealMode } from './seal.ts'

/** What to decrypt with, and what to insist on. */
export interface OpenRequest {
  readonly kms: KmsAccess
  /** Wrapping keys to insist on; none means that any key the ciphertext names may open it. */
  readonly pins: readonly string[]
  /** Pairs that must be in the message (envelope), or be the context (direct). */
  readonly context: EncryptionContext
  /** Keys that the encryption context must have. */
  readonly required?: readonly ContextRequirement[] | undefined
  /** KMS encryption algorithm, for direct ciphertext of an RSA key. */
  readonly algorithm?: string | undefined
  /** Without pins: the accounts whose keys may open it; none means any. */
  readonly accounts?: readonly string[] | undefined
  /** Data keys that a message may carry; 10 unless given. */
  readonly maxEncryptedDataKeys?: number | undefined
  /** Bytes that a frame may claim; 64 MiB unless given. */
  readonly maxFrameLength?: number | undefined
  /** Also read messages without key commitment. */
  readonly allowLegacy?: boolean | undefined
  /** Data keys of messages that share one; without it, each is asked for. */
  readonly cache?: DataKeyCache | undefined
  /** The sink lets frames go as they verify: refused for signed and unframed messages. */
  readonly releasesEarly?: boolean | undefined
}

/** A wrapping key of a message. */
export interface Recipient {
  /** `aws-kms`, `aws-kms-rsa`, or what other keyrings say. */
  readonly providerId: string
  /** ARN of a KMS key, or whatever people call another one. */
  readonly keyName: string
}

/** What was opened. */
export interface OpenResult {
  readonly mode: SealMode
  /** ARN of the key that opened it. */
  readonly keyArn: string
  readonly context: EncryptionContext
  readonly plaintextBytes: number
  /** Whether a signature was verified; absent for direct ciphertext. */
  readonly signed?: boolean
  /** How the ciphertext was written. */
  readonly form: Detected['form']
  /** Wrapping keys of the message, as its authenticated header names them; none for direct ciphertext. */
  readonly recipients: readonly Recipient[]
}

/**
 * Decrypts a whole source into a sink, which is committed when everything has verified, and aborted on failure.
 *
 * @throws KmsealError `integrity` when it is malformed, cut, altered, or of another key or context; `usage`
 *   for an impossible request; otherwise from KMS, source or sink
 */
export async function open(source: ByteSource, sink: ByteSink, request: OpenRequest): Promise<OpenResult> {
  try {
    const result = await openDetected(source, sink, request)
    await sink.commit()
    return result
  } catch (error) {
    await sink.abort()
    throw error
  }
}

async function openDetected(source: ByteSource, sink: ByteSink, request: OpenRequest): Promise<OpenResult> {
  const asymmetric = request.algorithm !== undefined && request.algorithm !== 'SYMMETRIC_DEFAULT'
  const found = await detect(source, asymmetric)
  const { form } = found
  if (found.kind === 'message') return { ...(await openMessage(found.source, sink, request)), form }
  const { kms, pins, context, algorithm, accounts } = request
  // KMS shows no context; what is not given here is not in it.
  requireKeys(context, request.required ?? [])
  const { plaintext, keyArn } = await openDirect(kms, pins, found.bytes, context, algorithm, accounts).catch(
    error => {
      throw isSealedByMock(found.bytes) ? sealedByMock(error) : error
    },
  )
  await sink.write([plaintext])
  const plaintextBytes = plaintext.length
  plaintext.fill(0)
  return { mode: 'direct', keyArn, context, plaintextBytes, form, recipients: [] }
}

function sealedByMock(error: unknown): unknown {
  if (!(error instanceof KmsealError) || error.code !== 'integrity') return error
  return new KmsealError(error.code, error.message, {
    awsName: error.awsName,
    cause: error,
    hint: "it was sealed by kmseal's mock: it needs --backend mock, the same mock state, and exactly the same --encryption-context",
  })
}

async function openMessage(
  source: ByteSource,
  sink: ByteSink,
  request: OpenRequest,
): Promise<Omit<OpenResult, 'form'>> {
  const [envelope, keyrings] = await Promise.all([import('./envelope.ts'), import('./keyrings.ts')])
  const { kms, pins, accounts = [], cache } = request
  const pinnedArns = await Promise.all(pins.map(pin => resolveKeyArn(kms, pin)))
  const { header, keyName, plaintextBytes } = await envelope.openEnvelope(source, sink, {
    keyring: keyrings.openingKeyring(kms, pinnedArns),
    cached: cache && {
      cache,
      kind: pins.length > 0 ? 'open pinned' : 'open discovery',
      keys: pins.length > 0 ? pinnedArns : accounts,
    },
    admits: key => namesKmsKey(key, accounts),
    context: request.context,
    required: request.required,
    maxEncryptedDataKeys: request.maxEncryptedDataKeys,
    maxFrameLength: request.maxFrameLength,
    allowLegacy: request.allowLegacy,
    onHeader: ({ suite, framed }) => {
      if (request.releasesEarly !== true || (framed && !suite.signed)) return
      throw usageError(
        `--stream cannot be used: the message is ${framed ? 'signed' : 'unframed'}, and nothing of it counts before its end`,
        'write it to a file with -o FILE',
      )
    },
  })
  return {
    mode: 'envelope',
    keyArn: keyName,
    context: header.context,
    plaintextBytes,
    signed: header.suite.signed,
    recipients: header.encryptedDataKeys.map(key => ({
      providerId: key.providerId,
      keyName: keyNameOf(key),
    })),
  }
}
