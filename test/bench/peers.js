/**
 * `node test/bench/peers.js OPERATION IN OUT`: what kmseal's speed is compared with, as processes of their own.
 * `copy` ciphers with node:crypto alone; `sdk-encrypt` and `sdk-decrypt` are the streams of the Encryption SDK for
 * JavaScript at their defaults, with a raw AES keyring; `sdk-encrypt-unsigned` is its unsigned suite.
 */

import { createCipheriv } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import {
  AlgorithmSuiteIdentifier,
  buildClient,
  CommitmentPolicy,
  RawAesKeyringNode,
  RawAesWrappingSuiteIdentifier,
} from '@aws-crypto/client-node'

const [operation, input, output] = process.argv.slice(2)

const keyring = () =>
  new RawAesKeyringNode({
    keyNamespace: 'bench',
    keyName: 'bench',
    unencryptedMasterKey: new Uint8Array(32),
    wrappingSuite: RawAesWrappingSuiteIdentifier.AES256_GCM_IV12_TAG16_NO_PADDING,
  })

function transform() {
  if (operation === 'copy') return createCipheriv('aes-256-gcm', Buffer.alloc(32), Buffer.alloc(12))
  const client = buildClient(CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT)
  if (operation === 'sdk-decrypt') return client.decryptStream(keyring())
  const suiteId = AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY
  return client.encryptStream(keyring(), operation === 'sdk-encrypt-unsigned' ? { suiteId } : {})
}

await pipeline(createReadStream(input), transform(), createWriteStream(output))
