/** The commands that encrypt and decrypt one file: kmseal's, and those of its peers that are there. */

import { run } from './rounds.js'

/**
 * Every peer has `NAME encrypt` and `NAME decrypt`, those whose output nothing reads only the former, in an order in
 * which each finds its input.
 *
 * @param {object} bench
 * @param {import('./workplace.js').Workplace} bench.place
 * @param {Record<string, { command: string }>} bench.programs
 * @param {string} input path of the file to encrypt; results lie beside it
 * @param {boolean} withSdk for large files, where loading it is not all that is measured
 * @returns {Record<string, import('./rounds.js').Command>}
 */
export function fileCommands({ place, programs }, input, withSdk) {
  const commands = {
    ...pair('kmseal', input, 'kms', (from, to) => [
      place.kmseal('encrypt', input, '-o', from),
      place.kmseal('decrypt', from, '-o', to),
    ]),
    ...pair('node:crypto', input, 'node', (from, to) => [
      place.peer('peers.js', 'encrypt', input, from),
      place.peer('peers.js', 'decrypt', from, to),
    ]),
  }
  // A plain copy that waits for the disk at its end.
  const copy = `${input}.copy`
  commands['dd encrypt'] = {
    words: ['dd', `if=${input}`, `of=${copy}`, 'bs=1M', 'conv=fsync'],
    input,
    output: copy,
    unread: true,
  }
  if (programs.age !== undefined) {
    const { identity, recipient } = ageKey(place)
    const age = (from, to) => [
      { words: ['age', '-r', recipient, '-o', from, input] },
      { words: ['age', '-d', '-i', identity, '-o', to, from] },
    ]
    Object.assign(commands, pair('age', input, 'age', age))
  }
  if (programs.openssl !== undefined) {
    const cipher = ['openssl', 'enc', '-aes-256-ctr', '-K', '00'.repeat(32), '-iv', '00'.repeat(16)]
    const openssl = (from, to) => [
      { words: [...cipher, '-in', input, '-out', from] },
      { words: [...cipher, '-d', '-in', from, '-out', to] },
    ]
    Object.assign(commands, pair('openssl', input, 'ssl', openssl))
  }
  if (withSdk) {
    const sdk = (from, to) => [
      place.peer('peers.js', 'sdk-encrypt', input, from),
      place.peer('peers.js', 'sdk-decrypt', from, to),
    ]
    Object.assign(commands, pair('SDK', input, 'sdk', sdk))
    const output = `${input}.sdku`
    const unsigned = place.peer('peers.js', 'sdk-encrypt-unsigned', input, output)
    commands['unsigned SDK encrypt'] = { ...unsigned, input, output, unread: true }
  }
  return commands
}

function pair(name, input, suffix, make) {
  const [sealed, opened] = [`${input}.${suffix}`, `${input}.${suffix}.open`]
  const [encrypt, decrypt] = make(sealed, opened)
  return {
    [`${name} encrypt`]: { ...encrypt, input, output: sealed },
    [`${name} decrypt`]: { ...decrypt, input: sealed, output: opened, unread: true },
  }
}

function ageKey(place) {
  const identity = place.file('age.key')
  run(place, { words: ['age-keygen', '-o', identity], output: identity })
  const { stdout } = run(place, { words: ['age-keygen', '-y', identity] })
  return { identity, recipient: stdout.trim() }
}
