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
  ['[ab]', 'a', true],
  ['[ab]', 'c', false],
  ['*.{jpg,png}', 'deep/a.png', true],
  ['*.{jpg,png}', 'a.gif', false],
  ['cache', 'a/cache', true],
  ['cache/', 'a/cache', true],
  ['/cache/', 'cache', true],
  ['/cache', 'a/cache', false],
  ['a/cache/**', 'a/cache', true],
  ['.git', '.git', true],
  ['!a', 'b', false],
  ['a\\*', 'a*', true],
  ['a\\*', 'ab', false],
  ['A', 'a', false],
])('%s and %s: %s', (glob, path, fits) => {
  expect(globMatcher([glob])(path)).toBe(fits)
})

it('matches when one of several does, and never without any', () => {
  expect(globMatcher(['a', 'b'])('x/b')).toBe(true)
  expect(globMatcher([])('b')).toBe(false)
})
