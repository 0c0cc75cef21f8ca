/** The word that a misspelt one probably means. */

/**
 * The nearest candidate, without regard to letter case: at most one letter added, left out, changed or swapped with
 * its neighbour in a short word, two from five letters on, three beyond twelve.
 *
 * @returns undefined when none is that near
 */
export function closest(word: string, candidates: readonly string[]): string | undefined {
  const most = word.length < 5 ? 1 : word.length < 13 ? 2 : 3
  let best: { readonly candidate: string; readonly steps: number } | undefined
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) > most) continue
    const steps = distance(word.toLowerCase(), candidate.toLowerCase())
    if (steps <= most && (best === undefined || steps < best.steps)) best = { candidate, steps }
  }
  return best?.candidate
}

/** Optimal string alignment: the fewest single-letter edits and swaps of neighbours, none of them twice. */
function distance(one: string, other: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: other.length + 1 }, (_, index) => index)
  for (let row = 1; row <= one.length; row++) {
    const current = [row]
    for (let column = 1; column <= other.length; column++) {
      const same = one[row - 1] === other[column - 1]
      const swapped =
        row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1]
      current.push(
        Math.min(
          (last[column] ?? 0) + 1,
          (current[column - 1] ?? 0) + 1,
          (last[column - 1] ?? 0) + (same ? 0 : 1),
          swapped ? (beforeLast[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
        ),
      )
    }
    beforeLast = last
    last = current
  }
  return last[other.length] ?? 0
}
