/** openssl and node as the other side of the mock's RSA keys: each opens what the other sealed, and nothing more. */

import { constants, createPublicKey, generateKeyPairSync, publicEncrypt, randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  CreateKeyCommand,
  DecryptCommand,
  EncryptCommand,
  type EncryptionAlgorithmSpec,
  GetPublicKeyCommand,
} from '@aws-sdk/client-kms'
import { describe, expect, test } from 'vitest'
import { runProcess } from '../helpers/process.ts'
import { hasProgram } from '../helpers/programs.ts'
import { type Mock, openMock, refusal, temporaryFolder } from '../mock/mock-clients.ts'

const algorithms = [
  ['RSAES_OAEP_SHA_1', 'sha1'],
  ['RSAES_OAEP_SHA_256', 'sha256'],
] as const

const oaep = (hash: string) => [
  ...['-pkeyopt', 'rsa_padding_mode:oaep', '-pkeyopt', `rsa_oaep_md:${hash}`],
  ...['-pkeyopt', `rsa_mgf1_md:${hash}`],
]

async function encryptionKey({ kms }: Mock, KeySpec: 'RSA_2048' | 'RSA_3072' | 'RSA_4096') {
  const made = await kms.send(new CreateKeyCommand({ KeySpec, KeyUsage: 'ENCRYPT_DECRYPT' }))
  const KeyId = made.KeyMetadata?.KeyId ?? ''
  const { PublicKey } = await kms.send(new GetPublicKeyCommand({ KeyId }))
  return { KeyId, publicKey: Buffer.from(PublicKey ?? []) }
}

const decrypt = async ({ kms }: Mock, KeyId: string, CiphertextBlob: Uint8Array, algorithm: string) => {
  const EncryptionAlgorithm = algorithm as EncryptionAlgorithmSpec
  const opened = await kms.send(new DecryptCommand({ KeyId, CiphertextBlob, EncryptionAlgorithm }))
  return Buffer.from(opened.Plaintext ?? [])
}

describe.runIf(hasProgram('openssl'))('openssl', () => {
  test.each(algorithms)(
    'encrypts under GetPublicKey’s answer, and the mock decrypts: %s',
    async (name, hash) => {
      const mock = await openMock()
      const folder = temporaryFolder()
      const { KeyId, publicKey } = await encryptionKey(mock, 'RSA_3072')
      const plaintext = randomBytes(190)
      const key = join(folder, 'key.der')
      writeFileSync(key, publicKey)
      const sealed = await runProcess(
        'openssl',
        ['pkeyutl', '-encrypt', '-pubin', '-keyform', 'DER', '-inkey', key, ...oaep(hash)],
        { stdin: plaintext },
      )
      expect(sealed.status).toBe(0)
      expect(await decrypt(mock, KeyId, sealed.stdout, name)).toEqual(plaintext)
      const [other] = algorithms.filter(([each]) => each !== name)
      expect(await refusal(decrypt(mock, KeyId, sealed.stdout, other?.[0] ?? ''))).toBe(
        'InvalidCiphertextException',
      )
      const { KeyId: stranger } = await encryptionKey(mock, 'RSA_3072')
      expect(await refusal(decrypt(mock, stranger, sealed.stdout, name))).toBe('InvalidCiphertextException')
    },
  )

  test.each(algorithms)(
    'opens with the private key what the mock encrypted, and only so: %s',
    async (name, hash) => {
      const mock = await openMock()
      const folder = temporaryFolder()
      const pem = () =>
        generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
          type: 'pkcs8',
          format: 'pem',
        })
      const [own, foreign] = [join(folder, 'own.pem'), join(folder, 'foreign.pem')]
      writeFileSync(own, pem())
      writeFileSync(foreign, pem())
      const id = '1234abcd-12ab-34cd-56ef-1234567890ab'
      await mock.emulator.seed(
        JSON.stringify({ keys: [{ id, material: readFileSync(own, 'utf8') }] }),
        'eu-west-1',
      )
      const { CiphertextBlob } = await mock.kms.send(
        new EncryptCommand({ KeyId: id, Plaintext: Buffer.from('secret'), EncryptionAlgorithm: name }),
      )
      const open = (key: string, digest: string) =>
        runProcess('openssl', ['pkeyutl', '-decrypt', '-inkey', key, ...oaep(digest)], {
          stdin: Buffer.from(CiphertextBlob ?? []),
        })
      const opened = await open(own, hash)
      expect([opened.status, opened.stdout.toString()]).toEqual([0, 'secret'])
      for (const failed of [
        await open(foreign, hash),
        await open(own, hash === 'sha1' ? 'sha256' : 'sha1'),
      ]) {
        expect(failed.status).not.toBe(0)
        expect(failed.stdout.toString()).not.toContain('secret')
      }
    },
  )
})

test.each(['RSA_2048', 'RSA_3072', 'RSA_4096'] as const)(
  'what node encrypts under the public key of a %s key, the mock decrypts',
  async spec => {
    const mock = await openMock()
    const { KeyId, publicKey } = await encryptionKey(mock, spec)
    const key = createPublicKey({ key: publicKey, format: 'der', type: 'spki' })
    for (const [name, oaepHash] of algorithms) {
      const padding = constants.RSA_PKCS1_OAEP_PADDING
      const sealed = publicEncrypt({ key, padding, oaepHash }, Buffer.from('secret'))
      expect((await decrypt(mock, KeyId, sealed, name)).toString()).toBe('secret')
      sealed.writeUInt8(sealed.readUInt8(9) ^ 1, 9)
      expect(await refusal(decrypt(mock, KeyId, sealed, name))).toBe('InvalidCiphertextException')
    }
  },
)
