import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bytesSource, readUpTo } from '../../src/byte-stream.ts'
import { detect, isKmsBlob, isMessage, isSealedByMock } from '../../src/core/detect.ts'
import { digest, pipedSource, testBytes } from '../helpers/byte-streams.ts'
import { sealed } from '../helpers/envelopes.ts'
import { HandmadeMessage } from '../helpers/handmade-message.ts'

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')
const cms = hex('06092a864886f70d010706')

const kmsBlob = Buffer.concat([hex('01 02 02 00 78'), testBytes(55), cms, testBytes(100, 2)])
const oldBlob = Buffer.concat([
  hex('0a 20'),
  testBytes(32),
  hex('12 b0'),
  hex('01 01 01 00 78'),
  testBytes(39),
  cms,
  testBytes(90, 3),
])
const localKmsBlob = Buffer.concat([
  hex('4b'),
  Buffer.from('arn:aws:kms:eu-west-2:111122223333:key/bc436485-5092-42b8-92a3-0aa8b93536dc'),
  hex('00 00 00 00'),
  testBytes(60, 4),
])
const motoBlob = Buffer.concat([Buffer.from('bc436485-5092-42b8-92a3-0aa8b93536dc'), testBytes(60, 5)])
const rsaLikeOldMessage = Buffer.concat([hex('01 80 01 78'), testBytes(252, 6)])
const rsaLikeNewMessage = Buffer.concat([hex('02 04 78'), testBytes(509, 7)])
const message = await sealed(Buffer.from('pw'))
const signedMessage = await sealed(Buffer.from('pw'), { sign: true })
const legacy = new HandmadeMessage({ suite: 0x0378 })
const oldMessage = legacy.whole(legacy.final(1, Buffer.from('pw')))

const wrapped = (text: string, width: number, lineEnd: string): string =>
  (text.match(new RegExp(`.{1,${width}}`, 'g')) ?? []).join(lineEnd)

/** Kind, form and bytes of what was found. */
async function found(input: string | Uint8Array, blobExpected = false) {
  const bytes = Buffer.from(input as Uint8Array)
  const detected = await detect(pipedSource(bytes, [1000, 1, 60_000]), blobExpected)
  const content = detected.kind === 'blob' ? detected.bytes : await readUpTo(detected.source, 20_000_000)
  return { kind: detected.kind, form: detected.form, content: digest(content) }
}

const textForms = (bytes: Buffer): [string, string][] => {
  const base64 = bytes.toString('base64')
  return [
    ['base64', base64],
    ['base64 with LF', `${base64}\n`],
    ['base64 with CRLF', `${base64}\r\n`],
    ['base64 wrapped at 64', `${wrapped(base64, 64, '\n')}\n`],
    ['base64 wrapped at 64 with CRLF', `${wrapped(base64, 64, '\r\n')}\r\n`],
    ['base64 wrapped and unquoted', `${wrapped(base64, 64, ' ')}\n`],
    ['base64 with a byte order mark', `\ufeff${base64}\n`],
    ['base64 with space in front', `  \n${base64}`],
    ['base64 without padding', base64.replace(/=+$/, '')],
    ['URL-safe base64', bytes.toString('base64url')],
    ['URL-safe base64 with padding', base64.replaceAll('+', '-').replaceAll('/', '_')],
  ]
}

describe.each([
  ['an ESDK message', message, 'message'],
  ['a signed ESDK message', signedMessage, 'message'],
  ['an ESDK message of version 1', oldMessage, 'message'],
  ['a KMS ciphertext', kmsBlob, 'blob'],
  ['an old KMS ciphertext', oldBlob, 'blob'],
  ['a ciphertext of local-kms', localKmsBlob, 'blob'],
  ['a ciphertext of moto', motoBlob, 'blob'],
  ['bytes that nobody knows', testBytes(33, 9), 'blob'],
] as const)('%s', (_what, bytes, kind) => {
  it('is taken as it is when it is binary', async () => {
    expect(await found(bytes)).toEqual({ kind, form: 'raw', content: digest(bytes) })
  })

  it.each(textForms(bytes))('is decoded once from %s', async (_form, text) => {
    expect(await found(text)).toEqual({ kind, form: 'base64', content: digest(bytes) })
  })

  it('as base64 of base64 is refused saying so', async () => {
    const twice = Buffer.from(bytes.toString('base64')).toString('base64')
    await expect(found(twice)).rejects.toMatchObject({
      code: 'integrity',
      message: 'the ciphertext is base64 text of base64 text',
      hint: 'decode it once with base64 -d',
    })
    const wrappedTwice = Buffer.from(`${wrapped(bytes.toString('base64'), 76, '\n')}\n`).toString('base64')
    await expect(found(wrappedTwice)).rejects.toMatchObject({
      message: 'the ciphertext is base64 text of base64 text',
    })
  })
})

