/** The schema as others read it: Python's jsonschema agrees with the reader of the files. */

import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { configSchema, type Schema } from '../../src/config/config-schema.ts'
import { parseConfig } from '../../src/config/parse-config.ts'
import { isInstalled } from '../helpers/programs.ts'

const python = `
import json, sys
from jsonschema import Draft202012Validator
given = json.load(sys.stdin)
Draft202012Validator.check_schema(given["schema"])
validator = Draft202012Validator(given["schema"])
print(json.dumps([validator.is_valid(document) for document in given["documents"]]))
`
const hasJsonSchema = isInstalled('python3') && spawnSync('python3', ['-c', 'import jsonschema']).status === 0

/** Values that are right, or nearly so. */
const texts = fc.constantFrom(
  'aws',
  'mock',
  'eu-west-1',
  'EU',
  '',
  'alias/a',
  '-x',
  'a b',
  'http://h',
  '*.env',
)
const scalars = fc.oneof(texts, fc.constantFrom(0, 1, 10, 1.5, 70_000), fc.boolean(), fc.constant(null))
const keys = fc.oneof(texts, fc.array(texts, { maxLength: 2 }), scalars)
const pairs = fc.oneof(fc.dictionary(fc.constantFrom('a', '', 'aws-crypto-a', 'b c'), texts), scalars)
const rule = fc.oneof(
  fc.record(
    { files: keys, parameters: keys, 'key-id': keys, 'encryption-context': pairs, more: scalars },
    { requiredKeys: [] },
  ),
  scalars,
)
const settings = {
  backend: scalars,
  region: scalars,
  profile: scalars,
  'endpoint-url': scalars,
  'key-id': keys,
  'encryption-context': pairs,
  'max-encrypted-data-keys': scalars,
  'cache-max-age': scalars,
  rules: fc.oneof(fc.array(rule, { maxLength: 2 }), scalars),
  other: scalars,
}
const layer = fc.record(settings, { requiredKeys: [] })
const documents = fc.oneof(
  fc.record(
    { ...settings, environments: fc.dictionary(fc.constantFrom('prod', 'a b', ''), layer, { maxKeys: 2 }) },
    { requiredKeys: [] },
  ),
  // One member alone is right more often.
  fc
    .constantFrom(...Object.keys(settings))
    .chain(name => settings[name as keyof typeof settings].map(value => ({ [name]: value }))),
)

function isValid(document: unknown): boolean {
  try {
    parseConfig(Buffer.from(JSON.stringify(document)), 'json')
    return true
  } catch {
    return false
  }
}

describe('the schema of configuration files', () => {
  it.skipIf(!hasJsonSchema)('says what the reader does', () => {
    const sample = fc.sample(documents, 2000)
    const input = JSON.stringify({ schema: configSchema, documents: sample })
    const { stdout, stderr } = spawnSync('python3', ['-c', python], { input, encoding: 'utf8' })
    expect(stderr).toBe('')
    const verdicts = JSON.parse(stdout) as boolean[]
    const mine = sample.map(isValid)
    expect(sample.filter((_, index) => verdicts[index] !== mine[index])).toEqual([])
    // Both verdicts are common, or nothing was compared.
    expect(mine.filter(Boolean).length).toBeGreaterThan(100)
    expect(mine.filter(valid => !valid).length).toBeGreaterThan(100)
  })

  it('has words for every value, for errors and editors', () => {
    const without: string[] = []
    const visit = (schema: Schema, path: string): void => {
      if (schema.title === undefined) without.push(path)
      for (const [name, member] of Object.entries(schema.properties ?? {})) visit(member, `${path}.${name}`)
      if (typeof schema.additionalProperties === 'object') visit(schema.additionalProperties, `${path}.*`)
      if (schema.items !== undefined) visit(schema.items, `${path}[]`)
    }
    visit(configSchema, '')
    expect(without).toEqual([])
  })
})
