/** Seals and opens messages under raw AES keys, so that tests of the format need no KMS. */

import type { KeyringNode } from '@aws-crypto/material-management-node'
import { RawAesKeyringNode, RawAesWrappingSuiteIdentifier } from '@aws-crypto/raw-aes-keyring-node'
import { type ByteSink, type ByteSource, bytesSource, MemorySink } from '../../src/byte-stream.ts'
import {
  type OpenEnvelopeRequest,
  openEnvelope,
  type SealEnvelopeRequest,
  sealEnvelope,
} from '../../src/core/envelope.ts'

const memoryLimit = 256 * 1024 * 1024

/** A raw AES-256 keyring; the name decides the key. */
export function aesKeyring(keyName = 'one'): KeyringNode {
  return new RawAesKeyringNode({
    keyNamespace: 'kmseal-test',
    keyName,
    unencryptedMasterKey: new Uint8Array(32).fill(Buffer.from(keyName)[0] ?? 0),
    wrappingSuite: RawAesWrappingSuiteIdentifier.AES256_GCM_IV12_TAG16_NO_PADDING,
    utf8Sorting: true,
  })
}

/** Seals bytes, unsigned and in frames of 16 bytes unless told otherwise. */
export async function sealed(
  plaintext: Uint8Array | ByteSource,
  options: Partial<SealEnvelopeRequest> = {},
): Promise<Buffer> {
  const sink = new MemorySink(memoryLimit)
  await sealEnvelope('read' in plaintext ? plaintext : bytesSource(plaintext), sink, {
    keyring: aesKeyring(),
    context: {},
    sign: false,
    frameLength: 16,
    ...options,
  })
  return sink.bytes()
}

/** The request of {@link opened}, with a bare keyring. */
export type OpenOptions = Partial<Omit<OpenEnvelopeRequest, 'keyring'>> & { readonly keyring?: KeyringNode }

/** Opens a message into a sink of the test. */
export function openedInto(sink: ByteSink, message: Uint8Array | ByteSource, options: OpenOptions = {}) {
  const { keyring = aesKeyring(), ...request } = options
  return openEnvelope('read' in message ? message : bytesSource(message), sink, {
    keyring: { keyring, refused: [] },
    context: {},
    maxEncryptedDataKeys: 10,
    maxFrameLength: memoryLimit,
    allowLegacy: false,
    ...request,
  })
}

/** Opens a message and gives its plaintext. */
export async function opened(message: Uint8Array | ByteSource, options: OpenOptions = {}): Promise<Buffer> {
  const sink = new MemorySink(memoryLimit)
  await openedInto(sink, message, options)
  return sink.bytes()
}
