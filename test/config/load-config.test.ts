import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { forgetTrust, rememberTrust } from '../../src/config/config-trust.ts'
import { configCandidates } from '../../src/config/find-config.ts'
import { chooseConfig, readForTrust } from '../../src/config/load-config.ts'
import { testFolder } from '../helpers/folder.ts'

const isRoot = process.getuid?.() === 0

function place() {
  const folder = testFolder()
  const project = join(folder, 'project')
  mkdirSync(join(project, 'sub'), { recursive: true })
  const env = { XDG_STATE_HOME: join(folder, 'state') }
  const path = join(project, 'kmseal.config.yaml')
  const trustFolder = join(folder, 'state', 'kmseal', 'trust')
  return {
    project,
    env,
    path,
    trustFolder,
    write(text: string, name = 'kmseal.config.yaml') {
      const file = join(project, name)
      writeFileSync(file, text, { mode: 0o644 })
      chmodSync(file, 0o644)
      return file
    },
    trust(file: string, text: string) {
      rememberTrust(env, file, createHash('sha256').update(text).digest('hex'))
    },
    choose(more: { named?: string; environment?: string; from?: string } = {}) {
      const { named, environment, from = join(project, 'sub') } = more
      return chooseConfig({
        named: named === undefined ? undefined : { file: named, by: '--config' },
        environment: environment === undefined ? undefined : { name: environment, by: '--env' },
        found: named === undefined ? configCandidates(from) : [],
        folder: project,
        env,
      })
    },
  }
}

const text = 'region: eu-west-1\nenvironments: {prod: {}, dev: {}}\n'

describe('a file that was found', () => {
  it('does not count before it is trusted, and is not parsed', async () => {
    const { write, choose, path } = place()
    write('- [no: configuration')
    expect(await choose()).toEqual({
      config: undefined,
      ignored: { path, reason: 'it is not trusted', canBeTrusted: true, wasTrusted: false },
    })
  })

  it('does not count when its record says anything beside its digest', async () => {
    const { write, choose, trust, path, trustFolder } = place()
    write(text)
    trust(path, text)
    const [record = ''] = readdirSync(trustFolder)
    const file = join(trustFolder, record)
    const whole = readFileSync(file, 'utf8')
    for (const other of [`${whole}x`, `${whole}\n`, whole.trimEnd(), `x${whole}`, '']) {
      writeFileSync(file, other)
      expect((await choose()).config, JSON.stringify(other)).toBeUndefined()
    }
    writeFileSync(file, whole)
    expect((await choose()).config?.path).toBe(path)
  })

  it('counts once trusted, until any byte of it changes', async () => {
    const { write, choose, trust, path, env } = place()
    write(text)
    trust(path, text)
    expect(await choose()).toMatchObject({ config: { path, layers: [{ region: 'eu-west-1' }] } })
    write(`${text} `)
    expect(await choose()).toEqual({
      config: undefined,
      ignored: {
        path,
        reason: 'it has changed since it was trusted',
        canBeTrusted: true,
        wasTrusted: true,
      },
    })
    write(text)
    expect((await choose()).config?.path).toBe(path)
    expect(forgetTrust(env, path)).toBe(true)
    expect(forgetTrust(env, path)).toBe(false)
    expect((await choose()).ignored?.reason).toBe('it is not trusted')
  })

  it('is trusted at its place alone', async () => {
    const { write, choose, trust, path, project } = place()
    write(text)
    trust(path, text)
    mkdirSync(join(project, 'sub', 'clone'))
    const copy = join(project, 'sub', 'clone', 'kmseal.config.yaml')
    writeFileSync(copy, text, { mode: 0o644 })
    const { config, ignored } = await choose({ from: join(project, 'sub', 'clone') })
    // What is not trusted does not hide what is.
    expect([config?.path, ignored?.path]).toEqual([path, copy])
  })

  it('is the nearest; JSON counts before YAML', async () => {
    const { write, project } = place()
    const [yml, yaml, json] = ['yml', 'yaml', 'json'].map(end => write('{}', `kmseal.config.${end}`))
    const inner = join(project, 'sub', 'kmseal.config.yml')
    writeFileSync(inner, '{}')
    const found = configCandidates(join(project, 'sub'))
    expect(found.slice(0, 4)).toEqual([inner, json, yaml, yml])
  })

  it.each([
    ['a FIFO', (path: string) => void execFileSync('mkfifo', [path]), 'it is no regular file'],
    ['a folder', (path: string) => mkdirSync(path), 'it is no regular file'],
    ['a link to a device', (path: string) => symlinkSync('/dev/zero', path), 'it is no regular file'],
    ['a link to nowhere', (path: string) => symlinkSync('nowhere', path), 'it does not exist'],
    ['a link to itself', (path: string) => symlinkSync(path, path), 'it cannot be read (ELOOP)'],
  ])('does not count when it is %s', async (_, make, reason) => {
    const { path, choose } = place()
    make(path)
    expect(await choose()).toEqual({ config: undefined, ignored: { path, reason, canBeTrusted: false } })
    await expect(choose({ named: path })).rejects.toThrow(
      `cannot use the configuration file ${path}: ${reason}`,
    )
    await expect(readForTrust(path)).rejects.toThrow(reason)
  })

  it('does not count when it is a socket', async () => {
    const { path, choose } = place()
    const server = createServer().listen(path)
    onTestFinished(() => void server.close())
    await new Promise(fulfil => server.once('listening', fulfil))
    expect((await choose()).ignored?.reason).toBe('it is no regular file')
  })

  it('does not count when it is huge, and is not read', async () => {
    const { path, choose, write } = place()
    write('')
    truncateSync(path, 2 ** 40)
    expect((await choose()).ignored?.reason).toBe('it is larger than 65536 bytes')
  })

  it.each([0o664, 0o646, 0o666])('does not count with mode %o, trusted or not', async mode => {
    const { path, choose, write, trust } = place()
    write(text)
    trust(path, text)
    chmodSync(path, mode)
    expect((await choose()).ignored?.reason).toBe('others can write it')
    await expect(choose({ named: path })).rejects.toMatchObject({
      code: 'denied',
      hint: 'take that away with chmod go-w',
    })
    await expect(readForTrust(path)).rejects.toThrow('others can write it')
  })

  it.runIf(isRoot)('does not count when it belongs to another user, trusted or not', async () => {
    const { path, choose, write, trust } = place()
    write(text)
    trust(path, text)
    chownSync(path, 65_534, 65_534)
    expect((await choose()).ignored?.reason).toBe('it belongs to another user')
    await expect(readForTrust(path)).rejects.toMatchObject({ code: 'denied' })
    await expect(choose({ named: path })).rejects.toMatchObject({ code: 'denied' })
  })

  it('is read once: what is exchanged afterwards is another file', async () => {
    const { path, choose, write, trust } = place()
    write(text)
    trust(path, text)
    const running = choose()
    const hostile = write('region: us-east-1\n', 'other')
    renameSync(hostile, path)
    expect((await running).config?.layers[0]?.region).toBe('eu-west-1')
    expect((await choose()).config).toBeUndefined()
  })
})

