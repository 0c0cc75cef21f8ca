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
        hints: { InvalidKeyUsageException: 'envelopes need a symmetric encryption key' },
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

/** A keyring of the given keys: the first generates the data key, every one wraps it. */
export function sealingKeyring(access: KmsAccess, keyIds: readonly string[]): KeyringNode {
  const client = libraryClient(access, [])
  const [generator, ...children] = keyIds.map(keyId => asKeyring(new MrkAwareKeyring({ client, keyId })))
  return new MultiKeyringNode({ ...(generator === undefined ? {} : { generator }), children })
}

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
  const children = keyArns.map(keyId => asKeyring(new MrkAwareKeyring({ client, keyId })))
  return { keyring: new MultiKeyringNode({ children }), refused }
}

/** A keyring that asks KMS for whatever key a message names. */
export function discoveryKeyring(access: KmsAccess): OpeningKeyring {
  const refused: RefusedKey[] = []
  const client = libraryClient(access, refused)
  return {
    keyring: asKeyring(new DiscoveryKeyring({ clientProvider: () => client, discovery: true })),
    refused,
  }
}

// The library's class factories lose that what they return is a KeyringNode.
function asKeyring(keyring: unknown): KeyringNode {
  return keyring as KeyringNode
}
