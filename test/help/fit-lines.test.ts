import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fitLines, textWidth, wrapWords } from '../../src/help/fit-lines.ts'

const word = fc.string({ unit: fc.constantFrom('a', 'b', 'ä', ',', '-'), minLength: 1, maxLength: 12 })

describe('words', () => {
  it('stay the same in lines of a width, which are as full as they can be', () => {
    fc.assert(
      fc.property(fc.array(word, { minLength: 1 }), fc.integer({ min: 1, max: 40 }), (words, width) => {
        const lines = wrapWords(words.join(' '), width)
        expect(lines.join(' ').split(' ')).toEqual(words)
        lines.forEach((line, index) => {
          if (line.includes(' ')) expect(line.length).toBeLessThanOrEqual(width)
          const [next] = lines[index + 1]?.split(' ') ?? []
          if (next !== undefined) expect(line.length + 1 + next.length).toBeGreaterThan(width)
        })
      }),
    )
  })
})

describe('text on a terminal', () => {
  const table = `NAME   WHAT
one    a short one
two    ${'several words '.repeat(4)}
three  the last one
`

  it('stays as it is where it fits, and where there is no terminal', () => {
    expect(fitLines(table)).toBe(table)
    expect(fitLines(table, 80)).toBe(table)
  })

  it('keeps its columns', () => {
    expect(fitLines(table.replaceAll(/ +$/gm, ''), 40)).toBe(`NAME   WHAT
one    a short one
two    several words several words
       several words several words
three  the last one
`)
  })

  it('has the last column below the others where no room is beside them', () => {
    expect(
      fitLines('a long first one  second  with a third one of words\n', 36),
    ).toBe(`a long first one  second
    with a third one of words
`)
  })

  it('goes on over its own line ends, though not from one point of a list or row to the next', () => {
    const words = (count: number, end = '') => `${Array(count).fill('word').join(' ')}${end}`
    const joined = fitLines(`${words(23)}\n${words(3)}\n`, 60)
    expect(joined).toBe(`${words(12)}\n${words(12)}\n${words(2)}\n`)
    const points = `${words(23, '.')}\n${words(3)}\n`
    expect(fitLines(points, 60)).toBe(`${words(12)}\n${words(11, '.')}\n${words(3)}\n`)
    const rows = `one  ${words(22)}\ntwo  ${words(3)}\n`
    expect(fitLines(rows, 64)).toBe(`one  ${words(12)}\n     ${words(10)}\ntwo  ${words(3)}\n`)
    const short = `${words(13)}\n${words(3)}\n`
    expect(fitLines(short, 60)).toBe(`${words(12)}\nword\n${words(3)}\n`)
  })

  it('has commands that can be copied', () => {
    const command = `  $ kmseal encrypt ${'--encryption-context a=b '.repeat(4)}\\\n      -o file\n`
    expect(fitLines(`${command}\nmore\n`, 40)).toBe(`${command}\nmore\n`)
  })

  it('loses no word, and has no line that is wider for more than one', () => {
    const line = fc.record({
      indent: fc.integer({ min: 0, max: 12 }),
      cells: fc.array(fc.array(word, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 3 }),
    })
    fc.assert(
      fc.property(fc.array(line), fc.integer({ min: 20, max: textWidth }), (lines, width) => {
        const text = lines
          .map(({ indent, cells }) => ' '.repeat(indent) + cells.map(cell => cell.join(' ')).join('  '))
          .join('\n')
        const fitted = fitLines(text, width)
        expect(fitted.split(/\s+/)).toEqual(text.split(/\s+/))
        for (const one of fitted.split('\n'))
          if (/\S \S/.test(one)) expect([one, one.length <= width]).toEqual([one, true])
      }),
    )
  })
})
