/** Vectors that are keyed by KMS, opened by the whole core over a KMS that knows their keys. */

import { constants, privateDecrypt } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { bytesSource, MemorySink } from '../../src/byte-stream.ts'
import { open } from '../../src/core/open.ts'
import { awsError, StubKms } from '../helpers/stub-kms.ts'
import { allVectors, ownVectors, type Vector } from '../helpers/vectors.ts'

const set = allVectors()
const vectors = set.vectors.filter(vector =>
  (vector.keys ?? []).some(({ type }) => /^aws-kms(-rsa)?$/.test(type)),
)

/** Answers kms:Decrypt with the data key of a vector, or with what its private key opens. */
function kmsOf(vector: Vector): StubKms {
  const kms = new StubKms()
  const keys = vector.keys ?? []
  kms.answer = ({ name, input }) => {
    if (name !== 'Decrypt') return undefined
    const { KeyId, CiphertextBlob, EncryptionAlgorithm: algorithm = '' } = input
    if (String(algorithm).startsWith('RSAES')) {
      const key = keys.find(({ type, arn }) => type === 'aws-kms-rsa' && arn === KeyId)
      if (key === undefined) throw awsError('AccessDeniedException', 'no such key')
      if (key.algorithm !== algorithm) throw awsError('InvalidCiphertextException')
      const oaepHash = algorithm === 'RSAES_OAEP_SHA_1' ? 'sha1' : 'sha256'
      const padding = constants.RSA_PKCS1_OAEP_PADDING
      const Plaintext = privateDecrypt(
        { key: set.privateKey(key), padding, oaepHash },
        CiphertextBlob as Uint8Array,
      )
      return { KeyId, Plaintext: new Uint8Array(Plaintext) }
    }
    const dataKey = keys.find(({ type }) => type === 'data-key')?.base64
    if (dataKey === undefined) throw awsError('AccessDeniedException', 'no data key')
    return { KeyId, Plaintext: new Uint8Array(Buffer.from(dataKey, 'base64')) }
  }
  return kms
}

async function openVector(vector: Vector, pins: readonly string[]): Promise<Buffer> {
  const sink = new MemorySink(64 * 1024 * 1024)
  await open(bytesSource(set.ciphertext(vector)), sink, {
    kms: kmsOf(vector).access(),
    pins,
    context: {},
    allowLegacy: vector.policy === 'FORBID_ENCRYPT_ALLOW_DECRYPT',
  })
  return sink.bytes()
}

const pinsOf = (vector: Vector) => [
  ...new Set((vector.keys ?? []).flatMap(({ type, arn }) => (/^aws-kms/.test(type) && arn ? [arn] : []))),
]
const named = (wanted: Vector[]) => wanted.map(vector => [vector.name, vector] as const)

describe('vectors of KMS keys', () => {
  it('are there', () => {
    expect(vectors.length).toBeGreaterThanOrEqual(set.folder === ownVectors.folder ? 4 : 48)
  })

  it.each(named(vectors.filter(({ expect: wanted }) => wanted === 'decrypt')))(
    '%s opens, by discovery and by each of its keys',
    async (_name, vector) => {
      expect(await openVector(vector, [])).toEqual(set.plaintext(vector))
      for (const pin of pinsOf(vector)) expect(await openVector(vector, [pin])).toEqual(set.plaintext(vector))
    },
  )

  it.each(named(vectors.filter(({ expect: wanted }) => wanted === 'refuse')))(
    '%s is refused',
    async (_name, vector) => {
      await expect(openVector(vector, [])).rejects.toMatchObject({ name: 'KmsealError', code: 'integrity' })
      await expect(openVector(vector, pinsOf(vector))).rejects.toMatchObject({ code: 'integrity' })
    },
  )
})
