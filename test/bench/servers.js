/** `kmseal mock serve` and `moto_server` as processes of their own, ready to answer. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { binary } from './workplace.js'

/**
 * Runs some work on a served mock.
 *
 * @param {import('./workplace.js').Workplace} place
 * @param {string[]} words of `mock serve`
 * @param {(server: { url: string, pid: number }) => Promise<void> | void} work
 * @param {Record<string, string>} [env] on top of the workplace's
 */
export async function onServedMock(place, words, work, env = {}) {
  // Node itself, not the shell script around it, so that the process is the one that a signal ends.
  const child = spawn(process.execPath, [binary, 'mock', 'serve', '--port', '0', ...words], {
    env: { ...place.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await untilClosed(child, async () => {
    const [url] = await once(createInterface({ input: child.stdout }), 'line')
    await work({ url, pid: child.pid })
  })
}

/** Runs some work on a `moto_server`. */
export async function onMoto(place, work) {
  const port = await freePort()
  const child = spawn('moto_server', ['-H', '127.0.0.1', '-p', String(port)], {
    env: place.env,
    stdio: 'ignore',
  })
  const url = `http://127.0.0.1:${port}`
  await untilClosed(child, async () => {
    for (let attempt = 0; !(await answers(`${url}/moto-api/data.json`)); attempt += 1) {
      if (attempt > 300 || child.exitCode !== null) throw new Error('moto_server did not start')
      await new Promise(fulfil => setTimeout(fulfil, 100))
    }
    await work({ url, pid: child.pid })
  })
}

async function untilClosed(child, work) {
  const closed = once(child, 'close')
  const failed = closed.then(([status, signal]) => {
    throw new Error(`${child.spawnargs.join(' ')} ended: ${status ?? signal}`)
  })
  try {
    await Promise.race([work(), failed])
  } finally {
    failed.catch(() => undefined)
    child.kill()
    await closed
  }
}

const answers = url =>
  fetch(url).then(
    ({ ok }) => ok,
    () => false,
  )

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  return port
}
