/** Rows of the texts that ship with the program, the last column wrapped. */

import { textWidth, wrapWords } from './fit-lines.ts'

/** Renders rows as columns two spaces apart; the last one is wrapped at its words. */
export function columns(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const last = head.length - 1
  const widths = head.map((name, index) => Math.max(name.length, ...rows.map(row => row[index]?.length ?? 0)))
  const indent = widths.slice(0, last).reduce((sum, width) => sum + width + 2, 0)
  return [head, ...rows]
    .map(row => {
      const before = row.slice(0, last).map((cell, index) => cell.padEnd((widths[index] ?? 0) + 2))
      const wrapped = wrapWords(row[last] ?? '', textWidth - indent)
      return `${before.join('')}${wrapped.join(`\n${' '.repeat(indent)}`)}`.trimEnd()
    })
    .map(line => `${line}\n`)
    .join('')
}
