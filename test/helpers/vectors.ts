/** Reads Encryption SDK test vectors, and makes keyrings of the keys that they name. */

import { constants } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type EncryptedDataKey,
  immutableClass,
  KeyringNode,
  KeyringTraceFlag,
  MultiKeyringNode,
  type NodeDecryptionMaterial,
  type NodeEncryptionMaterial,
} from '@aws-crypto/material-management-node'
import { RawAesKeyringNode, RawAesWrappingSuiteIdentifier } from '@aws-crypto/raw-aes-keyring-node'
import { type OaepHash, RawRsaKeyringNode } from '@aws-crypto/raw-rsa-keyring-node'

export interface VectorKey {
  readonly type: string
  readonly provider?: string
  readonly keyId?: string
  readonly key?: string
  readonly ecSort?: string
  readonly padding?: string
  readonly hash?: OaepHash
  readonly base64?: string
  readonly arn?: string
  readonly algorithm?: string
}

export interface Vector {
  readonly name: string
  readonly ciphertext: string
  readonly version?: number
  readonly algorithmSuite?: string
  readonly messageId?: string
  readonly contentType?: string
  readonly frameLength?: number
  readonly headerLength?: number
  readonly encryptionContext?: Record<string, string>
  readonly edks?: { providerId: string; keyInfo: string; length: number }[]
  readonly plaintext?: string
  readonly expect: 'decrypt' | 'refuse' | 'header'
  readonly keys?: VectorKey[]
  readonly policy?: string
  readonly refuse?: { stage: string; why: string }
  readonly requiredEncryptionContext?: Record<string, string>
}

interface KeyMaterial {
  readonly kind: string
  readonly bits: number
  readonly base64?: string
  readonly privatePem?: string
  readonly publicPem?: string
}

/** A folder of vectors. */
export class VectorSet {
  readonly folder: string
  readonly vectors: Vector[]
  readonly #keys: Record<string, KeyMaterial>

  constructor(folder: string) {
    this.folder = folder
    this.vectors = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')).vectors
    this.#keys = JSON.parse(readFileSync(join(folder, 'keys.json'), 'utf8')).keys
  }

  ciphertext(vector: Vector): Buffer {
    return readFileSync(join(this.folder, vector.ciphertext))
  }

  plaintext(vector: Vector): Buffer {
    return readFileSync(join(this.folder, vector.plaintext ?? ''))
  }

  keyring(vector: Vector): KeyringNode {
    return new MultiKeyringNode({
      children: (vector.keys ?? [])
        .filter(key => !key.type.startsWith('aws-kms'))
        .map(key => this.#keyringOf(key)),
    })
  }

  /** The private half of a key, in PEM. */
  privateKey(key: VectorKey): string {
    return this.#keys[key.key ?? '']?.privatePem ?? ''
  }

  #keyringOf(key: VectorKey): KeyringNode {
    if (key.type === 'data-key') return new DataKeyKeyring(Buffer.from(key.base64 ?? '', 'base64'))
    const material = this.#keys[key.key ?? '']
    if (material === undefined) throw new Error(`no key for a vector key of type ${key.type}`)
    if (key.type === 'raw-aes') {
      return new RawAesKeyringNode({
        keyNamespace: key.provider ?? '',
        keyName: key.keyId ?? '',
        unencryptedMasterKey: new Uint8Array(Buffer.from(material.base64 ?? '', 'base64')),
        wrappingSuite:
          aesSuites[material.bits] ?? RawAesWrappingSuiteIdentifier.AES256_GCM_IV12_TAG16_NO_PADDING,
        utf8Sorting: key.ecSort !== 'locale',
      })
    }
    return new RawRsaKeyringNode({
      keyNamespace: key.provider ?? '',
      keyName: key.keyId ?? '',
      rsaKey: { privateKey: material.privatePem ?? '', publicKey: material.publicPem ?? '' },
      padding: key.padding === 'pkcs1' ? constants.RSA_PKCS1_PADDING : constants.RSA_PKCS1_OAEP_PADDING,
      ...(key.padding === 'pkcs1' ? {} : { oaepHash: key.hash ?? 'sha1' }),
    })
  }
}

const aesSuites: Record<
  number,
  (typeof RawAesWrappingSuiteIdentifier)[keyof typeof RawAesWrappingSuiteIdentifier]
> = {
  128: RawAesWrappingSuiteIdentifier.AES128_GCM_IV12_TAG16_NO_PADDING,
  192: RawAesWrappingSuiteIdentifier.AES192_GCM_IV12_TAG16_NO_PADDING,
  256: RawAesWrappingSuiteIdentifier.AES256_GCM_IV12_TAG16_NO_PADDING,
}

/** A keyring that knows the data key itself, whatever wrapped it. */
export class DataKeyKeyring extends KeyringNode {
  readonly #dataKey: Uint8Array

  constructor(dataKey: Uint8Array) {
    super()
    this.#dataKey = new Uint8Array(dataKey)
  }

  async _onEncrypt(material: NodeEncryptionMaterial): Promise<NodeEncryptionMaterial> {
    return material
  }

  async _onDecrypt(
    material: NodeDecryptionMaterial,
    _keys: EncryptedDataKey[],
  ): Promise<NodeDecryptionMaterial> {
    if (material.hasValidKey()) return material
    return material.setUnencryptedDataKey(this.#dataKey.slice(0, material.suite.keyLengthBytes), {
      keyNamespace: 'test',
      keyName: 'data key',
      flags: KeyringTraceFlag.WRAPPING_KEY_DECRYPTED_DATA_KEY,
    })
  }
}
immutableClass(DataKeyKeyring)

/** The project's own vectors. */
export const ownVectors = new VectorSet(new URL('../vectors/data', import.meta.url).pathname)

/** All vectors there are: those of KMSEAL_TEST_VECTORS, or the project's own. */
export function allVectors(): VectorSet {
  const folder = process.env.KMSEAL_TEST_VECTORS
  if (folder !== undefined && existsSync(join(folder, 'manifest.json'))) return new VectorSet(folder)
  if (process.env.KMSEAL_TEST_REQUIRE_ALL === '1')
    throw new Error('KMSEAL_TEST_VECTORS names no folder of vectors')
  return ownVectors
}
