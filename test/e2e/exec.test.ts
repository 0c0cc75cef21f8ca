/** exec with real programs: what they get, what they leave, and what is refused before they start. */

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  bareEnv,
  binary,
  type ProcessInput,
  type ProcessResult,
  runProcess,
  Workplace,
} from '../helpers/process.ts'
import { hasProgram } from '../helpers/programs.ts'

const secret = 'hunter2-XYZ'
const place = new Workplace()

beforeAll(async () => {
  mkdirSync(place.path('run'), { mode: 0o700 })
  const values: [string, string, ...string[]][] = [
    ['/app/db/main-url', 'postgres://u:p@h/db?x=y z'],
    ['/app/motto', 'it\'s "quoted" $HOME `id` \\n\n\ttwo lines ü 🙂\n'],
    ['/svc/foo-bar', '1'],
    ['/svc/a.b', '3'],
    ['/clash/foo-bar', '1'],
    ['/clash/foo_bar', '2'],
    ['/digit/1st', '4'],
    ['/loader/ld-preload', '/tmp/evil.so'],
    ['/one', 'first'],
    ['/sealed/text', 'sealed text', '--seal', '--key-id', 'alias/kmseal'],
    ['/nul/value', `${secret}\0end`, '--seal', '--key-id', 'alias/kmseal'],
    ['/tls/key', 'key\n\0\xff', '--seal', '--key-id', 'alias/kmseal'],
  ]
  for (const [name, stdin, ...options] of values)
    ok(await place.kmseal(['put-param', name, ...options], { stdin }))
  ok(await place.kmseal(['put-param', '/one', '--overwrite', '--value', 'second']))
}, 60_000)
afterAll(() => place.remove())

const ok = ({ status, stderr, stdout }: ProcessResult): string => {
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  return stdout.toString()
}
// Started by its own first line, which counts here.
const exec = (options: readonly string[], command: readonly string[], input: ProcessInput = {}) =>
  runProcess(binary, ['--backend', 'mock', 'exec', ...options, '--', ...command], {
    cwd: place.folder,
    ...input,
    env: { ...place.env, ...input.env },
  })

/** Runs with a command that must not start. */
async function refused(options: readonly string[], input?: ProcessInput): Promise<string> {
  const { status, stdout, stderr } = await exec(options, ['touch', 'ran'], input)
  expect({ status, stdout: stdout.toString(), ran: existsSync(place.path('ran')) }).toEqual({
    status: 125,
    stdout: '',
    ran: false,
  })
  return stderr
}

async function environment(options: readonly string[], env: Record<string, string> = {}) {
  const { stdout, stderr, status } = await exec(options, ['/usr/bin/env', '-0'], { env })
  expect(status).toBe(0)
  const entries = stdout.toString().split('\0').slice(0, -1)
  const variables = entries.map(entry => [
    entry.slice(0, entry.indexOf('=')),
    entry.slice(entry.indexOf('=') + 1),
  ])
  return { variables: Object.fromEntries(variables) as Record<string, string>, stderr }
}

describe('the arguments of the program', () => {
  it.each<[string[], string]>([
    [
      ['sh', '-c', 'printf "<%s>" "$@"', '_', '-v', '--path', 'y', '--region', 'x', '--', 'z', '', 'a b'],
      '<-v><--path><y><--region><x><--><z><><a b>',
    ],
    [['echo', '$HOME;*'], '$HOME;*\n'],
    [['echo', '--help', '--json', '-h', '--version'], '--help --json -h --version\n'],
    [['printf', '%s', '--'], '--'],
  ])('of %j are its own', async (command, stdout) => {
    expect(ok(await exec(['/app'], command))).toBe(stdout)
  })

  it('arrive as they are, whatever they hold', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 20 }).map(each => each.replaceAll('\0', ''))
    const words = [...fc.sample(text, 300), '\ufffd', '*', '~', '$(touch ran)', '-'.repeat(3000)]
    const shown = await exec(['/app'], ['sh', '-c', 'printf "%s\\0" "$@"', '_', ...words])
    expect(ok(shown).split('\0').slice(0, -1)).toEqual(words)
  })

  it('that are no UTF-8 are refused, not changed', async () => {
    const script = "kmseal exec /app -- touch ran $'\\xff'; echo $?"
    const { stdout, stderr } = await place.shell(script)
    expect([stdout.toString(), existsSync(place.path('ran'))]).toEqual(['125\n', false])
    expect(stderr).toContain('no UTF-8')
  })

  it('may name what the shell has opened', async () => {
    expect(ok(await place.shell('kmseal exec /app -- cat <(echo one) <(echo two)'))).toBe('one\ntwo\n')
  })

  it.each([
    [['exec', '/app', 'true']],
    [['exec', '/app', '--']],
    [['exec', '--bogus', '--', 'touch', 'ran']],
    [['exec', '/app', '--prefix', '--', 'touch', 'ran']],
    [['exec', '--', 'touch', 'ran']],
  ])('are missed in %j', async words => {
    const { status, stdout } = await place.kmseal(words)
    expect([status, stdout.length, existsSync(place.path('ran'))]).toEqual([125, 0, false])
  })
})

