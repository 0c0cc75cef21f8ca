import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import type { CliResult } from '../helpers/cli.ts'
import { readRunnerFile } from '../parameters/formats/runner-file.ts'
import { type LoopbackService, startLoopbackService } from '../parameters/loopback-service.ts'

let service: LoopbackService
let folder: string

const put = async (name: string, value: string | Uint8Array, ...words: string[]): Promise<void> => {
  const { status, stderr } = await service.run(['put-param', name, ...words], { stdin: value })
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
}
const run = (...words: string[]): Promise<CliResult> => service.run(['export-params', ...words])
const printed = async (...words: string[]): Promise<string> => {
  const { status, stdout, stderr } = await run(...words)
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return stdout.toString()
}
const refused = async (status: number, ...words: string[]): Promise<string> => {
  const result = await run(...words)
  expect({ status: result.status, stdout: result.stdout.toString() }).toEqual({ status, stdout: '' })
  return result.stderr
}

beforeAll(async () => {
  service = await startLoopbackService()
  folder = await mkdtemp(join(tmpdir(), 'kmseal-export-'))
  await service.run(['create-key', '--alias', 'alias/second'])
  await put('/app/db/main-url', 'pg://h/d')
  await put('/app/pem', 'line\nEOF\n\nX=1\n')
  await put('/app/plain', 'public', '--type', 'String')
  await put('/svc/foo-bar', '1')
  await put('/svc/a.b', '3')
  await put('/clash/foo-bar', '1')
  await put('/clash/foo_bar', '2')
  await put('/digit/1st', '4')
  await put('/digit/b/1st', '5')
  const seal = ['--seal', '--key-id', 'alias/kmseal']
  await put('/sealed/one', 'opened', ...seal, '--type', 'String')
  await put('/sealed/two', 'opened too', ...seal)
  await put('/binary/one', Buffer.from([0xff, 0, 1]), ...seal)
  await put('/mixed/one', 'opened', ...seal)
  await put('/mixed/two', 'not sealed')
  await put('/control/c', 'a\u001b[31mb')
})
afterAll(async () => {
  await service.close()
  await rm(folder, { recursive: true })
})
beforeEach(() => {
  service.requests.length = 0
  service.refusals.clear()
})

