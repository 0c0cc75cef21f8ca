/** Globs of rules: `*`, `?` and `**`, matched in time that no glob can blow up. */

import { compileWildcard, matchesWildcard } from '../policy/wildcard.ts'

/**
 * Whether a glob matches a path, whose names are separated by slashes; a slash at its front does not count. `*` and
 * `?` stand for what is within one name, `**` for any number of names, none included. A glob without a slash is
 * about the last name, in whatever folder. Letter case counts, and a dot at the front is like any other.
 */
export function matchesPath(glob: string, path: string): boolean {
  const wanted = glob.replace(/^(\.?\/)+/, '').split('/')
  const patterns = glob.includes('/') ? wanted : ['**', ...wanted]
  const names = path.replace(/^\/+/, '').split('/')
  // Which patterns the names so far may have used up. A pattern is compared with each name once at most.
  let reached = closure(new Set([0]), patterns)
  for (const name of names) {
    const next = new Set<number>()
    for (const at of reached) {
      const pattern = patterns[at]
      if (pattern === '**') next.add(at)
      else if (pattern !== undefined && matchesWildcard(compileWildcard(pattern), name)) next.add(at + 1)
    }
    reached = closure(next, patterns)
  }
  return reached.has(patterns.length)
}

/** Adds what is reached when `**` stands for no name. */
function closure(reached: Set<number>, patterns: readonly string[]): Set<number> {
  for (const at of reached) if (patterns[at] === '**') reached.add(at + 1)
  return reached
}
