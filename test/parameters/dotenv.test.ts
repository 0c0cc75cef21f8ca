import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDotenv, type Variable, writeDotenv } from '../../src/parameters/dotenv.ts'
import { testFolder } from '../helpers/folder.ts'
import { hasProgram } from '../helpers/programs.ts'
import { variableValues } from './formats/exports.ts'
import { hostileValues, pem } from './hostile-values.ts'

const read = (text: string): Record<string, string> =>
  Object.fromEntries(parseDotenv(text).map(({ name, value }) => [name, value]))

const lines = [
  'A=1',
  'export B="x # y"',
  'C=p#q',
  'D=v # note',
  "E='$HOME'",
  'F=a=b==',
  'H="l1\\nl2"',
] as const

describe('a dotenv file', () => {
  it('with a byte order mark, CR LF, export, comments and escapes is read as its authors meant', () => {
    const file = `\ufeff${lines.map(line => `${line}\r\n`).join('')}`
    expect(read(file)).toEqual({
      A: '1',
      B: 'x # y',
      C: 'p#q',
      D: 'v',
      E: '$HOME',
      F: 'a=b==',
      H: 'l1\nl2',
    })
  })

  it('with a quote that is never closed is refused by line number, its text untold', () => {
    const refusal = { code: 'usage', message: 'line 8 of the dotenv file opens a quote that is never closed' }
    for (const end of ['\n', '\r\n']) {
      const file = [...lines, 'I="open', ''].join(end)
      expect(() => parseDotenv(file)).toThrow(expect.objectContaining(refusal))
    }
  })

  it.each([
    ['', {}],
    ['\n\n# only\n  # comments', {}],
    ['A=', { A: '' }],
    ['A=  ', { A: '' }],
    ['A= # x', { A: '' }],
    ['A=#x', { A: '#x' }],
    ['A=x\t# y', { A: 'x' }],
    ['A = x y  ', { A: 'x y' }],
    ['  A=x', { A: 'x' }],
    ['export=1', { export: '1' }],
    ['export\tA=1', { A: '1' }],
    ['a.b-c=1\n1st=2', { 'a.b-c': '1', '1st': '2' }],
    ["A=it's", { A: "it's" }],
    ['A=x"y"', { A: 'x"y"' }],
    ['A="" # x', { A: '' }],
    ["A='a\n#b\nC=d'\nB=1", { A: 'a\n#b\nC=d', B: '1' }],
    ['A=`"it\'s"\n`', { A: '"it\'s"\n' }],
    ['A="a\nb"', { A: 'a\nb' }],
    ["A='a\\nb'", { A: 'a\\nb' }],
    ['A="\\\\n\\"\\$\\`\\r\\t\\q"', { A: '\\n"$`\r\\t\\q' }],
    ['A=$B${C}$(d)', { A: '$B${C}$(d)' }],
    ["A='a\r\nb'\r\nB=c\r\n", { A: 'a\nb', B: 'c' }],
    ["A='a\r\nb'\nB=c\r\n", { A: 'a\r\nb', B: 'c' }],
    ['A=\u00a0x\u2028', { A: '\u00a0x\u2028' }],
  ])('%j gives %j', (text, values) => {
    expect(read(text)).toEqual(values)
  })

  it.each([
    ['A', 1],
    ['export A', 1],
    ['=secret', 1],
    ['A=1\nsecret text=1', 2],
    ['A=1\n\n# x\nB="secret', 4],
    ["A='a\nb\nc'\nsecret", 4],
    ["A='it'\\''s'", 1],
    ['A="secret"#x', 1],
    ['A="secret\nB="x"', 1],
    ['KEY: secret', 1],
    ['A=1\n-----BEGIN KEY-----', 2],
  ])('%j is refused at line %i, its text untold', (text, line) => {
    expect(() => parseDotenv(text)).toThrow(
      expect.objectContaining({
        code: 'usage',
        message: expect.stringMatching(new RegExp(`^line ${line} of the dotenv file (?!.*secret)`)),
      }),
    )
  })

  it('that sets a name twice is refused, the name and both lines told', () => {
    expect(() => parseDotenv('A=1\nB=1\nexport A=2\nB=3')).toThrow(
      expect.objectContaining({
        code: 'usage',
        message: 'the dotenv file sets a name twice: lines 1 and 3 both set A',
        details: ['lines 2 and 4 both set B'],
      }),
    )
  })

  it('does not tell the end of a base64 text that stands there twice', () => {
    expect(() => parseDotenv('K=a\nZGhpcyBpcyBz==\nL=a\nZGhpcyBpcyBz==')).toThrow(
      'the dotenv file sets a name twice: lines 2 and 4 both set the same name',
    )
  })

  it.each([
    ['A=$B', true],
    ['A=http://${B}/x', true],
    ['A="$(date) x"', true],
    ['A=pa$$word', true],
    ["A='$B'", false],
    ['A=`$B`', false],
    ['A="\\$B"', false],
    ['A="\\\\$B"', true],
    ['A=a$1,$ x$', false],
    ['A=x # $B', false],
  ])('tells whether a shell would put something else into it: %j', (text, refers) => {
    expect(parseDotenv(text)).toMatchObject([{ refers }])
  })

  it('has nothing that refers when it was written here', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'$A{("\'\\` \n') }), value => {
        expect(parseDotenv(writeDotenv([{ name: 'A', value }]))).toMatchObject([{ value, refers: false }])
      }),
    )
  })

  it('tells where each entry begins', () => {
    expect(parseDotenv('\nA=1\nB="x\ny"\n# c\nC=2').map(({ line }) => line)).toEqual([2, 3, 6])
  })

  it('of a few megabytes is read in one go, closed or not', () => {
    const long = '\\"'.repeat(2_000_000)
    expect(read(`A="${long}"`)['A']).toHaveLength(2_000_000)
    expect(() => parseDotenv(`A="${long}`)).toThrow(/never closed/)
    expect(read('\n#\n'.repeat(500_000))).toEqual({})
  })

  it('never makes anything but entries or a usage error', () => {
    const piece = fc.constantFrom(...'AB=\'"`\\#$ \t\r\n\ufeff', 'export ', '\r\n', 'A=', '\u2028')
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), pieces => {
        try {
          for (const { name } of parseDotenv(pieces.join(''))) expect(name).toMatch(/^[\w.-]+$/)
        } catch (error) {
          expect(error).toMatchObject({ code: 'usage' })
        }
      }),
      { numRuns: 2000 },
    )
  })
})

