import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  accountId,
  byteSize,
  oneOf,
  outputFile,
  repeatable,
  sinkRequest,
  wholeNumber,
} from '../../src/cli/options.ts'

/** The refusal, after checking that it repeats nothing of what was typed. */
function refusalOf(parse: (text: string) => unknown, text: string): string {
  try {
    parse(text)
  } catch (error) {
    expect(error).toMatchObject({ name: 'KmsealError', code: 'usage' })
    return (error as Error).message
  }
  return 'accepted'
}

describe('a repeatable option', () => {
  it('keeps the order typed', () => {
    expect(repeatable('b', repeatable('a', undefined))).toEqual(['a', 'b'])
  })
})

describe('one of a set', () => {
  const parse = oneOf('--mode', ['auto', 'direct'])

  it('is taken as it is, and the set can be asked for', () => {
    expect([parse('auto'), parse('direct'), parse.values]).toEqual(['auto', 'direct', ['auto', 'direct']])
  })

  it.each(['', 'Auto', 'auto ', 'aut', 'hunter2'])('is refused as %j, naming the set', text => {
    expect(refusalOf(parse, text)).toBe('--mode takes one of auto, direct')
  })
})

describe('a whole number', () => {
  const parse = wholeNumber('--number-of-bytes', 1, 1024)

  it('is taken within its range', () => {
    expect(['1', '1024', '0007'].map(parse)).toEqual([1, 1024, 7])
  })

  it.each(['0', '1025', '-1', '1e3', '1.0', '0x10', ' 1', '1 ', '', '１', '+1', '9'.repeat(17)])(
    'is refused as %j',
    text => {
      expect(refusalOf(parse, text)).toBe('--number-of-bytes takes a whole number from 1 to 1024')
    },
  )

  it('is the number that was typed, or refused', () => {
    fc.assert(
      fc.property(fc.integer({ min: -5000, max: 5000 }), number => {
        const expected = number >= 1 && number <= 1024 ? number : 'refused'
        let parsed: unknown = 'refused'
        try {
          parsed = parse(String(number))
        } catch {}
        expect(parsed).toBe(expected)
      }),
    )
  })
})

describe('a size in bytes', () => {
  const parse = byteSize('--frame-length', 1, 64 * 1024 * 1024)

  it.each([
    ['1', 1],
    ['4096', 4096],
    ['64KiB', 65_536],
    ['1MiB', 1_048_576],
    ['64MiB', 67_108_864],
  ])('%s is %i', (text, size) => {
    expect(parse(text)).toBe(size)
  })

  it.each([
    '0',
    '0KiB',
    '65MiB',
    '1GiB',
    '1.5MiB',
    '1kib',
    '1MB',
    '1 MiB',
    'MiB',
    '-1',
    '',
    '1e3',
    '9999999999999',
  ])('is refused as %j', text => {
    expect(refusalOf(parse, text)).toBe(
      '--frame-length takes a size from 1 to 67108864 bytes, such as 4096, 64KiB or 1MiB',
    )
  })
})

describe('an output file', () => {
  it.each(['a', './json', 'json.txt', '-', '/dev/null', 'Json'])('may be %j', path => {
    expect(outputFile(path)).toBe(path)
  })

  it.each(['json', 'text', 'table', 'yaml'])('is hardly meant as %s, the word of the aws CLI', word => {
    expect(() => outputFile(word)).toThrow(
      expect.objectContaining({
        code: 'usage',
        message: '-o/--output is the file to write, not a format',
        hint: 'use --json for JSON, or ./NAME for such a file',
      }),
    )
  })

  it('needs a name', () => {
    expect(refusalOf(outputFile, '')).toBe('--output needs the name of a file')
  })
})

describe('an account id', () => {
  it('is 12 digits, and may be repeated', () => {
    expect(accountId('444455556666', accountId('111122223333', undefined))).toEqual([
      '111122223333',
      '444455556666',
    ])
  })

  it.each(['', '1', '1111222233334', '11112222333a', ' 111122223333', '111122223333\n'])(
    'is refused as %j',
    text => {
      expect(refusalOf(value => accountId(value, undefined), text)).toBe('an account id is 12 digits')
    },
  )
})

describe('where bytes go', () => {
  it.each([
    [{}, 'base64', false],
    [{ output: '-' }, 'base64', false],
    [{ output: 'file' }, 'raw', false],
    [{ output: 'file', encoding: 'hex' }, 'hex', true],
    [{ encoding: 'raw' }, 'raw', true],
  ] as const)('%j is written as %s', (options, encoding, encodingChosen) => {
    expect(sinkRequest(options)).toMatchObject({ encoding, encodingChosen })
  })
})