describe('a file that was named', () => {
  it('counts without trust, relative to the working directory', async () => {
    const { write, choose, path } = place()
    write(text)
    const { config } = await choose({ named: 'kmseal.config.yaml' })
    expect(config).toMatchObject({ path, namedBy: '--config', layers: [{ region: 'eu-west-1' }] })
  })

  it('may have any name', async () => {
    const { write, choose } = place()
    expect(
      (await choose({ named: write('{"region": "eu-west-3"}', 'x.JSON') })).config?.layers,
    ).toMatchObject([{ region: 'eu-west-3' }])
  })

  it('must exist, and be well-formed', async () => {
    const { choose, write, path } = place()
    await expect(choose({ named: 'nothing.yaml' })).rejects.toMatchObject({ code: 'not-found' })
    write('region: 7')
    await expect(choose({ named: path })).rejects.toMatchObject({
      code: 'usage',
      message: `cannot use the configuration file ${path}: line 1 of the file sets region to what is not a Region name such as eu-central-1`,
    })
  })
})

describe('an environment', () => {
  it('counts before the rest', async () => {
    const { choose, write } = place()
    const { config } = await choose({ named: write(text), environment: 'prod' })
    expect(config?.layers.map(({ environment }) => environment)).toEqual(['prod', undefined])
  })

  it('must be in the file', async () => {
    const { choose, write, path } = place()
    await expect(choose({ named: write(text), environment: 'toString' })).rejects.toMatchObject({
      code: 'usage',
      message: `--env names an environment that ${path} does not have`,
      hint: 'it has dev, prod',
    })
  })

  it('needs a file that counts', async () => {
    const { choose, write, path, project } = place()
    await expect(choose({ environment: 'prod', from: '/' })).rejects.toMatchObject({
      code: 'usage',
      message: '--env names an environment, and no configuration file was found',
    })
    write(text)
    await expect(choose({ environment: 'prod', from: project })).rejects.toMatchObject({
      code: 'usage',
      message: `--env names an environment, and ${path} is ignored: it is not trusted`,
    })
  })
})

describe('trust', () => {
  it('is remembered in private files of a private folder', () => {
    const { trust, path, trustFolder } = place()
    trust(path, text)
    expect(statSync(trustFolder).mode & 0o777).toBe(0o700)
    const names = readdirSync(trustFolder)
    expect(names).toHaveLength(1)
    expect(statSync(join(trustFolder, names[0] ?? '')).mode & 0o777).toBe(0o600)
  })

  it('counts for nothing in a folder or record that others can touch', async () => {
    const { trust, path, trustFolder, write, choose } = place()
    write(text)
    trust(path, text)
    const record = join(trustFolder, readdirSync(trustFolder)[0] ?? '')
    expect((await choose()).config).toBeDefined()
    chmodSync(record, 0o620)
    expect((await choose()).config).toBeUndefined()
    chmodSync(record, 0o600)
    chmodSync(trustFolder, 0o777)
    expect((await choose()).config).toBeUndefined()
    expect(() => trust(path, text)).toThrow(expect.objectContaining({ code: 'denied' }))
    chmodSync(trustFolder, 0o700)
    expect((await choose()).config).toBeDefined()
    renameSync(record, join(trustFolder, 'elsewhere'))
    symlinkSync('elsewhere', record)
    expect((await choose()).config).toBeUndefined()
  })

  it('counts for nothing where the folder is a link', async () => {
    const { trust, path, trustFolder, write, choose } = place()
    write(text)
    trust(path, text)
    renameSync(trustFolder, `${trustFolder}-moved`)
    symlinkSync(`${trustFolder}-moved`, trustFolder)
    expect((await choose()).config).toBeUndefined()
  })

  it('needs a home', () => {
    expect(() => rememberTrust({}, '/x', '0')).toThrow(
      expect.objectContaining({
        code: 'failed',
        message: 'there is no place to remember trust: HOME is not set',
      }),
    )
  })
})
