/** Encrypts ciphertexts again, under other keys or another context, without letting the plaintext out. */

import { ReEncryptCommand } from '@aws-sdk/client-kms'
import type { ByteSink, ByteSource } from '../byte-stream.ts'
import { integrityError, KmsealError, usageError } from '../errors.ts'
import { send } from './aws-errors.ts'
import { BytePipe } from './byte-pipe.ts'
import { type Detected, detect } from './detect.ts'
import { noPinOpens } from './direct.ts'
import {
  type ContextRequirement,
  type EncryptionContext,
  refuseReservedKeys,
  requireContext,
  requireKeys,
  withoutReserved,
} from './encryption-context.ts'
import { parseKeyArn } from './key-id.ts'
import { clientForKey, type KmsAccess } from './kms-access.ts'
import type { MessageHeader } from './message/header.ts'
import { readHeader } from './message/read-header.ts'
import { keyNameOf, namesKmsKey } from './message-keys.ts'
import type { PublicKeyRecipient } from './public-key-file.ts'
import { resolveKeyArn } from './resolve-key.ts'
import { maxKeys, type SealMode } from './seal.ts'

/** How the ciphertexts of now are opened, and what the new ones are like. */
export interface ReencryptRequest {
  readonly kms: KmsAccess
  /** Keys of now to insist on; none takes whatever a ciphertext names. */
  readonly pins: readonly string[]
  readonly accounts?: readonly string[] | undefined
  /** Pairs that must be in the message of now, or are the context of a KMS ciphertext. */
  readonly sourceContext: EncryptionContext
  readonly required: readonly ContextRequirement[]
  readonly maxEncryptedDataKeys?: number | undefined
  readonly maxFrameLength?: number | undefined
  readonly allowLegacy?: boolean | undefined
  /** Recipients of the new one. */
  readonly keyIds: readonly string[]
  readonly publicKeys: readonly PublicKeyRecipient[]
  /** The new context; undefined keeps that of now. */
  readonly context?: EncryptionContext | undefined
  /** Whether the new message is signed; undefined keeps it. */
  readonly sign?: boolean | undefined
  readonly frameLength?: number | undefined
}

/** What was done. */
export interface ReencryptResult {
  readonly mode: SealMode
  /** ARN of the key that opened the ciphertext of before. */
  readonly sourceKeyArn: string
  readonly keyArns: readonly string[]
  readonly context: EncryptionContext
  /** Bytes of plaintext; undefined when KMS did it all. */
  readonly plaintextBytes: number | undefined
}

/** A sink whose content can be read before it is committed. */
export interface ReadableSink extends ByteSink {
  /** Writes what is still held, and reads everything back. */
  readBack(): Promise<ByteSource>
}

/**
 * Encrypts one ciphertext again. A KMS ciphertext goes through kms:ReEncrypt; a message is opened and sealed in one
 * stream. The sink is committed after the new message was read back and has verified to its end, else aborted.
 *
 * @param sinkOf makes the sink, for the encoding that the ciphertext had
 * @throws KmsealError as `open` and `seal`
 */
export async function reencrypt(
  source: ByteSource,
  sinkOf: (form: Detected['form']) => ReadableSink,
  request: ReencryptRequest,
): Promise<ReencryptResult> {
  checkReencryptRequest(request)
  const found = await detect(source, false)
  const sink = sinkOf(found.form)
  try {
    const result =
      found.kind === 'blob'
        ? await reencryptBlob(found.bytes, sink, request)
        : await reencryptMessage(found.source, sink, request)
    await sink.commit()
    return result
  } catch (error) {
    await sink.abort()
    throw error
  }
}

/**
 * Checks a request before any ciphertext is looked at.
 *
 * @throws KmsealError `usage` for no recipients or more than 10, a reserved key, or what cannot be signed
 */
