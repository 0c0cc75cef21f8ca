/** Finds what somebody meant who mistyped a name. */

/** More mistakes than this are another word. */
const mostEdits = 2

/**
 * The known names that are closest to a word, when they are close: two edits at most (a letter too many, too few, other
 * or swapped), and no more than a third of the word. Otherwise names that begin or end with it, if they are few.
 */
export function similarNames(word: string, known: readonly string[]): string[] {
  if (word.length > 64) return []
  let [best, nearest]: [string[], number] = [[], mostEdits]
  for (const name of new Set(known)) {
    const edits = editDistance(word, name)
    if (edits > nearest || edits * 3 > Math.max(word.length, name.length)) continue
    if (edits < nearest) best = []
    nearest = edits
    best.push(name)
  }
  if (best.length > 0 || word.length < 3) return best
  const end = `-${word.replace(/^-+/, '')}`
  const names = [...new Set(known)]
  const begun = names.filter(name => name.startsWith(word))
  const longer = begun.length > 0 ? begun : names.filter(name => name.endsWith(end))
  return longer.length <= 3 ? longer : []
}

/** A question for a hint, such as `did you mean encrypt or decrypt?`; nothing without names. */
export function didYouMean(names: readonly string[]): string | undefined {
  return names.length === 0 ? undefined : `did you mean ${names.join(' or ')}?`
}

/** Edits from one word to another, where swapping two neighbours is one. */
function editDistance(from: string, to: string): number {
  if (Math.abs(from.length - to.length) > mostEdits) return mostEdits + 1
  let [beforeLast, last]: [number[], number[]] = [[], Array.from({ length: to.length + 1 }, (_, j) => j)]
  for (let i = 1; i <= from.length; i += 1) {
    const row = [i]
    for (let j = 1; j <= to.length; j += 1) {
      const same = from[i - 1] === to[j - 1] ? 0 : 1
      let edits = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + same)
      const swapped = i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]
      if (swapped) edits = Math.min(edits, (beforeLast[j - 2] ?? 0) + 1)
      row.push(edits)
    }
    ;[beforeLast, last] = [last, row]
  }
  return last[to.length] ?? 0
}
