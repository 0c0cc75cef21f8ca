import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { writeJson } from '../../../src/parameters/formats/json.ts'
import { hostileValues } from '../hostile-values.ts'
import { anyValue, exportsOf, numbered, plainOptions } from './exports.ts'

const nestedOptions = { ...plainOptions, nested: true }

describe('JSON', () => {
  it('keeps names and values as they are', () => {
    const values = {
      'foo-bar': '1',
      foo_bar: '2',
      'a.b': '3',
      '1st': '4',
      'db/main-url': '5',
      __proto__x: '6',
    }
    expect(JSON.parse(writeJson(exportsOf(values), plainOptions))).toEqual(values)
    const hostile = numbered([...hostileValues, '\0'])
    expect(JSON.parse(writeJson(exportsOf(hostile), plainOptions))).toEqual(hostile)
  })

  it('keeps any value', () => {
    const check = fc.property(anyValue, value => {
      expect(JSON.parse(writeJson(exportsOf({ a: value }), plainOptions))).toEqual({ a: value })
    })
    fc.assert(check, { numRuns: 1000 })
  })

  it('has an object for each part of a path when nested', () => {
    const values = { 'db/main/url': '1', 'db/main/user': '2', 'db/port': '3', top: '4' }
    expect(JSON.parse(writeJson(exportsOf(values), nestedOptions))).toEqual({
      db: { main: { url: '1', user: '2' }, port: '3' },
      top: '4',
    })
  })

  it.each([plainOptions, nestedOptions])('takes names that objects of JavaScript have already', options => {
    const names = ['__proto__', 'constructor', 'toString', '10', '9']
    const text = writeJson(exportsOf(Object.fromEntries(names.map(name => [name, name]))), options)
    expect(Object.entries(JSON.parse(text) as object).sort()).toEqual(names.map(name => [name, name]).sort())
  })

  it('refuses to nest a name that is both a value and a folder', () => {
    const parameters = exportsOf({ db: '1', 'db/url': '2', 'db/a/b': '3', dba: '4' })
    expect(() => writeJson(parameters, nestedOptions)).toThrow(
      expect.objectContaining({
        code: 'failed',
        details: [
          '/app/db has a value, and /app/db/url lies below it',
          '/app/db has a value, and /app/db/a/b lies below it',
        ],
      }),
    )
    expect(Object.keys(JSON.parse(writeJson(parameters, plainOptions)) as object)).toHaveLength(4)
  })

  it('refuses keys that parameters of two paths give, and binary values', () => {
    const both = [...exportsOf({ x: '1' }, '/a'), ...exportsOf({ x: '2' }, '/b')]
    expect(() => writeJson(both, plainOptions)).toThrow(
      expect.objectContaining({ code: 'failed', details: ['/a/x and /b/x both give x'] }),
    )
    const binary = exportsOf({ x: Uint8Array.of(0xff) })
    expect(() => writeJson(binary, plainOptions)).toThrow(/opened value of \/app\/x is binary/)
  })
})