describe('export-params', () => {
  it('writes dotenv unless another format is named', async () => {
    const text = "DB_MAIN_URL=pg://h/d\nPEM='line\nEOF\n\nX=1\n'\nPLAIN=public\n"
    expect(await printed('/app')).toBe(text)
    expect(await printed('/app/', '--format', 'dotenv')).toBe(text)
    expect(service.requests.map(({ input }) => input['WithDecryption'])).not.toContain(false)
  })

  it('names variables after parameters, and never what is no variable', async () => {
    expect(await printed('/svc')).toBe('A_B=3\nFOO_BAR=1\n')
    expect(await printed('/svc', '--prefix', 'app_', '--keep-case')).toBe('app_a_b=3\napp_foo_bar=1\n')
    expect(await printed('/svc', '--format', 'shell')).toBe("export A_B='3'\nexport FOO_BAR='1'\n")
    expect(await printed('/digit/b', '--prefix', '_', '--format', 'docker')).toBe('_1ST=5\n')
    for (const format of ['dotenv', 'shell', 'fish', 'docker', 'github-env']) {
      expect(await refused(1, '/digit', '--format', format)).toContain('/digit/1st gives 1ST')
      const stderr = await refused(1, '/clash', '--format', format)
      expect(stderr).toContain('/clash/foo-bar and /clash/foo_bar both give FOO_BAR')
    }
  })

  it('keeps the names of parameters in json and yaml', async () => {
    const clash = { 'foo-bar': '1', foo_bar: '2' }
    expect(JSON.parse(await printed('/clash', '--format', 'json'))).toEqual(clash)
    expect(JSON.parse(await printed('/clash', '--json'))).toEqual(clash)
    expect(parse(await printed('/clash', '--format', 'yaml'))).toEqual(clash)
    const nested = { db: { 'main-url': 'pg://h/d' }, pem: 'line\nEOF\n\nX=1\n', plain: 'public' }
    expect(JSON.parse(await printed('/app', '--format', 'json', '--nested'))).toEqual(nested)
    expect(parse(await printed('/app', '--format', 'yaml', '--nested'))).toEqual(nested)
    expect(JSON.parse(await printed('/', '--format', 'json'))).toMatchObject({ 'svc/a.b': '3' })
  })

  it('takes several paths, each once', async () => {
    expect(await printed('/svc', '/digit/b', '/svc', '--prefix', 'P')).toBe('PA_B=3\nPFOO_BAR=1\nP1ST=5\n')
    expect(await refused(1, '/svc', '/clash', '--format', 'json')).toContain(
      '/svc/foo-bar and /clash/foo-bar both give foo-bar',
    )
  })

  it('says which paths nothing is below, unless that is allowed', async () => {
    expect(await refused(3, '/typo')).toContain('there is no parameter below /typo')
    const stderr = await refused(3, '/typo', '/app', '/other', '-o', join(folder, 'none'))
    expect(stderr).toContain('/typo')
    expect(stderr).toContain('/other')
    expect(stderr).not.toContain('/app')
    expect(await readdir(folder)).toEqual([])
    expect(await printed('/typo', '--allow-empty')).toBe('')
    expect(await printed('/typo', '--allow-empty', '--format', 'json')).toBe('{}\n')
    expect(await printed('/typo', '/svc', '--allow-empty')).toBe('A_B=3\nFOO_BAR=1\n')
  })

  it('does not take a refusal of the service for an empty path', async () => {
    service.refusals.set('GetParametersByPath', () => ({ __type: 'AccessDeniedException', message: 'no' }))
    expect(await refused(4, '/app', '--allow-empty')).toContain('/app')
  })

  it('writes a manifest', async () => {
    const text = await printed('/app', '--format', 'k8s-secret', '--name', 'app', '--namespace', 'team')
    expect(parse(text)).toMatchObject({
      metadata: { name: 'app', namespace: 'team' },
      data: { 'db_main-url': Buffer.from('pg://h/d').toString('base64') },
    })
  })

  it('names the parameter whose value a format cannot carry, and shows no value', async () => {
    const stderr = await refused(1, '/app', '--format', 'docker')
    expect(stderr).toContain('/app/pem')
    expect(stderr).not.toMatch(/EOF|pg:/)
  })

  it('tells which values dotenv libraries read in another way', async () => {
    await put('/quotes/both', 'it\'s "$x"')
    await put('/quotes/one', "it's")
    const { status, stdout, stderr } = await run('/quotes')
    expect({ status, stdout: stdout.toString() }).toEqual({
      status: 0,
      stdout: 'BOTH="it\'s \\"\\$x\\""\nONE="it\'s"\n',
    })
    expect(stderr).toMatch(/^kmseal: .*\bBOTH\b(?!.*ONE).*\n$/)
    expect((await run('/quotes', '-q')).stderr).toBe('')
  })
})

describe('export-params -o', () => {
  it('writes a private file, and with --json tells what is in it', async () => {
    const file = join(folder, 'env')
    await writeFile(file, 'old', { mode: 0o644 })
    expect(await printed('/svc', '-o', file)).toBe('')
    expect(await readFile(file, 'utf8')).toBe('A_B=3\nFOO_BAR=1\n')
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    const record: unknown = JSON.parse(await printed('/app', '-o', file, '--json', '--format', 'yaml'))
    expect(record).toMatchObject({ Output: file, Format: 'yaml' })
    expect(record).toHaveProperty('Parameters.0.Name', '/app/db/main-url')
    expect(JSON.stringify(record)).not.toContain('pg:')
    expect(parse(await readFile(file, 'utf8'))).toHaveProperty('plain', 'public')
  })

  it('leaves the file as it was when something is refused', async () => {
    const file = join(folder, 'kept')
    await writeFile(file, 'old')
    for (const words of [['/clash'], ['/typo'], ['/app', '--format', 'docker']]) {
      expect((await run(...words, '-o', file)).status).not.toBe(0)
    }
    expect(await readFile(file, 'utf8')).toBe('old')
    expect((await readdir(folder)).filter(name => name.includes('tmp'))).toEqual([])
  })
})

