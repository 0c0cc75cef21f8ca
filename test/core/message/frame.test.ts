import { aadFactory, serializeFactory } from '@aws-crypto/serialize'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bodyAad, frameHeader, frameIv } from '../../../src/core/message/frame.ts'

const utf8 = (text: string): Uint8Array => Buffer.from(text, 'utf8')
const library = serializeFactory(utf8, { utf8Sorting: true })
const { messageAAD, messageAADContentString } = aadFactory(utf8)

const sequence = fc.integer({ min: 1, max: 0xfffffffe })
const length = fc.integer({ min: 0, max: 0xffffffff })

describe('the layout of a frame is that of the AWS Encryption SDK', () => {
  it('for IVs', () => {
    fc.assert(
      fc.property(sequence, number => {
        expect(frameIv(number)).toEqual(Buffer.from(library.frameIv(12, number)))
      }),
    )
  })

  it('for the headers of regular frames', () => {
    fc.assert(
      fc.property(sequence, length, (number, size) => {
        expect(frameHeader('frame', number, size)).toEqual(
          Buffer.from(library.frameHeader(number, library.frameIv(12, number))),
        )
      }),
    )
  })

  it('for the headers of final frames', () => {
    fc.assert(
      fc.property(sequence, length, (number, size) => {
        expect(frameHeader('final', number, size)).toEqual(
          Buffer.from(library.finalFrameHeader(number, library.frameIv(12, number), size)),
        )
      }),
    )
  })

  it('for what frames authenticate', () => {
    const id = fc.uint8Array({ minLength: 32, maxLength: 32 })
    fc.assert(
      fc.property(id, sequence, length, fc.boolean(), (messageId, number, size, isFinalFrame) => {
        const text = messageAADContentString({ contentType: 2, isFinalFrame })
        expect(bodyAad(messageId, isFinalFrame ? 'final' : 'frame', number, size)).toEqual(
          Buffer.from(messageAAD(messageId, text, number, size)),
        )
      }),
    )
  })

  it('for what an unframed body authenticates, also beyond 4 GiB', () => {
    const messageId = Buffer.alloc(32, 7)
    expect(bodyAad(messageId, 'unframed', 1, 5 * 2 ** 32 + 3)).toEqual(
      Buffer.concat([
        messageId,
        Buffer.from('AWSKMSEncryptionClient Single Block'),
        Buffer.from('00000001' + '0000000500000003', 'hex'),
      ]),
    )
  })
})
