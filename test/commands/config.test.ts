import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { configSchema } from '../../src/config/config-schema.ts'
import { type CliInput, runCli } from '../helpers/cli.ts'
import { testFolder } from '../helpers/folder.ts'

const text = `
backend: mock
region: eu-west-1
key-id: alias/kmseal
encryption-context: {app: shop}
rules:
  - {files: 'secrets/**', encryption-context: {of: files}}
  - {parameters: '/app/**', key-id: alias/params}
environments:
  prod: {region: eu-west-3, max-frame-length: 4096}
`

/** A project with a configuration file, trusted or not, and a state of its own. */
function project(content = text, name = 'kmseal.config.yaml') {
  const folder = testFolder()
  const cwd = join(folder, 'project')
  mkdirSync(cwd)
  const path = join(cwd, name)
  const write = (changed: string): void => {
    writeFileSync(path, changed, { mode: 0o644 })
    chmodSync(path, 0o644)
  }
  write(content)
  const env = { HOME: join(folder, 'home') }
  const run = async (argv: readonly string[], input: CliInput = {}) => {
    const result = await runCli(argv, { cwd, ...input, env: { ...env, ...input.env } })
    return { ...result, stdout: result.stdout.toString() }
  }
  const trust = async () => expect((await run(['config', 'trust', '--yes', '-q'])).status).toBe(0)
  return { folder, cwd, path, write, run, trust, env }
}

const note = (path: string) =>
  `kmseal: ${path} is ignored: it is not trusted; kmseal config trust shows it and asks\n`
const lines = (stdout: string) =>
  stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))

describe('a file that is not trusted', () => {
  it('changes nothing, and one line says so', async () => {
    const { run, path } = project()
    const clean = await run(['encrypt'], { stdin: 'x', cwd: '/' })
    const here = await run(['encrypt'], { stdin: 'x' })
    expect(here).toEqual({ ...clean, stderr: note(path) + clean.stderr })
    expect(clean.stderr).toContain('no key was named')
    expect((await run(['encrypt', '-q'], { stdin: 'x' })).stderr).toBe(clean.stderr)
  })

  it('is no matter for completion, help and version, though it be named', async () => {
    const { run, write, path } = project()
    write('- {broken')
    for (const argv of [['completion', 'bash'], ['--version'], ['--help'], ['encrypt', '--help']]) {
      for (const env of [{}, { KMSEAL_CONFIG: path, KMSEAL_ENV: 'nowhere' }]) {
        const { status, stderr } = await run(argv, { env })
        expect([argv, status, stderr]).toEqual([argv, 0, ''])
      }
    }
  })
})

