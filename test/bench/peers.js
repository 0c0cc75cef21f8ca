/**
 * `node test/bench/peers.js OPERATION IN OUT`: what kmseal's speed is compared with, as processes of their own.
 * `encrypt` and `decrypt` cipher with node:crypto alone (the tag lies at the end); `sdk-encrypt` and `sdk-decrypt` are
 * the streams of the Encryption SDK for JavaScript at their defaults, with a raw AES keyring; `sdk-encrypt-unsigned` is
 * its unsigned suite.
 */

import { createCipheriv, createDecipheriv } from 'node:crypto'
import {
  appendFileSync,
  closeSync,
  createReadStream,
  createWriteStream,
  openSync,
  readSync,
  statSync,
} from 'node:fs'
import { pipeline } from 'node:stream/promises'

const [operation, input, output] = process.argv.slice(2)
const [key, nonce, tagLength] = [Buffer.alloc(32), Buffer.alloc(12), 16]

/** A stream of the Encryption SDK, which no other operation loads. */
async function sdkStream() {
  const sdk = await import('@aws-crypto/client-node')
  const keyring = new sdk.RawAesKeyringNode({
    keyNamespace: 'bench',
    keyName: 'bench',
    unencryptedMasterKey: new Uint8Array(32),
    wrappingSuite: sdk.RawAesWrappingSuiteIdentifier.AES256_GCM_IV12_TAG16_NO_PADDING,
  })
  const client = sdk.buildClient(sdk.CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT)
  if (operation === 'sdk-decrypt') return client.decryptStream(keyring)
  const suiteId = sdk.AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY
  return client.encryptStream(keyring, operation === 'sdk-encrypt-unsigned' ? { suiteId } : {})
}

function tagOf(path, position) {
  const tag = Buffer.alloc(tagLength)
  const file = openSync(path, 'r')
  readSync(file, tag, 0, tagLength, position)
  closeSync(file)
  return tag
}

if (operation === 'encrypt') {
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  await pipeline(createReadStream(input), cipher, createWriteStream(output))
  appendFileSync(output, cipher.getAuthTag())
} else if (operation === 'decrypt') {
  const end = statSync(input).size - tagLength
  const decipher = createDecipheriv('aes-256-gcm', key, nonce).setAuthTag(tagOf(input, end))
  await pipeline(createReadStream(input, { end: end - 1 }), decipher, createWriteStream(output))
} else {
  await pipeline(createReadStream(input), await sdkStream(), createWriteStream(output))
}
