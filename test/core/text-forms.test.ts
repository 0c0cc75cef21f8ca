import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readUpTo } from '../../src/byte-stream.ts'
import {
  binaryOf,
  decodeBase64,
  decodeHex,
  decodingSource,
  isEncodedText,
  squeeze,
  withoutBom,
} from '../../src/core/text-forms.ts'
import { digest, pipedSource, testBytes } from '../helpers/byte-streams.ts'

const bytes = fc.uint8Array({ maxLength: 100 }).map(array => Buffer.from(array))

describe('base64', () => {
  it('is decoded in both alphabets, with and without padding', () => {
    fc.assert(
      fc.property(bytes, data => {
        const standard = data.toString('base64')
        const urlSafe = data.toString('base64url')
        const padded = urlSafe + '='.repeat(standard.length - urlSafe.length)
        for (const text of [standard, standard.replace(/=+$/, ''), urlSafe, padded])
          expect(decodeBase64(text)).toEqual(data)
      }),
    )
  })

  it('is refused unless it is the one form of its bytes', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), text => {
        const decoded = decodeBase64(text)
        if (decoded === undefined) return
        const forms = [decoded.toString('base64'), decoded.toString('base64url')]
        expect(forms.flatMap(form => [form, form.replace(/=+$/, ''), padded(form)])).toContain(text)
      }),
      { numRuns: 2000 },
    )
  })

  it.each([
    ['a length that cannot be', 'AAAAA'],
    ['left-over bits', 'AB'],
    ['left-over bits and padding', 'AB=='],
    ['too little padding', 'AA='],
    ['too much padding', 'AAA=='],
    ['padding and nothing else', '='],
    ['padding in the middle', 'AA==AAAA'],
    ['both alphabets', '+___'],
    ['white space', 'AA AA'],
    ['a foreign character', 'AA*A'],
    ['a line end', 'AAAA\n'],
    ['beyond ASCII', 'AAAé'],
  ])('is refused with %s', (_what, text) => {
    expect(decodeBase64(text)).toBeUndefined()
  })
})

describe('hex', () => {
  it('is decoded in either case', () => {
    fc.assert(
      fc.property(bytes, fc.boolean(), (data, upper) => {
        const text = data.toString('hex')
        expect(decodeHex(upper ? text.toUpperCase() : text)).toEqual(data.length === 0 ? undefined : data)
      }),
    )
  })

  it.each(['', '0', '012', '0g', '0x00', '00 00'])('is refused as %j', text => {
    expect(decodeHex(text)).toBeUndefined()
  })
})

describe('text that could be base64 or hex', () => {
  it('holds nothing but their characters and white space', () => {
    for (let byte = 0; byte < 256; byte += 1) {
      const fits =
        /[A-Za-z0-9+/_=\s-]/.test(String.fromCharCode(byte)) && byte < 128 && byte !== 11 && byte !== 12
      expect([byte, isEncodedText(Buffer.from([0x41, byte]))]).toEqual([byte, fits])
    }
  })

  it('is squeezed by leaving white space away, and nothing else', () => {
    expect(squeeze(Buffer.from(' Aa\r\n0\t+/-_= \n'))).toBe('Aa0+/-_=')
  })

  it('may begin with one byte order mark', () => {
    expect(withoutBom(Buffer.from('\ufeffAAAA'))).toEqual(Buffer.from('AAAA'))
    expect(withoutBom(Buffer.from('\ufeff\ufeff'))).toEqual(Buffer.from('\ufeff'))
    expect(withoutBom(Buffer.from([0xef, 0xbb]))).toEqual(Buffer.from([0xef, 0xbb]))
  })
})

