import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { CliResult } from '../helpers/cli.ts'
import { mockEnv, runOnMock } from '../helpers/mock-env.ts'

/** A mock of its own, and a folder for files. */
function workplace() {
  const folder = mkdtempSync(join(tmpdir(), 'kmseal-import-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const env = mockEnv()
  const run = (argv: readonly string[], more: Record<string, string> = {}): Promise<CliResult> =>
    runOnMock(argv, { env: { ...env, ...more } })
  return {
    run,
    file(name: string, text: string): string {
      const path = join(folder, name)
      writeFileSync(path, text)
      return path
    },
    async value(name: string): Promise<string> {
      return (await run(['get-param', name])).stdout.toString()
    },
    async rows(): Promise<Record<string, unknown>[]> {
      const { stdout } = await run(['list-params', '--json'])
      return stdout
        .toString()
        .split('\n')
        .filter(line => line !== '')
        .map(line => JSON.parse(line))
    },
  }
}

describe('import-params', () => {
  it('stores what the file holds, and nothing the second time', async () => {
    const { run, file, value, rows } = workplace()
    const dotenv =
      '\ufeffA=1\r\nexport B="x # y"\r\nC=p#q\r\nD=v # note\r\nE=\'$HOME\'\r\nF=a=b==\r\nH="l1\\nl2"\r\n'
    const path = file('.env', dotenv)
    const first = await run(['import-params', path, '--prefix', '/app', '--yes', '-q'])
    expect({ ...first, stdout: first.stdout.toString() }).toEqual({ status: 0, stdout: '', stderr: '' })
    const stored = { A: '1', B: 'x # y', C: 'p#q', D: 'v', E: '$HOME', F: 'a=b==', H: 'l1\nl2' }
    for (const [name, text] of Object.entries(stored)) expect(await value(`/app/${name}`)).toBe(text)
    const again = await run(['import-params', path, '--prefix', '/app'])
    expect(again).toMatchObject({ status: 0, stderr: expect.stringContaining('7 unchanged: nothing to do') })
    expect((await rows()).map(({ Type, Version }) => [Type, Version])).toEqual(
      Object.keys(stored).map(() => ['SecureString', 1]),
    )
  })

  it('names values that other readers of dotenv files would put something else into', async () => {
    const { run, file, value } = workplace()
    const path = file('.env', 'HOST=h\nURL=http://${HOST}/\nRAW=\'$HOST\'\nQ="$HOST"\n')
    const { status, stderr } = await run(['import-params', path, '--prefix', '/app', '--yes'])
    expect(status).toBe(0)
    expect(stderr).toContain('stored as it stands, nothing is put in its place: /app/URL, /app/Q\n')
    expect(await value('/app/URL')).toBe('http://${HOST}/')
  })

  it('shows names but no values, and changes nothing with --dry-run', async () => {
    const { run, file, rows } = workplace()
    await run(['put-param', '/app/b', '--value', 'hunter2-old'])
    await run(['put-param', '/app/c', '--value', 'x'])
    const path = file('a.json', '{"a":"hunter2-new","b":"hunter2-new","d":{"e":"1"}}')
    const options = ['import-params', path, '--prefix', '/app', '--prune', '--dry-run']
    const shown = await run([...options, '--exit-code'])
    expect(shown.status).toBe(7)
    expect(shown.stdout.toString()).toBe('+ /app/a\n+ /app/d/e\n~ /app/b\n- /app/c\n')
    expect(shown.stderr).not.toContain('hunter2')
    expect((await run(options)).status).toBe(0)
    const json = await run([...options, '--json'])
    expect(JSON.parse(json.stdout.toString())).toEqual({
      DryRun: true,
      Added: [{ Name: '/app/a' }, { Name: '/app/d/e' }],
      Changed: [{ Name: '/app/b', Changes: ['Value'] }],
      Unchanged: [],
      Removed: [{ Name: '/app/c' }],
    })
    const open = await run([...options, '--json', '--show-values'])
    expect(JSON.parse(open.stdout.toString())).toMatchObject({
      Changed: [{ Name: '/app/b', Value: 'hunter2-new', PreviousValue: 'hunter2-old' }],
    })
    const coloured = await run(options, { FORCE_COLOR: '1' })
    expect(coloured.stdout.toString()).toContain('\u001b[33m~ /app/b\u001b[39m')
    expect((await run(options, { FORCE_COLOR: '1', NO_COLOR: '1' })).stdout.toString()).not.toContain(
      '\u001b',
    )
    expect((await rows()).map(({ Name }) => Name)).toEqual(['/app/b', '/app/c'])
  })

  it('leaves out what is empty with --skip-empty, and prunes none of it', async () => {
    const { run, file, rows } = workplace()
    await run(['put-param', '/app/A', '--value', 'stays'])
    await run(['put-param', '/app/D', '--value', 'goes'])
    const files = [
      file('a.env', "A=\nB='' # nothing\nC=x\n"),
      file('a.json', '{"A":null,"B":"","C":"x"}'),
      file('a.yaml', 'A: ~\nB:\nC: x\n'),
    ]
    for (const path of files) {
      const options = ['import-params', path, '--prefix', '/app', '--prune', '--yes']
      const refused = await run(options)
      expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining('--skip-empty') })
      const dry = await run([...options, '--skip-empty', '--dry-run', '--json'])
      expect(JSON.parse(dry.stdout.toString())).toMatchObject({
        Added: [{ Name: '/app/C' }],
        Removed: [{ Name: '/app/D' }],
        Skipped: [{ Name: '/app/A' }, { Name: '/app/B' }],
      })
    }
    const [path = ''] = files
    const done = await run(['import-params', path, '--prefix', '/app', '--prune', '--yes', '--skip-empty'])
    expect(done).toMatchObject({ status: 0, stderr: expect.stringContaining('stays: /app/A, /app/B\n') })
    expect((await rows()).map(({ Name }) => Name)).toEqual(['/app/A', '/app/C'])
  })

  it('prunes nothing below a name that --skip-empty leaves out', async () => {
    const { run, file } = workplace()
    for (const name of ['/app/db/url', '/app/db/a/b', '/app/dbx'])
      await run(['put-param', name, '--value', 'x'])
    const path = file('a.yaml', 'db:\n#  url: x\nother: y\n')
    const options = ['--prefix', '/app', '--prune', '--skip-empty', '--dry-run']
    const { stdout } = await run(['import-params', path, ...options])
    expect(stdout.toString()).toBe('+ /app/other\n- /app/dbx\n')
  })

  it('takes a file of empty values for one that changes nothing, and still wants their names to be right', async () => {
    const { run, file } = workplace()
    const empty = file('empty.env', 'A=\n')
    const done = await run(['import-params', empty, '--prefix', '/app', '--yes', '--skip-empty'])
    expect(done).toMatchObject({ status: 0, stderr: expect.stringContaining('nothing to do') })
    const wrong = file('wrong.json', '{"a b":"","l":[],"c":null,"c":""}')
    const { status, stderr } = await run([
      'import-params',
      wrong,
      '--prefix',
      '/app',
      '--yes',
      '--skip-empty',
    ])
    expect(status).toBe(2)
    for (const fault of ['a list cannot', 'stands twice', 'line 1: ']) expect(stderr).toContain(fault)
    expect(stderr).not.toContain('--skip-empty')
  })

  it('tells what changes beside the value, or instead of it', async () => {
    const { run, file } = workplace()
    await run(['put-param', '/app/a', '--value', 'same'])
    await run(['put-param', '/app/b', '--value', 'old', '--type', 'String'])
    const path = file('a.json', '{"a":"same","b":"new"}')
    const options = ['import-params', path, '--prefix', '/app', '--dry-run']
    const lowered = await run([...options, '--type', 'String', '--show-values'])
    expect(lowered.stdout.toString()).toBe(
      '~ /app/a: Type SecureString -> String, KeyId alias/aws/ssm -> -\n~ /app/b\n    - old\n    + new\n',
    )
    const tier = ['--tier', 'Advanced', '--type', 'SecureString']
    expect((await run([...options, ...tier])).stdout.toString()).toBe(
      '~ /app/a: Tier Standard -> Advanced\n' +
        '~ /app/b: Value, Tier Standard -> Advanced, Type String -> SecureString\n',
    )
    expect(JSON.parse((await run([...options, ...tier, '--json'])).stdout.toString())).toMatchObject({
      Changed: [
        { Name: '/app/a', Changes: ['Tier'] },
        { Name: '/app/b', Changes: ['Value', 'Tier', 'Type'] },
      ],
    })
  })

  it('does nothing when nobody can be asked', async () => {
    const { run, file, rows } = workplace()
    const refused = await run(['import-params', file('a.json', '{"a":"1"}'), '--prefix', '/app'])
    expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining('--yes') })
    expect(await rows()).toEqual([])
  })

  it('keeps type and key of what is there, and removes with --prune only', async () => {
    const { run, file, rows, value } = workplace()
    await run(['create-key', '--alias', 'alias/app'])
    await run(['put-param', '/app/s', '--key-id', 'alias/app', '--value', 'v1', '--description', 'of s'])
    await run(['put-param', '/app/t', '--type', 'String', '--value', 'v1'])
    await run(['put-param', '/app/old', '--value', 'x'])
    const path = file('a.yaml', 's: v2\nt: v2\nn: v2\n')
    expect((await run(['import-params', path, '--prefix', '/app', '--yes'])).status).toBe(0)
    const stored = new Map((await rows()).map(row => [row['Name'], row]))
    expect(stored.get('/app/s')).toMatchObject({ KeyId: 'alias/app', Version: 2, Description: 'of s' })
    expect(stored.get('/app/t')).toMatchObject({ Type: 'String', Version: 2 })
    expect(stored.get('/app/n')).toMatchObject({ Type: 'SecureString', KeyId: 'alias/aws/ssm' })
    expect(stored.has('/app/old')).toBe(true)
    expect((await run(['import-params', path, '--prefix', '/app', '--yes', '--prune'])).status).toBe(0)
    expect((await rows()).map(({ Name }) => Name)).toEqual(['/app/n', '/app/s', '/app/t'])
    expect(await value('/app/s')).toBe('v2')
  })

  it('refuses before anything is stored: sizes that cost, keys of plain types', async () => {
    const { run, file, rows } = workplace()
    const large = JSON.stringify({ a: '1', b: 'x'.repeat(4097), c: 'y'.repeat(5000) })
    const refused = await run(['import-params', file('a.json', large), '--prefix', '/app', '--yes'])
    expect(refused).toMatchObject({ status: 2, stdout: Buffer.alloc(0) })
    expect(refused.stderr).toMatch(/\/app\/b.*4097[\s\S]*\/app\/c.*5000[\s\S]*--tier/)
    const typed = ['--type', 'String', '--key-id', 'alias/app', '--yes']
    expect(
      await run(['import-params', file('b.json', '{"a":"1"}'), '--prefix', '/app', ...typed]),
    ).toMatchObject({
      status: 2,
    })
    expect(await rows()).toEqual([])
    const paid = ['--tier', 'Advanced', '--yes']
    expect((await run(['import-params', file('a.json', large), '--prefix', '/app', ...paid])).status).toBe(0)
  })

  it('gets through throttling and lost answers, with one version of each', async () => {
    const { run, file, rows } = workplace()
    const many = Object.fromEntries(Array.from({ length: 44 }, (_, index) => [`k${index}`, `v${index}`]))
    const path = file('a.json', JSON.stringify(many))
    const faults = { KMSEAL_MOCK_FAULTS: 'PutParameter:throttle@0.4,DescribeParameters:throttlex2' }
    const done = await run(['import-params', path, '--prefix', '/app', '--yes'], faults)
    expect(done.status).toBe(0)
    const stored = await rows()
    expect(stored).toHaveLength(44)
    expect(stored.every(({ Version }) => Version === 1)).toBe(true)
  }, 60_000)

  it('says what was stored and what was not when it fails part way, and does the rest next time', async () => {
    const { run, file, rows } = workplace()
    const many = Object.fromEntries(
      Array.from({ length: 30 }, (_, index) => [`k${index}`, `hunter2-${index}`]),
    )
    const path = file('a.json', JSON.stringify(many))
    const command = ['import-params', path, '--prefix', '/app', '--yes']
    // Thirty that all pass would be one run in four hundred thousand.
    const failed = await run(command, { KMSEAL_MOCK_FAULTS: 'PutParameter:denied@0.35' })
    expect(failed).toMatchObject({ status: 4, stdout: Buffer.alloc(0) })
    expect(failed.stderr).not.toContain('hunter2')
    const lines = (state: string) =>
      [...failed.stderr.matchAll(new RegExp(`  ${state}: (/app/k\\d+)$`, 'gm'))].map(([, name]) => name)
    const stored = (await rows()).map(({ Name }) => Name)
    expect(lines('stored').sort()).toEqual([...stored].sort())
    expect(lines('stored').length + lines('not stored').length).toBe(30)
    expect((await run(command)).status).toBe(0)
    expect((await rows()).every(({ Version }) => Version === 1)).toBe(true)
    expect(await rows()).toHaveLength(30)
  })

  it.each(['dotenv', 'json', 'yaml'])(
    'tells a fault of a %s file by line, never by its text',
    async format => {
      const { run, file, rows } = workplace()
      const path = file('a', 'A=1\n"hunter2-XYZ\n')
      const refused = await run([
        'import-params',
        path,
        '--prefix',
        '/app',
        '--format',
        format,
        '--yes',
        '--debug',
      ])
      expect(refused).toMatchObject({ status: 2, stdout: Buffer.alloc(0) })
      expect(refused.stderr).toMatch(/line \d/)
      expect(refused.stderr).not.toContain('hunter2')
      expect(await rows()).toEqual([])
    },
  )

  it('needs to know the format', async () => {
    const { run, file } = workplace()
    expect(await run(['import-params', file('a', 'A=1'), '--prefix', '/app'])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--format'),
    })
  })
})

it('never prunes a whole Region', async () => {
  const { run, file } = workplace()
  const refused = await run([
    'import-params',
    file('a.json', '{"a":"1"}'),
    '--prefix',
    '/',
    '--prune',
    '--yes',
  ])
  expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining('every other parameter') })
})
