/** What can be known of a ciphertext without a key. Nothing of it is authenticated. */

import type { ByteSource } from '../byte-stream.ts'
import { detect, isKmsBlob, isSealedByMock, type TextForm } from './detect.ts'
import type { EncryptionContext } from './encryption-context.ts'
import { readHeader } from './message/read-header.ts'
import { suiteName } from './message/suites.ts'
import { keyNameOf } from './message-keys.ts'

/** One wrapped data key of a message. */
export interface InspectedDataKey {
  readonly ProviderId: string
  /** The key ARN, or another provider's name of its key. */
  readonly KeyInfo: string
  /** Bytes of the wrapped data key. */
  readonly Length: number
}

/** What the header of an ESDK message says. */
export interface InspectedMessage {
  readonly Mode: 'envelope'
  readonly Encoding: TextForm
  readonly FormatVersion: number
  readonly AlgorithmSuite: string
  readonly AlgorithmSuiteDescription: string
  readonly Signed: boolean
  readonly KeyCommitment: boolean
  /** Hexadecimal. */
  readonly MessageId: string
  readonly EncryptionContext: EncryptionContext
  readonly EncryptedDataKeys: readonly InspectedDataKey[]
  readonly ContentType: 'framed' | 'unframed'
  /** Bytes of plaintext in a frame; 0 when unframed. */
  readonly FrameLength: number
  /** Bytes of the header with its tag. */
  readonly HeaderLength: number
}

/** What can be said of bytes that only KMS can read. */
export interface InspectedBlob {
  readonly Mode: 'direct'
  readonly Encoding: TextForm
  /** Bytes. */
  readonly Length: number
  /** `kms-symmetric` and `kms-symmetric-old` are inferred from the bytes; KMS documents no form. */
  readonly Kind: 'kms-symmetric' | 'kms-symmetric-old' | 'kms-rsa-possible' | 'unknown'
  /** Sealed by kmseal's own mock: no AWS key opens it. */
  readonly SealedByMock: boolean
}

/** Data keys that are listed at most: inspecting needs no trust, and a header may claim 65,535. */
const maxListedDataKeys = 1000

/**
 * Reads the header of an ESDK message, or the bytes of a KMS ciphertext, without any key or request.
 *
 * @throws KmsealError `integrity` when it is neither, or the header is malformed or cut
 */
export async function inspect(source: ByteSource): Promise<InspectedMessage | InspectedBlob> {
  const found = await detect(source, false)
  if (found.kind === 'blob') {
    const { bytes, form } = found
    return {
      Mode: 'direct',
      Encoding: form,
      Length: bytes.length,
      Kind: kindOf(bytes),
      SealedByMock: isSealedByMock(bytes),
    }
  }
  const { header } = await readHeader(found.source, maxListedDataKeys)
  return {
    Mode: 'envelope',
    Encoding: found.form,
    FormatVersion: header.suite.version,
    AlgorithmSuite: suiteName(header.suite.id),
    AlgorithmSuiteDescription: header.suite.description,
    Signed: header.suite.signed,
    KeyCommitment: header.suite.committing,
    MessageId: Buffer.from(header.messageId).toString('hex'),
    EncryptionContext: header.context,
    EncryptedDataKeys: header.encryptedDataKeys.map(key => ({
      ProviderId: key.providerId,
      KeyInfo: keyNameOf(key),
      Length: key.ciphertext.length,
    })),
    ContentType: header.framed ? 'framed' : 'unframed',
    FrameLength: header.frameLength,
    HeaderLength: header.body.length + header.auth.length,
  }
}

function kindOf(bytes: Uint8Array): InspectedBlob['Kind'] {
  if (isKmsBlob(bytes)) return bytes[0] === 0x0a ? 'kms-symmetric-old' : 'kms-symmetric'
  return [256, 384, 512].includes(bytes.length) ? 'kms-rsa-possible' : 'unknown'
}