describe('a long text', () => {
  const read = async (text: string, form: 'base64' | 'hex', lengths = [65_536]): Promise<Buffer> =>
    Buffer.from(await readUpTo(decodingSource(pipedSource(Buffer.from(text), lengths), form), 10_000_000))
  const data = testBytes(1_000_001)
  const wrapped = (text: string, width: number, lineEnd: string): string =>
    (text.match(new RegExp(`.{1,${width}}`, 'g')) ?? []).join(lineEnd) + lineEnd

  it.each([
    ['base64', data.toString('base64')],
    ['base64 without padding', data.toString('base64').replace(/=/g, '')],
    ['URL-safe base64', data.toString('base64url')],
    ['base64 in lines of 76', wrapped(data.toString('base64'), 76, '\n')],
    ['base64 in lines of 64 with CRLF', wrapped(data.toString('base64'), 64, '\r\n')],
    ['base64 in groups', wrapped(data.toString('base64'), 5, ' ')],
    ['base64 with a byte order mark', `\ufeff${data.toString('base64')}`],
    ['base64 with much white space at the end', data.toString('base64') + '\n'.repeat(600_000)],
  ])('of %s is decoded while it is read', async (_what, text) => {
    for (const lengths of [[65_536], [1, 99_999, 7], [text.length]])
      expect(digest(await read(text, 'base64', lengths))).toBe(digest(data))
  })

  it.each([
    ['hex', data.toString('hex')],
    ['hex in lines', wrapped(data.toString('hex').toUpperCase(), 61, '\n')],
  ])('of %s is decoded while it is read', async (_what, text) => {
    expect(digest(await read(text, 'hex', [65_536, 3]))).toBe(digest(data))
  })

  it.each([0, 1, 262_143, 262_144, 262_145, 700_000, 1_333_334])(
    'is refused when a character at %i is none of base64',
    async at => {
      const text = data.toString('base64')
      const broken = `${text.slice(0, at)}*${text.slice(at + 1)}`
      await expect(read(broken, 'base64')).rejects.toMatchObject({
        code: 'integrity',
        message: 'the ciphertext is text, but no valid base64',
        hint: 'was it cut, or changed by an editor?',
      })
    },
  )

  it.each([4, 262_144, 524_288, 1_000_000])(
    'is refused when padding stands at %i and text follows',
    async at => {
      const text = data.toString('base64')
      const broken = `${text.slice(0, at - 2)}==${text.slice(at)}`
      await expect(read(broken, 'base64')).rejects.toMatchObject({ code: 'integrity' })
    },
  )

  it('is refused when it is two texts, one behind the other, wherever the first ends', async () => {
    // 196,606 bytes are exactly one piece of text, padding included.
    for (const size of [1, 100, 196_603, 196_606, 196_609]) {
      const two = data.subarray(0, size).toString('base64') + data.toString('base64')
      for (const text of [two, `\n${two}`])
        await expect(read(text, 'base64').then(digest)).rejects.toMatchObject({ code: 'integrity' })
    }
  })

  it('with padding is refused when a character is missing, at whatever place', async () => {
    const text = data.toString('base64')
    for (const at of [0, 262_144, 900_000, text.length - 2])
      await expect(read(text.slice(0, at) + text.slice(at + 1), 'base64').then(digest)).rejects.toMatchObject(
        {
          code: 'integrity',
        },
      )
  })

  it('is refused when hex has an odd length or another letter', async () => {
    const text = data.toString('hex')
    await expect(read(text.slice(1), 'hex')).rejects.toMatchObject({
      code: 'integrity',
      message: 'the ciphertext is text, but no valid hex',
    })
    await expect(read(`${text.slice(0, 600_000)}g${text.slice(600_001)}`, 'hex')).rejects.toMatchObject({
      code: 'integrity',
    })
  })

  it('is decoded the same for any wrapping and any pieces', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 3000 }),
        fc.constantFrom('base64' as const, 'hex' as const),
        fc.integer({ min: 1, max: 100 }),
        fc.constantFrom('\n', '\r\n', ' ', '\t \n'),
        fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 200 }),
        async (array, form, width, lineEnd, lengths, ask) => {
          const original = Buffer.from(array)
          const source = decodingSource(
            pipedSource(Buffer.from(wrapped(original.toString(form), width, lineEnd)), lengths),
            form,
          )
          const parts: Uint8Array[] = []
          for (;;) {
            const part = await readUpTo(source, ask)
            parts.push(part)
            if (part.length < ask) break
          }
          expect(Buffer.concat(parts)).toEqual(original)
        },
      ),
      { numRuns: 60 },
    )
  })
})

function padded(text: string): string {
  return text.replace(/=+$/, '') + '='.repeat((4 - (text.replace(/=+$/, '').length % 4)) % 4)
}

describe('bytes that may be text', () => {
  it.each<[string, Buffer, Buffer | undefined]>([
    ['binary', Buffer.from([0, 65, 66]), Buffer.from([0, 65, 66])],
    ['hex', Buffer.from('0aFF\n'), Buffer.from([10, 255])],
    ['base64', Buffer.from('AP8=\n'), Buffer.from([0, 255])],
    ['text that is neither', Buffer.from('AP8=='), undefined],
    ['a lost character', Buffer.from('0aF'), undefined],
    ['UTF-8', Buffer.from('ä'), Buffer.from('ä')],
  ])('are read as %s', (_what, given, expected) => {
    const read = binaryOf(given)
    expect(read && Buffer.from(read)).toEqual(expected)
  })
})
