/** Runs the built program as a person or a script would: real processes, pipes and files. */

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The built program. */
export const binary = new URL('../../bin/kmseal.cjs', import.meta.url).pathname

/** What a process left behind. */
export interface ProcessResult {
  readonly status: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: Buffer
  readonly stderr: string
}

/** What a process is given. */
export interface ProcessInput {
  readonly stdin?: string | Uint8Array
  /** On top of a bare environment: PATH and HOME only. */
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
}

/** The environment of every process: nothing of the machine's own AWS settings. */
export function bareEnv(env: Readonly<Record<string, string>> = {}): Record<string, string> {
  return { PATH: process.env.PATH ?? '', HOME: '/nonexistent', ...env }
}

/** Runs a program to its end. */
export function runProcess(
  command: string,
  args: readonly string[],
  input: ProcessInput = {},
): Promise<ProcessResult> {
  return new Promise((fulfil, reject) => {
    const child = spawn(command, args, { env: bareEnv(input.env), cwd: input.cwd })
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    child.stdout.on('data', chunk => stdout.push(chunk))
    child.stderr.on('data', chunk => stderr.push(chunk))
    child.on('error', reject)
    child.on('close', (status, signal) =>
      fulfil({
        status,
        signal,
        stdout: Buffer.concat(stdout),
        stderr: Buffer.concat(stderr).toString('utf8'),
      }),
    )
    // The program may end without reading everything.
    child.stdin.on('error', () => undefined)
    child.stdin.end(input.stdin ?? '')
  })
}

/** A folder with a mock of its own, and the program on it. */
export class Workplace {
  readonly folder = mkdtempSync(join(tmpdir(), 'kmseal-e2e-'))
  readonly env: Readonly<Record<string, string>>

  constructor(env: Readonly<Record<string, string>> = {}) {
    this.env = { KMSEAL_MOCK_DIR: join(this.folder, 'mock'), ...env }
  }

  path(name: string): string {
    return join(this.folder, name)
  }

  /** `kmseal --backend mock …` */
  kmseal(args: readonly string[], input: ProcessInput = {}): Promise<ProcessResult> {
    return this.run(['--backend', 'mock', ...args], input)
  }

  /** `kmseal …`, without a backend. */
  run(args: readonly string[], input: ProcessInput = {}): Promise<ProcessResult> {
    const env = { ...this.env, ...input.env }
    return runProcess(process.execPath, [binary, ...args], { cwd: this.folder, ...input, env })
  }

  /** A line of shell, in which `kmseal` is the program on the mock. */
  shell(script: string, shell = 'bash', input: ProcessInput = {}): Promise<ProcessResult> {
    const prelude = `kmseal() { '${process.execPath}' '${binary}' --backend mock "$@"; }\n`
    return runProcess(shell, ['-c', prelude + script], {
      cwd: this.folder,
      ...input,
      env: { ...this.env, ...input.env },
    })
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** A port of the loopback interface that is free now. */
export function freePort(): Promise<number> {
  return new Promise((fulfil, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      server.close(() => fulfil(port))
    })
  })
}

/** A `moto_server` of its own, ready to answer. */
export async function startMoto(): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const port = await freePort()
  const server: ChildProcess = spawn('moto_server', ['-H', '127.0.0.1', '-p', String(port)], {
    stdio: 'ignore',
  })
  const url = `http://127.0.0.1:${port}`
  const ended = new Promise<void>(fulfil => server.once('exit', () => fulfil()))
  for (let attempt = 0; ; attempt += 1) {
    const answers = await fetch(`${url}/moto-api/data.json`).then(
      answer => answer.ok,
      () => false,
    )
    if (answers) break
    if (attempt > 300 || server.exitCode !== null) throw new Error('moto_server did not start')
    await new Promise(fulfil => setTimeout(fulfil, 100))
  }
  return {
    url,
    async stop() {
      server.kill()
      await ended
    },
  }
}
