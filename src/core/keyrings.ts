/** Keyrings over KMS: which keys wrap a data key, and which may unwrap it. */

import {
  type AwsEsdkKMSInterface,
  AwsKmsMrkAwareSymmetricKeyringClass,
  KmsKeyringClass,
} from '@aws-crypto/kms-keyring'
import {
  immutableClass,
  KeyringNode,
  MultiKeyringNode,
  type NodeAlgorithmSuite,
  type NodeDecryptionMaterial,
  type NodeEncryptionMaterial,
} from '@aws-crypto/material-management-node'
import {
  DecryptCommand,
  type DecryptCommandInput,
  type DecryptCommandOutput,
  EncryptCommand,
  type EncryptCommandInput,
  type EncryptCommandOutput,
  GenerateDataKeyCommand,
  type GenerateDataKeyCommandInput,
  type GenerateDataKeyCommandOutput,
} from '@aws-sdk/client-kms'
import { KmsealError } from '../errors.ts'
import { send } from './aws-errors.ts'
import { parseKeyArn } from './key-id.ts'
import { clientForKey, type KmsAccess } from './kms-access.ts'
import { getPublicKeyRecipient } from './public-key.ts'
import type { PublicKeyRecipient } from './public-key-file.ts'
import { RsaOpeningKeyring, RsaSealingKeyring } from './rsa-keyring.ts'

class MrkAwareKeyring extends AwsKmsMrkAwareSymmetricKeyringClass<NodeAlgorithmSuite, AwsEsdkKMSInterface>(
  KeyringNode as never,
) {}
immutableClass(MrkAwareKeyring)

class DiscoveryKeyring extends KmsKeyringClass<NodeAlgorithmSuite, AwsEsdkKMSInterface>(
  KeyringNode as never,
) {}
immutableClass(DiscoveryKeyring)

/** One wrapping key that KMS refused to unwrap with. */
export interface RefusedKey {
  readonly keyArn: string
  readonly error: KmsealError
}

/** The library's interface, with the optional members that the SDK's answers have. */
interface LibraryClient {
  generateDataKey(
    input: GenerateDataKeyCommandInput & { KeyId: string },
  ): Promise<GenerateDataKeyCommandOutput>
  encrypt(input: EncryptCommandInput & { KeyId: string }): Promise<EncryptCommandOutput>
  decrypt(input: DecryptCommandInput): Promise<DecryptCommandOutput>
}

/**
 * KMS as the library calls it, through our clients and error translation. Refusals to decrypt are also
 * recorded, since the library folds them into one text.
 */
function libraryClient(access: KmsAccess, refused: RefusedKey[]): AwsEsdkKMSInterface {
  const client: LibraryClient = {
    async generateDataKey(input) {
      const kms = await clientForKey(access, input.KeyId)
      return send(kms, new GenerateDataKeyCommand(input), {
        action: 'kms:GenerateDataKey',
        object: `key ${input.KeyId}`,
        hints: { InvalidKeyUsageException: 'envelopes need a key whose key usage is ENCRYPT_DECRYPT' },
      })
    },
    async encrypt(input) {
      const kms = await clientForKey(access, input.KeyId)
      return send(kms, new EncryptCommand(input), {
        action: 'kms:Encrypt',
        object: `key ${input.KeyId}`,
        carriesSecret: true,
      })
    },
    async decrypt(input) {
      const keyArn = input.KeyId ?? ''
      try {
        // The ARN comes from the message or was checked as a pin: its own Region counts, whatever was typed.
        const kms = await access.client(parseKeyArn(keyArn)?.region)
        return await send(kms, new DecryptCommand(input), { action: 'kms:Decrypt', object: `key ${keyArn}` })
      } catch (error) {
        if (error instanceof KmsealError) refused.push({ keyArn, error })
        throw error
      }
    },
  }
  return client as AwsEsdkKMSInterface
}

/** Who shall be able to open a message. */
export interface SealingRecipients {
  /** KMS keys: symmetric ones, and RSA ones that encrypt. */
  readonly keyIds: readonly string[]
  readonly publicKeys: readonly PublicKeyRecipient[]
}

