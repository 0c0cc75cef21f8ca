/** Encrypts anything: one KMS call for what fits into it, envelope encryption for the rest. */

import { type ByteSink, type ByteSource, bytesSource, prepend, readUpTo } from '../byte-stream.ts'
import { KmsealError, usageError } from '../errors.ts'
import type { DataKeyCache } from './data-key-cache.ts'
import { type DirectCiphertext, maxDirectBytes, sealDirect, sealDirectOffline } from './direct.ts'
import { type EncryptionContext, refuseReservedKeys } from './encryption-context.ts'
import type { KmsAccess } from './kms-access.ts'
import { fingerprintOf, type PublicKeyRecipient } from './public-key-file.ts'

/** How something was, or is to be, encrypted: by KMS itself, or with a data key as an ESDK message. */
export type SealMode = 'direct' | 'envelope'

/** What to encrypt under, and how. */
export interface SealRequest {
  readonly kms: KmsAccess
  /** Wrapping keys; the first generates the data key of an envelope. With the public keys, 1 to 10. */
  readonly keyIds: readonly string[]
  /** Public keys of KMS keys, which wrap without any request: envelopes, or with mode `direct` under one of them. */
  readonly publicKeys?: readonly PublicKeyRecipient[] | undefined
  readonly context: EncryptionContext
  readonly mode: 'auto' | SealMode
  readonly sign: boolean
  /** Bytes of plaintext in a frame of an envelope, 1 byte to 64 MiB; 1 MiB unless given. */
  readonly frameLength?: number | undefined
  /** KMS encryption algorithm for direct mode under an RSA key. */
  readonly algorithm?: string | undefined
  /** Data keys for several messages; without one, each has its own. */
  readonly cache?: DataKeyCache | undefined
  /** Whether nothing at all may be sealed (always as an envelope). */
  readonly emptyAllowed: boolean
}

/** What was done. */
export interface SealResult {
  readonly mode: SealMode
  /** ARNs of the keys that can open it, from KMS's own answers. */
  readonly keyArns: readonly string[]
  readonly context: EncryptionContext
  readonly plaintextBytes: number
}

/** The most wrapping keys of one message: what readers accept unless told otherwise. */
export const maxKeys = 10

/**
 * Encrypts a whole source into a sink, which is committed on success and aborted on failure.
 *
 * In mode `auto`, 1 to 4096 bytes under one symmetric key without a signature go to KMS directly, and
 * everything else becomes an envelope; that is decided after reading at most 4097 bytes.
 *
 * @throws KmsealError `usage` for an impossible request or an empty input, otherwise from KMS, source or sink
 */
export async function seal(source: ByteSource, sink: ByteSink, request: SealRequest): Promise<SealResult> {
  try {
    checkRequest(request)
    const result = await sealChosen(source, sink, request)
    await sink.commit()
    return result
  } catch (error) {
    await sink.abort()
    throw error
  }
}

function checkRequest(request: SealRequest): void {
  const { keyIds, publicKeys = [], context, mode, sign, algorithm, frameLength } = request
  refuseReservedKeys(context)
  const count = keyIds.length + publicKeys.length
  if (count === 0) throw usageError('no key was named', 'name one with --key-id or KMSEAL_KEY_ID')
  if (count > maxKeys) throw usageError(`a message has at most ${maxKeys} keys`)
  if (new Set(keyIds).size < keyIds.length) throw usageError('a key is named twice')
  if (publicKeys.length > 0 && sign) {
    throw usageError(
      '--sign does not go with --public-key: whoever has a public key could sign',
      'leave one of them away',
    )
  }
  if (mode === 'direct') {
    checkDirectPublicKey(request)
    if (keyIds.length > 1)
      throw usageError('--mode direct takes one --key-id', 'use --mode envelope for several')
    if (sign) throw usageError('--sign needs an envelope', 'leave --mode direct away')
    if (frameLength !== undefined) throw usageError('--frame-length needs an envelope')
  }
  const asymmetric = algorithm !== undefined && algorithm !== 'SYMMETRIC_DEFAULT'
  const offline = publicKeys.length > 0 && mode !== 'direct'
  if (asymmetric && (mode === 'envelope' || count > 1 || sign || offline)) {
    throw usageError(
      `--encryption-algorithm ${algorithm} needs --mode direct and one --key-id or --public-key`,
    )
  }
}

