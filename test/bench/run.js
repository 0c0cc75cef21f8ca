/**
 * `npm run bench`: prints how kmseal compares with its peers, as ratios of medians in one run. Nothing here
 * passes or fails. Arguments: the size of the large file in MiB (1024), rounds of the small commands (15).
 */

import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { medians, peakMemory } from './measure.js'
import { parameters } from './parameters.js'

const [mebibytes = 1024, rounds = 15] = process.argv.slice(2).map(Number)
const folder = mkdtempSync(join(process.env.KMSEAL_BENCH_DIR ?? tmpdir(), 'kmseal-bench-'))
const file = name => join(folder, name)
const env = { KMSEAL_MOCK_DIR: file('mock'), KMSEAL_BACKEND: 'mock' }
const kmseal = (...args) => [process.execPath, 'bin/kmseal.cjs', '-q', ...args]
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
  const peer = (operation, from, to) => [
    process.execPath,
    'test/bench/peers.js',
    operation,
    file(from),
    file(to),
  ]
  commands['a plain node:crypto copy'] = peer('copy', 'large', 'large.copy')
  commands["the SDK's streams, encrypting"] = peer('sdk-encrypt', 'large', 'large.sdk')
  commands["the SDK's streams, unsigned"] = peer('sdk-encrypt-unsigned', 'large', 'large.sdku')
  commands["the SDK's streams, decrypting"] = peer('sdk-decrypt', 'large.sdk', 'large.sdkd')
  commands['openssl enc -aes-256-ctr'] = [
    ...['openssl', 'enc', '-aes-256-ctr', '-K', '00'.repeat(32), '-iv', '00'.repeat(16)],
    ...['-in', file('large'), '-out', file('large.ssl')],
  ]
  const outputs = {
    encrypt: file('large.enc'),
    decrypt: file('large.dec'),
    'age encrypt': file('large.age'),
    'age decrypt': file('large.aged'),
    'a plain node:crypto copy': file('large.copy'),
    "the SDK's streams, encrypting": file('large.sdk'),
    "the SDK's streams, unsigned": file('large.sdku'),
    "the SDK's streams, decrypting": file('large.sdkd'),
    'openssl enc -aes-256-ctr': file('large.ssl'),
  }
  const times = medians(commands, 3, env, outputs)
  for (const operation of ['encrypt', 'decrypt']) {
    const speed = ((mebibytes * 1.048576) / times[operation]) * 1000
    row(`${operation} ${mebibytes} MiB, file to file`, `${speed.toFixed(0)} MB/s`, '')
    if (hasAge)
      row(`  speed, to age's`, `${(times[`age ${operation}`] / times[operation]).toFixed(2)}x`, 'at least 1x')
  }
  const against = {
    'a plain node:crypto copy': ['encrypt', ''],
    'openssl enc -aes-256-ctr': ['encrypt', ''],
    "the SDK's streams, encrypting": ['encrypt', 'at least 3x'],
    "the SDK's streams, unsigned": ['encrypt', ''],
    "the SDK's streams, decrypting": ['decrypt', 'at least 3x'],
  }
  for (const [label, [operation, target]] of Object.entries(against)) {
    row(`  ${operation}, to ${label}`, `${(times[label] / times[operation]).toFixed(2)}x`, target)
  }
  row('  peak memory of encrypt', `${peakMemory(sealed, env)} MB`, 'at most 150 MB')
  row('  peak memory of decrypt', `${peakMemory(opened, env)} MB`, 'at most 150 MB')
}

/** Many small files in one command, against one process for each, extrapolated from 100. */
function manyFiles(count) {
  mkdirSync(file('many'))
  for (let index = 0; index < count; index += 1) writeFileSync(file(`many/${index}`), randomBytes(1024))
  const run = command => {
    const start = process.hrtime.bigint()
    const { status, stderr } = spawnSync(command[0], command.slice(1), {
      env: { ...process.env, ...env },
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`failed: ${stderr}`)
    return { seconds: Number(process.hrtime.bigint() - start) / 1e9, stderr }
  }
  const together = run(kmseal('encrypt', '-r', file('many'), '--out-dir', file('many.enc'), '--stats'))
  let apart = 0
  for (let index = 0; index < 100; index += 1) {
    apart += run(
      kmseal('encrypt', '--mode', 'envelope', file(`many/${index}`), '-o', file('one.enc')),
    ).seconds
  }
  const calls = /KMS calls: (\d+)/.exec(together.stderr)?.[1] ?? '?'
  row(`${count} files of 1 KiB in one command`, `${together.seconds.toFixed(1)} s`, '')
  row('  KMS calls', calls, 'at most 101')
  row(
    '  to one process for each',
    `${((apart * count) / 100 / together.seconds).toFixed(0)}x faster`,
    'at least 20x',
  )
}

try {
  startUp()
  await parameters({ file, kmseal, env, row, rounds })
  largeFile()
  manyFiles(10_000)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