/** A keyring of the given keys: the first one makes the data key, every one wraps it. */
export function sealingKeyring(access: KmsAccess, { keyIds, publicKeys }: SealingRecipients): KeyringNode {
  const client = libraryClient(access, [])
  const [generator, ...children] = [
    ...keyIds.map(keyId => new KmsSealingKeyring(access, client, keyId)),
    ...publicKeys.map(recipient => new RsaSealingKeyring(recipient)),
  ]
  return new MultiKeyringNode({ ...(generator === undefined ? {} : { generator }), children })
}

/** Wraps under one KMS key. Of which kind it is, shows in KMS's answer. */
class KmsSealingKeyring extends KeyringNode {
  readonly access: KmsAccess
  readonly client: AwsEsdkKMSInterface
  readonly keyId: string

  constructor(access: KmsAccess, client: AwsEsdkKMSInterface, keyId: string) {
    super()
    this.access = access
    this.client = client
    this.keyId = keyId
    Object.freeze(this)
  }

  async _onEncrypt(material: NodeEncryptionMaterial): Promise<NodeEncryptionMaterial> {
    const { access, client, keyId } = this
    try {
      return await asKeyring(new MrkAwareKeyring({ client, keyId })).onEncrypt(material)
    } catch (error) {
      if (!(error instanceof KmsealError) || error.awsName !== 'InvalidKeyUsageException') throw error
      const recipient = await getPublicKeyRecipient(access, keyId).catch(() => {
        throw error
      })
      return new RsaSealingKeyring(recipient).onEncrypt(material)
    }
  }

  async _onDecrypt(material: NodeDecryptionMaterial): Promise<NodeDecryptionMaterial> {
    return material
  }
}
immutableClass(KmsSealingKeyring)

/** A keyring for opening, with a record of the keys that KMS refused. */
export interface OpeningKeyring {
  readonly keyring: KeyringNode
  readonly refused: readonly RefusedKey[]
}

/**
 * A keyring that opens with nothing but the given keys, or related multi-Region keys of them.
 *
 * @param keyArns key ARNs, not aliases: messages name their keys by ARN
 */
export function pinnedKeyring(access: KmsAccess, keyArns: readonly string[]): OpeningKeyring {
  const refused: RefusedKey[] = []
  const client = libraryClient(access, refused)
  const symmetric = keyArns.map(keyId => asKeyring(new MrkAwareKeyring({ client, keyId })))
  return opening(symmetric, rsaOpening(access, refused, keyArns), refused)
}

/** A keyring that asks KMS for whatever key a message names. */
export function discoveryKeyring(access: KmsAccess): OpeningKeyring {
  const refused: RefusedKey[] = []
  const client = libraryClient(access, refused)
  const symmetric = asKeyring(new DiscoveryKeyring({ clientProvider: () => client, discovery: true }))
  return opening([symmetric], rsaOpening(access, refused, undefined), refused)
}

/** A keyring of the pinned keys; without any, of whatever key a message names. */
export function openingKeyring(access: KmsAccess, pinnedArns: readonly string[]): OpeningKeyring {
  return pinnedArns.length > 0 ? pinnedKeyring(access, pinnedArns) : discoveryKeyring(access)
}

function rsaOpening(
  access: KmsAccess,
  refused: RefusedKey[],
  pins: readonly string[] | undefined,
): RsaOpeningKeyring {
  return new RsaOpeningKeyring({
    access,
    pins,
    onRefusal: (keyArn, error) => refused.push({ keyArn, error }),
  })
}

function opening(
  symmetric: KeyringNode[],
  rsa: RsaOpeningKeyring,
  refused: readonly RefusedKey[],
): OpeningKeyring {
  return { keyring: new MultiKeyringNode({ children: [...symmetric, rsa] }), refused }
}

// The library's class factories lose that what they return is a KeyringNode.
function asKeyring(keyring: unknown): KeyringNode {
  return keyring as KeyringNode
}