describe('kmseal config trust', () => {
  it('shows what the file would set, and asks', async () => {
    const { run, path, folder } = project()
    const refused = await run(['config', 'trust'], { typed: '\n' })
    expect(refused).toMatchObject({ status: 1, stdout: '' })
    expect(refused.stderr).toContain(`${path} sets:\n`)
    expect(refused.stderr).toMatch(/^- +region +eu-west-1$/m)
    expect(refused.stderr).toMatch(/^prod +region +eu-west-3$/m)
    expect(refused.stderr).toMatch(
      /^- +rule 2 +\{"parameters":\["\/app\/\*\*"\],"key-id":\["alias\/params"\]\}$/m,
    )
    expect(refused.stderr).toContain(`Trust ${path} with just this content? [y/N] `)
    expect(refused.stderr).toContain(`kmseal: error: ${path} is not trusted, since nobody agreed`)
    expect(readdirSync(folder)).toEqual(['project'])
    const agreed = await run(['config', 'trust'], { typed: 'yes\n' })
    expect([agreed.status, agreed.stdout]).toEqual([0, ''])
    expect(agreed.stderr).toContain(`kmseal: ${path} counts from now on, until it changes\n`)
    expect((await run(['encrypt'], { stdin: 'x' })).status).toBe(0)
  })

  it('refuses where nobody can be asked', async () => {
    const { run, folder } = project()
    const result = await run(['config', 'trust'])
    expect(result).toMatchObject({ status: 2, stdout: '' })
    expect(result.stderr).toContain('hint: agree beforehand with --yes')
    expect(readdirSync(folder)).toEqual(['project'])
  })

  it('tells what it did as JSON, and takes it back', async () => {
    const { run, path } = project()
    const { stdout } = await run(['config', 'trust', path, '--yes', '--json'])
    expect(JSON.parse(stdout)).toEqual({
      Path: path,
      Sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      Trusted: true,
    })
    const revoked = await run(['config', 'trust', '--revoke', '--json'])
    expect(revoked).toMatchObject({ status: 0, stderr: '' })
    expect(JSON.parse(revoked.stdout)).toEqual({ Path: path, Trusted: false })
    const again = await run(['config', 'trust', '--revoke'])
    expect(again).toMatchObject({ status: 0, stdout: '', stderr: `kmseal: ${path} was not trusted\n` })
    expect((await run(['encrypt'], { stdin: 'x' })).stderr).toContain(note(path))
  })

  it('says where secrets would go instead of AWS', async () => {
    const { run } = project('endpoint-url: https://kms.example.net\nenvironments: {a: {region: eu-west-1}}')
    const { stderr } = await run(['config', 'trust', '--yes'])
    expect(stderr).toContain('Secrets would go to https://kms.example.net')
    expect((await project().run(['config', 'trust', '--yes'])).stderr).not.toContain('Secrets would go')
  })

  it('ends with the first change of the file', async () => {
    const { run, trust, write, path } = project()
    await trust()
    write(`${text}# more\n`)
    const { stderr } = await run(['encrypt'], { stdin: 'x' })
    const warning = `${path} is ignored: it has changed since it was trusted; kmseal config trust`
    expect(stderr).toContain(warning)
    expect((await run(['encrypt', '--quiet'], { stdin: 'x' })).stderr, 'no mere note').toContain(warning)
  })

  it('of one file does not hide that another lies beside it', async () => {
    const { run, trust, cwd, path } = project()
    const other = join(cwd, 'kmseal.config.yml')
    await trust()
    expect((await run(['config', 'show'])).stderr).toBe('')
    writeFileSync(other, 'region: eu-west-9', { mode: 0o644 })
    expect((await run(['config', 'show'])).stderr).toBe(
      `kmseal: ${other} is ignored: kmseal.config.yaml counts, which lies beside it\n`,
    )
    expect((await run(['--config', path, 'config', 'show'])).stderr).toBe('')
  })

  it('escapes what the file holds, and does not quote what is malformed', async () => {
    const { run, write } = project('encryption-context: {"a\\u001b[31m": "\\u202eb"}')
    const { stderr, status } = await run(['config', 'trust', '--yes'])
    expect(status).toBe(0)
    expect(stderr).not.toMatch(/[\u001b\u202e]/)
    write('backend: mock\nregion: hunter2 hunter2')
    const refused = await run(['config', 'trust', '--yes'])
    expect(refused).toMatchObject({ status: 2, stdout: '' })
    expect(refused.stderr).toContain('line 2 of the file sets region to what is not a Region name')
    expect(refused.stderr).not.toContain('hunter2')
  })

  it('refuses files that others can write', async () => {
    const { run, path } = project()
    chmodSync(path, 0o666)
    const { status, stderr } = await run(['config', 'trust', '--yes'])
    expect([status, stderr]).toEqual([
      4,
      `kmseal: error: cannot use the configuration file ${path}: others can write it\nkmseal: hint: take that away with chmod go-w\n`,
    ])
  })

  it('needs a file', async () => {
    const { run } = project()
    const { status, stderr } = await run(['config', 'trust', '--yes'], { cwd: '/' })
    expect(status).toBe(3)
    expect(stderr).toContain('no configuration file was found from here upward')
    expect((await run(['config', 'trust', '--config', 'x'])).status).toBe(2)
  })
})

