import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maskCommands, writeGithubEnv } from '../../../src/parameters/formats/github-env.ts'
import { hostileValues } from '../hostile-values.ts'
import { exportsOf, numbered, plainOptions, variableValues } from './exports.ts'
import { readRunnerFile } from './runner-file.ts'

const written = (values: Readonly<Record<string, string>>): string =>
  writeGithubEnv(exportsOf(values), plainOptions)

describe('the file of the runner', () => {
  it('is read back as it was', () => {
    expect(readRunnerFile(written(numbered(hostileValues)))).toEqual(numbered(hostileValues))
    const check = fc.property(variableValues, values => {
      expect(readRunnerFile(written(numbered(values)))).toEqual(numbered(values))
    })
    fc.assert(check, { numRuns: 500 })
  })

  it('has other delimiters each time, none of them in a value', () => {
    const delimiters = [written({ a: '1', b: '1' }), written({ a: '1' })].flatMap(text => {
      return [...text.matchAll(/<<(.*)\n/g)].map(([, delimiter]) => delimiter)
    })
    expect(new Set(delimiters).size).toBe(3)
    for (const delimiter of delimiters) expect(delimiter).toMatch(/^kmseal_[0-9a-f]{32}$/)
  })

  it('does not take NODE_OPTIONS', () => {
    expect(() => written({ node_options: '--x' })).toThrow(
      expect.objectContaining({ code: 'failed', message: expect.stringContaining('/app/node_options') }),
    )
  })
})

describe('masks', () => {
  it('are one for each line of secret values that is not blank, escaped', () => {
    const secrets = exportsOf({ pem: 'first\n\nEOF\nX=1\r\n100%\rfirst\n \n', other: '::add-mask::%0A' })
    const plain = exportsOf({ plain: 'public' }).map(parameter => ({ ...parameter, secret: false }))
    expect(maskCommands([...secrets, ...plain])).toEqual(
      ['first', 'EOF', 'X=1', '100%25', '::add-mask::%250A'].map(line => `::add-mask::${line}`),
    )
  })
})
