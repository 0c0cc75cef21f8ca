/** Finds the modules of src/ that need no package, neither themselves nor in what they import. */

import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

const valueImport = /^(?:import|export)\s+(?!type\b)([^'"]*?)\s*from\s+'([^']+)'/gms
const onlyTypes = /^\{\s*(?:type [^,}]+,?\s*)+\}$/

/**
 * @param {string} src path of the folder
 * @returns {{ all: ReadonlySet<string>, of(part: string): string[], usedBy(part: string): string[] }} their paths; those
 *   of a folder, where `root` is what lies in `src` itself; and those that a folder loads from others
 */
export function plainModules(src) {
  const files = readdirSync(src, { recursive: true })
    .filter(file => file.endsWith('.ts'))
    .map(file => join(src, file))
  const imports = new Map(
    files.map(file => [
      file,
      [...readFileSync(file, 'utf8').matchAll(valueImport)]
        .filter(([, names]) => !onlyTypes.test(names.trim()))
        .map(([, , target]) => (target.startsWith('.') ? join(dirname(file), target) : target)),
    ]),
  )
  const known = new Map()
  const isPlain = file => {
    if (!known.has(file)) {
      known.set(file, true)
      known.set(
        file,
        imports
          .get(file)
          .every(target => target.startsWith('node:') || (imports.has(target) && isPlain(target))),
      )
    }
    return known.get(file)
  }
  const all = new Set(files.filter(isPlain))
  const partOf = file => (dirname(file) === src ? 'root' : relative(src, file).split('/')[0])
  const usedBy = part => {
    const used = new Set()
    const add = file => {
      if (!imports.has(file) || used.has(file)) return
      used.add(file)
      imports.get(file).forEach(add)
    }
    files.filter(file => partOf(file) === part).forEach(add)
    return [...used].filter(file => all.has(file) && partOf(file) !== part)
  }
  return { all, of: part => [...all].filter(file => partOf(file) === part), usedBy }
}
