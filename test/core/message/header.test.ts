import { readFileSync } from 'node:fs'
import {
  AlgorithmSuiteIdentifier,
  EncryptedDataKey,
  NodeAlgorithmSuite,
} from '@aws-crypto/material-management-node'
import { serializeFactory } from '@aws-crypto/serialize'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseHeader } from '../../../src/core/message/header.ts'
import { suiteOf } from '../../../src/core/message/suites.ts'
import { HandmadeMessage } from '../../helpers/handmade-message.ts'
import { ownVectors } from '../../helpers/vectors.ts'

const limits = { maxEncryptedDataKeys: 10 }
const { buildMessageHeader, serializeMessageHeader } = serializeFactory(text => Buffer.from(text, 'utf8'), {
  utf8Sorting: true,
})

const suites = [
  AlgorithmSuiteIdentifier.ALG_AES128_GCM_IV12_TAG16,
  AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA256,
  AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA384_ECDSA_P384,
  AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY,
  AlgorithmSuiteIdentifier.ALG_AES256_GCM_IV12_TAG16_HKDF_SHA512_COMMIT_KEY_ECDSA_P384,
]

const name = fc.string({ unit: 'binary', maxLength: 20 }).filter(text => !/\p{Cs}/u.test(text))
const bytes = (length: object) => fc.uint8Array(length)

const anyHeader = fc
  .record({
    suite: fc.constantFrom(...suites),
    pairs: fc.uniqueArray(fc.tuple(name, name), { selector: ([key]) => key, maxLength: 6 }),
    keys: fc.array(
      // The library's own class refuses empty members.
      fc.record({
        providerId: name.filter(text => text !== ''),
        info: bytes({ minLength: 1, maxLength: 30 }),
        wrapped: bytes({ minLength: 1, maxLength: 60 }),
      }),
      { minLength: 1, maxLength: 10 },
    ),
    id: bytes({ minLength: 32, maxLength: 32 }),
    commitment: bytes({ minLength: 32, maxLength: 32 }),
    frameLength: fc.integer({ min: 1, max: 0xffffffff }),
    auth: bytes({ minLength: 28, maxLength: 28 }),
    after: bytes({ maxLength: 50 }),
  })
  .map(parts => {
    const suite = new NodeAlgorithmSuite(parts.suite)
    const version = suite.messageFormat
    const messageId = parts.id.subarray(0, version === 1 ? 16 : 32)
    const body = serializeMessageHeader(
      buildMessageHeader({
        suite,
        messageId,
        frameLength: parts.frameLength,
        encryptionContext: Object.fromEntries(parts.pairs.filter(([key]) => key !== '__proto__')),
        encryptedDataKeys: parts.keys.map(
          key =>
            new EncryptedDataKey({
              providerId: key.providerId,
              providerInfo: Buffer.from(key.info).toString('utf8'),
              rawInfo: key.info,
              encryptedDataKey: key.wrapped,
            }),
        ),
        ...(version === 2 ? { suiteData: parts.commitment } : {}),
      }),
    )
    const auth = parts.auth.subarray(0, version === 1 ? 28 : 16)
    return { ...parts, version, messageId, body, auth, header: Buffer.concat([body, auth]) }
  })

describe('a header that the AWS Encryption SDK serialized', () => {
  it('is parsed field by field, whatever follows it', () => {
    fc.assert(
      fc.property(anyHeader, made => {
        const parsed = parseHeader(Buffer.concat([made.header, made.after]), limits)
        expect(parsed).toBeDefined()
        expect(parsed?.suite).toBe(suiteOf(made.suite, made.version))
        expect(Buffer.from(parsed?.messageId ?? [])).toEqual(Buffer.from(made.messageId))
        expect({ ...parsed?.context }).toEqual(
          Object.fromEntries(made.pairs.filter(([key]) => key !== '__proto__')),
        )
        expect(
          parsed?.encryptedDataKeys.map(key => [
            key.providerId,
            Buffer.from(key.providerInfo).toString('hex'),
            Buffer.from(key.ciphertext).toString('hex'),
          ]),
        ).toEqual(
          made.keys.map(key => [
            key.providerId,
            Buffer.from(key.info).toString('hex'),
            Buffer.from(key.wrapped).toString('hex'),
          ]),
        )
        expect(parsed?.framed).toBe(true)
        expect(parsed?.frameLength).toBe(made.frameLength)
        expect(Buffer.from(parsed?.body ?? [])).toEqual(Buffer.from(made.body))
        expect(Buffer.from(parsed?.auth ?? [])).toEqual(Buffer.from(made.auth))
      }),
      { numRuns: 200 },
    )
  })

  it('needs more bytes at every place before its end', () => {
    fc.assert(
      fc.property(anyHeader, fc.nat(), ({ header }, cut) => {
        expect(parseHeader(header.subarray(0, cut % header.length), limits)).toBeUndefined()
      }),
      { numRuns: 300 },
    )
  })
})

describe('any bytes', () => {
  it('give a header, a need for more, or a refusal as integrity, and no other failure', () => {
    fc.assert(
      fc.property(
        anyHeader,
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { maxLength: 4 }),
        ({ header }, changes) => {
          const changed = Buffer.from(header)
          for (const [place, mask] of changes) {
            const at = place % changed.length
            changed[at] = (changed[at] ?? 0) ^ mask
          }
          expectParsedOrRefused(changed)
        },
      ),
      { numRuns: 500 },
    )
    fc.assert(fc.property(bytes({ maxLength: 200 }), expectParsedOrRefused), { numRuns: 500 })
  })
})

