/** Columns of text. */

import { describe, expect, it } from 'vitest'
import { renderTable } from '../../src/cli/table.ts'

describe('renderTable', () => {
  it('aligns columns two spaces apart, without borders or space at line ends', () => {
    const rows = [
      ['alias/a', '1', ''],
      ['', '22', 'x y'],
    ]
    expect(renderTable(['NAME', 'ID', 'NOTE'], rows)).toBe(
      'NAME     ID  NOTE\n' + 'alias/a  1   -\n' + '-        22  x y\n',
    )
  })

  it('counts wide characters as wide', () => {
    expect(
      renderTable(
        ['A', 'B'],
        [
          ['日本', 'x'],
          ['abcd', 'y'],
        ],
      ),
    ).toBe('A     B\n日本  x\nabcd  y\n')
  })

  it('escapes what could move a cursor or break a line', () => {
    const [head, row] = renderTable(['A', 'B'], [['\u001b[31mred\n', '\u202eabc']]).split('\n')
    expect(row).toBe('\\u{1b}[31mred\\n  \\u{202e}abc')
    expect(head).toBe(`A${' '.repeat(16)}B`)
  })

  it('gives each row a block where the terminal is narrower, and cuts nothing', () => {
    const rows = [
      ['alias/a', '1', 'x'],
      ['日本', '', '\u001b[31m'],
    ]
    expect(renderTable(['NAME', 'ID', 'LAST NOTE'], rows, 23)).toBe(
      renderTable(['NAME', 'ID', 'LAST NOTE'], rows),
    )
    expect(renderTable(['NAME', 'ID', 'LAST NOTE'], rows, 22)).toBe(
      'NAME       alias/a\nID         1\nLAST NOTE  x\n\nNAME       日本\nID         -\nLAST NOTE  \\u{1b}[31m\n',
    )
  })

  it('is empty without rows', () => {
    expect(renderTable(['A'], [])).toBe('')
  })
})
