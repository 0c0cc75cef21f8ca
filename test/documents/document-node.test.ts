import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import { type DocumentNode, readJsonNodes, readYamlNodes } from '../../src/documents/document-node.ts'

function plain({ value }: DocumentNode): unknown {
  if (Array.isArray(value)) return value.map(plain)
  if (value instanceof Map) return [...value].map(([key, member]) => [key, plain(member)])
  return value
}

function pairs(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(pairs)
  if (typeof value === 'object' && value !== null) return Object.entries(value).map(([k, v]) => [k, pairs(v)])
  return value
}

const names = fc.string({ unit: 'grapheme', maxLength: 8 })
const { values } = fc.letrec(tie => ({
  values: fc.oneof(
    { depthSize: 'small' },
    fc.string({ unit: 'grapheme' }),
    fc.integer(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('values'), { maxLength: 4 }),
    fc.dictionary(names, tie('values'), { maxKeys: 4, noNullPrototype: true }),
  ),
}))

describe('values with lines', () => {
  it('of JSON are what was written', () => {
    fc.assert(
      fc.property(values, fc.constantFrom(undefined, 2), (value, indent) => {
        expect(plain(readJsonNodes(JSON.stringify(value, undefined, indent)))).toEqual(pairs(value))
      }),
      { numRuns: 200 },
    )
  })

  it('of YAML are what was written', () => {
    fc.assert(
      fc.property(values, value => {
        expect(plain(readYamlNodes(stringify(value, { aliasDuplicateObjects: false })))).toEqual(pairs(value))
      }),
      { numRuns: 200 },
    )
  })

  it.each([
    ['JSON', readJsonNodes, '{\n"a": 1,\n"b": [\n2,\n{"c": 3}]}'],
    ['YAML', readYamlNodes, '# note\na: 1\nb:\n  - 2\n  - c: 3'],
  ])('of %s know where they stand', (_, read, text) => {
    const top = read(text).value as ReadonlyMap<string, DocumentNode>
    expect([top.get('a')?.line, top.get('b')?.line]).toEqual([2, 3])
    const [two, inner] = (top.get('b')?.value ?? []) as readonly DocumentNode[]
    expect([two?.line, inner?.line]).toEqual([4, 5])
  })

  it('keep __proto__ as a name', () => {
    const text = '{"__proto__": {"polluted": true}}'
    for (const read of [readJsonNodes, readYamlNodes]) {
      expect(plain(read(text))).toEqual([['__proto__', [['polluted', true]]]])
    }
    expect('polluted' in {}).toBe(false)
  })

  it.each([
    ['a tag', 'a: 1\nb: !!binary hunter2', 'line 2 of the file has a tag'],
    ['a tag on a map', 'a: !!map {b: hunter2}', 'line 1 of the file has a tag'],
    ['an alias', 'a: &x [hunter2]\nb: *x', 'line 2 of the file has an alias'],
    ['a name twice', 'hunter2: 1\nb: 2\nhunter2: 3', 'lines 1 and 3 of the file set the same name'],
    ['a list as a name', 'a: 1\n[hunter2]: 2', 'line 2 of the file has a name that is no plain text'],
    ['two documents', 'a: hunter2\n---\nb: 1', 'line 2 of the file begins a second document'],
    ['an open quote', 'a: 1\nb: "hunter2', 'of the file is no YAML'],
    ['brackets', '['.repeat(100_000), 'line 1 of the file is nested more than 32 levels deep'],
    ['dashes', '- '.repeat(100_000), 'line 1 of the file is nested more than 32 levels deep'],
  ])('of YAML refuse %s by line', (_, text, message) => {
    expect(() => readYamlNodes(text)).toThrow(
      expect.objectContaining({ code: 'usage', message: expect.stringContaining(message) }),
    )
    expect(() => readYamlNodes(text)).not.toThrow(/hunter2/)
  })

  it.each([
    ['comments', '{\n// hunter2\n"a": 1}', 'line 2 of the file is no JSON'],
    ['a name twice', '{"hunter2": 1,\n"hunter2": 2}', 'lines 1 and 2 of the file set the same name'],
    ['nothing', '', 'line 1 of the file is no JSON'],
    ['depth', '{"a":'.repeat(50_000), 'line 1 of the file is nested more than 32 levels deep'],
  ])('of JSON refuse %s by line', (_, text, message) => {
    expect(() => readJsonNodes(text)).toThrow(
      expect.objectContaining({ code: 'usage', message: expect.stringContaining(message) }),
    )
  })

  it('end in a value or a refusal, whatever the text', () => {
    const texts = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'{}[]:,-?&*!|>"\'#% \n\ta0') }))
    fc.assert(
      fc.property(texts, text => {
        for (const read of [readJsonNodes, readYamlNodes]) {
          try {
            read(text)
          } catch (error) {
            expect(error).toMatchObject({ code: 'usage' })
          }
        }
      }),
      { numRuns: 500 },
    )
  })
})