describe('kmseal config show', () => {
  it('tells every value and where it came from', async () => {
    const { run, trust, path } = project()
    await trust()
    const env = {
      AWS_REGION: 'us-west-2',
      KMSEAL_ENV: 'prod',
      AWS_ENDPOINT_URL_KMS: 'https://u:hunter2@kms.example?s=hunter2',
    }
    const { status, stdout, stderr } = await run(['config', 'show', '--profile', 'typed', '--json'], { env })
    expect([status, stderr]).toEqual([0, ''])
    const rows = new Map(lines(stdout).map(({ Name, ...row }) => [Name, row]))
    const file = { Source: 'file', SourceName: path }
    expect(rows.get('config')).toEqual({ Value: path, ...file })
    expect(rows.get('env')).toEqual({ Value: 'prod', Source: 'variable', SourceName: 'KMSEAL_ENV' })
    expect(rows.get('backend')).toEqual({ Value: 'mock', ...file })
    expect(rows.get('region')).toEqual({ Value: 'us-west-2', Source: 'variable', SourceName: 'AWS_REGION' })
    expect(rows.get('profile')).toEqual({ Value: 'typed', Source: 'flag', SourceName: '--profile' })
    expect(rows.get('max-frame-length')).toEqual({ Value: 4096, ...file, Environment: 'prod' })
    expect(rows.get('cache-max-age')).toEqual({ Value: 60, Source: 'default' })
    expect(rows.get('endpoint-url')).toEqual({ Value: null, Source: 'default' })
    expect(rows.get('AWS_ENDPOINT_URL_KMS')).toMatchObject({ Value: 'https://kms.example/' })
    expect(rows.get('rule 2')).toEqual({
      Value: { parameters: ['/app/**'], 'key-id': ['alias/params'] },
      ...file,
    })
    expect(stdout).not.toContain('hunter2')
  })

  it('is a table for people', async () => {
    const { run, trust, path } = project()
    await trust()
    const { stdout } = await run(['--env', 'prod', 'config', 'show'])
    expect(stdout).toMatch(/^SETTING +VALUE +FROM$/m)
    expect(stdout).toMatch(new RegExp(`^region +eu-west-3 +${path} \\(environment prod\\)$`, 'm'))
    expect(stdout).toMatch(/^env +prod +--env$/m)
    expect(stdout).toMatch(/^allow-http +false +default$/m)
  })

  describe('of an environment that sets a key', () => {
    const keyed = `${text}  keyed:
    key-id: alias/keyed
    rules: [{parameters: '/app/db/**', key-id: alias/db}]
`
    const shown = async (argv: readonly string[], env = {}) => {
      const { run, path } = project(keyed)
      const { stdout, status } = await run(['--config', path, ...argv, '--json'], { env })
      expect(status).toBe(0)
      const rows: Record<string, unknown>[] = lines(stdout)
      const without = ({ SourceName, ...row }: Record<string, unknown>) => ({
        ...row,
        ...(SourceName === path ? {} : { SourceName }),
      })
      return rows.filter(({ Name }) => /^(key-id|encryption-context|rule .)$/.test(String(Name))).map(without)
    }
    const value = (row: object | undefined) => (row as { Value: unknown } | undefined)?.Value

    it('names the rule that gives a key or context', async () => {
      const [key, context] = await shown(['config', 'show', '--parameter', '/app/x'])
      expect(key).toEqual({ Name: 'key-id', Value: ['alias/params'], Source: 'file', Rule: 2 })
      expect(context).toEqual({ Name: 'encryption-context', Value: { app: 'shop' }, Source: 'file' })
      const ofFile = await shown(['config', 'show', '--file', 'secrets/a'])
      expect(ofFile[0]).toEqual({ Name: 'key-id', Value: ['alias/kmseal'], Source: 'file' })
      expect(ofFile[1]).toMatchObject({ Value: { of: 'files' }, Rule: 1 })
      const [within] = await shown(['--env', 'keyed', 'config', 'show', '--parameter', '/app/db/x'])
      expect(within).toMatchObject({ Value: ['alias/db'], Environment: 'keyed', Rule: 1 })
    })

    it('says which keys of rules never count, and which do', async () => {
      const argv = ['--env', 'keyed', 'config', 'show', '--parameter', '/app/x']
      const [key, , own, files, parameters] = await shown(argv)
      expect(key).toMatchObject({ Value: ['alias/keyed'], Environment: 'keyed' })
      expect(own).toMatchObject({ Name: 'rule 1', Environment: 'keyed' })
      expect(value(files)).toMatchObject({ 'encryption-context': { of: 'files' } })
      expect(parameters).toMatchObject({ Name: 'rule 2', BeatenBy: { 'key-id': 'environment keyed' } })
      for (const row of [key, own, files]) expect(row).not.toHaveProperty('BeatenBy')
      const none = await shown(['--env', 'prod', ...argv.slice(2)])
      expect(none.filter(row => 'BeatenBy' in row)).toEqual([])
      const byVariable = await shown(argv, { KMSEAL_KEY_ID: 'alias/mine' })
      expect(byVariable[0]).toEqual({
        Name: 'key-id',
        Value: ['alias/mine'],
        Source: 'variable',
        SourceName: 'KMSEAL_KEY_ID',
      })
      const beaten = { BeatenBy: { 'key-id': 'KMSEAL_KEY_ID' } }
      expect(byVariable.slice(2)).toMatchObject([beaten, {}, beaten])
      expect(byVariable[3]).not.toHaveProperty('BeatenBy')
    })

    it('says so in the table, and what is encrypted agrees', async () => {
      const { run, path } = project(keyed)
      const named = ['--config', path, '--env', 'keyed']
      const { stdout } = await run([...named, 'config', 'show', '--parameter', '/app/db/x'])
      expect(stdout).toContain(`${path}; its key-id is beaten by environment keyed\n`)
      expect(stdout).toMatch(new RegExp(`^key-id +alias/db +${path} \\(environment keyed, rule 1\\)$`, 'm'))
      for (const alias of ['alias/keyed', 'alias/db', 'alias/params'])
        await run([...named, 'create-key', '--alias', alias])
      const keyOf = async (name: string) => {
        expect((await run([...named, 'put-param', name, '-q'], { stdin: 'x' })).status).toBe(0)
        const { stdout: found } = await run([...named, 'list-params', '--json', '-q'])
        return lines(found).find(({ Name }) => Name === name).KeyId
      }
      expect(await keyOf('/app/x')).toBe('alias/keyed')
      expect(await keyOf('/app/db/x')).toBe('alias/db')
    })
  })

  it('takes a file that is named, by option before variable', async () => {
    const { run, cwd, path } = project()
    writeFileSync(join(cwd, 'other.json'), '{"region": "eu-south-1"}', { mode: 0o644 })
    const named = await run(['--config', 'other.json', 'config', 'show'], { env: { KMSEAL_CONFIG: path } })
    expect(named.stdout).toMatch(/^config +\S+other.json +--config$/m)
    expect(named.stdout).toMatch(/^region +eu-south-1 /m)
    const byVariable = await run(['config', 'show'], { env: { KMSEAL_CONFIG: path } })
    expect(byVariable.stdout).toMatch(/^config +\S+ +KMSEAL_CONFIG$/m)
    expect(byVariable.stderr).toBe('')
  })

  it('refuses an environment that is not there', async () => {
    const { run, trust, path } = project()
    await trust()
    const { status, stderr } = await run(['config', 'show', '--env', 'hunter2'])
    expect([status, stderr]).toEqual([
      2,
      `kmseal: error: --env names an environment that ${path} does not have\nkmseal: hint: it has prod\n`,
    ])
  })
})

