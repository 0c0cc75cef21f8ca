import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { bareEnv, binary, Workplace } from '../helpers/process.ts'

const writers = 8
const rounds = 50

// Each writer notes what was acknowledged to it, in files of its own.
const script = `
  for i in $(seq ${rounds}); do
    printf "$1-$i" | "$NODE" "$BINARY" --backend mock put-param "/w$1/p$i" > /dev/null && echo "/w$1/p$i $1-$i" >> "puts.$1"
    c=$(printf "$1-$i" | "$NODE" "$BINARY" --backend mock encrypt) && echo "$c $1-$i" >> "seals.$1"
  done`

let place: Workplace
afterEach(() => place.remove())

function startWriters() {
  return Array.from({ length: writers }, (_, index) => {
    const env = bareEnv({ ...place.env, NODE: process.execPath, BINARY: binary })
    const options = { cwd: place.folder, env, detached: true, stdio: 'ignore' } as const
    return spawn('bash', ['-c', script, 'writer', String(index)], options)
  })
}

function acknowledged(kind: 'puts' | 'seals'): [string, string][] {
  return Array.from({ length: writers }, (_, index) => {
    let text = ''
    try {
      text = readFileSync(place.path(`${kind}.${index}`), 'utf8')
    } catch {
      // This writer was ended before its first success.
    }
    // A writer that was killed may have left half a line.
    return text.split('\n').slice(0, -1)
  }).flatMap(lines => lines.map(line => line.split(' ') as [string, string]))
}

async function checkEverything(): Promise<number> {
  const puts = acknowledged('puts')
  for (let start = 0; start < puts.length; start += 100) {
    const part = puts.slice(start, start + 100)
    const { status, stdout, stderr } = await place.kmseal(['get-param', ...part.map(([name]) => name)])
    expect([status, stderr]).toEqual([0, ''])
    const values = part.length === 1 ? [stdout.toString()] : JSON.parse(stdout.toString())
    expect(values).toEqual(part.map(([, value]) => value))
  }
  const seals = acknowledged('seals')
  for (const [ciphertext, plaintext] of seals.filter((_, index) => index % 10 === 0)) {
    expect((await place.kmseal(['decrypt', '--ciphertext', ciphertext])).stdout.toString()).toBe(plaintext)
  }
  return puts.length + seals.length
}

describe('eight processes on one mock at the same time', () => {
  it('lose nothing', async () => {
    place = new Workplace()
    await Promise.all(startWriters().map(writer => once(writer, 'exit')))
    expect(await checkEverything()).toBe(2 * writers * rounds)
  })

  it('killed in the middle leave a store that opens and holds every acknowledged write', async () => {
    place = new Workplace()
    for (let kill = 0; kill < 5; kill += 1) {
      const running = startWriters()
      const ended = running.map(writer => once(writer, 'exit'))
      // In the middle, on however slow a machine: some of them are done, all of them at work.
      const before = acknowledged('puts').length
      while (acknowledged('puts').length < before + writers) await setTimeout(50)
      await setTimeout(kill * 137)
      for (const writer of running) process.kill(-(writer.pid ?? 0), 'SIGKILL')
      await Promise.all(ended)
      const { status, stderr } = await place.kmseal(['list-params'])
      expect([status, stderr]).toEqual([0, ''])
    }
    expect(await checkEverything()).toBeGreaterThan(5 * writers)
  })
})