describe('export-params --open', () => {
  it('opens sealed values', async () => {
    expect(await printed('/sealed', '--open')).toBe("ONE=opened\nTWO='opened too'\n")
    expect(await printed('/sealed', '--open', '--key-id', 'alias/kmseal')).toContain('ONE=opened')
    expect(await refused(5, '/sealed', '--open', '--key-id', 'alias/second')).toContain('/sealed/')
    expect(await printed('/sealed')).not.toContain('opened')
  })

  it('takes no value that is not sealed for one that is', async () => {
    const stderr = await refused(5, '/mixed', '--open')
    expect(stderr).toContain('parameter /mixed/two is not sealed')
  })

  it('gives binary values to the format that can carry them', async () => {
    expect(await refused(1, '/binary', '--open')).toContain('/binary/one is binary')
    expect(await refused(1, '/binary', '--open', '--format', 'yaml')).toContain('/binary/one is binary')
    const text = await printed('/binary', '--open', '--format', 'k8s-secret', '--name', 'b')
    expect(parse(text)).toHaveProperty('data.one', '/wAB')
  })
})

describe('export-params refuses without any request', () => {
  it.each([
    [[], 'path'],
    [['app'], 'slash'],
    [['/app', '--format', 'toml'], 'one of dotenv'],
    [['/app', '--nested'], 'json, yaml'],
    [['/app', '--format', 'json', '--prefix', 'A'], '--prefix'],
    [['/app', '--format', 'k8s-secret', '--name', 'a', '--keep-case'], '--keep-case'],
    [['/app', '--name', 'a'], 'k8s-secret'],
    [['/app', '--format', 'k8s-secret'], '--name'],
    [['/app', '--format', 'k8s-secret', '--name', 'A_b'], '--name'],
    [['/app', '--prefix', '1'], '--prefix'],
    [['/app', '--json', '--format', 'yaml'], '--json'],
    [['/app', '--key-id', 'alias/x'], '--open'],
    [['/app', '-o', 'json'], '--json'],
  ])('%j', async (words, text) => {
    expect(await refused(2, ...words)).toContain(text)
    expect(service.requests).toEqual([])
  })
})

describe('in a step of GitHub Actions', () => {
  const step = (words: readonly string[], env: Readonly<Record<string, string>>) =>
    service.run(['export-params', ...words], { env: { GITHUB_ACTIONS: 'true', ...env } })
  const masks = ['pg://h/d', 'line', 'EOF', 'X=1'].map(line => `::add-mask::${line}\n`).join('')
  const values = { DB_MAIN_URL: 'pg://h/d', PEM: 'line\nEOF\n\nX=1\n', PLAIN: 'public' }

  it('masks the lines of SecureStrings, and only there', async () => {
    const inside = await step(['/app', '--format', 'github-env'], {})
    expect({ status: inside.status, stderr: inside.stderr }).toEqual({ status: 0, stderr: masks })
    expect(readRunnerFile(inside.stdout.toString())).toEqual(values)
    expect(readRunnerFile(await printed('/app', '--format', 'github-env'))).toEqual(values)
    expect((await step(['/app', '--format', 'json'], {})).stderr).toBe('')
  })

  it('masks what was sealed, whatever its type', async () => {
    const { stderr } = await step(['/sealed', '--open', '--format', 'github-env'], {})
    expect(stderr).toBe('::add-mask::opened\n::add-mask::opened too\n')
  })

  it('adds to the file of the runner, on a line of its own', async () => {
    const file = join(folder, 'set_env')
    await writeFile(file, 'BEFORE=1')
    const { status, stderr } = await step(['/app', '--format', 'github-env', '-o', file], {
      GITHUB_ENV: file,
    })
    expect({ status, stderr }).toEqual({ status: 0, stderr: masks })
    expect(readRunnerFile(await readFile(file, 'utf8'))).toEqual({ BEFORE: '1', ...values })
    await step(['/svc', '--format', 'github-env', '-o', file], { GITHUB_OUTPUT: file })
    expect(readRunnerFile(await readFile(file, 'utf8'))).toMatchObject({ BEFORE: '1', FOO_BAR: '1' })
  })

  it('keeps other formats out of that file', async () => {
    const file = join(folder, 'set_env')
    await writeFile(file, 'BEFORE=1\n')
    const { status, stderr } = await step(['/app', '-o', file], { GITHUB_ENV: file })
    expect(status).toBe(2)
    expect(stderr).toContain('$GITHUB_ENV cannot take --format dotenv')
    expect(await readFile(file, 'utf8')).toBe('BEFORE=1\n')
  })

  it('gives no mask when nothing is written', async () => {
    const { status, stderr } = await step(['/clash', '/svc', '--format', 'github-env'], {})
    expect(status).toBe(1)
    expect(stderr).not.toContain('::')
  })
})
