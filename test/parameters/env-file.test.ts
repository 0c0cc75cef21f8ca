import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { writeDotenv } from '../../src/parameters/dotenv.ts'
import { isSealedFile, readEnvFile } from '../../src/parameters/env-file.ts'
import type { Opening } from '../../src/parameters/open-values.ts'
import { value, variable } from './env-file-values.ts'

const noKeys: Opening = {
  kms: {
    client: () => Promise.reject(new Error('no key is asked for')),
    choice: { region: undefined, regionTyped: false },
  },
  pins: [],
  context: {},
}

describe('a file of variables', () => {
  it('is never taken for a ciphertext, whatever it holds', async () => {
    const files = fc.uniqueArray(fc.record({ name: variable, value }), { selector: ({ name }) => name })
    await fc.assert(
      fc.asyncProperty(files, async variables => {
        const bytes = Buffer.from(writeDotenv(variables))
        expect(isSealedFile(bytes)).toBe(false)
        const read = await readEnvFile(bytes, 'f.env', noKeys)
        expect(read.map(({ variable: name, value: text }) => ({ name, value: text }))).toEqual(variables)
      }),
    )
  })

  it.each(['', '\n', '# only a comment\n', 'A=\n', 'AQICAHh=\n', `TOKEN=${'A'.repeat(400)}\n`])(
    'may look like one: %j',
    text => expect(isSealedFile(Buffer.from(text))).toBe(false),
  )

  it.each([
    ['UTF-16 with its mark', Buffer.from('\ufeffA=hunter2\r\n', 'utf16le')],
    ['UTF-16, the other way round', Buffer.from('\ufeffA=hunter2\r\n', 'utf16le').swap16()],
    ['UTF-16 without a mark', Buffer.from('A=hünter2\r\n'.repeat(20), 'utf16le')],
    ['UTF-16 of no Latin letters', Buffer.from('\ufeffК=пароль\nЛ=пароль\n'.repeat(9), 'utf16le')],
    ['Latin-1', Buffer.from('# caf\xe9\r\nA=\thunter2\xff\n', 'latin1')],
    ['Latin-1 of DOS', Buffer.from('# caf\x82\x98\r\nA=hunter2\f\r\n\x1a', 'latin1')],
  ])('of %s is refused, and not sent to KMS', async (_, bytes) => {
    expect(isSealedFile(bytes)).toBe(false)
    await expect(readEnvFile(bytes, 'f.env', noKeys)).rejects.toMatchObject({
      code: 'usage',
      message: 'f.env is not text in UTF-8',
      hint: expect.stringContaining('iconv -f '),
    })
  })
})

describe('a ciphertext', () => {
  it('is known raw and as text, wrapped or not', () => {
    // Nothing that looks like chance all over is shorter than an RSA ciphertext.
    const sizes = fc.integer({ min: 256, max: 6144 })
    fc.assert(
      fc.property(sizes, size => {
        const blob = randomBytes(size)
        const base64 = blob.toString('base64')
        expect(isSealedFile(blob)).toBe(true)
        for (const text of [
          base64,
          `${base64}\n`,
          base64.replace(/.{76}/g, '$&\r\n'),
          blob.toString('base64url'),
        ]) {
          expect(isSealedFile(Buffer.from(text))).toBe(true)
        }
      }),
    )
  })
})
