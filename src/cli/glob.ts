/** Globs over relative paths: `*` and `?` within a name, `**` over folders. Their time is bounded by both lengths. */

/**
 * Compiles a glob. One without a slash is about the last name of a path, in whatever folder; letter case counts.
 *
 * @param glob `*` stands for any part of a name, `?` for one character, `**` as a whole name for any folders
 */
export function globMatcher(glob: string): (path: string) => boolean {
  // A folder may be written with a slash at its end.
  const meant = glob.replace(/(?<=.)\/$/, '')
  const names = (meant.includes('/') ? meant.replace(/^\.?\//, '') : `**/${meant}`).split('/')
  return path => matchesList(names, path.split('/'), '**', matchesName)
}

/**
 * Whether a list of parts matches a list of values, where `any` stands for any number of values: the one that was
 * met last takes one value more whenever the rest does not fit, so that no part is tried twice at a place.
 */
function matchesList<Part>(
  parts: readonly Part[],
  values: readonly string[],
  any: Part,
  fits: (part: Part, value: string) => boolean,
): boolean {
  let [part, value, afterAny, mark] = [0, 0, -1, 0]
  while (value < values.length) {
    if (part < parts.length && parts[part] === any) {
      part += 1
      afterAny = part
      mark = value
    } else if (part < parts.length && fits(parts[part] as Part, values[value] ?? '')) {
      part += 1
      value += 1
    } else if (afterAny >= 0) {
      part = afterAny
      mark += 1
      value = mark
    } else return false
  }
  return parts.slice(part).every(rest => rest === any)
}

function matchesName(pattern: string, name: string): boolean {
  return matchesList([...pattern], [...name], '*', (unit, character) => unit === '?' || unit === character)
}
