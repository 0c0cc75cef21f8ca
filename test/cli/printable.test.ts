import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isTerminalSafe, printable } from '../../src/cli/printable.ts'

// Written apart from the program: what a terminal acts on, hides, or takes as the end of a line.
const acts = (code: number): boolean =>
  code < 0x20 ||
  (code >= 0x7f && code < 0xa0) ||
  code === 0x061c ||
  (code >= 0x200b && code <= 0x200f) ||
  (code >= 0x2028 && code <= 0x202e) ||
  (code >= 0x2060 && code <= 0x2069) ||
  code === 0xfeff ||
  (code >= 0xd800 && code <= 0xdfff)

const anyText = fc.string({ unit: 'binary', maxLength: 60 })

describe('text for people', () => {
  it.each([
    ['plain äöü 日本語 \u{1f600}', 'plain äöü 日本語 \u{1f600}'],
    ['a\nb\rc\td', 'a\\nb\\rc\\td'],
    ['\u001b[31mred\u001b[0m', '\\u{1b}[31mred\\u{1b}[0m'],
    ['\u0007\u0000\u007f\u009b', '\\u{7}\\u{0}\\u{7f}\\u{9b}'],
    ['admin\u202egnp.exe', 'admin\\u{202e}gnp.exe'],
    ['\u2066a\u2069\u061c', '\\u{2066}a\\u{2069}\\u{61c}'],
    ['zero\u200bwidth\ufeff', 'zero\\u{200b}width\\u{feff}'],
    ['one\u2028two\u2029', 'one\\u{2028}two\\u{2029}'],
    ['lone \ud800 half', 'lone \\u{d800} half'],
  ])('%j is shown as %j', (text, shown) => {
    expect(printable(text)).toBe(shown)
  })

  it('never holds what a terminal acts on, whatever comes in', () => {
    fc.assert(
      fc.property(anyText, text => {
        const shown = [...printable(text)].map(character => character.codePointAt(0) ?? 0)
        expect(shown.filter(acts)).toEqual([])
      }),
      { numRuns: 500 },
    )
    for (let code = 0; code < 0x3000; code += 1) {
      expect(
        [...printable(String.fromCodePoint(code))].some(character => acts(character.codePointAt(0) ?? 0)),
      ).toBe(false)
    }
  })

  it('is unchanged when there is nothing to escape, and the same when it is shown again', () => {
    fc.assert(
      fc.property(anyText, text => {
        const once = printable(text)
        expect(printable(once)).toBe(once)
        if (![...text].some(character => acts(character.codePointAt(0) ?? 0))) expect(once).toBe(text)
      }),
    )
  })
})

describe('bytes for a terminal', () => {
  it.each(['', 'text\n', 'tabs\tand\r\nlines', 'äöü 日本語'])('may be text: %j', text => {
    expect(isTerminalSafe(Buffer.from(text))).toBe(true)
  })

  it.each([
    ['a control character', Buffer.from('a\u0007')],
    ['an escape sequence', Buffer.from('\u001b[2J')],
    ['a reordering mark', Buffer.from('a\u202eb')],
    ['no UTF-8', Buffer.from([0x61, 0xff])],
    ['a cut character', Buffer.from('é').subarray(0, 1)],
    ['a zero byte', Buffer.from([0])],
  ])('may not be %s', (_what, bytes) => {
    expect(isTerminalSafe(bytes)).toBe(false)
  })
})