function checkDirectPublicKey({ keyIds, publicKeys = [], context }: SealRequest): void {
  if (publicKeys.length === 0) return
  if (keyIds.length + publicKeys.length > 1) {
    throw usageError('--mode direct takes one key', 'use --mode envelope for several')
  }
  if (Object.keys(context).length > 0) {
    throw usageError(
      '--encryption-context needs an envelope with --public-key: RSA alone binds nothing to a ciphertext',
      'leave --mode direct away',
    )
  }
}

async function sealChosen(source: ByteSource, sink: ByteSink, request: SealRequest): Promise<SealResult> {
  const head = await readUpTo(source, maxDirectBytes + 1)
  const emptyIsMeant = request.mode === 'envelope' || (request.mode === 'auto' && request.emptyAllowed)
  if (head.length === 0 && !emptyIsMeant) {
    throw usageError('the input is empty', 'to encrypt nothing at all, say --mode envelope')
  }
  const [keyId = ''] = request.keyIds
  const fitsDirect = head.length > 0 && head.length <= maxDirectBytes
  const { keyIds, publicKeys = [], sign, frameLength } = request
  const single = keyIds.length === 1 && publicKeys.length === 0 && !sign && frameLength === undefined
  const asymmetric = request.algorithm !== undefined && request.algorithm !== 'SYMMETRIC_DEFAULT'
  const mustBeDirect = request.mode === 'direct' || asymmetric
  if (mustBeDirect || (request.mode === 'auto' && fitsDirect && single)) {
    const sealed = await sealWhole(request, keyId, head).catch(error => {
      if (mustBeDirect || !isKeyUsageError(error)) throw error
      return undefined
    })
    if (sealed !== undefined) {
      head.fill(0)
      await sink.write([sealed.blob])
      const { context } = request
      return { mode: 'direct', keyArns: [sealed.keyArn], context, plaintextBytes: head.length }
    }
  }
  const whole =
    head.length <= maxDirectBytes
      ? bytesSource(head)
      : prepend(head, { read: target => source.read(target), size: remaining(source, head.length) })
  return sealAsEnvelope(whole, sink, request)
}

async function sealWhole(
  { kms, publicKeys: [recipient] = [], context, algorithm }: SealRequest,
  keyId: string,
  plaintext: Uint8Array,
): Promise<DirectCiphertext> {
  if (recipient !== undefined) return sealDirectOffline(recipient, plaintext, algorithm)
  return sealDirect(kms, keyId, plaintext, context, algorithm)
}

/** KMS says so of RSA keys: they encrypt in envelopes, unless direct mode was asked for. */
function isKeyUsageError(error: unknown): boolean {
  return error instanceof KmsealError && error.awsName === 'InvalidKeyUsageException'
}

function remaining(source: ByteSource, used: number): number | undefined {
  return source.size === undefined ? undefined : Math.max(0, source.size - used)
}

async function sealAsEnvelope(source: ByteSource, sink: ByteSink, request: SealRequest): Promise<SealResult> {
  // Loaded only here: most secrets are small, and need none of it.
  const [envelope, { sealingKeyring }] = await Promise.all([import('./envelope.ts'), import('./keyrings.ts')])
  const { keyIds, publicKeys = [], cache } = request
  const keys = [
    ...keyIds,
    ...publicKeys.map(({ keyArn, publicKey }) => `${keyArn} ${fingerprintOf(publicKey)}`),
  ]
  const { keyNames, plaintextBytes } = await envelope.sealEnvelope(source, sink, {
    keyring: sealingKeyring(request.kms, { keyIds, publicKeys }),
    cached: cache && { cache, kind: 'seal', keys },
    context: request.context,
    sign: request.sign,
    frameLength: envelope.checkFrameLength(request.frameLength ?? envelope.defaultFrameLength),
  })
  return { mode: 'envelope', keyArns: keyNames, context: request.context, plaintextBytes }
}