describe('the environment of the program', () => {
  const inherited = { ...bareEnv(), PWD: place.folder, LANG: 'C', EMPTY: '', MULTI: 'a\nb=c' }
  const given = {
    DB_MAIN_URL: 'postgres://u:p@h/db?x=y z',
    MOTTO: 'it\'s "quoted" $HOME `id` \\n\n\ttwo lines ü 🙂\n',
  }

  it('is the inherited one and what is given, byte for byte, and nothing of kmseal', async () => {
    const { variables, stderr } = await environment(['/app'], { ...inherited, KMSEAL_KEY_ID: 'alias/x' })
    expect({ variables, stderr }).toEqual({ variables: { ...inherited, ...given }, stderr: '' })
  })

  it('is nothing but what is given with --pristine', async () => {
    const env = { ...inherited, NODE_V8_COVERAGE: place.path('coverage') }
    expect((await environment(['/app', '--pristine'], env)).variables).toEqual(given)
  })

  it('finds programs all the same with --pristine', async () => {
    expect(ok(await exec(['/app', '--pristine'], ['sh', '-c', 'printf %s "$DB_MAIN_URL"']))).toBe(
      given.DB_MAIN_URL,
    )
  })

  it('keeps what is there, and says so, unless told otherwise', async () => {
    const env = { MOTTO: 'mine' }
    const kept = await environment(['/app'], env)
    expect(kept.variables['MOTTO']).toBe('mine')
    expect(kept.stderr).toBe('kmseal: kept what the environment has: MOTTO; --overload replaces it\n')
    const replaced = await environment(['/app', '--overload'], env)
    expect([replaced.variables['MOTTO'], replaced.stderr]).toEqual([given.MOTTO, ''])
    const named = await environment(['--param', '/one=MOTTO'], env)
    expect([named.variables['MOTTO'], named.stderr]).toEqual(['second', ''])
    expect((await environment(['/app', '-q'], env)).stderr).toBe('')
  })

  it('is told of bytes that are no UTF-8', async () => {
    const script = "X=$'\\xff' Y=$'\\xef\\xbf\\xbd' kmseal exec /app -- true"
    const { status, stderr } = await place.shell(script)
    expect(status).toBe(0)
    expect(stderr).toBe('kmseal: the environment has bytes that are no UTF-8, which get lost: X\n')
  })

  it('takes versions, labels and ARNs under the names given', async () => {
    const arn = 'arn:aws:ssm:us-east-1:000000000000:parameter/one'
    const options = ['--param', '/one:1=OLD', '--param', 'one=NEW', '--param', `${arn}:2=PATH_TO`]
    const { variables } = await environment([...options, '--pristine'])
    expect(variables).toEqual({ OLD: 'first', NEW: 'second', PATH_TO: 'second' })
  })

  it('has a parameter below a path under the name that --param gives it, and no other', async () => {
    const options = ['/loader', '--param', '/loader/ld-preload=EVIL', '--pristine']
    expect((await environment(options)).variables).toEqual({ EVIL: '/tmp/evil.so' })
  })

  it('takes names from parameter names by a stated rule', async () => {
    expect((await environment(['/svc', '--pristine'])).variables).toEqual({ FOO_BAR: '1', A_B: '3' })
    const { variables } = await environment([
      '/svc',
      '/digit',
      '--prefix',
      'App_',
      '--keep-case',
      '--pristine',
    ])
    expect(variables).toEqual({ App_foo_bar: '1', App_a_b: '3', App_1st: '4' })
  })

  it.each([
    [['/clash'], '/clash/foo-bar and parameter /clash/foo_bar both give FOO_BAR'],
    [['/svc', '--param', '/one=A_B'], 'parameter /svc/a.b and parameter /one both give A_B'],
    [['--param', '/one=X', '--param', '/svc/a.b=X'], 'parameter /one and parameter /svc/a.b both give X'],
    [['/digit'], '/digit/1st'],
    [['/loader'], 'parameter /loader/ld-preload would set LD_PRELOAD'],
    [['/svc', '--require', 'A_B,GONE,EMPTY'], 'required variables are missing: GONE, EMPTY'],
    [['/svc', '--pristine', '--overload'], "'--overload' cannot be used with option '--pristine'"],
    [['--param', '/one=1X'], 'name of a variable'],
    [['--param', '/one'], 'no equals sign'],
    [['--param', '/one=X', '--prefix', 'P_'], '--prefix'],
    [['/svc', '--key-id', 'alias/kmseal'], '--key-id'],
    [['/svc', '--temp-dir', '/dev/shm'], '--temp-dir'],
  ])('of %j is refused', async (options, text) => {
    expect(await refused(options, { env: { EMPTY: '' } })).toContain(text)
  })

  it('misses what is not there, all of it by name', async () => {
    expect(await refused(['/app', '/typo', '/also/not'])).toMatch(/\/typo.*\/also\/not/)
    expect(await refused(['/app', '--param', '/nope=X', '--param', '/gone:3=Y'])).toMatch(
      /\/nope[\s\S]*\/gone/,
    )
    expect(await refused(['--param', '/one:9=X'])).toContain('has no version 9')
  })

  it('cannot hold a NUL byte: the variable is named, the value never', async () => {
    const stderr = await refused(['/nul', '--open', '--debug'])
    expect(stderr).toMatch(/parameter \/nul\/value has a NUL byte.*VALUE/)
    writeFileSync(place.path('nul.env'), `A=1\nB='${secret}\0x'\n`)
    const ofFile = await refused(['--env-file', 'nul.env', '--debug'])
    expect(ofFile).toContain('line 2 of nul.env')
    for (const text of [stderr, ofFile]) expect(text).not.toContain('hunter2')
  })

  it('that is too large is told with the variable and its size', async () => {
    writeFileSync(place.path('big.env'), `SMALL=1\nBIG=${secret.repeat(20_000)}\n`)
    const { status, stderr } = await exec(['--env-file', 'big.env', '--debug'], ['touch', 'ran'])
    expect([status, existsSync(place.path('ran'))]).toEqual([126, false])
    expect(stderr).toContain(`BIG with ${secret.length * 20_000} bytes`)
    expect(stderr).not.toContain('hunter2')
  })
})

