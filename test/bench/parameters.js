/** The part of `npm run bench` that is about parameters. */

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { medians } from './measure.js'

const count = 1000
const latencyMs = 20

/** Starts a served mock on a state folder; gives its URL and what ends it. */
async function serve(state, faults) {
  const words = ['bin/kmseal.cjs', 'mock', 'serve', '--port', '0', '--state', state]
  const env = { ...process.env, KMSEAL_MOCK_FAULTS: faults }
  const child = spawn(process.execPath, words, { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const [url] = await once(createInterface({ input: child.stdout }), 'line')
  return {
    url,
    async stop() {
      child.kill()
      await once(child, 'close')
    },
  }
}

/** Prints what `exec` adds, and how fast many parameters are read when each call takes 20 ms. */
export async function parameters({ file, kmseal, env, row, rounds }) {
  const wanted = Object.fromEntries(
    Array.from({ length: count }, (_, index) => [`p${index}`, `value ${index}`]),
  )
  writeFileSync(file('many.json'), JSON.stringify(wanted))
  writeFileSync(file('one.json'), '{"a":"1"}')
  for (const [name, prefix] of [
    ['many', '/many'],
    ['one', '/one'],
  ]) {
    const words = kmseal('import-params', file(`${name}.json`), '--prefix', prefix, '--yes')
    const { status, stderr } = spawnSync(words[0], words.slice(1), { env: { ...process.env, ...env } })
    if (status !== 0) throw new Error(`import failed: ${stderr}`)
  }
  const starts = medians(
    { node: [process.execPath, '-e', '0'], child: ['true'], exec: kmseal('exec', '/one', '--', 'true') },
    rounds,
    env,
  )
  const added = (starts.exec - starts.child) / starts.node
  row('exec adds to its child, to node -e 0', `${added.toFixed(2)}x`, 'at most 3x')
  const served = await serve(env.KMSEAL_MOCK_DIR, `latency=${latencyMs}`)
  try {
    const onIt = ['--backend', 'aws', '--endpoint-url', served.url, '--region', 'us-east-1']
    const times = medians(
      {
        ours: [...kmseal('export-params', '/many', '--format', 'json'), ...onIt],
        pages: [process.execPath, 'test/bench/by-path.js', served.url, '/many'],
      },
      5,
      env,
    )
    row(`${count} parameters read, ${latencyMs} ms a call`, `${times.ours.toFixed(0)} ms`, '')
    row('  time, to pages of ten', `${(times.ours / times.pages).toFixed(2)}x`, 'at most 0.33x')
  } finally {
    await served.stop()
  }
}