export function checkReencryptRequest({ keyIds, publicKeys, context, sign }: ReencryptRequest): void {
  if (context !== undefined) refuseReservedKeys(context)
  const count = keyIds.length + publicKeys.length
  if (count === 0) {
    throw usageError('no new key was named', 'name one with --destination-key-id or --public-key')
  }
  if (count > maxKeys) throw usageError(`a message has at most ${maxKeys} keys`)
  if (sign === true && publicKeys.length > 0) {
    throw usageError(
      '--sign does not go with --public-key: whoever has a public key could sign',
      'leave --sign away',
    )
  }
}

/** Whether the new message is signed: as the one of now, which does not change without a word. */
function wishedSignature(header: MessageHeader, { sign, publicKeys }: ReencryptRequest): boolean {
  if (sign === undefined && header.suite.signed && publicKeys.length > 0) {
    throw usageError(
      'the message is signed, and one for a --public-key cannot be',
      'give its signature up with --no-sign',
    )
  }
  return sign ?? header.suite.signed
}

/**
 * What a new encryption would change about a ciphertext, told from its header alone; nothing when it is as wished.
 *
 * @param keyArns ARNs of the wished recipients in their order; undefined when they cannot be known
 * @throws KmsealError `integrity` for a malformed header, or another context than is insisted on
 */
export async function reasonsToReencrypt(
  source: ByteSource,
  request: ReencryptRequest,
  keyArns: readonly string[] | undefined,
): Promise<readonly string[]> {
  const found: Detected = await detect(source, false)
  if (found.kind === 'blob') return ['a KMS ciphertext does not say which key it has']
  const { header } = await readHeader(found.source, request.maxEncryptedDataKeys ?? maxKeys)
  requireContext(header.context, request.sourceContext)
  requireKeys(header.context, request.required)
  const reasons: string[] = []
  const present = header.encryptedDataKeys.map(keyNameOf)
  if (keyArns === undefined || present.join() !== keyArns.join()) {
    reasons.push(`recipients: ${present.join(', ')}`)
  }
  const own = withoutReserved(header.context)
  const sign = wishedSignature(header, request)
  if (!isSameContext(own, request.context ?? own)) reasons.push('encryption context')
  if (header.suite.signed !== sign) reasons.push(sign ? 'no signature' : 'a signature')
  if (!header.suite.committing) reasons.push('no key commitment')
  return reasons
}

function isSameContext(one: EncryptionContext, other: EncryptionContext): boolean {
  const keys = Object.keys(one)
  return keys.length === Object.keys(other).length && keys.every(key => one[key] === other[key])
}

async function reencryptBlob(
  blob: Uint8Array,
  sink: ByteSink,
  request: ReencryptRequest,
): Promise<ReencryptResult> {
  const { pins, keyIds, publicKeys, sourceContext, required, sign, frameLength } = request
  const [keyId] = keyIds
  if (
    keyId === undefined ||
    keyIds.length > 1 ||
    publicKeys.length > 0 ||
    sign ||
    frameLength !== undefined
  ) {
    throw usageError(
      'a KMS ciphertext goes to one --destination-key-id and nothing else',
      'decrypt it, and encrypt it with --mode envelope, for several recipients or a signature',
    )
  }
  requireKeys(sourceContext, required)
  const context = request.context ?? sourceContext
  const refusals: KmsealError[] = []
  for (const pin of pins.length === 0 ? [undefined] : pins) {
    const answer = await reencryptOnce(blob, pin, keyId, context, request).catch(error => {
      if (pin === undefined || !(error instanceof KmsealError)) throw error
      refusals.push(error)
    })
    if (answer === undefined) continue
    await sink.write([answer.blob])
    const { sourceKeyArn, keyArn } = answer
    return { mode: 'direct', sourceKeyArn, keyArns: [keyArn], context, plaintextBytes: undefined }
  }
  throw noPinOpens(refusals)
}

