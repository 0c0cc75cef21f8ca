/** Cryptographic materials: data keys, derived keys and signatures, all by the official library. */

import { randomBytes } from 'node:crypto'
import {
  type AlgorithmSuiteIdentifier,
  CommitmentPolicy,
  CommitmentPolicySuites,
  EncryptedDataKey,
  getDecryptionHelper,
  getEncryptHelper,
  immutableClass,
  KeyringNode,
  KeyringTraceFlag,
  NodeAlgorithmSuite,
  type NodeDecryptionMaterial,
  type NodeEncryptionMaterial,
  type NodeMaterialsManager,
  unwrapDataKey,
} from '@aws-crypto/material-management-node'
import { deserializeFactory, serializeFactory } from '@aws-crypto/serialize'
import { integrityError } from '../errors.ts'
import type { EncryptionContext } from './encryption-context.ts'
import type { HeaderDataKey, MessageHeader } from './message/header.ts'
import type { MessageReader } from './message/read-message.ts'
import type { MessageWriter } from './message/write-message.ts'

/** What to seal one message with. */
export interface SealingRequest {
  readonly manager: NodeMaterialsManager
  readonly suiteId: number
  /** Bytes of plaintext, when they are known; without them no data key is shared. */
  readonly plaintextBytes?: number | undefined
  readonly context: EncryptionContext
  readonly frameLength: number
}

/** A writer for one message, and who can open it. */
export interface SealingMaterials {
  readonly writer: MessageWriter
  readonly keyNames: readonly string[]
  /** Opens this very message without any request, until the data key is forgotten. */
  readonly keyring: KeyringNode
  /** Forgets the data key. Best effort: copies inside the runtime are out of reach. */
  readonly dispose: () => void
}

const fromUtf8 = (text: string): Uint8Array => Buffer.from(text, 'utf8')
const toUtf8 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8')
const serialize = serializeFactory(fromUtf8, { utf8Sorting: true })
const deserialize = deserializeFactory(toUtf8, NodeAlgorithmSuite)

const writePolicy = CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT

/**
 * Gets a data key and makes the header of a new message, with a fresh message id.
 *
 * @throws KmsealError from the keyring, as KMS put it
 */
export async function sealingMaterials(request: SealingRequest): Promise<SealingMaterials> {
  const suite = new NodeAlgorithmSuite(request.suiteId as AlgorithmSuiteIdentifier)
  CommitmentPolicySuites.isEncryptEnabled(writePolicy, suite)
  const material = await request.manager.getEncryptionMaterials({
    suite,
    encryptionContext: { ...request.context },
    commitmentPolicy: writePolicy,
    ...(request.plaintextBytes === undefined ? {} : { plaintextLength: request.plaintextBytes }),
  })
  CommitmentPolicySuites.isEncryptEnabled(writePolicy, material.suite)
  const { getCipherInfo, getSigner, dispose } = getEncryptHelper(material)
  const messageId: Buffer = randomBytes(32)
  const { getCipher, keyCommitment } = getCipherInfo(messageId)
  const body = Buffer.from(
    serialize.serializeMessageHeader(
      serialize.buildMessageHeader({
        suite: material.suite,
        encryptedDataKeys: material.encryptedDataKeys,
        encryptionContext: material.encryptionContext,
        messageId,
        frameLength: request.frameLength,
        ...(keyCommitment === undefined ? {} : { suiteData: keyCommitment }),
      }),
    ),
  )
  const headerCipher = getCipher(Buffer.from(serialize.headerAuthIv(material.suite.ivLength)))
  headerCipher.setAAD(body)
  headerCipher.update(Buffer.alloc(0))
  headerCipher.final()
  const signer = getSigner?.()
  return {
    writer: {
      header: Buffer.concat([body, headerCipher.getAuthTag()]),
      messageId,
      frameLength: request.frameLength,
      cipher: getCipher,
      signer:
        signer === undefined
          ? undefined
          : { update: data => signer.update(data), sign: () => signer.awsCryptoSign() },
    },
    keyNames: material.encryptedDataKeys.map(({ providerInfo }) => providerInfo),
    keyring: new SameDataKeyKeyring(material),
    dispose,
  }
}

/** Knows the data key of a message that was just made. */
class SameDataKeyKeyring extends KeyringNode {
  readonly material: NodeEncryptionMaterial

  constructor(material: NodeEncryptionMaterial) {
    super()
    this.material = material
    Object.freeze(this)
  }

  async _onEncrypt(): Promise<NodeEncryptionMaterial> {
    throw new TypeError('this keyring opens only')
  }

  async _onDecrypt(material: NodeDecryptionMaterial): Promise<NodeDecryptionMaterial> {
    const dataKey = Uint8Array.from(unwrapDataKey(this.material.getUnencryptedDataKey()))
    return material.setUnencryptedDataKey(dataKey, {
      keyNamespace: 'kmseal',
      keyName: 'the same data key',
      flags: KeyringTraceFlag.WRAPPING_KEY_DECRYPTED_DATA_KEY,
    })
  }
}
immutableClass(SameDataKeyKeyring)

