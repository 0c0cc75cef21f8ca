/** Parameters to export, made of values. */

import fc from 'fast-check'
import type { Exported, FormatOptions } from '../../../src/parameters/formats/exported.ts'

/** What nobody asked for anything gets. */
export const plainOptions: FormatOptions = {
  prefix: '',
  keepCase: false,
  nested: false,
  secretName: 'app',
  namespace: undefined,
}

/** Parameters below `/app` by their names below it. */
export function exportsOf(values: Readonly<Record<string, string | Uint8Array>>, path = '/app'): Exported[] {
  return Object.entries(values).map(([relative, value]) => {
    const name = `${path}/${relative}`
    const content = Buffer.from(value as string)
    return { name, path, content, secret: true, parameter: { Name: name } }
  })
}

/** The values under the names `V0`, `V1`, ... */
export function numbered(values: readonly string[]): Record<string, string> {
  return Object.fromEntries(values.map((value, index) => [`V${index}`, value]))
}

const nasty = fc.string({ unit: fc.constantFrom(...'\'"`\\$!#= \t\r\na~{}*:%<E'), maxLength: 12 })

/** Values with any characters, those that matter to formats more often than others. */
export const anyValue = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), nasty)

/** Lists of values that an environment can hold. */
export const variableValues = fc.array(
  anyValue.map(value => value.replaceAll('\0', '')),
  { minLength: 1, maxLength: 40 },
)