const variablesOf = (values: readonly string[]): Variable[] =>
  values.map((value, index) => ({ name: `V${index}`, value }))

/** What a shell has in its variables after `set -a; . ./e`, each read off its own child's environment. */
function sourced(shell: string, text: string, names: readonly string[]): string[] {
  const folder = testFolder()
  writeFileSync(join(folder, 'e'), text)
  const print = 'for (const name of process.argv.slice(1)) process.stdout.write(`${process.env[name]}\\0`)'
  const script = `set -a; . ./e; exec '${process.execPath}' -e '${print}' -- ${names.join(' ')}`
  const output = execFileSync(shell, ['-c', script], { cwd: folder, encoding: 'utf8' })
  return output.split('\0').slice(0, -1)
}

describe('what is written as dotenv', () => {
  it('comes back as it was, whatever it holds', () => {
    fc.assert(
      fc.property(variableValues, all => {
        expect(Object.values(read(writeDotenv(variablesOf(all))))).toEqual(all)
      }),
      { numRuns: 1000 },
    )
    expect(Object.values(read(writeDotenv(variablesOf(hostileValues))))).toEqual(hostileValues)
  })

  it('is plain where it can be', () => {
    const written = writeDotenv([
      { name: 'FOO_BAR', value: '1' },
      { name: 'URL', value: 'https://a.b:1/c' },
      { name: 'EMPTY', value: '' },
      { name: 'PEM', value: pem },
      { name: 'BOTH', value: "it's $5" },
    ])
    expect(written).toBe(`FOO_BAR=1\nURL=https://a.b:1/c\nEMPTY=''\nPEM='${pem}'\nBOTH="it's \\$5"\n`)
  })

  it('has no form for NUL', () => {
    expect(() => writeDotenv([{ name: 'DB_KEY', value: 'sec\0ret' }])).toThrow(
      expect.objectContaining({ code: 'failed', message: expect.stringMatching(/DB_KEY(?!.*sec)/) }),
    )
  })

  describe.each(['dash', 'bash', 'zsh'])('is the same to %s', shell => {
    it.skipIf(!hasProgram(shell))('byte for byte', () => {
      const variables = variablesOf(hostileValues)
      const names = variables.map(({ name }) => name)
      expect(sourced(shell, writeDotenv(variables), names)).toEqual(hostileValues)
    })

    it.skipIf(!hasProgram(shell))('with random values', () => {
      const check = fc.property(variableValues, all => {
        const variables = variablesOf(all)
        const names = variables.map(({ name }) => name)
        expect(sourced(shell, writeDotenv(variables), names)).toEqual(all)
      })
      fc.assert(check, { numRuns: 10 })
    })
  })
})