describe('hex', () => {
  it.each([
    ['an ESDK message', message, 'message'],
    ['a KMS ciphertext', kmsBlob, 'blob'],
    ['an old KMS ciphertext', oldBlob, 'blob'],
  ] as const)('of %s is decoded, in either case, wrapped or not', async (_what, bytes, kind) => {
    const text = bytes.toString('hex')
    for (const form of [text, text.toUpperCase(), `${text}\n`, wrapped(text, 64, '\r\n'), `\ufeff${text}`])
      expect(await found(form)).toEqual({ kind, form: 'hex', content: digest(bytes) })
  })

  it('of a known header with an odd number of digits is refused', async () => {
    await expect(found(`${message.toString('hex')}0`)).rejects.toMatchObject({
      code: 'integrity',
      message: 'the ciphertext is text, but no valid hex',
    })
  })

  it('digits without a known header are base64', async () => {
    const text = 'deadbeef'.repeat(8)
    expect(await found(text)).toEqual({
      kind: 'blob',
      form: 'base64',
      content: digest(Buffer.from(text, 'base64')),
    })
  })
})

describe('an RSA ciphertext', () => {
  it.each([
    ['version 1', rsaLikeOldMessage],
    ['version 2', rsaLikeNewMessage],
  ])('that begins like a message of %s goes to KMS when the algorithm is given', async (_what, bytes) => {
    expect((await found(bytes)).kind).toBe('message')
    expect(await found(bytes, true)).toEqual({ kind: 'blob', form: 'raw', content: digest(bytes) })
    expect(await found(bytes.toString('base64'), true)).toEqual({
      kind: 'blob',
      form: 'base64',
      content: digest(bytes),
    })
  })
})

describe('what is no ESDK message', () => {
  it('is taken up to 6144 bytes, and refused above', async () => {
    const bytes = Buffer.concat([hex('ff'), testBytes(6144)])
    expect((await found(bytes.subarray(0, 6144))).kind).toBe('blob')
    const refusal = {
      code: 'integrity',
      message:
        'the input is no AWS Encryption SDK message, and longer than the 6144 bytes of a KMS ciphertext',
    }
    for (const long of [
      bytes,
      Buffer.concat([bytes, bytes, bytes, bytes]),
      Buffer.concat([bytes, Buffer.alloc(5_000_000)]),
    ]) {
      await expect(found(long)).rejects.toMatchObject(refusal)
      await expect(found(long.toString('base64'))).rejects.toMatchObject(refusal)
    }
    expect((await found(bytes.subarray(0, 6144).toString('base64'))).kind).toBe('blob')
  })

  it.each([
    ['nothing at all', '', 'the ciphertext is empty'],
    ['white space', ' \r\n', 'the ciphertext is text, but no valid base64'],
    ['cut base64', message.toString('base64').slice(0, 101), 'the ciphertext is text, but no valid base64'],
    ['words', 'not a ciphertext', 'the ciphertext is text, but no valid base64'],
    ['base64 with a foreign character', 'AQICAHh*AQICAHhx', 'the ciphertext is text, but no valid base64'],
    ['a sentence', 'Hello, world!\n', 'the ciphertext is text, but no valid base64'],
    [
      'an age file',
      Buffer.concat([Buffer.from('age-encryption.org/v1\n-> X25519 abc\n'), hex('00ff')]),
      'this was encrypted with age, not with KMS',
    ],
    [
      'an armoured age file',
      '-----BEGIN AGE ENCRYPTED FILE-----\nYWdlLWVuY3J5cHRpb24ub3JnL3Yx\n-----END AGE ENCRYPTED FILE-----\n',
      'this was encrypted with age, not with KMS',
    ],
    [
      'a PEM file',
      '-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A\n-----END PUBLIC KEY-----\n',
      'this is a PEM file, not a ciphertext',
    ],
  ])('is refused for %s', async (_what, input, text) => {
    await expect(found(input)).rejects.toMatchObject({ code: 'integrity', message: text })
  })

  it('is refused as a PEM file also when it is a long one', async () => {
    const body = wrapped(testBytes(30_000).toString('base64'), 64, '\n')
    await expect(
      found(`-----BEGIN CERTIFICATE-----\n${body}\n-----END CERTIFICATE-----\n`),
    ).rejects.toMatchObject({
      code: 'integrity',
      message: 'this is a PEM file, not a ciphertext',
    })
  })
})

