/** Speed of one file to another, in both directions, beside age, openssl, node:crypto, the Encryption SDK, and a copy. */

import { mkdtempSync, rmSync, statfsSync } from 'node:fs'
import { freemem } from 'node:os'
import { dirname, join } from 'node:path'
import { fileCommands } from './file-commands.js'
import { inRounds, measuresMemory, median, run, timeAndMemory } from './rounds.js'

const bytesOf = mebibytes => mebibytes * 2 ** 20
const inMemory = '/dev/shm'
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
      const which = { isLargest: mebibytes === largest, withSdk: mebibytes > 1 }
      inFolder(bench.place.folder, input => speed(bench, input, mebibytes, which))
    }
  },
}

/** The same in memory, where no disk has a say: kmseal waits for it (fsync), age does not. */
export const throughputInMemory = {
  name: 'throughput-in-memory',
  title: 'Speed, file to file, envelope, both in memory (tmpfs)',
  programs: ['age'],
  run(bench) {
    const { section, amounts } = bench
    if (bench.programs.age === undefined) return section.notice('age is not installed')
    // Four files stay, one comes and goes, and the programs take something too.
    if (freeBytes(inMemory) < 6 * bytesOf(amounts.mebibytes)) {
      return section.notice(`${inMemory} has no room for six files of ${sizeName(amounts.mebibytes)}`)
    }
    const { age } = bench.programs
    const which = { isLargest: true, withSdk: false }
    inFolder(inMemory, input => speed({ ...bench, programs: { age } }, input, amounts.mebibytes, which))
  },
}

/** Of a folder in memory: no more than there is memory, whatever its limit is; none where there is no such folder. */
function freeBytes(folder) {
  try {
    const { bavail, bsize } = statfsSync(folder)
    return Math.min(bavail * bsize, freemem())
  } catch {
    return 0
  }
}

/** Peak memory of a file that is eight times as large: the same, if memory is constant. */
export const memory = {
  name: 'memory',
  title: 'Peak memory, file to file',
  programs: [],
  run({ place, section, rounds, amounts }) {
    if (!measuresMemory) return section.notice('GNU time is not installed')
    const mebibytes = amounts.mebibytes * 8
    inFolder(place.folder, input => {
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

function speed({ place, programs, section, rounds }, input, mebibytes, { isLargest, withSdk }) {
  const bytes = bytesOf(mebibytes)
  run(place, {
    words: ['dd', 'if=/dev/urandom', `of=${input}`, 'bs=1M', `count=${mebibytes}`, 'conv=fsync'],
  })
  const commands = fileCommands({ place, programs }, input, withSdk)
  const measure = isLargest ? timeAndMemory : timeAlone
  const figures = inRounds(place, commands, rounds(mebibytes > 1 ? 5 : 15), (_, command) => {
    warmUp(place, command.input, mebibytes)
    return measure(place, command)
  })
  for (const direction of ['encrypt', 'decrypt']) {
    const what = `${direction} ${sizeName(mebibytes)}`
    const of = (round, peer) => round[`${peer} ${direction}`]
    const perSecond = median(figures, round => bytes / 1000 / of(round, 'kmseal').ms)
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
}

/**
 * Has a command find its input in memory, and as much memory free as its result takes in the page cache. The host of a
 * virtual machine may have taken both away meanwhile, and gives a gibibyte back in anything from a third of a second to
 * three: whoever comes next would pay for it.
 */
function warmUp(place, input, mebibytes) {
  // Programs of their own, since an interrupt is heard between commands only by the one that runs.
  run(place, { words: ['dd', `if=${input}`, 'of=/dev/null', 'bs=4M'] })
  const filler = join(dirname(input), 'filler')
  run(place, { words: ['dd', 'if=/dev/zero', `of=${filler}`, 'bs=1M', `count=${mebibytes}`] })
  rmSync(filler)
}

const timeAlone = (place, command) => ({ ms: run(place, command).ms })

// The targets are those of 1 GiB: less is start-up for the most part.
const peers = [
  { peer: 'age', name: 'age', target: { atLeast: 1 } },
  { peer: 'dd', name: "dd's copy with fsync" },
  { peer: 'openssl', name: 'openssl enc -aes-256-ctr' },
  { peer: 'node:crypto', name: 'plain node:crypto' },
  { peer: 'SDK', name: "the Encryption SDK's streams", target: { atLeast: 3 } },
  { peer: 'unsigned SDK', name: "the Encryption SDK's streams, unsigned" },
]

/** Works on a file in a folder that is gone afterwards, since the disk may be small. */
function inFolder(parent, work) {
  const folder = mkdtempSync(join(parent, 'kmseal-bench-large-'))
  try {
    work(join(folder, 'file'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
