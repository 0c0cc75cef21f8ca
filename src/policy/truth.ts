/** Logic with three values: what is not known stays not known, unless the known parts decide. */

/** True, false, or not known. */
export type Truth = boolean | 'unknown'

/** True when all are; false when one is, whatever else is not known. True for none. */
export function allOf(truths: Iterable<Truth>): Truth {
  let result: Truth = true
  for (const truth of truths) {
    if (truth === false) return false
    if (truth === 'unknown') result = 'unknown'
  }
  return result
}

/** True when one is, whatever else is not known; false when none is. False for none. */
export function anyOf(truths: Iterable<Truth>): Truth {
  let result: Truth = false
  for (const truth of truths) {
    if (truth === true) return true
    if (truth === 'unknown') result = 'unknown'
  }
  return result
}

/** The opposite; what is not known stays so. */
export function not(truth: Truth): Truth {
  return truth === 'unknown' ? truth : !truth
}
