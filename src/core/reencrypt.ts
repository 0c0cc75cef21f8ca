/** Encrypts ciphertexts again, under other keys or another context, without letting the plaintext out. */

import { ReEncryptCommand } from '@aws-sdk/client-kms'
import type { ByteSink, ByteSource } from '../byte-stream.ts'
import { KmsealError, usageError } from '../errors.ts'
import { send } from './aws-errors.ts'
import { BytePipe } from './byte-pipe.ts'
import { type Detected, detect } from './detect.ts'
import { noPinOpens, refusalOfKey } from './direct.ts'
import { type EncryptionContext, requireKeys, withoutReserved } from './encryption-context.ts'
import { clientForKey } from './kms-access.ts'
import type { MessageHeader } from './message/header.ts'
import { namesKmsKey } from './message-keys.ts'
import { checkReencryptRequest, type ReencryptRequest, wishedSignature } from './reencrypt-request.ts'
import { resolveKeyArn } from './resolve-key.ts'
import type { SealMode } from './seal.ts'

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
  const refusal = refusalOfKey(SourceKeyId, pinned, accounts)
  if (refusal !== undefined) throw refusal
  return { blob: CiphertextBlob, sourceKeyArn: SourceKeyId, keyArn: KeyId }
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
      keyring: keyrings.openingKeyring(kms, pinnedArns),
      admits: key => namesKmsKey(key, accounts),
      context: request.sourceContext,
      required: request.required,
      maxEncryptedDataKeys: request.maxEncryptedDataKeys,
      maxFrameLength: request.maxFrameLength,
      allowLegacy: request.allowLegacy,
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
