import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { writeYaml } from '../../../src/parameters/formats/yaml.ts'
import { hasPythonYaml } from '../../helpers/programs.ts'
import { hostileValues } from '../hostile-values.ts'
import { anyValue, exportsOf, numbered, plainOptions } from './exports.ts'

const nestedOptions = { ...plainOptions, nested: true }
const hostile = {
  ...numbered([...hostileValues, '\0', 'a'.repeat(8192)]),
  yes: '1',
  '007': '2',
  '1e3': '3',
  null: '4',
}

/** What a reader of YAML 1.1 makes of it. */
function inPython(text: string): unknown {
  const script = 'import json, sys, yaml; print(json.dumps(yaml.safe_load(sys.stdin.buffer.read())))'
  return JSON.parse(execFileSync('python3', ['-c', script], { input: text, encoding: 'utf8' }))
}

describe('YAML', () => {
  it.each(['1.1', '1.2'] as const)('is strings only to a reader of %s', version => {
    expect(parse(writeYaml(exportsOf(hostile), plainOptions), { version })).toEqual(hostile)
  })

  it.skipIf(!hasPythonYaml())('is the same to PyYAML', () => {
    expect(inPython(writeYaml(exportsOf(hostile), plainOptions))).toEqual(hostile)
    const check = fc.property(fc.array(anyValue, { maxLength: 50 }), values => {
      expect(inPython(writeYaml(exportsOf(numbered(values)), plainOptions))).toEqual(numbered(values))
    })
    fc.assert(check, { numRuns: 10 })
  })

  it('keeps any value', () => {
    const check = fc.property(anyValue, value => {
      expect(parse(writeYaml(exportsOf({ 'a/b': value }), nestedOptions))).toEqual({ a: { b: value } })
    })
    fc.assert(check, { numRuns: 500 })
  })

  it('is an empty mapping when there is nothing', () => {
    expect(writeYaml([], plainOptions)).toBe('{}\n')
  })
})
