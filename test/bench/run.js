/**
 * `npm run bench`: prints how kmseal compares with its peers, as ratios of medians in one run. Nothing here
 * passes or fails. Arguments: the size of the large file in MiB (1024), rounds of the small commands (15).
 */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { medians, peakMemory } from './measure.js'

const [mebibytes = 1024, rounds = 15] = process.argv.slice(2).map(Number)
const folder = mkdtempSync(join(process.env.KMSEAL_BENCH_DIR ?? tmpdir(), 'kmseal-bench-'))
const file = name => join(folder, name)
const env = { KMSEAL_MOCK_DIR: file('mock'), KMSEAL_BACKEND: 'mock' }
const kmseal = (...args) => [process.execPath, 'bin/kmseal.js', '-q', ...args]
const row = (what, figure, target) => console.log(`${what.padEnd(46)} ${figure.padStart(14)}   ${target}`)

function startUp() {
  writeFileSync(file('secret'), '12345678901234567890')
  const times = medians(
    {
      node: [process.execPath, '-e', '0'],
      version: kmseal('--version').filter(word => word !== '-q'),
      help: kmseal('--help'),
      encrypt: kmseal('encrypt', file('secret')),
    },
    rounds,
    env,
  )
  row('node -e 0', `${times.node.toFixed(0)} ms`, '')
  row('kmseal --version, to node -e 0', `${(times.version / times.node).toFixed(2)}x`, 'at most 1.5x')
  row('kmseal --help, to node -e 0', `${(times.help / times.node).toFixed(2)}x`, 'at most 1.5x')
  row(
    'encrypt of 20 bytes on the mock, to node -e 0',
    `${(times.encrypt / times.node).toFixed(2)}x`,
    'at most 2.5x',
  )
}

function largeFile() {
  spawnSync('dd', ['if=/dev/urandom', `of=${file('large')}`, 'bs=1M', `count=${mebibytes}`])
  const sealed = kmseal('encrypt', file('large'), '-o', file('large.enc'))
  const opened = kmseal('decrypt', file('large.enc'), '-o', file('large.dec'))
  const commands = { encrypt: sealed, decrypt: opened }
  const hasAge = spawnSync('age-keygen', ['-o', file('age.key')]).status === 0
  if (hasAge) {
    const recipient = spawnSync('age-keygen', ['-y', file('age.key')], { encoding: 'utf8' }).stdout.trim()
    commands['age encrypt'] = ['age', '-r', recipient, '-o', file('large.age'), file('large')]
    commands['age decrypt'] = [
      'age',
      '-d',
      '-i',
      file('age.key'),
      '-o',
      file('large.aged'),
      file('large.age'),
    ]
  }
  const outputs = {
    encrypt: file('large.enc'),
    decrypt: file('large.dec'),
    'age encrypt': file('large.age'),
    'age decrypt': file('large.aged'),
  }
  const times = medians(commands, 5, env, outputs)
  for (const operation of ['encrypt', 'decrypt']) {
    const speed = ((mebibytes * 1.048576) / times[operation]) * 1000
    row(`${operation} ${mebibytes} MiB, file to file`, `${speed.toFixed(0)} MB/s`, '')
    if (hasAge)
      row(`  speed, to age's`, `${(times[`age ${operation}`] / times[operation]).toFixed(2)}x`, 'at least 1x')
  }
  row('  peak memory of encrypt', `${peakMemory(sealed, env)} MB`, 'at most 150 MB')
  row('  peak memory of decrypt', `${peakMemory(opened, env)} MB`, 'at most 150 MB')
}

try {
  startUp()
  largeFile()
} finally {
  rmSync(folder, { recursive: true, force: true })
}