describe('a dotenv file', () => {
  beforeAll(async () => {
    writeFileSync(place.path('plain.env'), `A=1\nexport B="x # y"\nC='two\nlines'\n`)
    const script = `kmseal encrypt --key-id alias/kmseal plain.env > direct.txt
      kmseal encrypt --key-id alias/kmseal plain.env -o direct.bin
      kmseal encrypt --key-id alias/kmseal --mode envelope plain.env -o envelope.bin
      kmseal encrypt --key-id alias/kmseal --encryption-context app=web plain.env -o bound.bin
      kmseal create-key --alias alias/other > key`
    await place.shell(script)
  })
  const content = { A: '1', B: 'x # y', C: 'two\nlines' }

  it('takes what changes how programs run when --allow names it', async () => {
    writeFileSync(place.path('region.env'), 'AWS_REGION=eu-west-1\nJAVA_OPTS=-Xmx1g\nA=1\n')
    const { variables } = await environment([
      ...['--env-file', 'region.env', '--pristine'],
      ...['--allow', 'AWS_REGION,JAVA_OPTS'],
    ])
    expect(variables).toEqual({ AWS_REGION: 'eu-west-1', JAVA_OPTS: '-Xmx1g', A: '1' })
    const stderr = await refused(['--env-file', 'region.env', '--allow', 'AWS_REGION'])
    expect(stderr).toContain('line 2 of region.env would set JAVA_OPTS')
    expect(stderr).toContain('--allow JAVA_OPTS')
  })

  it('is taken as it is', async () => {
    const { variables } = await environment(['--env-file', 'plain.env', '--pristine'])
    expect(variables).toEqual(content)
  })

  it.each(['direct.txt', 'direct.bin', 'envelope.bin'])(
    'is decrypted from %s by whom was named',
    async file => {
      const options = ['--env-file', file, '--pristine']
      for (const choice of [['--key-id', 'alias/kmseal'], ['--discovery']]) {
        expect((await environment([...options, ...choice])).variables).toEqual(content)
      }
      expect(await refused(options)).toContain('--key-id')
      await refused([...options, '--key-id', 'alias/other'])
    },
  )

  it('is decrypted with its encryption context only', async () => {
    const options = ['--env-file', 'bound.bin', '--discovery', '--pristine']
    expect((await environment([...options, '--encryption-context', 'app=web'])).variables).toEqual(content)
    await refused([...options, '--encryption-context', 'app=other'])
  })

  it.each([
    ['A=1\nPATH=/evil\n', 'line 2 of bad.env would set PATH'],
    ['NODE_OPTIONS=--require=./evil.js\n', 'line 1 of bad.env would set NODE_OPTIONS'],
    ['A=1\nbad-name=2\n', 'line 2 of bad.env'],
    [`A=1\nB="${secret}\n`, 'line 2'],
    ['A=1\nA=2\n', 'lines 1 and 2'],
  ])('of %j is refused by line', async (text, message) => {
    writeFileSync(place.path('bad.env'), text)
    const stderr = await refused(['--env-file', 'bad.env'])
    expect(stderr).toContain(message)
    expect(stderr).not.toContain('hunter2')
  })

  it('may come out of another program', async () => {
    const script = `'${binary}' --backend mock exec --env-file <(echo A=piped) -- sh -c 'echo "$A"'`
    expect(ok(await place.shell(script))).toBe('piped\n')
  })

  it('that should be encrypted, and is not, is refused', async () => {
    expect(await refused(['--env-file', 'plain.env', '--key-id', 'alias/kmseal'])).toContain(
      'no file is encrypted',
    )
  })

  it('that is not there is named', async () => {
    expect(await refused(['--env-file', 'gone.env'])).toContain('gone.env does not exist')
  })
})

