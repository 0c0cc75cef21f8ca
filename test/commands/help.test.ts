/** `kmseal help`: topics, true to the code they tell of. */

import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { commandEntries } from '../../src/command-entries.ts'
import { exitStatusOf } from '../../src/errors.ts'
import { exitStatuses } from '../../src/help/exit-codes.ts'
import { permissionCases } from '../../src/help/permissions.ts'
import { topics } from '../../src/help/topics.ts'
import { requirePolicy } from '../../src/policy/document.ts'
import { runCli } from '../helpers/cli.ts'
import { sourceFiles } from '../helpers/source-files.ts'

const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')

async function help(...words: string[]): Promise<string> {
  const { status, stdout, stderr } = await runCli(['help', ...words])
  expect([status, stderr]).toEqual([0, ''])
  return stdout.toString()
}

describe('kmseal help', () => {
  it('lists the topics', async () => {
    const text = await help()
    for (const { name, summary } of topics) expect(text).toMatch(new RegExp(`^  ${name} +${summary}$`, 'm'))
  })

  it.each(topics.map(({ name }) => name))(
    '%s fits a line of 120 columns, and names real commands',
    async name => {
      const text = await help(name)
      expect(text.endsWith('\n')).toBe(true)
      for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(120)
      const known = new Set(commandEntries.map(entry => entry.name))
      for (const [, command = ''] of text.matchAll(/^ *\$ kmseal ([a-z-]+)/gm))
        expect(known).toContain(command)
    },
  )

  it('shows a subcommand of a command', async () => {
    expect(await help('mock', 'serve')).toBe((await runCli(['mock', 'serve', '--help'])).stdout.toString())
  })

  it.each([
    [['exit-code'], 'did you mean exit-codes? kmseal help lists all'],
    [['encrpyt'], 'did you mean encrypt? kmseal help lists all'],
    [['mock', 'serv'], 'did you mean serve? kmseal help lists all'],
    [['hunter2-XYZ'], 'kmseal help lists all'],
  ])('of %j, which there is not, is refused', async (words, hint) => {
    const { status, stdout, stderr } = await runCli(['help', ...words])
    expect([status, stdout.length]).toEqual([2, 0])
    expect(stderr).toBe(`kmseal: error: there is no such command or topic\nkmseal: hint: ${hint}\n`)
  })

  it('takes nothing after other topics than iam', async () => {
    expect((await runCli(['help', 'formats', 'encrypt'])).status).toBe(2)
    expect((await runCli(['help', 'iam', 'mock'])).status).toBe(2)
  })
})

describe('kmseal help exit-codes', () => {
  it('has every status of errors', () => {
    const listed = exitStatuses.map(({ status }) => status)
    for (const status of Object.values(exitStatusOf)) expect(listed).toContain(String(status))
  })

  it('is the table of README', () => {
    const rows = exitStatuses.map(
      ({ status, code, meaning }) => `| ${status} | ${code === '' ? '' : `\`${code}\` `}| ${meaning} |`,
    )
    const [, table] = readme.split('| status | code | meaning |\n| --- | --- | --- |\n')
    expect(table?.split('\n\n')[0]?.split('\n')).toEqual(rows)
  })

  it('is one object a row with --json', async () => {
    const lines = (await help('exit-codes', '--json')).trim().split('\n')
    expect(lines.map(line => JSON.parse(line)).map(({ Status }) => Status)).toEqual(
      exitStatuses.map(({ status }) => status),
    )
  })
})

describe('kmseal help environment', () => {
  it('names every variable of kmseal itself that the code reads', async () => {
    const text = await help('environment')
    const read = sourceFiles('src').flatMap(({ path, text: code }) =>
      /^src\/(help|mock)\//.test(path)
        ? []
        : [...code.matchAll(/\b(KMSEAL_[A-Z_]*[A-Z])\b/g)].map(([name]) => name),
    )
    for (const name of new Set(read)) expect(text).toContain(name)
  })
})

describe('kmseal help iam', () => {
  it('tells of the commands that were named', async () => {
    const rows = (await help('iam', 'random', 'sign')).split('\n\n')[0]?.split('\n') ?? []
    expect(rows.map(row => row.split(' ')[0])).toEqual(['COMMAND', 'random', 'sign', 'sign'])
  })

  it('prints one policy with --json, which parses and has every action of the table', async () => {
    const text = await help('iam', '--json')
    expect(text.split('\n')).toHaveLength(2)
    expect(() => requirePolicy(text, 'identity policy', 'it')).not.toThrow()
    const { Statement } = JSON.parse(text)
    const allowed = new Set(Statement.flatMap(({ Action }: { Action: string[] }) => Action))
    expect(allowed).toEqual(new Set(permissionCases.flatMap(({ actions }) => actions)))
  })
})
