/** What a run found: rows with figures, their targets, and whether these were met. */

/**
 * @typedef {object} Row
 * @property {string} what
 * @property {number} value
 * @property {string} unit `x` for a ratio
 * @property {boolean} [headline] among the first to be told, though it has no target
 * @property {number} rounds of how many it is the median
 * @property {{ bound: 'at most' | 'at least', value: number }} [target] of the design
 * @property {boolean} [met]
 * @property {number} [missedByPercent] of the target, where it was not met
 */

/** The rows of one section. */
export class Section {
  constructor(name, title) {
    this.name = name
    this.title = title
    /** @type {Row[]} */
    this.rows = []
    /** Of the rows to come. */
    this.rounds = 1
    /** What could not be measured, and why. */
    this.notices = []
  }

  /**
   * @param {string} what
   * @param {number} value
   * @param {string} unit
   * @param {{ atMost?: number, atLeast?: number, headline?: boolean }} [options] a target, or whether to tell it first
   */
  row(what, value, unit, { atMost, atLeast, headline } = {}) {
    if (!Number.isFinite(value)) throw new Error(`${what}: no figure`)
    const row = { what, value, unit, rounds: this.rounds }
    if (headline) row.headline = true
    const target = atMost ?? atLeast
    if (target !== undefined) {
      row.target = { bound: atMost === undefined ? 'at least' : 'at most', value: target }
      const over = atMost === undefined ? 1 - value / target : value / target - 1
      row.met = over <= 0
      if (!row.met) row.missedByPercent = over * 100
    }
    this.rows.push(row)
  }

  /** @param {string} text */
  notice(text) {
    this.notices.push(text)
  }
}

const digits = { x: 2, s: 1, us: 0, ms: 0, MB: 0, 'MB/s': 0, '/s': 0, calls: 0 }

const quantity = (value, unit) => {
  const text = unit === 'x' && value >= 20 ? value.toFixed(0) : value.toFixed(digits[unit])
  return unit === 'x' ? `${text}x` : `${text} ${unit}`
}

/**
 * A row as people read it.
 *
 * @param {Row} row
 * @returns {string[]} what, figure, target, and how the two compare
 */
export function cells(row) {
  const { what, value, unit, target } = row
  if (target === undefined) return [what, quantity(value, unit), '', '']
  const bound = `${target.bound} ${unit === 'x' ? `${target.value}x` : `${target.value} ${unit}`}`
  return [what, quantity(value, unit), bound, verdict(row)]
}

/** @param {Row} row one that has a target */
export function verdict({ met, missedByPercent }) {
  if (met) return 'met'
  return `missed by ${missedByPercent < 1 ? 'less than 1' : missedByPercent.toFixed(0)} %`
}
