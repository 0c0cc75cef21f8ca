import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { KmsealError } from '../../src/errors.ts'
import { formatOfFile, type ImportFormat, parseImport } from '../../src/parameters/import-file.ts'
import { hostileValues } from './hostile-values.ts'

function read(text: string, format: ImportFormat, prefix = '/app'): Record<string, string> {
  const { wanted } = parseImport(Buffer.from(text), format, prefix)
  return Object.fromEntries(wanted.map(({ name, value }) => [name, value]))
}

function refusal(text: string, format: ImportFormat, prefix?: string): KmsealError {
  try {
    read(text, format, prefix)
  } catch (error) {
    if (error instanceof KmsealError) return error
    throw error
  }
  throw new Error('it was read')
}

const storable = (value: string): boolean => !/\{\{.*\}\}/s.test(value) && value !== ''

describe('an import file', () => {
  it.each([
    ['app.json', 'json'],
    ['a/b.YAML', 'yaml'],
    ['x.yml', 'yaml'],
    ['.env', 'dotenv'],
    ['.env.production', 'dotenv'],
    ['dir/prod.env', 'dotenv'],
    ['env', undefined],
    ['-', undefined],
  ])('named %s is %s', (file, format) => {
    expect(formatOfFile(file)).toBe(format)
  })

  it('puts nested names below the path, and takes full names as they are', () => {
    const json = '{"a":"1","db":{"url":"2","more":{"x":"3"}},"c/d":"4","/app/e":"5"}'
    const expected = {
      '/app/a': '1',
      '/app/db/url': '2',
      '/app/db/more/x': '3',
      '/app/c/d': '4',
      '/app/e': '5',
    }
    expect(read(json, 'json')).toEqual(expected)
    expect(read(json, 'yaml')).toEqual(expected)
    expect(read('A=1', 'dotenv', '/')).toEqual({ '/A': '1' })
  })

  it.each([
    ['12345678901234567890', '12345678901234567890'],
    ['1.10', '1.10'],
    ['1e400', '1e400'],
    ['-0', '-0'],
    ['true', 'true'],
    ['false', 'false'],
  ])('keeps %s as it is written', (text, value) => {
    expect(read(`{"n": ${text}}`, 'json')).toEqual({ '/app/n': value })
    expect(read(`n: ${text}`, 'yaml')).toEqual({ '/app/n': value })
  })

  it.each(['007', '0x1F', '0o17', 'yes', 'No', '1e3', '12:30:45', '2024-01-01', '.inf', '1_000', 'a#b'])(
    'keeps plain %s of YAML as it is written',
    text => {
      expect(read(`n: ${text}\n`, 'yaml')).toEqual({ '/app/n': text })
    },
  )

  it.each(hostileValues.filter(storable))('reads %j in JSON and YAML exactly', value => {
    expect(read(JSON.stringify({ a: { b: value } }), 'json')).toEqual({ '/app/a/b': value })
    expect(read(JSON.stringify({ a: { b: value } }, undefined, 2), 'yaml')).toEqual({ '/app/a/b': value })
  })

  it('reads what others write, whatever it is', () => {
    const text = fc.string({ unit: 'binary', minLength: 1, maxLength: 50 }).filter(storable)
    const name = fc.stringMatching(/^[a-z][A-Za-z0-9_.-]{0,8}$/).filter(key => !/^(aws|ssm)/i.test(key))
    const object = fc.dictionary(name, fc.oneof(text, fc.dictionary(name, text, { minKeys: 1 })), {
      minKeys: 1,
      noNullPrototype: true,
    })
    fc.assert(
      fc.property(object, tree => {
        const flat = Object.entries(tree).flatMap(([key, value]) =>
          typeof value === 'string'
            ? [[`/app/${key}`, value]]
            : Object.entries(value).map(([inner, leaf]) => [`/app/${key}/${inner}`, leaf]),
        )
        const expected = Object.fromEntries(flat)
        expect(read(JSON.stringify(tree), 'json')).toEqual(expected)
        expect(read(stringify(tree), 'yaml')).toEqual(expected)
      }),
    )
  })

  it('reads a thousand names on one line of YAML, and thousands of aliases, in no time', () => {
    const names = Array.from({ length: 1000 }, (_, index) => `k${index}`)
    const line = `{${names.map(name => `${name}: v`).join(', ')}}`
    expect(Object.keys(read(line, 'yaml'))).toHaveLength(1000)
    expect(Object.keys(read(`a:\n  ${line}\n`, 'yaml'))).toHaveLength(1000)
    const aliases = names.flatMap(name => [`${name}: *x`, `${name}_: *y`]).join('\n')
    const values = read(`x: &x one\ny: &y two\nz: &x three\n${aliases}\n`, 'yaml')
    expect(values['/app/k7']).toBe('three')
    expect(values['/app/k7_']).toBe('two')
  })

  it('keeps tagged numbers as they are written', () => {
    const text = 'a: !!int "12345678901234567890"\nb: !!float "1e3"\nc: !!bool "TRUE"\nd: !!str 007\n'
    expect(Object.values(read(text, 'yaml'))).toEqual(['12345678901234567890', '1e3', 'TRUE', '007'])
  })

  it('reads a large dotenv file of blanks and comments', () => {
    const text = `${'#\n'.repeat(300_000)}A=x${' '.repeat(300_000)}y\n`
    expect(() => read(text, 'dotenv')).toThrow('line 300001, A: the value is larger than')
    expect(() => read(`A="${'\\n'.repeat(4_000_000)}"\n`, 'dotenv')).toThrow('line 1 of the dotenv file')
  }, 20_000)

  it('drops a byte order mark', () => {
    expect(read('\ufeff{"a":"1"}', 'json')).toEqual({ '/app/a': '1' })
    expect(read('\ufeffa: 1\n', 'yaml')).toEqual({ '/app/a': '1' })
    expect(read('\ufeffA=1\n', 'dotenv')).toEqual({ '/app/A': '1' })
  })
})

