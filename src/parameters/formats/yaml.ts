/** Export as one YAML mapping. */

import { parse, stringify } from 'yaml'
import { confirmReadBack, type Exported, type FormatOptions } from './exported.ts'
import { valueTree } from './json.ts'

/**
 * Writes a mapping of the names below the path and their values. All of them are quoted, so that `yes`, `007` and `1e3`
 * are strings to readers of YAML 1.1 too.
 *
 * @throws KmsealError `failed`, naming what has no form
 * @see https://yaml.org/spec/1.2.2/#731-double-quoted-style
 */
export function writeYaml(parameters: readonly Exported[], { nested }: FormatOptions): string {
  const tree = valueTree(parameters, nested, 'YAML')
  const text = quotedYaml(tree)
  confirmReadBack('YAML', JSON.stringify(parse(text)) === JSON.stringify(tree))
  return text
}

// What YAML 1.1 takes for a line break, or does not allow to stand for itself.
const unprintable = /[\u007f-\u00a0\u2028\u2029\ufeff\ufffe\uffff]/g

/** A record as YAML, every string of it between double quotes. */
export function quotedYaml(record: object): string {
  const text = stringify(record, {
    defaultStringType: 'QUOTE_DOUBLE',
    defaultKeyType: 'QUOTE_DOUBLE',
    doubleQuotedAsJSON: true,
    lineWidth: 0,
  })
  // They stand between double quotes only.
  return text.replace(unprintable, character => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}
