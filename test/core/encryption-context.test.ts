import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  parseEncryptionContext,
  refuseReservedKeys,
  requireContext,
} from '../../src/core/encryption-context.ts'

const json = `write it as JSON: --encryption-context '{"KEY":"VALUE"}'`

describe('an encryption context', () => {
  it.each<[string[], Record<string, string>]>([
    [[], {}],
    [['a=b'], { a: 'b' }],
    [['a='], { a: '' }],
    [['a=b,c=d'], { a: 'b', c: 'd' }],
    [['a=b', 'c=d'], { a: 'b', c: 'd' }],
    [['a=b ', ' c=d'], { a: 'b ', ' c': 'd' }],
    [['{}'], {}],
    [['{"q":"a=b,c=="}'], { q: 'a=b,c==' }],
    [['env=prod', '{"q":"a=b,c=="}'], { env: 'prod', q: 'a=b,c==' }],
    [[' { "a" : "b" , "c" : "\\u00e9\\n" } '], { a: 'b', c: 'é\n' }],
    [['{"a":"{\\"b\\":1}"}'], { a: '{"b":1}' }],
  ])('%j is %j', (texts, pairs) => {
    expect({ ...parseEncryptionContext(texts) }).toEqual(pairs)
  })

  it.each<[string[], string, string | undefined]>([
    [['bare'], '--encryption-context is not KEY=VALUE with exactly one = in each piece', json],
    [[''], '--encryption-context is not KEY=VALUE with exactly one = in each piece', json],
    [['q=a=b'], '--encryption-context is not KEY=VALUE with exactly one = in each piece', json],
    [['q=a=b,c=='], '--encryption-context is not KEY=VALUE with exactly one = in each piece', json],
    [['a=b,'], '--encryption-context is not KEY=VALUE with exactly one = in each piece', json],
    [['a=b,c'], '--encryption-context is not KEY=VALUE with exactly one = in each piece', json],
    [['=b'], '--encryption-context has an empty key', json],
    [['{"":"b"}'], '--encryption-context has an empty key', json],
    [['k=1', 'k=2'], '--encryption-context has the same key twice', undefined],
    [['k=1,k=1'], '--encryption-context has the same key twice', undefined],
    [['{"k":"1","k":"2"}'], '--encryption-context has the same key twice', undefined],
    [['{"k":"1","\\u006b":"2"}'], '--encryption-context has the same key twice', undefined],
    [['k=1', '{"k":"1"}'], '--encryption-context has the same key twice', undefined],
    [['{"k":1}'], '--encryption-context is no JSON object of strings', json],
    [['{"k":null}'], '--encryption-context is no JSON object of strings', json],
    [['{"k":{"a":"b"}}'], '--encryption-context is no JSON object of strings', json],
    [['{"k":"v",}'], '--encryption-context is no JSON object of strings', json],
    [['{"k":"v"'], '--encryption-context is no JSON object of strings', json],
    [['{"k":"v"} x'], '--encryption-context is no JSON object of strings', json],
    [['{"k":"v"}{"k":"v"}'], '--encryption-context is no JSON object of strings', json],
    [["{'k':'v'}"], '--encryption-context is no JSON object of strings', json],
    [['{"k":"\\x"}'], '--encryption-context is no JSON object of strings', json],
    [['{"k":"\\ud800"}'], '--encryption-context has an escape that is no character', undefined],
    [['{"\\udfff":"v"}'], '--encryption-context has an escape that is no character', undefined],
    [['{"k":"a\nb"}'], '--encryption-context is no JSON object of strings', json],
  ])('%j is refused', (texts, message, hint) => {
    expect(() => parseEncryptionContext(texts)).toThrow(
      expect.objectContaining({ code: 'usage', message, hint }),
    )
  })

  const text = fc.string({ unit: 'binary', maxLength: 10 }).filter(value => !/\p{Cs}/u.test(value))
  const pairs = fc.dictionary(
    text.filter(key => key !== ''),
    text,
    { maxKeys: 6 },
  )

  it('comes back from JSON as it was, in any spacing', () => {
    fc.assert(
      fc.property(pairs, fc.constantFrom(undefined, 2, '\t'), (context, space) => {
        const parsed = parseEncryptionContext([JSON.stringify(context, null, space)])
        expect(Object.entries(parsed)).toEqual(Object.entries(context))
      }),
    )
  })

  it('comes back from the short form as it was, joined or repeated', () => {
    const plain = fc.dictionary(fc.stringMatching(/^[^=,{\s][^=,]*$/), fc.stringMatching(/^[^=,]*$/), {
      minKeys: 1,
    })
    fc.assert(
      fc.property(plain, context => {
        const pieces = Object.entries(context).map(([key, value]) => `${key}=${value}`)
        for (const texts of [pieces, [pieces.join(',')]])
          expect(Object.entries(parseEncryptionContext(texts))).toEqual(Object.entries(context))
      }),
    )
  })

  it('is parsed or refused as usage, and agrees with JSON.parse wherever that gives strings', () => {
    const almostJson = fc
      .array(fc.constantFrom('{', '}', '"', 'k', ':', ',', '\\', '1', ' ', '"a"', '"b":', '[', 'null'), {
        maxLength: 12,
      })
      .map(parts => `{${parts.join('')}`)
    fc.assert(
      fc.property(almostJson, given => {
        let parsed: object
        try {
          parsed = parseEncryptionContext([given])
        } catch (error) {
          expect(error).toMatchObject({ code: 'usage' })
          return
        }
        expect({ ...parsed }).toEqual(JSON.parse(given))
      }),
      { numRuns: 2000 },
    )
  })

  it('has a key called __proto__ like any other', () => {
    const context = parseEncryptionContext(['{"__proto__":"x"}', 'constructor=y'])
    expect(Object.entries(context)).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ])
  })
})

describe('reserved keys', () => {
  it.each(['aws-crypto-public-key', 'aws-crypto-', 'aws-crypto-x'])('are refused: %s', key => {
    expect(() => refuseReservedKeys({ a: 'b', [key]: 'x' })).toThrow(
      expect.objectContaining({
        code: 'usage',
        message: '--encryption-context has a key that begins with aws-crypto-, which is reserved',
      }),
    )
  })

  it('are none of the others', () => {
    const context = { 'aws-crypto': 'a', 'AWS-crypto-x': 'b', 'x-aws-crypto-': 'c' }
    expect(refuseReservedKeys(context)).toBe(context)
  })
})

describe('expected pairs', () => {
  it('hold when all of them are there', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string()), fc.nat(), (found, pick) => {
        const expected = Object.fromEntries(Object.entries(found).filter((_, index) => (pick >> index) & 1))
        requireContext(found, expected)
      }),
    )
  })

  it('name every key that differs, and never a value', () => {
    expect(() => requireContext({ a: 'secret-1', b: '2' }, { a: 'secret-2', b: '2', c: 'secret-3' })).toThrow(
      expect.objectContaining({
        code: 'integrity',
        message: 'the message has another encryption context: a, c differs',
      }),
    )
  })
})
