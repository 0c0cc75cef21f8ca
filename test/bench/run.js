/**
 * `npm run bench`: how kmseal compares with its peers, as medians of ratios within rounds of one run. Nothing here passes
 * or fails. `npm run bench -- --help` lists the options; `table.js` makes the Markdown of README from the JSON.
 */

import { readFileSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { findPrograms, machine } from './machine.js'
import { manyFiles } from './many-files.js'
import { mockGrowth } from './mock-growth.js'
import { mockRequests } from './mock-requests.js'
import { parameters } from './parameters.js'
import { Section } from './report.js'
import { singleOperations } from './single-operations.js'
import { startUp } from './start-up.js'
import { text } from './text.js'
import { memory, throughput, throughputInMemory } from './throughput.js'
import { Workplace } from './workplace.js'

/**
 * One section of the benchmark.
 *
 * @typedef {object} Part
 * @property {string} name for `--only`
 * @property {string} title
 * @property {string[]} programs peers to look for
 * @property {(bench: Bench) => Promise<void> | void} run
 *
 * @typedef {object} Bench
 * @property {Workplace} place
 * @property {Section} section what takes the rows
 * @property {(usual: number) => number} rounds how many are counted
 * @property {Record<string, number>} amounts
 * @property {Record<string, { command: string, version: string }>} programs the peers that are there
 */

/** @type {Part[]} */
const parts = [
  startUp,
  singleOperations,
  throughput,
  throughputInMemory,
  memory,
  manyFiles,
  parameters,
  mockRequests,
  mockGrowth,
]

const usage = `Usage: npm run bench -- [OPTION]…

  --only A,B     sections: ${parts.map(({ name }) => name).join(', ')}
  --json FILE    write the figures as JSON too
  --size MIB     the largest file whose speed is measured (1024); memory takes one eight times as large
  --rounds N     counted rounds of every section, instead of each section's own number
  --quick        small amounts and few rounds, for trying the benchmark itself
  --folder DIR   where files are written: the disk that is measured (the system's temporary folder); memory takes
                 16 times the size there for a while, throughput 7 times; throughput-in-memory takes 5 times the size
                 in /dev/shm
`

const usual = {
  mebibytes: 1024,
  files: 1000,
  processes: 40,
  parameters: 1000,
  mockParameters: 100_000,
  requests: 200_000,
  seconds: 1,
}
const quick = {
  mebibytes: 64,
  files: 200,
  processes: 5,
  parameters: 100,
  mockParameters: 2000,
  requests: 4000,
  seconds: 0.2,
}

function options() {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      json: { type: 'string' },
      size: { type: 'string' },
      rounds: { type: 'string' },
      quick: { type: 'boolean' },
      folder: { type: 'string' },
      help: { type: 'boolean' },
    },
  })
  const names = values.only?.split(',') ?? parts.map(({ name }) => name)
  const unknown = names.filter(name => !parts.some(part => part.name === name))
  if (unknown.length > 0) throw new Error(`no section is called ${unknown.join(', ')}`)
  const fixed = whole('rounds', values.rounds) ?? (values.quick ? 3 : undefined)
  const mebibytes = whole('size', values.size)
  const amounts = { ...(values.quick ? quick : usual), ...(mebibytes === undefined ? {} : { mebibytes }) }
  return { ...values, chosen: parts.filter(({ name }) => names.includes(name)), fixed, amounts }
}

function whole(name, value) {
  if (value === undefined) return undefined
  if (!/^[1-9]\d{0,6}$/.test(value)) throw new Error(`--${name} takes a whole number, not ${value}`)
  return Number(value)
}

/** Runs the chosen sections; gives what the JSON holds. */
async function bench({ chosen, fixed, amounts, folder }) {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  const start = Date.now()
  const programs = findPrograms(chosen.flatMap(part => part.programs))
  const place = new Workplace(folder)
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM']) {
    process.once(signal, () => {
      place.remove()
      process.exit(128 + constants.signals[signal])
    })
  }
  const sections = []
  try {
    for (const part of chosen) {
      console.error(`${Math.round((Date.now() - start) / 1000)} s: ${part.title}`)
      const section = new Section(part.name, part.title)
      const rounds = usually => {
        section.rounds = fixed ?? usually
        return section.rounds
      }
      try {
        await part.run({ place, section, rounds, amounts, programs })
      } catch (error) {
        // What the other sections find is not lost. An interrupted command fails too: its signal is heard first.
        await setTimeout(100)
        section.notice(error.message.trim())
        process.exitCode = 1
      }
      sections.push(section)
    }
  } finally {
    place.remove()
  }
  return {
    date: new Date(start).toISOString(),
    minutes: Math.round((Date.now() - start) / 6000) / 10,
    kmseal: manifest.version,
    machine: machine(),
    programs: Object.fromEntries(Object.entries(programs).map(([name, { version }]) => [name, version])),
    amounts,
    sections,
  }
}

try {
  const chosen = options()
  if (chosen.help) console.log(usage)
  else {
    const figures = await bench(chosen)
    if (chosen.json !== undefined) writeFileSync(chosen.json, `${JSON.stringify(figures, undefined, 2)}\n`)
    console.log(text(figures))
  }
} catch (error) {
  console.error(`bench: ${error.message}`)
  process.exitCode = 1
}
