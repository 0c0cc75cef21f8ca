/** Why a ciphertext is to be encrypted again. */

import type { ByteSource } from '../byte-stream.ts'
import { KmsealError } from '../errors.ts'
import { type Detected, detect } from './detect.ts'
import { type EncryptionContext, requireContext, requireKeys, withoutReserved } from './encryption-context.ts'
import { isSameKey } from './key-id.ts'
import type { MessageHeader } from './message/header.ts'
import { readHeader } from './message/read-header.ts'
import { keyNameOf, namesKmsKey } from './message-keys.ts'
import { type ReencryptRequest, wishedSignature } from './reencrypt-request.ts'
import { resolveKeyArn } from './resolve-key.ts'
import { maxKeys } from './seal.ts'

/**
 * What a new encryption would change about a ciphertext, told from its header alone; nothing when it is as wished.
 *
 * @param keyArns ARNs of the wished recipients in their order; undefined when they cannot be known
 * @throws KmsealError `integrity` for a malformed header, or another key or context than is insisted on
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
  await requireKey(header, request)
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

/** The new encryption would begin with opening it, which only some keys may. */
async function requireKey(header: MessageHeader, { kms, pins, accounts }: ReencryptRequest): Promise<void> {
  const pinned = await Promise.all(pins.map(pin => resolveKeyArn(kms, pin)))
  const names = header.encryptedDataKeys.filter(key => namesKmsKey(key, accounts)).map(keyNameOf)
  if (names.some(name => pinned.length === 0 || pinned.some(pin => isSameKey(pin, name)))) return
  throw new KmsealError('integrity', 'none of the keys allowed here can open the message', {
    details: header.encryptedDataKeys.map(key => `${keyNameOf(key)}: it is not among the keys allowed here`),
    hint: 'name one of these keys, or leave the choice open',
  })
}
