/** The order of texts that is the same on every machine. */

/** Compares two texts by their code units, as a function for sorting; nothing comes first. */
export function compare(one = '', other = ''): number {
  return one < other ? -1 : one > other ? 1 : 0
}
