import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { exportFormat, type FormatName } from '../../../src/parameters/formats/export-formats.ts'
import { type ImportFormat, parseImport } from '../../../src/parameters/import-file.ts'
import { anyValue, exportsOf, plainOptions } from './exports.ts'

// What Parameter Store holds: something, and nothing in double braces.
const value = anyValue.filter(text => text !== '' && !text.includes('{{'))
const part = fc.string({ unit: fc.constantFrom(...'aAbz019_-.'), minLength: 1, maxLength: 6 })
const other = fc.constantFrom('__proto__', 'constructor', 'yes', 'null', '007', '1e3', '0x1F', '-', '.')
const name = fc.array(fc.oneof(part, other), { minLength: 1, maxLength: 4 }).map(parts => parts.join('/'))

/** Entries of which none is a folder of another. */
const entries = fc
  .uniqueArray(fc.tuple(name, value), { selector: ([key]) => key, maxLength: 12, minLength: 1 })
  .filter(all => !all.some(([key]) => all.some(([longer]) => longer.startsWith(`${key}/`))))

describe.each([
  ['json', false],
  ['json', true],
  ['yaml', false],
  ['yaml', true],
] as const)('import of an export as %s, nested: %s', (format: FormatName & ImportFormat, nested) => {
  it('gives the same parameters', async () => {
    const write = await exportFormat(format).load()
    const check = fc.property(entries, all => {
      const text = write(exportsOf(Object.fromEntries(all)), { ...plainOptions, nested })
      const read = parseImport(Buffer.from(text), format, '/other').wanted.map(({ name, value }) => [
        name,
        value,
      ])
      const wanted = all.map(([key, content]) => [`/other/${key}`, content])
      expect(new Map(read as [string, string][])).toEqual(new Map(wanted as [string, string][]))
    })
    fc.assert(check, { numRuns: 300 })
  })
})

describe('import of an export as dotenv', () => {
  it('gives the same values, under the names of variables', async () => {
    const write = await exportFormat('dotenv').load()
    const check = fc.property(fc.array(value, { minLength: 1, maxLength: 20 }), all => {
      const values = all.map(text => text.replaceAll('\0', '-'))
      const parameters = exportsOf(Object.fromEntries(values.map((text, index) => [`v/${index}`, text])))
      const read = parseImport(Buffer.from(write(parameters, plainOptions)), 'dotenv', '/other').wanted
      expect(read).toEqual(values.map((text, index) => ({ name: `/other/V_${index}`, value: text })))
    })
    fc.assert(check, { numRuns: 500 })
  })
})
