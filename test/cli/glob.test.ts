import fc from 'fast-check'
import { expect, it } from 'vitest'
import { globMatcher } from '../../src/cli/glob.ts'

it.each([
  ['*.txt', 'a.txt', true],
  ['*.txt', 'deep/er/a.txt', true],
  ['*.txt', 'a.txt/b', false],
  ['a?c', 'abc', true],
  ['a?c', 'ac', false],
  ['a?c', 'a/c', false],
  ['src/*.ts', 'src/a.ts', true],
  ['src/*.ts', 'src/b/a.ts', false],
  ['src/**/*.ts', 'src/a.ts', true],
  ['src/**/*.ts', 'src/b/c/a.ts', true],
  ['./src/*', 'src/x', true],
  ['/src/*', 'src/x', true],
  ['**/node_modules/**', 'a/node_modules/b/c', true],
  ['**/node_modules/**', 'node_modules/b', true],
  ['**/a/**/b', 'x/a/y/a/b', true],
  ['**', 'any/thing', true],
  ['*', '.hidden', true],
  ['[ab]', '[ab]', true],
  ['[ab]', 'a', false],
  ['A', 'a', false],
])('%s and %s: %s', (glob, path, fits) => {
  expect(globMatcher(glob)(path)).toBe(fits)
})

it('agrees with a regular expression', () => {
  const text = fc
    .array(fc.constantFrom('a', 'b', '/', '*', '?', '**'), { maxLength: 10 })
    .map(parts => parts.join(''))
  fc.assert(
    fc.property(text, fc.array(fc.constantFrom('a', 'b', '/'), { maxLength: 8 }), (glob, path) => {
      const names = glob.replace(/^\.?\//, '').split('/')
      fc.pre(
        glob.includes('/') && names.every(name => name !== '' && (name === '**' || !name.includes('**'))),
      )
      const value = path.join('').split('/').filter(Boolean).join('/')
      fc.pre(value !== '')
      const source = names
        .map(name =>
          name === '**' ? '(?:[^/]+/)*' : `${name.replaceAll('*', '[^/]*').replaceAll('?', '[^/]')}/`,
        )
        .join('')
      expect(globMatcher(glob)(value)).toBe(new RegExp(`^${source}$`).test(`${value}/`))
    }),
    { numRuns: 2000 },
  )
})

it('takes no time that a pattern could blow up', () => {
  const begun = performance.now()
  expect(globMatcher('*a'.repeat(200))('a'.repeat(100_000).concat('b'))).toBe(false)
  expect(globMatcher('**/a/'.repeat(100).concat('b'))('a/'.repeat(5000).concat('c'))).toBe(false)
  expect(performance.now() - begun).toBeLessThan(10_000)
})
