import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { parse } from 'yaml'
import { nodeExecve } from '../../src/cli/replace-process.ts'
import { binary, type ProcessResult, runProcess, Workplace } from '../helpers/process.ts'
import { hasProgram, isInstalled } from '../helpers/programs.ts'

const recipe = (name: string) => new URL(`../../examples/recipes/${name}`, import.meta.url).pathname
const password = "p4ss 'word'"

let place: Workplace

/** A folder where `kmseal` is a program in PATH, on a mock with a parameter and a key. */
beforeEach(async () => {
  place = new Workplace()
  onTestFinished(() => place.remove())
  mkdirSync(place.path('bin'))
  const script = `#!/bin/sh\nexec '${process.execPath}' '${binary}' --backend mock "$@"\n`
  writeFileSync(place.path('bin/kmseal'), script, { mode: 0o755 })
  expect((await run('kmseal create-key --alias alias/app')).status).toBe(0)
  expect((await run('kmseal put-param /app/db/password', password)).status).toBe(0)
})

function run(line: string, stdin = '', env: Record<string, string> = {}): Promise<ProcessResult> {
  const PATH = `${place.path('bin')}:${process.env.PATH}`
  return runProcess('sh', ['-ec', line], { cwd: place.folder, stdin, env: { ...place.env, PATH, ...env } })
}

const good = { status: 0, stderr: '' }

describe('the recipe for', () => {
  it('GitHub Actions runs its steps, masks the values, and gives them to later steps', async () => {
    const { jobs } = parse(readFileSync(recipe('github-actions.yml'), 'utf8'))
    const lines: string[] = jobs.deploy.steps.flatMap((step: { run?: string }) => step.run ?? [])
    expect(lines.length).toBe(2)
    writeFileSync(place.path('env'), '')
    const env = { GITHUB_ACTIONS: 'true', GITHUB_ENV: place.path('env') }
    expect(await run(lines[0] ?? '', '', env)).toMatchObject(good)
    const second = await run(lines[1] ?? '', '', env)
    expect([second.status, second.stderr]).toEqual([0, expect.stringContaining('::add-mask::')])
    expect(readFileSync(place.path('env'), 'utf8')).toContain(password)
  })

  it('GitLab CI runs its script', async () => {
    const { deploy } = parse(readFileSync(recipe('gitlab-ci.yml'), 'utf8'))
    await run('kmseal encrypt --key-id alias/app -o config.json.enc', '{"a":1}')
    expect(await run(deploy.script.join('\n'))).toMatchObject(good)
    expect(readFileSync(place.path('config.json'), 'utf8')).toBe('{"a":1}')
    await run(deploy.after_script.join('\n'))
    expect(existsSync(place.path('config.json'))).toBe(false)
  })

  it('a Docker entrypoint starts the program of CMD, and needs PARAMETERS', async () => {
    const line = `'${recipe('docker-entrypoint.sh')}' printenv DB_PASSWORD`
    const result = await run(line, '', { PARAMETERS: '/app' })
    expect([result.status, result.stdout.toString(), result.stderr]).toEqual([0, `${password}\n`, ''])
    expect((await run(line)).status).not.toBe(0)
  })

  it('a Docker entrypoint becomes the program of CMD where Node can do that, and passes signals on otherwise', async () => {
    const program = 'trap "exit 7" TERM; echo $$ > program; mv program ready; while :; do sleep 0.05; done'
    const result = await run(
      `'${recipe('docker-entrypoint.sh')}' sh -c '${program}' & id=$!
      until [ -e ready ]; do sleep 0.05; done
      echo "$id $(cat ready)"; kill -TERM $id; wait $id`,
      '',
      { PARAMETERS: '/app' },
    )
    expect([result.status, result.stderr]).toEqual([7, ''])
    const [entrypoint, started] = result.stdout.toString().trim().split(' ')
    expect(entrypoint === started).toBe(process.platform === 'linux' && nodeExecve !== undefined)
  })

  it.runIf(hasProgram('make'))('make decrypts what is committed', async () => {
    copyFileSync(recipe('Makefile'), place.path('Makefile'))
    await run('kmseal encrypt --key-id alias/app -o token.enc', 'hunter2')
    const made = await run('make decrypt')
    expect([made.status, made.stderr]).toEqual([0, ''])
    expect(readFileSync(place.path('token'), 'utf8')).toBe('hunter2')
    await run('make clean')
    expect(existsSync(place.path('token'))).toBe(false)
    expect(existsSync(place.path('token.enc'))).toBe(true)
  })

  it('systemd starts what its unit says', async () => {
    const unit = readFileSync(recipe('app.service'), 'utf8')
    const start = /^ExecStart=(.*)$/m.exec(unit)?.[1] ?? ''
    expect(await run(start)).toMatchObject(good)
    if (!isInstalled('systemd-analyze')) return
    const verified = await runProcess('systemd-analyze', ['verify', recipe('app.service')])
    expect(verified.stderr.split('\n').filter(line => line.includes('app.service'))).toEqual([])
  })
})
