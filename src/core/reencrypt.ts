/** Encrypts ciphertexts again, under other keys or another context, without letting the plaintext out. */

import { ReEncryptCommand } from '@aws-sdk/client-kms'
import type { ByteSink, ByteSource } from '../byte-stream.ts'
import { integrityError, KmsealError, usageError } from '../errors.ts'
import { send } from './aws-errors.ts'
import { BytePipe } from './byte-pipe.ts'
import { type Detected, detect } from './detect.ts'
import {
  type ContextRequirement,
  type EncryptionContext,
  refuseReservedKeys,
  requireKeys,
} from './encryption-context.ts'
import { parseKeyArn } from './key-id.ts'
import { clientForKey, type KmsAccess } from './kms-access.ts'
import type { MessageHeader } from './message/header.ts'
import { readHeader } from './message/read-header.ts'
import { keyNameOf, namesKmsKey } from './message-keys.ts'
import type { PublicKeyRecipient } from './public-key-file.ts'
import { resolveKeyArn } from './resolve-key.ts'
import type { SealMode } from './seal.ts'

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
  checkRequest(request)
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

function checkRequest({ keyIds, publicKeys, context, sign }: ReencryptRequest): void {
  if (context !== undefined) refuseReservedKeys(context)
  if (keyIds.length + publicKeys.length === 0) {
    throw usageError('no new key was named', 'name one with --destination-key-id or --public-key')
  }
  if (sign === true && publicKeys.length > 0) throw usageError('--sign does not go with --public-key')
}

/**
 * What a new encryption would change about a ciphertext, told from its header alone; nothing when it is as wished.
 *
 * @param keyArns ARNs of the wished recipients in their order; undefined when they cannot be known
 */
export async function reasonsToReencrypt(
  source: ByteSource,
  request: ReencryptRequest,
  keyArns: readonly string[] | undefined,
): Promise<readonly string[]> {
  const found: Detected = await detect(source, false)
  if (found.kind === 'blob') return ['a KMS ciphertext does not say which key it has']
  const { header } = await readHeader(found.source, 65_535)
  const reasons: string[] = []
  const present = header.encryptedDataKeys.map(keyNameOf)
  if (keyArns === undefined || present.join() !== keyArns.join()) {
    reasons.push(`recipients: ${present.join(', ')}`)
  }
  const { context = ownContext(header), sign = header.suite.signed } = request
  if (!isSameContext(ownContext(header), context)) reasons.push('encryption context')
  if (header.suite.signed !== sign) reasons.push(sign ? 'no signature' : 'a signature')
  if (!header.suite.committing) reasons.push('no key commitment')
  return reasons
}

function isSameContext(one: EncryptionContext, other: EncryptionContext): boolean {
  const keys = Object.keys(one)
  return keys.length === Object.keys(other).length && keys.every(key => one[key] === other[key])
}

/** The pairs that users chose; those of the Encryption SDK are made anew. */
function ownContext(header: MessageHeader): EncryptionContext {
  const pairs = Object.entries(header.context).filter(([key]) => !key.startsWith('aws-crypto-'))
  return Object.assign(Object.create(null), Object.fromEntries(pairs)) as EncryptionContext
}

async function reencryptBlob(
  blob: Uint8Array,
  sink: ByteSink,
  request: ReencryptRequest,
): Promise<ReencryptResult> {
  const { kms, pins, keyIds, publicKeys, sourceContext, required, sign, frameLength } = request
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
  const pinned = pins.length === 0 ? [undefined] : await Promise.all(pins.map(pin => resolveKeyArn(kms, pin)))
  const refusals: KmsealError[] = []
  for (const sourceKeyArn of pinned) {
    try {
      const answer = await send(
        await clientForKey(kms, sourceKeyArn ?? keyId),
        new ReEncryptCommand({
          CiphertextBlob: blob,
          DestinationKeyId: keyId,
          ...(sourceKeyArn === undefined ? {} : { SourceKeyId: sourceKeyArn }),
          ...(isEmpty(sourceContext) ? {} : { SourceEncryptionContext: sourceContext }),
          ...(isEmpty(context) ? {} : { DestinationEncryptionContext: context }),
        }),
        { action: 'kms:ReEncrypt', object: `key ${keyId}` },
      )
      const { CiphertextBlob, SourceKeyId = '', KeyId = '' } = answer
      if (CiphertextBlob === undefined) throw new KmsealError('failed', 'KMS answered without a ciphertext')
      checkSource(SourceKeyId, sourceKeyArn, request.accounts)
      await sink.write([CiphertextBlob])
      return {
        mode: 'direct',
        sourceKeyArn: SourceKeyId,
        keyArns: [KeyId],
        context,
        plaintextBytes: undefined,
      }
    } catch (error) {
      if (!(error instanceof KmsealError)) throw error
      refusals.push(error)
    }
  }
  throw refusals[0] as KmsealError
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
    context = request.context ?? ownContext(header)
    sealing = envelope.sealEnvelope(pipe.source, sink, {
      keyring: keyrings.sealingKeyring(kms, { keyIds, publicKeys }),
      context,
      sign: request.sign ?? (header.suite.signed && publicKeys.length === 0),
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
