import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { didYouMean, similarNames } from '../../src/cli/similar.ts'

const known = [
  'encrypt',
  'decrypt',
  'key-policy',
  'share-snapshot-policy',
  'list-keys',
  'put-param',
  'get-param',
]

describe('similarNames', () => {
  it.each([
    ['encrpt', ['encrypt']],
    ['ecnrypt', ['encrypt']],
    ['crypt', ['encrypt', 'decrypt']],
    ['enc', ['encrypt']],
    ['policy', ['key-policy', 'share-snapshot-policy']],
    ['gut-param', ['put-param', 'get-param']],
    ['hunter2', []],
    ['', []],
    ['x', []],
  ])('of %j are %j', (word, expected) => {
    expect(similarNames(word, known)).toEqual(expected)
  })

  it('finds a name from which a letter was dropped, doubled or swapped', () => {
    fc.assert(
      fc.property(fc.constantFrom(...known), fc.nat(), fc.nat(2), (name, at, kind) => {
        const i = at % (name.length - 1)
        const [a = '', b = ''] = [name[i], name[i + 1]]
        const typed = name.slice(0, i) + [b, a + a + b, b + a][kind] + name.slice(i + 2)
        expect(similarNames(typed, known)).toContain(name)
      }),
    )
  })

  it('answers at once, whatever was typed', () => {
    expect(similarNames('a'.repeat(1_000_000), known)).toEqual([])
  })
})

describe('didYouMean', () => {
  it('asks when there is something to ask', () => {
    expect(didYouMean(['a', 'b'])).toBe('did you mean a or b?')
    expect(didYouMean([])).toBeUndefined()
  })
})