describe('what no file may have', () => {
  const secret = 'hunter2-XYZ'
  const deep = 100_000

  it.each<[string, ImportFormat, string, number]>([
    ['a broken line', 'json', `{\n"a": "${secret}\n}`, 2],
    ['a comment', 'json', `{\n// ${secret}\n"a": "1"}`, 2],
    ['a comma too many', 'json', `{"a": "${secret}",\n}`, 2],
    ['more after the end', 'json', `{"a": "x"}\n${secret}`, 2],
    ['no object', 'json', `"${secret}"`, 1],
    ['nothing at all', 'json', '', 1],
    ['a bad escape', 'json', `{"a": "\\q${secret}"}`, 1],
    ['a number that is none', 'json', '{"a": 01}', 1],
    ['an open quote', 'yaml', `a: 1\nb: "${secret}\n`, 3],
    ['a bad indentation', 'yaml', `a:\n  b: 1\n ${secret}: 2\n`, 3],
    ['an unknown alias', 'yaml', `a: 1\nb: *${secret}\n`, 2],
    ['a second document', 'yaml', `a: 1\n---\nb: ${secret}\n`, 2],
    ['no map', 'yaml', `${secret}\n`, 1],
    ['an open quote', 'dotenv', `A=1\nB="${secret}\n`, 2],
    ['no name', 'dotenv', `A=1\n${secret}\n`, 2],
    ['brackets without end', 'json', '{"a":\n'.repeat(deep), 33],
    ['brackets without end', 'yaml', `a:\n${'['.repeat(deep)}`, 2],
    ['indicators without end', 'yaml', `a:\n ${'- '.repeat(deep)}`, 2],
  ])('is told by its line: %s in %s', (_, format, text, line) => {
    const error = refusal(text, format)
    expect(error).toMatchObject({ code: 'usage' })
    expect(error.message).toMatch(new RegExp(`line ${line}\\b`))
    expect(JSON.stringify([error.message, error.hint, error.details])).not.toContain(secret)
  })

  it.each<[string, ImportFormat, string]>([
    ['null', 'json', '{"a":null}'],
    ['a list', 'json', '{"a":["1"]}'],
    ['nothing', 'yaml', 'a:\n'],
    ['null', 'yaml', 'a: ~\n'],
    ['a list', 'yaml', 'a:\n  - 1\n'],
    ['a tag', 'yaml', 'a: !!binary aGk=\n'],
    ['a tag of its own', 'yaml', 'a: !secret x\n'],
    ['an alias of a map', 'yaml', 'a: &x\n  b: 1\nc: *x\n'],
    ['a merge', 'yaml', 'a: &x\n  b: 1\nc:\n  <<: *x\n'],
    ['a name that is a list', 'yaml', '? [a, b]\n: 1\n'],
    ['nothing', 'dotenv', 'A=\n'],
    ['nothing in quotes', 'json', '{"a":""}'],
    ['half a character', 'json', '{"a":"\\ud800"}'],
    ['a reference', 'json', '{"a":"{{ssm:x}}"}'],
    ['a name with a space', 'json', '{"a b":"1"}'],
    ['an empty name', 'json', '{"":"1"}'],
    ['an empty part', 'json', '{"a//b":"1"}'],
    ['a full name elsewhere', 'json', '{"/other/x":"1"}'],
    ['no value at all', 'json', '{}'],
    ['only comments', 'dotenv', '# A=1\n'],
    ['more than any parameter holds', 'json', JSON.stringify({ a: 'x'.repeat(8193) })],
  ])('is refused: %s in %s', (_, format, text) => {
    expect(refusal(text, format).code).toBe('usage')
  })

  it('names clashes in pairs of lines, and all faults at once', () => {
    expect(refusal('{"a":"1",\n"b":"2",\n"a":"3"}', 'json').message).toContain('lines 1 and 3')
    expect(refusal('a: 1\nb: 2\na: 3\n', 'yaml').message).toContain('lines 1 and 3')
    expect(refusal('{"a/b":"1",\n"a":{"b":"2"}}', 'json').message).toContain(
      'lines 1 and 2 both mean /app/a/b',
    )
    expect(refusal('A=\nB=1\nC=\n', 'dotenv').details).toEqual([
      expect.stringContaining('line 1, A:'),
      expect.stringContaining('line 3, C:'),
    ])
  })

  it('names what cannot be stored, also in a file of one line, and all of it at once', () => {
    const json = '{"db":{"url":null,"hosts":["a"]},"ok":"1","k":"2","k":"3","a/b":"4","a":{"b":"5"}}'
    expect(refusal(json, 'json').details).toEqual([
      'line 1, db/url: there is no value (null), and an empty value cannot be stored',
      'line 1, db/hosts: a list cannot be stored: write a StringList as one text, such as "a,b,c"',
      'line 1, k: the same name stands twice',
      'two names on line 1 both mean /app/a/b',
    ])
    const yaml = 'a: &x {b: "1"}\nc: *x\nd: *no\ne:\n  f: [1]\n  g: !!binary aGk=\n  h:\na: 2\n'
    expect(refusal(yaml, 'yaml').details).toEqual([
      'line 2, c: an alias of a map is not followed: write it out',
      'line 3, d: this is an alias of nothing: text that begins with * goes between quotes',
      'line 5, e/f: a list cannot be stored: write a StringList as one text, such as "a,b,c"',
      'line 6, e/g: a tag: only plain text is stored',
      'line 7, e/h: there is no value (null), and an empty value cannot be stored',
      'line 8, a: lines 1 and 8 set the same name',
    ])
  })

  it('tells no text that stands in the place of a name', () => {
    const secret = 'hunter2 XYZ'
    for (const value of ['null', '[1]', '"x"']) {
      const error = refusal(`{"${secret}":${value},"${secret}":${value}}`, 'json')
      expect(JSON.stringify([error.message, error.hint, error.details])).not.toContain(secret)
    }
    const { details } = refusal(`{"${secret}/b":"1","${secret}":{"b":"2"}}`, 'json')
    expect(details.at(-1)).toBe('two names on line 1 both mean one parameter')
    expect(details.join()).not.toContain(secret)
  })

  it('is a name of YAML that is no text', () => {
    expect(refusal('? ~\n: 1\n', 'yaml').message).toContain('has a name that is no plain text')
  })

  it('is no text', () => {
    expect(() => parseImport(Buffer.of(0xff, 0xfe), 'dotenv', '/app')).toThrow('UTF-8')
  })

  it('stores names that begin as AWS keeps for itself only below other words', () => {
    expect(refusal('{"aws":"1"}', 'json', '/').message).toContain('aws')
    expect(read('{"aws":"1"}', 'json')).toEqual({ '/app/aws': '1' })
  })
})

describe('a file encrypted by SOPS', () => {
  const sealed = 'ENC[AES256_GCM,data:4Jk=,iv:2q0=,tag:0w==,type:str]'
  it.each([
    ['yaml', `db: ${sealed}\nsops:\n    kms:\n        - arn: x\n    mac: ${sealed}\n`],
    ['json', `{\n\t"db": "${sealed}",\n\t"sops": {"kms": [{"arn": "x"}], "mac": "${sealed}"}\n}`],
    ['json', `{"db": "${sealed}"\n,"sops": {"mac": "${sealed}"}}`],
    ['dotenv', `DB=${sealed}\nsops_kms__list_0__map_arn=x\nsops_mac=${sealed}\n`],
  ] as const)('in %s is refused', (format, text) => {
    expect(() => parseImport(Buffer.from(text), format, '/app')).toThrow('encrypted by SOPS')
  })

  it('is not what only speaks of SOPS', () => {
    const text = 'sops: used\nnote: ENC[AES256_GCM is how it looks\n'
    expect(parseImport(Buffer.from(text), 'yaml', '/app').wanted).toHaveLength(2)
  })
})
