/** Rows as aligned columns of text, the same on a terminal and in a pipe. */

import Table from 'cli-table3'
import { printable } from './printable.ts'

/**
 * Renders rows as columns that are two spaces apart: no borders, no colours, no space at the end of a line.
 * Wide characters are counted as wide; what could move a cursor is escaped. An empty cell becomes `-`, so
 * that every line has the same number of columns.
 *
 * @returns lines with their line ends; nothing when there are no rows
 */
export function renderTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return ''
  const table = new Table({ chars: withoutBorders, style: plain })
  for (const row of [head, ...rows]) table.push(row.map(cell => (cell === '' ? '-' : printable(cell))))
  return table
    .toString()
    .split('\n')
    .map(line => `${line.trimEnd()}\n`)
    .join('')
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
