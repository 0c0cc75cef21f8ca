/** Runs commands in turn, so that a machine whose speed drifts does so for all of them, and compares medians. */

import { spawnSync } from 'node:child_process'
import { rmSync } from 'node:fs'

/**
 * @param {Record<string, string[]>} commands by label; every command must succeed
 * @param {number} rounds counted runs of each, after one warm-up
 * @param {Record<string, string>} env
 * @param {Record<string, string>} outputs files to remove before each run: overwriting costs more than making
 * @returns {Record<string, number>} median wall time in ms by label
 */
export function medians(commands, rounds, env, outputs = {}) {
  const times = Object.fromEntries(Object.keys(commands).map(label => [label, []]))
  for (let round = 0; round <= rounds; round += 1) {
    for (const [label, [command, ...args]] of Object.entries(commands)) {
      if (outputs[label] !== undefined) rmSync(outputs[label], { force: true })
      const start = process.hrtime.bigint()
      const { status, stderr } = spawnSync(command, args, { env: { ...process.env, ...env } })
      if (status !== 0) throw new Error(`${label} failed: ${stderr}`)
      if (round > 0) times[label].push(Number(process.hrtime.bigint() - start) / 1e6)
    }
  }
  return Object.fromEntries(Object.entries(times).map(([label, list]) => [label, median(list)]))
}

function median(list) {
  return [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]
}

/** Peak resident memory of a command in MB, by GNU time. */
export function peakMemory([command, ...args], env) {
  const { status, stderr } = spawnSync('/usr/bin/time', ['-f', '%M', command, ...args], {
    env: { ...process.env, ...env },
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`failed: ${stderr}`)
  return Math.round(Number(stderr.trim().split('\n').at(-1)) / 1024)
}
