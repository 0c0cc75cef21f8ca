/** Speed of one file to another, in both directions, beside age, openssl, plain node:crypto and the Encryption SDK. */

import { mkdirSync, rmSync } from 'node:fs'
import { fileCommands } from './file-commands.js'
import { inRounds, measuresMemory, median, peakMemory, run } from './rounds.js'

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
    const largest = amounts.mebibytes
    for (const mebibytes of new Set([1, Math.ceil(largest / 4), largest])) {
      speed(bench, mebibytes, mebibytes === largest)
    }
  },
}

/** Peak memory of a file as large as a machine's memory may be: constant, if it is. */
export const memory = {
  name: 'memory',
  title: 'Peak resident memory, file to file',
  programs: ['age'],
  run(bench) {
    const { place, section, programs, amounts } = bench
    if (!measuresMemory) return section.notice('GNU time is not installed')
    inFolder(place, 'memory', input => {
      fill(place, input, amounts.mebibytes)
      const commands = fileCommands({ place, programs }, input, true)
      for (const [label, command] of Object.entries(commands)) {
        const target = label.startsWith('kmseal') ? { atMost: 150 } : {}
        section.row(`${label}, ${sizeName(amounts.mebibytes)}`, peakMemory(place, command), 'MB', target)
      }
    })
    inFolder(place, 'memory', input => {
      const mebibytes = amounts.mebibytes * 8
      // A file of holes: the disk need not hold both.
      run(place, { words: ['truncate', '-s', String(bytesOf(mebibytes)), input] })
      const commands = fileCommands({ place, programs: {} }, input, false)
      for (const label of ['kmseal encrypt', 'kmseal decrypt']) {
        const peak = peakMemory(place, commands[label])
        section.row(`${label}, ${sizeName(mebibytes)}`, peak, 'MB', { atMost: 150 })
        if (label === 'kmseal encrypt') rmSync(input)
      }
    })
  },
}

function speed(bench, mebibytes, isLargest) {
  const { place, section, rounds } = bench
  inFolder(place, 'speed', input => {
    fill(place, input, mebibytes)
    const withSdk = mebibytes > 1
    const commands = fileCommands(bench, input, withSdk)
    const times = inRounds(place, commands, rounds(mebibytes > 1 ? 5 : 15))
    for (const direction of ['encrypt', 'decrypt']) {
      const ours = `kmseal ${direction}`
      const what = `${direction} ${sizeName(mebibytes)}`
      const perSecond = median(times, round => bytesOf(mebibytes) / 1000 / round[ours])
      section.row(what, perSecond, 'MB/s')
      const peers = {
        age: isLargest ? { atLeast: 1 } : {},
        openssl: {},
        'node:crypto': {},
        SDK: isLargest ? { atLeast: 3 } : {},
        'unsigned SDK': {},
      }
      for (const [peer, target] of Object.entries(peers)) {
        const theirs = `${peer} ${direction}`
        if (commands[theirs] === undefined) continue
        const ratio = median(times, round => round[theirs] / round[ours])
        section.row(`${what}: speed, to ${peerNames[peer]}`, ratio, 'x', target)
      }
    }
  })
}

const peerNames = {
  age: 'age',
  openssl: 'openssl enc -aes-256-ctr',
  'node:crypto': "node:crypto's AES-256-GCM alone",
  SDK: "the Encryption SDK's streams",
  'unsigned SDK': "the Encryption SDK's streams, unsigned",
}

/** Works on a file in a folder that is gone afterwards, since the disk may be small. */
function inFolder(place, name, work) {
  const folder = place.file(name)
  mkdirSync(folder)
  try {
    work(`${folder}/large`)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function fill(place, path, mebibytes) {
  run(place, { words: ['dd', 'if=/dev/urandom', `of=${path}`, 'bs=1M', `count=${mebibytes}`, 'conv=fsync'] })
}