describe('encrypted variables of the environment', () => {
  const encrypted = async (value: string, ...more: string[]) =>
    ok(await place.kmseal(['encrypt', '--key-id', 'alias/kmseal', ...more], { stdin: value })).trim()

  it('are decrypted into others with --decrypt-env and a choice of keys', async () => {
    const env = { KMS_ENCRYPTED_DB_PASSWORD: await encrypted(secret) }
    const { variables } = await environment(['--decrypt-env', '--key-id', 'alias/kmseal'], env)
    expect(variables).toEqual({ ...bareEnv(), PWD: place.folder, DB_PASSWORD: secret })
    expect((await environment(['--decrypt-env', '--discovery', '--pristine'], env)).variables).toEqual({
      DB_PASSWORD: secret,
    })
    expect(await refused(['--decrypt-env'], { env })).toContain('--key-id')
    expect((await environment(['/svc'], env)).variables).toMatchObject(env)
  })

  it('follow KMS_ENCRYPTION_CONTEXT, unless another one is typed', async () => {
    const sealed = await encrypted(
      secret,
      '--encryption-context',
      'app=web',
      '--encryption-context',
      'env=prod',
    )
    const env = { KMS_ENCRYPTED_A: sealed, KMS_ENCRYPTION_CONTEXT: 'app=web,env=prod' }
    const options = ['--decrypt-env', '--discovery']
    expect((await environment(options, env)).variables['A']).toBe(secret)
    const wrong = { ...env, KMS_ENCRYPTION_CONTEXT: 'app=web' }
    expect(await refused(options, { env: wrong })).toContain('KMS_ENCRYPTED_A')
    const typed = [...options, '--encryption-context', 'app=web,env=prod']
    expect((await environment(typed, wrong)).variables['A']).toBe(secret)
  })

  it('are refused by name when they are no ciphertext, or would change how programs run', async () => {
    const options = ['--decrypt-env', '--discovery']
    expect(await refused(options, { env: { KMS_ENCRYPTED_A: 'AQICAHhB' } })).toContain('KMS_ENCRYPTED_A')
    const env = { KMS_ENCRYPTED_LD_PRELOAD: await encrypted('/tmp/evil.so') }
    expect(await refused(options, { env })).toContain('LD_PRELOAD')
  })
})

