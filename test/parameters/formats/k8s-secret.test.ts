import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { checkNamespace, checkSecretName } from '../../../src/parameters/formats/k8s-names.ts'
import { writeK8sSecret } from '../../../src/parameters/formats/k8s-secret.ts'
import { hasPythonYaml } from '../../helpers/programs.ts'
import { hostileValues } from '../hostile-values.ts'
import { anyValue, exportsOf, numbered, plainOptions } from './exports.ts'

interface Manifest {
  readonly data: Readonly<Record<string, string>>
}

const dataOf = (manifest: unknown): Record<string, string> => {
  const entries = Object.entries((manifest as Manifest).data)
  return Object.fromEntries(entries.map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]))
}
const written = (values: Readonly<Record<string, string | Uint8Array>>) =>
  writeK8sSecret(exportsOf(values), plainOptions)

describe('a manifest of a Kubernetes Secret', () => {
  it('has values in base64 under keys without slashes', () => {
    const options = { ...plainOptions, secretName: '007', namespace: 'yes' }
    const text = writeK8sSecret(exportsOf({ 'db/main-url': '1', 'a.b': '2' }), options)
    expect(parse(text, { version: '1.1' })).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: '007', namespace: 'yes' },
      type: 'Opaque',
      data: { 'db_main-url': 'MQ==', 'a.b': 'Mg==' },
    })
  })

  it('carries any value, binary ones too', () => {
    expect(dataOf(parse(written(numbered(hostileValues))))).toEqual(numbered(hostileValues))
    expect((parse(written({ x: Uint8Array.of(0xff, 0) })) as Manifest).data).toEqual({ x: '/wA=' })
    expect((parse(written({})) as Manifest).data).toEqual({})
    const check = fc.property(anyValue, value => {
      expect(dataOf(parse(written({ a: value })))).toEqual({ a: value })
    })
    fc.assert(check, { numRuns: 300 })
  })

  it.skipIf(!hasPythonYaml())('is the same to PyYAML', () => {
    const values = { ...numbered(hostileValues), yes: '1', '007': '2', null: '3', '1e3': '4' }
    const script = 'import json, sys, yaml; print(json.dumps(yaml.safe_load(sys.stdin.buffer.read())))'
    const read = execFileSync('python3', ['-c', script], { input: written(values), encoding: 'utf8' })
    expect(dataOf(JSON.parse(read))).toEqual(values)
  })

  it.each([
    [{ 'a/b': '1', a_b: '2' }, '/app/a/b and /app/a_b both give a_b'],
    [{ '..x': '1' }, '/app/..x'],
    [{ '.': '1' }, '/app/.'],
    [{ ['a'.repeat(254)]: '1' }, 'too long'],
    [Object.fromEntries(Array.from({ length: 129 }, (_, index) => [`p${index}`, 'x'.repeat(8192)])), '1 MiB'],
  ])('refuses what Kubernetes would', (values, text) => {
    let refusal: unknown
    try {
      written(values)
    } catch (error) {
      refusal = error
    }
    expect(refusal).toMatchObject({ code: 'failed' })
    const { message, details } = refusal as { message: string; details: string[] }
    expect([message, ...details].join('\n')).toContain(text)
  })

  it.each(['', 'A', 'a_b', '-a', 'a-', 'a..b', 'a.', 'a'.repeat(254), 'a b', 'é'])('has no name %j', name => {
    expect(() => checkSecretName(name)).toThrow(expect.objectContaining({ code: 'usage' }))
    expect(() => checkNamespace(name)).toThrow(expect.objectContaining({ code: 'usage' }))
  })

  it('has names with dots, and namespaces without', () => {
    expect(checkSecretName('app.v1-2')).toBe('app.v1-2')
    expect(checkNamespace('team-1')).toBe('team-1')
    expect(() => checkNamespace('a.b')).toThrow(/--namespace/)
  })
})