async function reencryptOnce(
  blob: Uint8Array,
  pin: string | undefined,
  keyId: string,
  context: EncryptionContext,
  { kms, sourceContext, accounts }: ReencryptRequest,
) {
  const pinned = pin === undefined ? undefined : await resolveKeyArn(kms, pin)
  const answer = await send(
    await clientForKey(kms, pinned ?? keyId),
    new ReEncryptCommand({
      CiphertextBlob: blob,
      DestinationKeyId: keyId,
      ...(pinned === undefined ? {} : { SourceKeyId: pinned }),
      ...(isEmpty(sourceContext) ? {} : { SourceEncryptionContext: sourceContext }),
      ...(isEmpty(context) ? {} : { DestinationEncryptionContext: context }),
    }),
    {
      action: 'kms:ReEncrypt',
      object: `key ${keyId}`,
      hints: {
        InvalidCiphertextException: 'give exactly the --source-encryption-context that it was encrypted with',
        IncorrectKeyException: 'it belongs to another key: check --source-key-id, or use --discovery',
      },
    },
  )
  const { CiphertextBlob, SourceKeyId = '', KeyId = '' } = answer
  if (CiphertextBlob === undefined) throw new KmsealError('failed', 'KMS answered without a ciphertext')
  checkSource(SourceKeyId, pinned, accounts)
  return { blob: CiphertextBlob, sourceKeyArn: SourceKeyId, keyArn: KeyId }
}

function checkSource(
  used: string,
  pinned: string | undefined,
  accounts: readonly string[] | undefined,
): void {
  if (pinned !== undefined && used !== pinned) {
    throw integrityError(`KMS used key ${used}, not the requested ${pinned}`)
  }
  if (accounts !== undefined && accounts.length > 0 && !accounts.includes(parseKeyArn(used)?.account ?? '')) {
    throw integrityError(`the ciphertext belongs to key ${used}, of no account that is allowed here`)
  }
}

function isEmpty(context: EncryptionContext): boolean {
  return Object.keys(context).length === 0
}

async function reencryptMessage(
  source: ByteSource,
  sink: ReadableSink,
  request: ReencryptRequest,
): Promise<ReencryptResult> {
  const [envelope, keyrings] = await Promise.all([import('./envelope.ts'), import('./keyrings.ts')])
  const { kms, pins, accounts, keyIds, publicKeys } = request
  const pinnedArns = await Promise.all(pins.map(pin => resolveKeyArn(kms, pin)))
  const pipe = new BytePipe()
  let sealing: ReturnType<typeof envelope.sealEnvelope> | undefined
  let context: EncryptionContext = {}
  const startSealing = (header: MessageHeader): void => {
    context = request.context ?? withoutReserved(header.context)
    const sign = wishedSignature(header, request)
    sealing = envelope.sealEnvelope(pipe.source, sink, {
      keyring: keyrings.sealingKeyring(kms, { keyIds, publicKeys }),
      context,
      sign,
      frameLength: envelope.checkFrameLength(request.frameLength ?? envelope.defaultFrameLength),
      readBack: () => sink.readBack(),
    })
    sealing.catch(error => pipe.fail(error))
  }
  try {
    const opened = await envelope.openEnvelope(source, pipe.sink, {
      keyring: pins.length > 0 ? keyrings.pinnedKeyring(kms, pinnedArns) : keyrings.discoveryKeyring(kms),
      admits: key => namesKmsKey(key, accounts),
      context: request.sourceContext,
      required: request.required,
      maxEncryptedDataKeys: request.maxEncryptedDataKeys ?? envelope.defaultMaxEncryptedDataKeys,
      maxFrameLength: request.maxFrameLength ?? envelope.maxFrameLength,
      allowLegacy: request.allowLegacy === true,
      onHeader: startSealing,
    })
    await pipe.sink.commit()
    const sealed = await sealing
    return {
      mode: 'envelope',
      sourceKeyArn: opened.keyName,
      keyArns: sealed?.keyNames ?? [],
      context,
      plaintextBytes: opened.plaintextBytes,
    }
  } catch (error) {
    pipe.fail(error)
    await sealing?.catch(() => undefined)
    throw error
  }
}