describe('sealed parameters', () => {
  it('are opened with --open, and then all of them', async () => {
    const { variables } = await environment(['/sealed', '--open', '--key-id', 'alias/kmseal', '--pristine'])
    expect(variables).toEqual({ TEXT: 'sealed text' })
    expect((await environment(['/sealed', '--pristine'])).variables['TEXT']).toMatch(
      /^[A-Za-z0-9+/]{100,}=*$/,
    )
    expect(await refused(['/svc', '--open'])).toContain('not sealed')
  })
})

describe('a secret in a file', () => {
  beforeEach(() => expect(readdirSync(place.path('run'))).toEqual([]))
  const env = { XDG_RUNTIME_DIR: place.path('run') }
  const left = () => readdirSync(place.path('run'))

  it('is there for the life of the program, for nobody else, byte for byte', async () => {
    const look =
      'cat "$CONF_TLS_KEY" > seen; stat -c "%a %n" "$CONF_TLS_KEY" "${CONF_TLS_KEY%/conf*}" "${CONF_TLS_KEY%/*}"'
    const options = ['--open', '--file', '/tls/key=conf/tls.key', '--file', '/sealed/text=text']
    const shown = ok(await exec(options, ['sh', '-c', `${look}; cat "$TEXT"`], { env }))
    const folder = `${place.path('run')}/kmseal-[0-9a-f]{16}`
    expect(shown).toMatch(
      new RegExp(`^600 ${folder}/conf/tls.key\n700 ${folder}\n700 ${folder}/conf\nsealed text$`),
    )
    expect(readFileSync(place.path('seen'), 'utf8')).toBe('key\n\0\xff')
    expect(left()).toEqual([])
  })

  it('is gone whatever becomes of the program', async () => {
    const file = ['--file', '/one=one']
    expect((await exec(file, ['sh', '-c', 'exit 9'], { env })).status).toBe(9)
    expect((await exec(file, ['sh', '-c', 'kill -KILL $$'], { env })).signal).toBe('SIGKILL')
    expect((await exec(file, ['./nothing'], { env })).status).toBe(127)
    expect((await exec([...file, '--require', 'GONE'], ['true'], { env })).status).toBe(125)
    expect(left()).toEqual([])
  })

  it.each([
    [['--file', '/one=/etc/one'], 'within the folder'],
    [['--file', '/one=../one'], 'within the folder'],
    [['--file', '/one='], 'within the folder'],
    [['--file', '/one=a', '--file', '/svc/a.b=./a'], 'same path: a'],
    [['--file', '/one=a/b', '--file', '/svc/a.b=a'], 'cannot make a a file and the folder of a/b'],
    [['--file', '/one=a', '--temp-dir', '/nonexistent'], '/nonexistent'],
  ])('of %j is refused', async (options, text) => {
    expect(await refused(options, { env })).toContain(text)
    expect(left()).toEqual([])
  })

  it('needs a place in memory', async () => {
    expect(await refused(['--file', '/one=a'])).toContain('XDG_RUNTIME_DIR')
    const options = ['--file', '/one=a', '--temp-dir', place.path('run')]
    expect(ok(await exec(options, ['sh', '-c', 'cat "$A"']))).toBe('second')
  })
})

