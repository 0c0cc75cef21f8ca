import { describe, expect, it } from 'vitest'
import { bytesSource } from '../../src/byte-stream.ts'
import { inspect } from '../../src/core/inspect.ts'
import { endlessSource, testBytes } from '../helpers/byte-streams.ts'
import { sealed } from '../helpers/envelopes.ts'
import { HandmadeMessage } from '../helpers/handmade-message.ts'

const arn = 'arn:aws:kms:eu-west-1:111122223333:key/0a1b'

describe('a message', () => {
  it('is told by its header alone', async () => {
    const { header } = new HandmadeMessage({
      wrappedBy: ['aws-kms', arn],
      context: { b: '2', a: '1' },
      frameLength: 4096,
    })
    expect(await inspect(bytesSource(header))).toEqual({
      Mode: 'envelope',
      Encoding: 'raw',
      FormatVersion: 2,
      AlgorithmSuite: '0x0478',
      AlgorithmSuiteDescription: 'AES-256-GCM, HKDF-SHA512, key commitment',
      Signed: false,
      KeyCommitment: true,
      MessageId: '4d'.repeat(32),
      EncryptionContext: Object.assign(Object.create(null), { a: '1', b: '2' }),
      EncryptedDataKeys: [{ ProviderId: 'aws-kms', KeyInfo: arn, Length: 48 }],
      ContentType: 'framed',
      FrameLength: 4096,
      HeaderLength: header.length,
    })
  })

  it('is told of any suite, framed or not, and in any encoding', async () => {
    const old = new HandmadeMessage({ suite: 0x0378, framed: false }).header
    expect(await inspect(bytesSource(old))).toMatchObject({
      FormatVersion: 1,
      AlgorithmSuite: '0x0378',
      AlgorithmSuiteDescription: 'AES-256-GCM, HKDF-SHA384, ECDSA P-384',
      Signed: true,
      KeyCommitment: false,
      ContentType: 'unframed',
      FrameLength: 0,
    })
    const message = await sealed(testBytes(60_000), { sign: true })
    for (const encoding of ['base64', 'hex'] as const)
      expect(await inspect(bytesSource(Buffer.from(message.toString(encoding))))).toMatchObject({
        Encoding: encoding,
        Signed: true,
        EncryptedDataKeys: [{ ProviderId: 'kmseal-test', KeyInfo: 'kmseal-test one', Length: 48 }],
      })
  })

  it('with more than 1000 keys is refused after a few kilobytes', async () => {
    const source = endlessSource(new HandmadeMessage({ keyCount: 65_535 }).header)
    await expect(inspect(source)).rejects.toMatchObject({ code: 'integrity' })
    expect(source.taken()).toBeLessThan(32 * 1024)
  })

  it('that is cut in its header is refused', async () => {
    const { header } = new HandmadeMessage()
    await expect(inspect(bytesSource(header.subarray(0, -1)))).rejects.toMatchObject({
      code: 'integrity',
      message: 'the message is cut: it ends inside its header',
    })
  })
})

describe('a KMS ciphertext', () => {
  const cms = Buffer.from('06092a864886f70d010706', 'hex')
  const current = Buffer.concat([Buffer.from('0102020078', 'hex'), testBytes(55), cms, testBytes(90)])
  const old = Buffer.concat([Buffer.from('0a20', 'hex'), testBytes(78), cms, testBytes(90)])
  const mock = Buffer.concat([Buffer.alloc(38, 1), Buffer.from('kmseal-mock'), testBytes(60)])

  it.each([
    ['kms-symmetric', current, false],
    ['kms-symmetric-old', old, false],
    ['kms-rsa-possible', Buffer.alloc(256, 0xee), false],
    ['kms-rsa-possible', Buffer.alloc(384, 0xee), false],
    ['kms-rsa-possible', Buffer.alloc(512, 0xee), false],
    ['unknown', Buffer.alloc(255, 0xee), false],
    ['unknown', mock, true],
  ])('of kind %s is told by its looks', async (kind, bytes, byMock) => {
    for (const [encoding, input] of [
      ['raw', bytes],
      ['base64', Buffer.from(bytes.toString('base64'))],
    ] as const)
      expect(await inspect(bytesSource(input))).toEqual({
        Mode: 'direct',
        Encoding: encoding,
        Length: bytes.length,
        Kind: kind,
        SealedByMock: byMock,
      })
  })
})
