/** Rows as aligned columns of text; where a terminal is too narrow for them, a block of lines for each row. */

import Table from 'cli-table3'
import { printable } from './printable.ts'

/**
 * Renders rows as columns that are two spaces apart: no borders, no colours, no space at the end of a line.
 * Wide characters are counted as wide; what could move a cursor is escaped. An empty cell becomes `-`, so
 * that every line has the same number of columns.
 *
 * @param width columns of the terminal, if it is one: a wider table becomes blocks, since cut cells could not be copied
 *   and wrapped lines not be read
 * @returns lines with their line ends; nothing when there are no rows
 */
export function renderTable(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  width = Number.POSITIVE_INFINITY,
): string {
  if (rows.length === 0) return ''
  const table = new Table({ chars: withoutBorders, style: plain })
  const cells = rows.map(row => row.map(cell => (cell === '' ? '-' : printable(cell))))
  for (const row of [head, ...cells]) table.push([...row])
  const lines = table.toString().split('\n')
  // Cells are padded, and names of columns are narrow letters: the first line is as wide as the table.
  if ((lines[0]?.length ?? 0) > width) return blocks(head, cells)
  return lines.map(line => `${line.trimEnd()}\n`).join('')
}

/** Rows as blocks of lines with name and value, and an empty line between rows. Cells are shown as they are. */
export function blocks(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const nameWidth = Math.max(...head.map(name => name.length))
  return rows
    .map(row => row.map((cell, index) => `${(head[index] ?? '').padEnd(nameWidth)}  ${cell}\n`).join(''))
    .join('\n')
}

const withoutBorders = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
}

const plain = { 'padding-left': 0, 'padding-right': 0, head: [], border: [], compact: true }