function expectParsedOrRefused(bytes: Uint8Array): void {
  try {
    parseHeader(bytes, limits)
  } catch (error) {
    expect(error).toMatchObject({ name: 'KmsealError', code: 'integrity' })
  }
}

describe('the number of encrypted data keys', () => {
  const header = (keyCount: number) => new HandmadeMessage({ keyCount }).header

  it('is refused above the limit before a single key is there to parse', () => {
    const claim = header(65_535)
    const start = claim.subarray(0, 1 + 2 + 32 + 2 + 2)
    expect(start.subarray(-2)).toEqual(Buffer.from([0xff, 0xff]))
    expect(() => parseHeader(start, limits)).toThrow(
      expect.objectContaining({
        code: 'integrity',
        message: 'the message claims 65535 encrypted data keys, more than the 10 allowed',
        hint: 'if you trust its origin, raise --max-encrypted-data-keys',
      }),
    )
  })

  it('is refused when it is zero', () => {
    expect(() => parseHeader(header(0), limits)).toThrow(
      expect.objectContaining({
        code: 'integrity',
        message: 'the header of the message is malformed: it has no encrypted data key',
      }),
    )
  })

  it('may be exactly the limit', () => {
    expect(parseHeader(header(10), limits)).toBeUndefined()
    expect(() => parseHeader(header(11), limits)).toThrow('claims 11 encrypted data keys')
  })
})

describe('a malformed header', () => {
  const good = new HandmadeMessage({ context: { app: 'demo' } }).header
  const goodOld = new HandmadeMessage({ suite: 0x0178 }).header
  const context = 1 + 2 + 32
  const changed = (bytes: Buffer, at: number, value: number[]): Buffer => {
    const copy = Buffer.from(bytes)
    copy.set(value, at)
    return copy
  }

  it.each([
    ['another version', changed(good, 0, [3]), 'its version is neither 1 nor 2'],
    ['text', Buffer.from('AgR4'), 'its version is neither 1 nor 2'],
    ['another type', changed(goodOld, 1, [0x81]), 'its type is not 0x80'],
    [
      'a suite of version 1 in version 2',
      changed(good, 1, [0x01, 0x78]),
      'algorithm suite 0x0178 does not exist in version 2',
    ],
    [
      'a suite of version 2 in version 1',
      changed(goodOld, 2, [0x04, 0x78]),
      'algorithm suite 0x0478 does not exist in version 1',
    ],
    [
      'a suite of nobody',
      changed(good, 1, [0xff, 0xff]),
      'algorithm suite 0xffff does not exist in version 2',
    ],
    [
      'a context of no pairs',
      changed(good, context + 2, [0, 0]),
      'its encryption context is present but empty',
    ],
    ['a context that is cut', changed(good, context + 2, [0, 2]), 'its encryption context is cut'],
    [
      'a context with bytes behind its pairs',
      changed(good, context + 9, [0, 3]),
      'its encryption context is longer than its pairs',
    ],
    ['a context that is no UTF-8', changed(good, context + 6, [0xff]), 'it has a name that is no UTF-8 text'],
    [
      'another content type',
      changed(good, good.length - 16 - 32 - 5, [3]),
      'its content type is neither framed nor unframed',
    ],
    [
      'frames without length',
      changed(good, good.length - 16 - 32 - 4, [0, 0, 0, 0]),
      'its frame length does not fit its content type',
    ],
    [
      'a frame length without frames',
      changed(good, good.length - 16 - 32 - 5, [1]),
      'its frame length does not fit its content type',
    ],
    [
      'a reserved field in use',
      changed(goodOld, goodOld.length - 28 - 9, [0, 0, 0, 1]),
      'its reserved field is not zero',
    ],
    ['another IV length', changed(goodOld, goodOld.length - 28 - 5, [13]), 'its IV length is not 12'],
  ])('is refused for %s', (_what, bytes, why) => {
    expect(() => parseHeader(bytes, limits)).toThrow(
      expect.objectContaining({
        code: 'integrity',
        message: `the header of the message is malformed: ${why}`,
      }),
    )
  })

  it('is refused when its context has a key twice', () => {
    const duplicate = ownVectors.vectors.find(vector => vector.name === 'bad-header-context-duplicate')
    const bytes = readFileSync(`${ownVectors.folder}/${duplicate?.ciphertext}`)
    expect(() => parseHeader(bytes, limits)).toThrow('its encryption context has the same key twice')
  })
})

it('keeps a byte order mark in a name', () => {
  const { header } = new HandmadeMessage({ context: { '\ufeffa': '\ufeffb' } })
  expect({ ...parseHeader(header, limits)?.context }).toEqual({ '\ufeffa': '\ufeffb' })
})

it('takes __proto__ as a name like any other', () => {
  const { header } = new HandmadeMessage({ context: JSON.parse('{"__proto__":"x","a":"b"}') })
  const context = parseHeader(header, limits)?.context ?? {}
  expect(Object.keys(context)).toEqual(['__proto__', 'a'])
  expect(Object.getPrototypeOf(context)).toBeNull()
})
