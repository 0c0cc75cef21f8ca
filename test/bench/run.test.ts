/** The benchmark itself: that it runs, and what its JSON and Markdown look like. No figure is judged here. */

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ProcessResult, runProcess } from '../helpers/process.ts'

const folder = mkdtempSync(join(tmpdir(), 'kmseal-bench-test-'))
const file = (name: string): string => join(folder, name)
const script = (name: string): string => new URL(name, import.meta.url).pathname
const node = (name: string, ...args: string[]): Promise<ProcessResult> =>
  runProcess(process.execPath, [script(name), ...args])

afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe('npm run bench', () => {
  let result: ProcessResult
  const work = file('work')

  beforeAll(async () => {
    mkdirSync(work)
    const options = ['--only', 'start-up', '--rounds', '1', '--folder', work, '--json', file('start-up.json')]
    result = await node('run.js', ...options)
  })

  it('prints a table, and leaves nothing behind', () => {
    expect(result.status).toBe(0)
    expect(result.stdout.toString()).toMatch(
      /kmseal --version .*│ +\d+\.\d\dx │ at most 1\.5x │ (met|missed by)/,
    )
    expect(readdirSync(work)).toEqual([])
  })

  it('writes the figures with the machine and the date as JSON', () => {
    const figures = JSON.parse(readFileSync(file('start-up.json'), 'utf8'))
    expect(figures).toMatchObject({
      date: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      machine: {
        cpu: expect.any(String),
        cores: expect.any(Number),
        memoryGiB: expect.any(Number),
        kernel: expect.stringMatching(/^\w+ \d/),
        node: process.version,
      },
      programs: {},
      sections: [{ name: 'start-up', notices: [] }],
    })
    const { rows } = figures.sections[0]
    expect(rows).toHaveLength(8)
    for (const row of rows) {
      expect(row).toMatchObject({ what: expect.any(String), value: expect.any(Number), rounds: 1 })
      expect(row.unit).toMatch(/^(x|ms)$/)
      if (row.target === undefined) expect(row).not.toHaveProperty('met')
      else expect(row).toMatchObject({ target: { bound: 'at most' }, met: row.value <= row.target.value })
    }
  })

  it.each([
    [['--only', 'start-up,speed'], 'bench: no section is called speed'],
    [['--rounds', '0'], 'bench: --rounds takes a whole number, not 0'],
    [['--sizes', '3'], "bench: Unknown option '--sizes'"],
  ])('refuses %j', async (args, message) => {
    const { status, stdout, stderr } = await node('run.js', ...args)
    expect({ status, stdout: stdout.toString() }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toContain(message)
  })
})

describe('table.js', () => {
  const row = (what: string, value: number, met?: boolean) => ({
    ...{ what, value, unit: 'x', rounds: 5 },
    ...(met === undefined ? {} : { target: { bound: 'at most', value: 2 }, met }),
    ...(met === false ? { missedByPercent: (value / 2 - 1) * 100 } : {}),
  })
  const figures = (...rows: readonly object[]): string => {
    const machine = { cpu: 'A CPU', cores: 2, memoryGiB: 8, kernel: 'Linux 6.1', node: 'v20.20.2' }
    const sections = [
      { name: 'start-up', title: 'Start-up', rows, notices: [] },
      { name: 'mock', title: 'Mock', rows: [], notices: ['moto_server is not installed'] },
    ]
    const date = '2030-01-02T03:04:05.678Z'
    const programs = { age: '1.1.1', openssl: 'OpenSSL 3.0.19' }
    const json = { date, kmseal: '0.1.0', machine, programs, sections }
    writeFileSync(file('figures.json'), JSON.stringify(json))
    return file('figures.json')
  }

  it('makes Markdown', async () => {
    const json = figures(
      row('one', 1.234),
      { ...row('zero', 22), headline: true },
      row('two | three', 1.5, true),
      row('four', 2.5, false),
    )
    const { stdout } = await node('table.js', json)
    expect(stdout.toString()).toBe(`\
2030-01-02, kmseal 0.1.0: A CPU, 2 cores, 8 GiB, Linux 6.1, Node v20.20.2, age 1.1.1, OpenSSL 3.0.19.

| what | figure | target |  |
| --- | ---: | --- | --- |
| **Start-up** |  |  |  |
| zero | 22x |  |  |
| two \\| three | 1.50x | at most 2x | met |
| four | 2.50x | at most 2x | missed by 25 % |

Targets that were missed, and why:

- **Start-up: four**, missed by 25 %: why is not known yet.

<details><summary>All else that was measured</summary>

| what | figure | target |  |
| --- | ---: | --- | --- |
| **Start-up** |  |  |  |
| one | 1.23x |  |  |

</details>

Not measured in "Mock": moto_server is not installed
`)
  })

  it('rewrites a document between the markers, and keeps the reasons that people gave', async () => {
    const readme = file('README.md')
    writeFileSync(readme, 'above $&\n<!-- bench -->\nold\n<!-- /bench -->\nbelow\n')
    await node('table.js', figures(row('four', 2.5, false), row('five', 3, false)), readme)
    const first = readFileSync(readme, 'utf8')
    expect(first).toMatch(
      /^above \$&\n<!-- bench -->\n2030-01-02[\s\S]*<\/details>[\s\S]*\n<!-- \/bench -->\nbelow\n$/,
    )
    expect(first).not.toContain('old')
    writeFileSync(readme, first.replace('25 %: why is not known yet.', '25 %: a reason: two lines\n  long.'))
    await node('table.js', figures(row('four', 2.6, false), row('five', 1, true)), readme)
    const second = readFileSync(readme, 'utf8')
    expect(second).toContain('- **Start-up: four**, missed by 30 %: a reason: two lines\n  long.\n\n')
    expect(second).not.toContain('Start-up: five')
  })

  it.each([
    'none',
    '<!-- bench -->',
    '<!-- /bench -->\n<!-- bench -->',
    '<!-- bench --><!-- bench --><!-- /bench -->',
  ])('leaves a document without a pair of markers alone: %j', async text => {
    const readme = file('other.md')
    writeFileSync(readme, text)
    const { status, stderr } = await node('table.js', figures(row('one', 1)), readme)
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: `table: ${readme} needs one <!-- bench --> and one <!-- /bench -->\n`,
    })
    expect(readFileSync(readme, 'utf8')).toBe(text)
  })
})
