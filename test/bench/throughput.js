/** Speed of one file to another, in both directions, beside age, openssl, plain node:crypto and the Encryption SDK. */

import { mkdirSync, rmSync } from 'node:fs'
import { fileCommands } from './file-commands.js'
import { inRounds, measuresMemory, median, run, timeAndMemory } from './rounds.js'

const bytesOf = mebibytes => mebibytes * 2 ** 20
const sizeName = mebibytes => (mebibytes % 1024 === 0 ? `${mebibytes / 1024} GiB` : `${mebibytes} MiB`)

/** @type {import('./run.js').Part} */
export const throughput = {
  name: 'throughput',
  title: 'Speed, file to file, envelope',
  programs: ['age', 'openssl'],
  run(bench) {
    const { section, programs, amounts } = bench
    for (const name of ['age', 'openssl']) {
      if (programs[name] === undefined) section.notice(`${name} is not installed`)
    }
    if (!measuresMemory) section.notice('GNU time is not installed, so that peak memory is not known')
    const largest = amounts.mebibytes
    for (const mebibytes of new Set([1, Math.ceil(largest / 4), largest])) {
      speed(bench, mebibytes, mebibytes === largest)
    }
  },
}

/** Peak memory of a file that is eight times as large: the same, if memory is constant. */
export const memory = {
  name: 'memory',
  title: 'Peak memory, file to file',
  programs: [],
  run({ place, section, rounds, amounts }) {
    if (!measuresMemory) return section.notice('GNU time is not installed')
    const mebibytes = amounts.mebibytes * 8
    inFolder(place, input => {
      // A file of holes: the disk need not hold it.
      run(place, { words: ['truncate', '-s', String(bytesOf(mebibytes)), input] })
      const commands = fileCommands({ place, programs: {} }, input, false)
      const count = rounds(1)
      for (const direction of ['encrypt', 'decrypt']) {
        const command = commands[`kmseal ${direction}`]
        const runs = Array.from({ length: count }, () => timeAndMemory(place, command))
        showPeak(section, `${direction} ${sizeName(mebibytes)}`, runs)
      }
    })
  },
}

function showPeak(section, what, runs) {
  if (measuresMemory)
    section.row(
      `${what}: peak memory`,
      median(runs, ({ peak }) => peak),
      'MB',
      { atMost: 150 },
    )
}

function speed(bench, mebibytes, isLargest) {
  const { place, section, rounds } = bench
  inFolder(place, input => {
    run(place, {
      words: ['dd', 'if=/dev/urandom', `of=${input}`, 'bs=1M', `count=${mebibytes}`, 'conv=fsync'],
    })
    const commands = fileCommands(bench, input, mebibytes > 1)
    const count = rounds(mebibytes > 1 ? 5 : 15)
    const figures = inRounds(place, commands, count, isLargest ? timeAndMemory : timeAlone)
    for (const direction of ['encrypt', 'decrypt']) {
      const what = `${direction} ${sizeName(mebibytes)}`
      const of = (round, peer) => round[`${peer} ${direction}`]
      const perSecond = median(figures, round => bytesOf(mebibytes) / 1000 / of(round, 'kmseal').ms)
      section.row(what, perSecond, 'MB/s', { headline: isLargest })
      for (const { peer, name, target } of peers) {
        if (of(commands, peer) === undefined) continue
        const ratio = median(figures, round => of(round, peer).ms / of(round, 'kmseal').ms)
        section.row(`${what}: speed, to ${name}`, ratio, 'x', mebibytes < 1024 ? {} : target)
      }
      if (!isLargest || !measuresMemory) continue
      showPeak(
        section,
        what,
        figures.map(round => of(round, 'kmseal')),
      )
      for (const { peer, name } of peers) {
        if (of(commands, peer) === undefined) continue
        section.row(
          `${what}: peak memory of ${name}`,
          median(figures, round => of(round, peer).peak),
          'MB',
        )
      }
    }
  })
}

const timeAlone = (place, command) => ({ ms: run(place, command).ms })

// The targets are those of 1 GiB: less is start-up for the most part.
const peers = [
  { peer: 'age', name: 'age', target: { atLeast: 1 } },
  { peer: 'openssl', name: 'openssl enc -aes-256-ctr' },
  { peer: 'node:crypto', name: 'plain node:crypto' },
  { peer: 'SDK', name: "the Encryption SDK's streams", target: { atLeast: 3 } },
  { peer: 'unsigned SDK', name: "the Encryption SDK's streams, unsigned" },
]

/** Works on a file in a folder that is gone afterwards, since the disk may be small. */
function inFolder(place, work) {
  const folder = place.file('large')
  mkdirSync(folder)
  try {
    work(`${folder}/file`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