/** What to open one message with. */
export interface OpeningRequest {
  readonly manager: NodeMaterialsManager
  readonly header: MessageHeader
  /** The encrypted data keys that may be tried: all of the header, or those that a filter let through. */
  readonly encryptedDataKeys: readonly HeaderDataKey[]
  /** Also accept suites without key commitment (version 1 of the format). */
  readonly allowLegacy: boolean
}

/** A reader for the body of one message, and which key opened it. */
export interface OpeningMaterials {
  readonly reader: MessageReader
  readonly keyName: string
  readonly dispose: () => void
}

/**
 * Gets the data key of a message and authenticates its header.
 *
 * @throws KmsealError `integrity` when the commitment or the header tag does not verify; errors of the
 *   keyring pass through as the library reports them
 */
export async function openingMaterials(request: OpeningRequest): Promise<OpeningMaterials> {
  const { header } = request
  const policy = request.allowLegacy
    ? CommitmentPolicy.REQUIRE_ENCRYPT_ALLOW_DECRYPT
    : CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT
  const parsed = parsedByLibrary(header)
  const messageId = Buffer.from(header.messageId).toString('hex')
  CommitmentPolicySuites.isDecryptEnabled(policy, parsed.algorithmSuite, messageId)
  const material = await request.manager.decryptMaterials({
    suite: new NodeAlgorithmSuite(parsed.algorithmSuite.id),
    encryptionContext: parsed.messageHeader.encryptionContext,
    encryptedDataKeys: request.encryptedDataKeys.map(libraryDataKey),
  })
  CommitmentPolicySuites.isDecryptEnabled(policy, material.suite, messageId)
  const { getDecipherInfo, getVerify, dispose } = getDecryptionHelper(material)
  try {
    const decipher = authenticatedDecipher(header, parsed.messageHeader, getDecipherInfo)
    const verifier = getVerify?.()
    verifier?.update(Buffer.from(header.body))
    verifier?.update(Buffer.from(header.auth))
    return {
      reader: {
        messageId: header.messageId,
        framed: header.framed,
        frameLength: header.frameLength,
        decipher,
        verifier:
          verifier === undefined
            ? undefined
            : {
                update: data => verifier.update(data),
                verify: signature => verifier.awsCryptoVerify(signature),
              },
      },
      keyName: openedBy(material.keyringTrace),
      dispose,
    }
  } catch (error) {
    dispose()
    throw error
  }
}

function openedBy(trace: readonly { flags: number; keyName: string }[]): string {
  return (
    trace.find(({ flags }) => (flags & KeyringTraceFlag.WRAPPING_KEY_DECRYPTED_DATA_KEY) !== 0)?.keyName ?? ''
  )
}

/** Two independent parsers must agree on where the header ends, or the message is refused. */
function parsedByLibrary(header: MessageHeader) {
  const bytes = Buffer.concat([header.body, header.auth])
  let parsed: ReturnType<typeof deserialize.deserializeMessageHeader>
  try {
    parsed = deserialize.deserializeMessageHeader(bytes)
  } catch (cause) {
    throw integrityError('the header of the message is malformed', undefined, cause)
  }
  if (parsed === false || parsed.rawHeader.length !== header.body.length) {
    throw integrityError('the header of the message is malformed')
  }
  return parsed
}

function libraryDataKey(key: HeaderDataKey): EncryptedDataKey {
  return new EncryptedDataKey({
    providerId: key.providerId,
    providerInfo: toUtf8(key.providerInfo),
    rawInfo: key.providerInfo,
    encryptedDataKey: key.ciphertext,
  })
}

type DecipherInfo = ReturnType<typeof getDecryptionHelper>['getDecipherInfo']

/** Derives the content key, checking its commitment, and verifies the header tag. */
function authenticatedDecipher(header: MessageHeader, parsed: object, getDecipherInfo: DecipherInfo) {
  const { suiteData } = parsed as { suiteData?: Uint8Array }
  let getDecipher: ReturnType<DecipherInfo>
  try {
    getDecipher = getDecipherInfo(header.messageId, suiteData)
  } catch (cause) {
    throw integrityError('the key commitment of the message does not verify', undefined, cause)
  }
  const tag = Buffer.from(header.auth.subarray(header.auth.length - 16))
  // Version 2 has no IV in the header: it is all zeros.
  const iv = header.auth.length > 16 ? Buffer.from(header.auth.subarray(0, 12)) : Buffer.alloc(12)
  const headerDecipher = getDecipher(iv)
  headerDecipher.setAAD(Buffer.from(header.body))
  headerDecipher.setAuthTag(tag)
  try {
    headerDecipher.update(Buffer.alloc(0))
    headerDecipher.final()
  } catch (cause) {
    throw integrityError('the header of the message was altered', undefined, cause)
  }
  return getDecipher
}