describe('a message of several megabytes', () => {
  const content = testBytes(4_000_000)

  it('is decoded while it is read, as base64, wrapped or not, and as hex', async () => {
    const long = await sealed(content, { frameLength: 65_536 })
    const base64 = long.toString('base64')
    const expected = { kind: 'message', content: digest(long) }
    expect(await found(long)).toEqual({ ...expected, form: 'raw' })
    expect(await found(base64)).toEqual({ ...expected, form: 'base64' })
    expect(await found(`\ufeff${wrapped(base64, 64, '\r\n')}\r\n`)).toEqual({ ...expected, form: 'base64' })
    expect(await found(long.toString('base64url'))).toEqual({ ...expected, form: 'base64' })
    expect(await found(long.toString('hex'))).toEqual({ ...expected, form: 'hex' })
    for (const at of [100, 18_431, 18_432, 18_433, 3_000_000, base64.length - 1]) {
      const broken = `${base64.slice(0, at)}*${base64.slice(at + 1)}`
      await expect(found(broken)).rejects.toMatchObject({ code: 'integrity' })
    }
  })

  it('as base64 of base64 is refused saying so', async () => {
    const long = await sealed(content.subarray(0, 100_000), { frameLength: 65_536 })
    const once = wrapped(long.toString('base64'), 76, '\n')
    await expect(found(Buffer.from(once).toString('base64'))).rejects.toMatchObject({
      code: 'integrity',
      message: 'the ciphertext is base64 text of base64 text',
    })
  })
})

it('finds the same bytes in every form of any binary', async () => {
  // A binary ciphertext never looks like text.
  const binary = fc
    .uint8Array({ minLength: 4, maxLength: 400 })
    .map(array => Buffer.concat([hex('ff'), Buffer.from(array)]))
  await fc.assert(
    fc.asyncProperty(binary, async bytes => {
      const expected = digest(bytes)
      for (const input of [bytes, bytes.toString('base64'), bytes.toString('base64url')])
        expect((await found(input)).content).toBe(expected)
    }),
    { numRuns: 100 },
  )
})

describe('looks of binary ciphertexts', () => {
  it('of messages are decided by version, type and suite, not by one byte', () => {
    const heads = ['020478', '020578', '01800014', '01800378']
    expect(heads.map(head => isMessage(hex(head)))).toEqual([true, true, true, true])
    const others = ['', '02', '020178', '01800478', '01810378', '0102020078', '03', '0a20']
    expect(others.map(head => isMessage(hex(head)))).toEqual(others.map(() => false))
  })

  it('of KMS are known by their beginning and the object inside', () => {
    expect([kmsBlob, oldBlob, localKmsBlob, motoBlob, message].map(isKmsBlob)).toEqual([
      true,
      true,
      false,
      false,
      false,
    ])
    expect(isKmsBlob(kmsBlob.subarray(0, 60))).toBe(false)
  })

  it('of the mock are known by its mark', () => {
    expect(isSealedByMock(Buffer.concat([kmsBlob.subarray(0, 38), Buffer.from('kmseal-mock')]))).toBe(true)
    expect([kmsBlob, Buffer.alloc(0)].map(isSealedByMock)).toEqual([false, false])
  })
})

it('reads no further than it must from a source that goes on', async () => {
  const source = bytesSource(Buffer.concat([message, Buffer.alloc(100_000)]))
  const detected = await detect(source, false)
  expect(detected.kind).toBe('message')
  expect(Buffer.from(await readUpTo(source, 1_000_000)).length).toBe(message.length + 100_000 - 18_432)
})
