import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ProcessResult, runProcess, startMoto, Workplace } from '../helpers/process.ts'
import { hasProgram } from '../helpers/programs.ts'

const root = new URL('../..', import.meta.url).pathname
const megabyte = 1e6

const place = new Workplace()
const npmEnv = { HOME: process.env.HOME ?? '', npm_config_update_notifier: 'false' }
let archive = ''

beforeAll(async () => {
  const packed = await runProcess(
    'npm',
    ['pack', '--json', '--ignore-scripts', '--pack-destination', place.folder],
    {
      cwd: root,
      env: npmEnv,
    },
  )
  archive = join(place.folder, JSON.parse(packed.stdout.toString())[0].filename)
}, 120_000)
afterAll(() => place.remove())

/** Installs the package, and nothing else, into a folder of its own. No script runs, so nothing is compiled. */
async function install(name: string, ...flags: string[]): Promise<string> {
  const folder = place.path(name)
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), '{"private":true}')
  const args = [
    'install',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--prefer-offline',
    ...flags,
    archive,
  ]
  const result = await runProcess('npm', args, { cwd: folder, env: npmEnv })
  expect([result.status, result.stderr]).toEqual([0, ''])
  return folder
}

function npx(
  cwd: string,
  args: string[],
  stdin = '',
  env: Record<string, string> = {},
): Promise<ProcessResult> {
  return runProcess('npx', ['--no-install', 'kmseal', ...args], { cwd, stdin, env: { ...npmEnv, ...env } })
}

describe('the package', () => {
  it('is below 5 MB', () => {
    expect(statSync(archive).size).toBeLessThan(5 * megabyte)
  })

  it('pleases publint', async () => {
    const result = await runProcess('npx', ['--no-install', 'publint', '--strict', archive], {
      cwd: root,
      env: npmEnv,
    })
    expect([result.stdout.toString(), result.status]).toEqual([expect.stringContaining('All good!'), 0])
  })

  it('works in an empty folder, the mock too, without install scripts', async () => {
    const folder = await install('whole')
    const env = { KMSEAL_MOCK_DIR: join(folder, 'mock') }
    const sealed = await npx(folder, ['--backend', 'mock', 'encrypt'], 'secret', env)
    expect([sealed.status, sealed.stderr]).toEqual([0, ''])
    const opened = await npx(folder, ['--backend', 'mock', 'decrypt'], sealed.stdout.toString(), env)
    expect(opened.stdout.toString()).toBe('secret')
    const doctor = await npx(folder, ['--backend', 'mock', 'doctor'], '', env)
    expect([doctor.status, doctor.stdout.toString()]).toEqual([0, expect.not.stringContaining('failed')])
  })

  it.runIf(hasProgram('moto_server'))('encrypts on AWS without its optional dependency', async () => {
    const folder = await install('bare', '--omit=optional')
    const moto = await startMoto()
    try {
      const credentials = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', AWS_REGION: 'eu-west-1' }
      const env = { ...credentials, AWS_ENDPOINT_URL: moto.url }
      const key = (await npx(folder, ['create-key'], '', env)).stdout.toString().trim()
      const sealed = await npx(folder, ['encrypt', '--key-id', key], 'secret', env)
      expect([sealed.status, sealed.stderr]).toEqual([0, ''])
      const opened = await npx(folder, ['decrypt'], sealed.stdout.toString(), env)
      expect(opened.stdout.toString()).toBe('secret')
      const mock = await npx(folder, ['--backend', 'mock', 'encrypt'], 'x', {
        KMSEAL_MOCK_DIR: join(folder, 'm'),
      })
      expect(mock.stderr).toContain('npm install lmdb')
    } finally {
      await moto.stop()
    }
  })
})
