/** Globs over relative paths, as shells and other tools know them. */

import picomatch from 'picomatch'

/**
 * Compiles globs. One without a slash is about the last name of a path, in whatever folder; letter case counts, and a
 * dot at the front of a name is a character like any other.
 *
 * @param globs with `*`, `?`, `**`, `[a-z]` and `{one,other}`; one slash at the end may follow the name of a folder
 * @returns whether any of them matches a path, whose names are separated by slashes
 */
export function globMatcher(globs: readonly string[]): (path: string) => boolean {
  const matchers = globs.map(glob => {
    const meant = glob.replace(/(?<=.)\/$/, '').replace(/^\.?\//, '')
    return picomatch(glob.slice(0, -1).includes('/') ? meant : `**/${meant}`, { dot: true, nonegate: true })
  })
  return path => matchers.some(matches => matches(path))
}
