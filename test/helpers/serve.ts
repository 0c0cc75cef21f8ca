/** `kmseal mock serve` as a process of its own, ready to answer. */

import { spawn } from 'node:child_process'
import { bareEnv, binary } from './process.ts'

/** A served mock. */
export interface ServedMock {
  readonly url: string
  /** Ends it with a signal; gives its exit status, and what it wrote. */
  stop(
    signal?: NodeJS.Signals,
  ): Promise<{ readonly status: number | null; readonly stdout: string; readonly stderr: string }>
}

/** Starts `kmseal mock serve --port 0 …` and waits for its first line. */
export function startServe(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<ServedMock> {
  return new Promise((fulfil, reject) => {
    const child = spawn(process.execPath, [binary, 'mock', 'serve', '--port', '0', ...args], {
      env: bareEnv(env),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    const ended = new Promise<{ status: number | null; stdout: string; stderr: string }>(done =>
      child.once('close', status => done({ status, stdout, stderr })),
    )
    child.stderr.on('data', chunk => {
      stderr += chunk
    })
    child.stdout.on('data', chunk => {
      stdout += chunk
      const [url, rest] = stdout.split('\n')
      if (url === undefined || rest === undefined) return
      fulfil({
        url,
        stop(signal = 'SIGTERM') {
          child.kill(signal)
          return ended
        },
      })
    })
    child.once('error', reject)
    child.once('close', () => reject(new Error(`mock serve did not start: ${stderr}`)))
  })
}
