/** exec and signals: what reaches the program, how often, and what becomes of everybody afterwards. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { bareEnv, binary, Workplace } from '../helpers/process.ts'
import { hasProgram } from '../helpers/programs.ts'

const secret = 'hunter2-XYZ-canary'
const place = new Workplace()
const running: ChildProcess[] = []

beforeAll(async () => {
  mkdirSync(place.path('run'), { mode: 0o700 })
  expect((await place.kmseal(['put-param', '/app/canary', '--value', secret])).status).toBe(0)
})
afterEach(() => {
  for (const { pid } of running.splice(0)) {
    try {
      if (pid !== undefined) process.kill(-pid, 'SIGKILL')
    } catch {
      // All of them have ended.
    }
  }
})
afterAll(() => place.remove())

const environment = () => bareEnv({ ...place.env, XDG_RUNTIME_DIR: place.path('run') })
const words = (options: readonly string[], script: string): string[] => {
  return ['--backend', 'mock', 'exec', ...options, '--', 'sh', '-c', script]
}

/** Starts kmseal as the leader of a session without a terminal, with a script as its program. */
function start(script: string, options: readonly string[] = ['/app']) {
  const kmseal = spawn(binary, words(options, script), {
    cwd: place.folder,
    env: environment(),
    detached: true,
  })
  running.push(kmseal)
  let text = ''
  kmseal.stdout.on('data', chunk => {
    text += chunk
  })
  kmseal.stderr.on('data', chunk => {
    text += chunk
  })
  const ended = once(kmseal, 'close').then(([status, signal]) => ({ status, signal }))
  return { kmseal, ended, said: () => text, says: (what: string | RegExp) => until(() => text.match(what)) }
}

async function until<Value>(look: () => Value | null | undefined | false): Promise<Value> {
  for (;;) {
    const found = look()
    if (found !== null && found !== undefined && found !== false) return found
    await new Promise(fulfil => setTimeout(fulfil, 20))
  }
}

const forwarded = ['HUP', 'INT', 'QUIT', 'TERM', 'USR1', 'USR2', 'ALRM', 'CONT', 'WINCH', 'TSTP'] as const
/** Says every signal that comes, and ends when there is a file of the name. */
const listener = (stop: string, signals: readonly string[] = forwarded): string =>
  `${signals.map(signal => `trap 'echo got-${signal}' ${signal}`).join('; ')}
   echo ready $$; while [ -d '${place.folder}' ] && [ ! -e ${stop} ]; do sleep 0.02; done; exit 7`

