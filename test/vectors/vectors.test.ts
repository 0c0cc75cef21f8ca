import { describe, expect, it } from 'vitest'
import { bytesSource, MemorySink } from '../../src/byte-stream.ts'
import { openEnvelope } from '../../src/core/envelope.ts'
import { readHeader } from '../../src/core/message/read-header.ts'
import { KmsealError } from '../../src/errors.ts'
import { allVectors, type Vector } from '../helpers/vectors.ts'

const set = allVectors()
const isRsaKms = (vector: Vector): boolean => (vector.keys ?? []).some(key => key.type === 'aws-kms-rsa')
// Node 20 has no safe RSA PKCS#1 v1.5 decryption; later ones do it with implicit rejection.
const isRefusedByNode20 = (vector: Vector): boolean => vector.refuse?.stage === 'platform'
const isNode20 = process.versions.node.startsWith('20.')
const needsKms = (vector: Vector): boolean => (vector.keys ?? []).every(key => key.type.startsWith('aws-kms'))

async function openVector(vector: Vector, allowLegacy: boolean): Promise<Buffer> {
  const sink = new MemorySink(64 * 1024 * 1024)
  await openEnvelope(bytesSource(set.ciphertext(vector)), sink, {
    keyring: { keyring: set.keyring(vector), refused: [] },
    context: {},
    maxEncryptedDataKeys: 10,
    maxFrameLength: 64 * 1024 * 1024,
    allowLegacy,
  })
  return sink.bytes()
}

const legacy = (vector: Vector): boolean => vector.policy === 'FORBID_ENCRYPT_ALLOW_DECRYPT'

describe('vectors that must decrypt', () => {
  const vectors = set.vectors.filter(
    vector => vector.expect === 'decrypt' && !isRsaKms(vector) && !needsKms(vector),
  )
  it('are there', () => {
    expect(vectors.length).toBeGreaterThan(20)
  })
  it.each(vectors.map(vector => [vector.name, vector] as const))(
    '%s gives its plaintext',
    async (_name, vector) => {
      expect(await openVector(vector, legacy(vector))).toEqual(set.plaintext(vector))
    },
  )
  it.each(vectors.filter(legacy).map(vector => [vector.name, vector] as const))(
    '%s is refused unless legacy messages are allowed',
    async (_name, vector) => {
      await expect(openVector(vector, false)).rejects.toMatchObject({ code: 'integrity' })
    },
  )
})

describe('vectors that must be refused', () => {
  const vectors = set.vectors.filter(
    vector =>
      vector.expect === 'refuse' &&
      !isRsaKms(vector) &&
      !needsKms(vector) &&
      (isNode20 || !isRefusedByNode20(vector)),
  )
  it('are there', () => {
    expect(vectors.length).toBeGreaterThan(35)
  })
  it.each(vectors.map(vector => [vector.name, vector] as const))('%s is refused', async (_name, vector) => {
    const opening = openVector(vector, legacy(vector))
    await expect(opening).rejects.toBeInstanceOf(KmsealError)
    await expect(opening).rejects.toMatchObject({ code: 'integrity' })
  })
})

describe('headers', () => {
  const vectors = set.vectors.filter(vector => vector.headerLength !== undefined)
  it.each(vectors.map(vector => [vector.name, vector] as const))('of %s is parsed', async (_name, vector) => {
    const { header } = await readHeader(bytesSource(set.ciphertext(vector)), 10)
    expect({
      version: header.suite.version,
      suite: header.suite.id,
      messageId: Buffer.from(header.messageId).toString('hex'),
      framed: header.framed,
      frameLength: header.frameLength,
      length: header.body.length + header.auth.length,
      context: { ...header.context },
      keys: header.encryptedDataKeys.map(key => ({
        providerId: key.providerId,
        length: key.ciphertext.length,
      })),
    }).toEqual({
      version: vector.version,
      suite: Number(vector.algorithmSuite),
      messageId: vector.messageId,
      framed: vector.contentType === 'framed',
      frameLength: vector.frameLength,
      length: vector.headerLength,
      context: vector.encryptionContext,
      keys: vector.edks?.map(key => ({ providerId: key.providerId, length: key.length })),
    })
  })
})
