/** Where configuration files may be: looked for by name alone, on every run. */

import { lstatSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Names that are looked for in each folder, in this order. */
export const configNames = ['kmseal.config.json', 'kmseal.config.yaml', 'kmseal.config.yml'] as const

/**
 * The paths of what has the name of a configuration file, from a folder upward; nothing of it was opened.
 *
 * @param folder absolute
 */
export function configCandidates(folder: string): string[] {
  const found: string[] = []
  for (let at = folder; ; at = dirname(at)) {
    for (const name of configNames) {
      const path = join(at, name)
      if (exists(path)) found.push(path)
    }
    if (at === dirname(at)) return found
  }
}

function exists(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined
  } catch {
    return false
  }
}