const isRunning = (pid: number): boolean => {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

describe('a signal sent to kmseal alone', () => {
  it('reaches the program once, whichever it is, and the program decides what follows', async () => {
    const { kmseal, ended, said, says } = start(listener('stop-all'))
    await says('ready')
    for (const signal of forwarded) {
      process.kill(kmseal.pid ?? 0, `SIG${signal}`)
      await says(`got-${signal}`)
    }
    writeFileSync(place.path('stop-all'), '')
    expect(await ended).toEqual({ status: 7, signal: null })
    expect(said().match(/got-\w+/g)).toEqual(forwarded.map(signal => `got-${signal}`))
  })

  it.each(['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGUSR1'] as const)('ends both: %s', async signal => {
    const { kmseal, ended, says } = start('echo ready $$; while :; do sleep 0.02; done')
    const pid = Number((await says(/ready (\d+)/))[1])
    process.kill(kmseal.pid ?? 0, signal)
    expect(await ended).toEqual({ status: null, signal })
    expect(isRunning(pid)).toBe(false)
  })

  it('ends with what the program makes of it', async () => {
    const { kmseal, ended, says } = start(
      "trap 'echo tidy; exit 3' TERM; echo ready; while :; do sleep 0.02; done",
    )
    await says('ready')
    process.kill(kmseal.pid ?? 0, 'SIGTERM')
    expect(await ended).toEqual({ status: 3, signal: null })
    await says('tidy')
  })

  it('starts nothing when it came before the program', async () => {
    execFileSync('mkfifo', [place.path('late.env')])
    const { kmseal, ended } = start('touch ran', ['--env-file', 'late.env', '--file', '/app/canary=canary'])
    // Opens when kmseal reads it, which is before it starts anything.
    const writer = await open(place.path('late.env'), 'w')
    process.kill(kmseal.pid ?? 0, 'SIGTERM')
    expect(await ended).toEqual({ status: null, signal: 'SIGTERM' })
    await writer.close()
    expect(existsSync(place.path('ran'))).toBe(false)
    expect(readdirSync(place.path('run'))).toEqual([])
  })

  it.each(['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'] as const)(
    'leaves no secret in a file: %s',
    async signal => {
      const script = 'ulimit -c 0; cat "$CANARY"; echo; echo ready; while :; do sleep 0.02; done'
      const { kmseal, ended, said, says } = start(script, ['--file', '/app/canary=canary'])
      await says('ready')
      expect(said()).toContain(secret)
      expect(readdirSync(place.path('run'))).toHaveLength(1)
      process.kill(kmseal.pid ?? 0, signal)
      await ended
      expect(readdirSync(place.path('run'))).toEqual([])
    },
  )

  it('that nobody can listen to ends kmseal alone, as it would any parent', async () => {
    const { kmseal, says } = start(listener('stop-orphan'), ['--file', '/app/canary=canary'])
    const pid = Number((await says(/ready (\d+)/))[1])
    process.kill(kmseal.pid ?? 0, 'SIGKILL')
    await once(kmseal, 'exit')
    expect(isRunning(pid)).toBe(true)
    writeFileSync(place.path('stop-orphan'), '')
    await until(() => !isRunning(pid))
    execFileSync('sh', ['-c', `rm -r '${place.path('run')}'/*`])
  })
})

describe('the program', () => {
  it('is in the process group of kmseal, and goes on without whoever started kmseal', async () => {
    const script = 'read -r pid name state parent group rest < /proc/$$/stat; echo "group $group."; '
    const { kmseal, ended, says } = start(`${script}${listener('stop-group')}`)
    expect((await says(/group (\d+)\./))[1]).toBe(String(kmseal.pid))
    writeFileSync(place.path('stop-group'), '')
    await ended

    const command = [binary, ...words(['/app'], listener('stop-alone'))].map(
      word => `'${word.replaceAll("'", "'\\''")}'`,
    )
    const shell = spawn('sh', ['-c', `${command.join(' ')} > said & exit`], {
      cwd: place.folder,
      env: environment(),
      detached: true,
    })
    running.push(shell)
    await once(shell, 'exit')
    const said = () => (existsSync(place.path('said')) ? readFileSync(place.path('said'), 'utf8') : '')
    const pid = Number((await until(() => /ready (\d+)/.exec(said())))[1])
    writeFileSync(place.path('stop-alone'), '')
    await until(() => !isRunning(pid))
  })

  it('alone has the secret: in no arguments, in no environment but its own', async () => {
    const { kmseal, ended, says } = start(`sleep 60 & echo "ready $$ $!"; ${listener('stop-canary')}`)
    const [, pid = '', grandchild = ''] = await says(/ready (\d+) (\d+)/)
    const holders = readdirSync('/proc')
      .filter(each => /^\d+$/.test(each))
      .flatMap(each => ['cmdline', 'environ'].map(file => ({ pid: each, file })))
      .filter(({ pid: each, file }) => {
        try {
          return readFileSync(`/proc/${each}/${file}`).includes(secret)
        } catch {
          return false
        }
      })
    // Those that the script starts meanwhile inherit it too.
    const others = holders.filter(holder => holder.pid === String(kmseal.pid) || holder.file === 'cmdline')
    expect(others.filter(holder => !(holder.pid === pid && holder.file === 'environ'))).toEqual([])
    for (const each of [pid, grandchild]) expect(holders).toContainEqual({ pid: each, file: 'environ' })
    writeFileSync(place.path('stop-canary'), '')
    process.kill(Number(grandchild))
    await ended
  })
})

describe.skipIf(!hasProgram('expect'))('a terminal', () => {
  const kmseal = (script: string, options: readonly string[] = ['/app']): string =>
    [binary, ...words(options, script)].map(word => `{${word}}`).join(' ')

  /** Runs an expect script. What it leaves running may hold its output open. */
  async function onTerminal(
    command: string,
    steps: readonly string[],
    until: 'close' | 'exit' = 'close',
  ): Promise<string> {
    const script = ['set timeout 30', 'log_user 1', `spawn -noecho ${command}`, ...steps].join('\n')
    const expect = spawn('expect', ['-c', script], { cwd: place.folder, env: environment(), detached: true })
    running.push(expect)
    let screen = ''
    expect.stdout.on('data', chunk => {
      screen += chunk
    })
    await once(expect, until)
    return screen
  }
  const end = ['expect eof', 'lassign [wait] pid id os status', 'puts "status $status"']
  // A listener that says what came into a file, since the terminal may be gone.
  const recorder = (name: string): string =>
    `${forwarded.map(signal => `trap 'echo ${signal} >> ${name}' ${signal}`).join('; ')}
     echo ready; while [ -d '${place.folder}' ] && [ ! -e ${name}.stop ]; do sleep 0.02; done; echo end >> ${name}`
  const recorded = (name: string): string[] => {
    return existsSync(place.path(name)) ? readFileSync(place.path(name), 'utf8').trim().split('\n') : []
  }

  it.each([
    ['keys', ['/app']],
    ['keys-file', ['/app', '--file', '/app/canary=file']],
  ])('sends its signals once, also through kmseal: %s', async (name, options) => {
    const screen = await onTerminal(kmseal(recorder(name), options), [
      'expect ready',
      'send "\\003"',
      `while {![file exists ${name}]} {after 20}`,
      'after 300',
      'send "\\034"',
      'after 300',
      'stty rows 33 columns 99 < $spawn_out(slave,name)',
      'after 300',
      `close [open ${name}.stop w]`,
      ...end,
    ])
    expect(recorded(name)).toEqual(['INT', 'QUIT', 'WINCH', 'end'])
    expect(screen).toContain('status 0')
  })

  it('interrupts both when the program lets it', async () => {
    const screen = await onTerminal(kmseal('echo ready; sleep 60'), [
      'expect ready',
      // dash takes an interrupt for its own when it comes while it starts a program.
      'after 300',
      'send "\\003"',
      'expect eof',
      'puts [wait]',
    ])
    expect(screen).toMatch(/CHILDKILLED SIGINT/)
  })

  it('stops both, and lets them go on together', async () => {
    // What is typed is shown too: it must not look like what is waited for.
    const script = 'echo be""gin; read -r line; echo "got"-$line'
    const typed = [binary, ...words(['/app'], script)].map(word => `'${word}'`).join(' ')
    const screen = await onTerminal('env PS1=PROMPT> bash --norc --noprofile -i', [
      'expect "PROMPT>"',
      `send {${typed}}`,
      'send "\\r"',
      'expect "begin"',
      'send "\\032"',
      'expect "Stopped"',
      'send {ps -o stat=,comm= | grep "sh$\\|node$" | cut -c1 | tr -d "\\n"; echo "="; fg}',
      'send "\\r"',
      'expect "="',
      'expect "\\n"',
      'after 200',
      'send "typed\\r"',
      'expect "got-typed"',
      'send "exit 4\\r"',
      ...end,
    ])
    // bash, kmseal unless the program took its place, and the program.
    expect(screen).toMatch(/^ST?T=\r?$/m)
    expect(screen).toContain('status 4')
  })

  it.each([
    ['leader', (command: string) => command],
    ['job', (command: string) => `sh -c {${command.replace(/\{([^{}]*)\}/g, "'$1'")}; :}`],
  ])('tells the program once that it goes away: %s', async (kind, wrap) => {
    const name = `hangup-${kind}`
    writeFileSync(
      place.path(`${name}.sh`),
      `trap 'echo HUP >> ${name}' HUP; echo ready; while [ -d '${place.folder}' ] && [ ! -e ${name}.stop ]; do sleep 0.02; done; echo end >> ${name}`,
    )
    await onTerminal(wrap(kmseal(`. ./${name}.sh`)), ['expect ready', 'close'], 'exit')
    await until(() => recorded(name).includes('HUP'))
    await new Promise(fulfil => setTimeout(fulfil, 300))
    writeFileSync(place.path(`${name}.stop`), '')
    await until(() => recorded(name).includes('end'))
    expect(recorded(name)).toEqual(['HUP', 'end'])
  })
})
