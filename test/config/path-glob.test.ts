import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { globMatcher } from '../../src/cli/glob.ts'
import { matchesPath } from '../../src/config/path-glob.ts'

describe('a glob of a rule', () => {
  it.each([
    ['*.env', 'a.env', true],
    ['*.env', 'deep/below/.env', true],
    ['*.env', 'a.env/b', false],
    ['secrets/*', 'secrets/a', true],
    ['secrets/*', 'secrets/a/b', false],
    ['secrets/*', 'other/secrets/a', false],
    ['./secrets/*', 'secrets/a', true],
    ['secrets/**', 'secrets/a/b', true],
    ['secrets/**', 'secrets.env', false],
    ['**/prod/*', 'prod/a', true],
    ['**/prod/*', 'x/y/prod/a', true],
    ['a/**/z', 'a/z', true],
    ['a/**/z', 'a/b/c/z', true],
    ['a/**/z', 'a/b/c/zz', false],
    ['/app/prod/**', '/app/prod/db/password', true],
    ['/app/prod/**', '/app/production/db', false],
    ['/app/*/db', '/app/prod/db', true],
    ['?.txt', 'a.txt', true],
    ['?.txt', 'ab.txt', false],
    ['A', 'a', false],
    ['[ab]', 'a', false],
    ['**', 'anything/at/all', true],
  ])('%s on %s: %s', (glob, path, expected) => {
    expect(matchesPath(glob, path)).toBe(expected)
  })

  it('means what the globs of options mean', () => {
    const name = fc.string({ unit: fc.constantFrom('a', 'b', '.'), minLength: 1, maxLength: 3 })
    const piece = fc.oneof(
      fc.constant('**'),
      fc.string({ unit: fc.constantFrom('a', 'b', '?', '*'), minLength: 1, maxLength: 3 }),
    )
    const globs = fc.array(piece, { minLength: 2, maxLength: 4 }).filter(
      // Elsewhere `**` beside other characters is a `*`, and a glob that ends in `/**` does not take the folder.
      pieces => pieces.every(part => part === '**' || !part.includes('**')) && pieces.at(-1) !== '**',
    )
    const paths = fc
      .array(name, { minLength: 1, maxLength: 4 })
      .filter(names => names.every(part => part !== '.' && part !== '..'))
    fc.assert(
      fc.property(globs, paths, (glob, path) => {
        const [pattern, text] = [glob.join('/'), path.join('/')]
        expect([pattern, text, matchesPath(pattern, text)]).toEqual([
          pattern,
          text,
          globMatcher([pattern])(text),
        ])
      }),
      { numRuns: 1000 },
    )
  })

  it('cannot be made slow', () => {
    const started = performance.now()
    expect(matchesPath('*a'.repeat(500) + 'b', 'a'.repeat(4000))).toBe(false)
    expect(matchesPath('**/a/'.repeat(200) + 'b', 'a/'.repeat(2000))).toBe(false)
    // Exponential patterns would not end at all.
    expect(performance.now() - started).toBeLessThan(20_000)
  })
})
