/** Export as one JSON object. */

import { KmsealError } from '../../errors.ts'
import { confirmReadBack, type Exported, type FormatOptions, relativeKeys, textIn } from './exported.ts'

/** Values by name, or objects of them. */
export interface ValueTree {
  [name: string]: string | ValueTree
}

/**
 * Writes an object of the names below the path and their values, all of them strings.
 *
 * @throws KmsealError `failed`, naming parameters that give the same key, and what {@link valueTree} refuses
 * @see https://www.rfc-editor.org/rfc/rfc8259
 */
export function writeJson(parameters: readonly Exported[], { nested }: FormatOptions): string {
  const tree = valueTree(parameters, nested, 'JSON')
  const text = `${JSON.stringify(tree, null, 2)}\n`
  confirmReadBack('JSON', JSON.stringify(JSON.parse(text)) === JSON.stringify(tree))
  return text
}

/**
 * The values by the names of their parameters below the path.
 *
 * @param nested make an object of each part of a path
 * @throws KmsealError `failed` for parameters that give the same key, for binary values, and, when nested, for
 *   parameters that others are below
 */
export function valueTree(parameters: readonly Exported[], nested: boolean, format: string): ValueTree {
  const keys = relativeKeys(parameters)
  if (nested) refuseFolders(parameters, keys)
  const tree = emptyTree()
  for (const [index, parameter] of parameters.entries()) {
    const key = keys[index] ?? ''
    const parts = nested ? key.split('/') : [key]
    const last = parts.pop() ?? ''
    const place = parts.reduce<ValueTree>((inner, part) => {
      const next = inner[part]
      if (typeof next === 'object') return next
      const made = emptyTree()
      inner[part] = made
      return made
    }, tree)
    place[last] = textIn(parameter, format)
  }
  return tree
}

// Without a prototype, so that a parameter may be called __proto__.
function emptyTree(): ValueTree {
  return Object.create(null) as ValueTree
}

function refuseFolders(parameters: readonly Exported[], keys: readonly string[]): void {
  const names = new Map(keys.map((key, index) => [key, parameters[index]?.name ?? '']))
  const clashes: string[] = []
  for (const [key, name] of names) {
    for (let end = key.lastIndexOf('/'); end > 0; end = key.lastIndexOf('/', end - 1)) {
      const above = names.get(key.slice(0, end))
      if (above !== undefined) clashes.push(`${above} has a value, and ${name} lies below it`)
    }
  }
  if (clashes.length === 0) return
  throw new KmsealError('failed', 'a name is both a value and a folder, which no nested form can carry', {
    details: clashes,
    hint: 'leave --nested away',
  })
}