describe('the end', () => {
  it.each([
    ['exit 0', 0],
    ['exit 1', 1],
    ['exit 255', 255],
    ['kill -TERM $$', 143],
    ['kill -INT $$', 130],
    ['kill -HUP $$', 129],
    ['kill -KILL $$', 137],
    ['kill -PIPE $$', 141],
    ['kill -QUIT $$', 131],
    ['kill -ABRT $$', 134],
  ])('of %s is what a shell would see: %i', async (script, status) => {
    const { stdout } = await place.shell(
      `ulimit -c 0; kmseal exec /app -- sh -c '${script}' 2> /dev/null; echo $?`,
    )
    expect(stdout.toString()).toBe(`${status}\n`)
  })

  it('of a program that a signal ended is by that signal', async () => {
    expect(await exec(['/app'], ['sh', '-c', 'kill -TERM $$'])).toMatchObject({
      status: null,
      signal: 'SIGTERM',
    })
  })

  it.each([
    ['nothing-of-this-name', 127, 'command not found: nothing-of-this-name'],
    ['./nothing', 127, 'command not found: ./nothing'],
    ['', 127, 'command not found'],
    ['./plain.txt', 126, 'permission denied'],
    ['plain.txt', 126, 'permission denied'],
    ['/', 126, 'it is a directory'],
  ])('of %j is %i', async (command, status, text) => {
    writeFileSync(place.path('plain.txt'), 'text', { mode: 0o644 })
    const env = { PATH: `/nonexistent:${process.env['PATH']}:${place.folder}` }
    const result = await exec(['/app'], [command], { env })
    expect([result.status, result.stdout.length]).toEqual([status, 0])
    expect(result.stderr).toContain(text)
  })

  it('of a script without #! is what the shell makes of it', async () => {
    writeFileSync(place.path('script'), 'exit 5', { mode: 0o755 })
    expect((await exec(['/app'], ['./script'])).status).toBe(5)
  })

  it('of kmseal itself is 125, as text and as JSON', async () => {
    const { status, stderr } = await exec(['/gone', '--json'], ['--json'])
    expect(status).toBe(125)
    expect(JSON.parse(stderr)).toMatchObject({ error: { code: 'not-found' } })
    expect(
      (await place.run(['exec', '/app', '--', 'true', '--json'], { env: { AWS_REGION: '' } })).stderr,
    ).toMatch(/^kmseal: error: /)
  })
})

describe('the streams', () => {
  it('are those of the program', async () => {
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7919) & 0xff))
    const result = await exec(['/app'], ['sh', '-c', 'cat; echo said >&2'], { stdin: bytes })
    expect(result).toMatchObject({ status: 0, stderr: 'said\n' })
    expect(result.stdout.equals(bytes)).toBe(true)
  })

  it('block, as programs expect of theirs', async () => {
    const script = '(sleep 0.3; echo late) | kmseal exec /app --stats -- cat | (sleep 0.2; cat)'
    const { stdout } = await place.shell(script)
    expect(stdout.toString()).toBe('late\n')
  })

  it('have nothing of kmseal on standard output', async () => {
    const { stdout, stderr } = await exec(['/app', '--stats'], ['true'])
    expect(stdout.length).toBe(0)
    expect(stderr).toContain('Parameter Store calls')
  })

  it('end a program that nobody reads', async () => {
    const script = 'kmseal exec /app -- yes | head -1; echo "${PIPESTATUS[0]}"'
    expect(ok(await place.shell(script))).toBe('y\n141\n')
  })
})

describe.skipIf(!hasProgram('moto_server'))('on another service', () => {
  it('reads what is there', async () => {
    const { startMoto } = await import('../helpers/process.ts')
    const moto = await startMoto()
    try {
      const env = { AWS_ENDPOINT_URL: moto.url, AWS_REGION: 'us-east-1' }
      const values = Object.fromEntries(Array.from({ length: 25 }, (_, index) => [`p${index}`, `v${index}`]))
      const imported = [
        'import-params',
        '-',
        '--format',
        'json',
        '--prefix',
        '/many',
        '--type',
        'String',
        '--yes',
      ]
      expect((await place.run(imported, { env, stdin: JSON.stringify(values) })).status).toBe(0)
      const words = ['exec', '/many', '--pristine', '--', '/usr/bin/env']
      const lines = ok(await place.run(words, { env }))
        .trim()
        .split('\n')
        .sort()
      expect(lines).toEqual(Array.from({ length: 25 }, (_, index) => `P${index}=v${index}`).sort())
    } finally {
      await moto.stop()
    }
  }, 60_000)
})