describe('kmseal config schema', () => {
  it('prints what ships in the package, and what files are read by', async () => {
    const { run } = project()
    const { status, stdout, stderr } = await run(['config', 'schema'])
    expect([status, stderr]).toEqual([0, ''])
    expect(JSON.parse(stdout)).toEqual(configSchema)
    // After a change: node scripts/build.js && node scripts/schema.js
    expect(stdout).toBe(readFileSync(new URL('../../kmseal.config.schema.json', import.meta.url), 'utf8'))
    const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
    expect(manifest.files).toContain('kmseal.config.schema.json')
  })
})

describe('a trusted file', () => {
  it('gives encrypt its keys and context, by path, and never limits decrypt', async () => {
    const { run, trust, cwd, path } = project()
    await trust()
    mkdirSync(join(cwd, 'secrets'))
    writeFileSync(join(cwd, 'secrets', 'a'), 'secret')
    const contextOf = async (argv: readonly string[], stdin = '') => {
      const { stdout, stderr } = await run(['encrypt', '--json', ...argv], { stdin })
      return {
        context: JSON.parse(stdout).EncryptionContext,
        stderr,
        blob: JSON.parse(stdout).CiphertextBlob,
      }
    }
    const bySetting = await contextOf([], 'x')
    expect(bySetting.context).toEqual({ app: 'shop' })
    expect(bySetting.stderr).toContain(`kmseal: using the mock, as ${path} says\n`)
    expect(bySetting.stderr).toContain(`decrypting needs --encryption-context '{"app":"shop"}'`)
    expect((await contextOf([join(cwd, 'secrets', 'a')])).context).toEqual({ of: 'files' })
    const typed = await contextOf(['--encryption-context', 'a=b'], 'x')
    expect(typed.context).toEqual({ a: 'b' })
    expect(typed.stderr).toBe(`kmseal: using the mock, as ${path} says\n`)
    expect((await contextOf(['--encryption-context', '{}'], 'x')).context).toEqual({})

    // Under another key and context than the file has, decrypting is as without a file.
    await run(['create-key', '--alias', 'alias/other'])
    const other = await run(
      ['encrypt', '--key-id', 'alias/other', '--mode', 'envelope', '--encryption-context', 'a=b'],
      {
        stdin: 'plain',
      },
    )
    expect(await run(['decrypt'], { stdin: other.stdout })).toEqual({
      status: 0,
      stdout: 'plain',
      stderr: '',
    })
    expect((await run(['decrypt'], { stdin: typed.blob })).status).toBe(5)
    expect(await run(['decrypt', '--encryption-context', 'a=b'], { stdin: typed.blob })).toMatchObject({
      status: 0,
      stdout: 'x',
    })
  })

  it('gives each of many files what its rule says', async () => {
    const { run, trust, cwd } = project()
    await trust()
    mkdirSync(join(cwd, 'secrets'))
    writeFileSync(join(cwd, 'secrets', 'a'), '1')
    writeFileSync(join(cwd, 'b'), '2')
    const inputs = [join(cwd, 'secrets', 'a'), join(cwd, 'b')]
    const { status, stdout } = await run(['encrypt', '--json', '--suffix', '.enc', ...inputs])
    expect(status).toBe(0)
    const contexts = new Map(lines(stdout).map(row => [row.File, row.EncryptionContext]))
    expect(contexts.get(inputs[0])).toEqual({ of: 'files' })
    expect(contexts.get(inputs[1])).toEqual({ app: 'shop' })
  })

  it('gives parameters their keys by name', async () => {
    const { run, trust, cwd } = project()
    await trust()
    await run(['create-key', '--alias', 'alias/params'])
    const keyOf = async (name: string) => {
      const { stdout } = await run(['list-params', '--json'])
      return lines(stdout).find(row => row.Name === name)?.KeyId
    }
    expect((await run(['put-param', '/app/one'], { stdin: 'v' })).status).toBe(0)
    expect((await run(['put-param', '/top/one'], { stdin: 'v' })).status).toBe(0)
    writeFileSync(join(cwd, 'both.json'), '{"app": {"two": "1"}, "top": {"two": "1"}}')
    expect((await run(['import-params', join(cwd, 'both.json'), '--prefix', '/', '--yes'])).status).toBe(0)
    expect(await keyOf('/app/one')).toBe('alias/params')
    expect(await keyOf('/app/two')).toBe('alias/params')
    expect(await keyOf('/top/one')).toBe('alias/kmseal')
    expect(await keyOf('/top/two')).toBe('alias/kmseal')
  })

  it('limits what messages may be like', async () => {
    const { run, trust } = project()
    await trust()
    const sealed = await run(['encrypt', '--mode', 'envelope', '--frame-length', '8192'], {
      stdin: 'x'.repeat(9000),
    })
    expect((await run(['decrypt'], { stdin: sealed.stdout })).status).toBe(0)
    const refused = await run(['decrypt', '--env', 'prod'], { stdin: sealed.stdout })
    expect(refused.status).not.toBe(0)
    expect(refused.stderr).toContain('--max-frame-length')
    const typed = await run(['decrypt', '--env', 'prod', '--max-frame-length', '8192'], {
      stdin: sealed.stdout,
    })
    expect(typed.status).toBe(0)
  })

  it('limits for how long data keys serve', async () => {
    const { run, trust, write, cwd } = project()
    const files = ['a', 'b', 'c'].map(name => join(cwd, name))
    for (const file of files) writeFileSync(file, 'x')
    const savedWith = async (suffix: string, ...more: readonly string[]) => {
      const { stderr } = await run(['encrypt', '--stats', '--suffix', suffix, ...more, ...files])
      return /saved by shared data keys: (\d+)/.exec(stderr)?.[1]
    }
    await trust()
    expect(await savedWith('.1')).toBe('2')
    write('backend: mock\ncache-max-messages: 1\n')
    await trust()
    expect(await savedWith('.2')).toBe('0')
    expect(await savedWith('.3', '--cache-max-messages', '3')).toBe('2')
  })

  it('that is malformed stops every command but those that mend it', async () => {
    const { run, write, path, trust } = project()
    await trust()
    write('backend: mock\nbackend: aws')
    const { status, stderr } = await run(['random', '--number-of-bytes', '1', '--config', path])
    expect([status, stderr]).toEqual([
      2,
      `kmseal: error: cannot use the configuration file ${path}: lines 1 and 2 of the file set the same name\nkmseal: hint: keep the one that counts\n`,
    ])
    expect((await run(['config', 'trust', '--revoke'], { env: { KMSEAL_CONFIG: path } })).status).toBe(0)
  })
})

describe('config show for a target', () => {
  it.each([
    [[], 'alias/kmseal', { app: 'shop' }],
    [['--file', 'secrets/a/b'], 'alias/kmseal', { of: 'files' }],
    [['--file', 'other'], 'alias/kmseal', { app: 'shop' }],
    [['--parameter', '/app/x'], 'alias/params', { app: 'shop' }],
  ])('tells the keys and the context of %j', async (target, key, context) => {
    const { run, trust } = project()
    await trust()
    const rows = lines((await run(['config', 'show', '--json', ...target])).stdout)
    const value = (name: string) => rows.find(({ Name }) => Name === name).Value
    expect([value('key-id'), value('encryption-context')]).toEqual([[key], context])
  })

  it('takes one of both', async () => {
    const { run } = project()
    expect((await run(['config', 'show', '--file', 'a', '--parameter', '/a'])).status).toBe(2)
  })
})
