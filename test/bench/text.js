/** The figures of a run as text for people: a table for the terminal. */

import Table from 'cli-table3'
import { cells } from './report.js'

/** @returns {string} what a run was made on and with, in one line */
export function setting({ date, kmseal, machine, programs }) {
  const { cpu, cores, memoryGiB, kernel, node } = machine
  const versions = Object.entries(programs).map(([name, version]) =>
    version.toLowerCase().startsWith(name.slice(0, 3)) ? version : `${name} ${version}`,
  )
  return [
    `${date.slice(0, 10)}, kmseal ${kmseal}: ${cpu}, ${cores} cores, ${memoryGiB} GiB`,
    `${kernel}, Node ${node}`,
    ...versions,
  ].join(', ')
}

/** @returns {string[]} what could not be measured, a line each */
export function notMeasured({ sections }) {
  return sections.flatMap(({ title, notices }) =>
    notices.map(notice => `Not measured in "${title}": ${notice}`),
  )
}

/** @returns {string} a table of all sections, with what could not be measured below */
export function text(figures) {
  const table = new Table({
    head: ['what', 'figure', 'target', ''],
    style: { head: [], border: [], compact: true },
  })
  for (const { title, rows } of figures.sections) {
    if (rows.length === 0) continue
    table.push([{ colSpan: 4, content: title }])
    for (const [what, figure, ...rest] of rows.map(cells)) {
      table.push([`  ${what}`, { content: figure, hAlign: 'right' }, ...rest])
    }
  }
  return [setting(figures), table.toString(), ...notMeasured(figures)].join('\n')
}
