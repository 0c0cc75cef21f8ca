/** Runs commands in turn, so that a machine whose speed drifts does so for all of them, and compares what a round saw. */

import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, rmSync } from 'node:fs'

/**
 * What is run.
 *
 * @typedef {object} Command
 * @property {string[]} words
 * @property {Record<string, string>} [env] on top of the workplace's
 * @property {string} [input] the file that it reads
 * @property {string} [output] a file to remove before each run: overwriting costs more than making
 * @property {boolean} [unread] no other command reads the output: it is removed afterwards too
 */

const gnuTime = '/usr/bin/time'

/** Whether the peak memory of a command can be measured here. */
export const measuresMemory = existsSync(gnuTime)

/**
 * Runs a command to its end, which must be a good one.
 *
 * @param {import('./workplace.js').Workplace} place
 * @param {Command} command
 * @returns {{ ms: number, stdout: string, stderr: string }} wall time, and what it wrote
 */
export function run(place, { words: [program, ...args], env, output }) {
  if (output !== undefined) rmSync(output, { force: true })
  const options = { env: { ...place.env, ...env }, cwd: place.folder, maxBuffer: 2 ** 30 }
  const start = process.hrtime.bigint()
  const { status, error, stdout, stderr } = spawnSync(program, args, options)
  const ms = Number(process.hrtime.bigint() - start) / 1e6
  if (status !== 0) throw new Error(`${[program, ...args].join(' ')} failed: ${error ?? stderr}`)
  return { ms, stdout: stdout.toString(), stderr: stderr.toString() }
}

/**
 * Runs every command once uncounted, in their order, and then in rounds, back and forth.
 *
 * @template Figure
 * @param {import('./workplace.js').Workplace} place
 * @param {Record<string, Command>} commands by label
 * @param {number} count of rounds
 * @param {(place: import('./workplace.js').Workplace, command: Command) => Figure} measure what to run it with
 * @returns {Record<string, Figure>[]} for each round what was measured, by label: wall times in ms
 */
export function inRounds(place, commands, count, measure = wallTime) {
  const labels = Object.keys(commands)
  const rounds = Array.from({ length: count + 1 }, (_, round) => {
    const order = round % 2 === 0 ? labels : labels.toReversed()
    return Object.fromEntries(
      order.map(label => {
        const figure = measure(place, commands[label])
        settle(commands[label])
        return [label, figure]
      }),
    )
  })
  return rounds.slice(1)
}

const wallTime = (place, command) => run(place, command).ms

/** Brings a file to the disk, so that the next command's own fsync does not wait for the bytes of this one. */
function settle({ output, unread }) {
  if (output === undefined) return
  if (unread) return rmSync(output)
  const file = openSync(output, 'r')
  fsyncSync(file)
  closeSync(file)
}

/**
 * The median of what is computed from each round: a ratio of two times of one round is not moved by a machine that
 * is slower in the next.
 *
 * @template Round
 * @param {Round[]} rounds
 * @param {(round: Round) => number} figure
 * @returns {number}
 */
export function median(rounds, figure) {
  const sorted = rounds.map(figure).sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/**
 * Wall time and peak resident memory of a command, the latter by GNU time where that is installed.
 *
 * @param {import('./workplace.js').Workplace} place
 * @param {Command} command
 * @returns {{ ms: number, peak?: number }} peak in MB
 */
export function timeAndMemory(place, command) {
  if (!measuresMemory) return { ms: wallTime(place, command) }
  const kibibytes = place.file('peak')
  const words = [gnuTime, '-f', '%M', '-o', kibibytes, ...command.words]
  const ms = wallTime(place, { ...command, words })
  return { ms, peak: (Number(readFileSync(kibibytes, 'utf8')) * 1024) / 1e6 }
}
