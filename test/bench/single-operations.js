/** One operation on a served mock, beside the same one of the AWS CLI. */

import { writeFileSync } from 'node:fs'
import { inRounds, median, run } from './rounds.js'
import { onServedMock } from './servers.js'

/** @type {import('./run.js').Part} */
export const singleOperations = {
  name: 'single-operations',
  title: 'Single operations on mock serve, beside the aws CLI',
  programs: ['aws'],
  async run({ place, section, rounds, programs }) {
    const { aws } = programs
    if (aws === undefined) return section.notice('aws is not installed')
    const [secret, sealed] = [place.file('single'), place.file('single.enc')]
    writeFileSync(secret, '12345678901234567890')
    await onServedMock(place, ['--ephemeral'], ({ url }) => {
      const kmseal = (...words) => place.kmseal(...words, '--backend', 'aws', '--endpoint-url', url)
      const cli = (...words) => ({ words: [aws.command, ...words, '--endpoint-url', url] })
      const key = ['--key-id', 'alias/kmseal']
      run(place, kmseal('encrypt', ...key, secret, '-o', sealed))
      run(place, kmseal('put-param', '/bench/one', '--value-file', secret))
      const pairs = {
        'kms encrypt': [
          kmseal('encrypt', ...key, secret),
          cli('kms', 'encrypt', ...key, '--plaintext', `fileb://${secret}`),
        ],
        'kms decrypt': [
          kmseal('decrypt', sealed),
          cli('kms', 'decrypt', '--ciphertext-blob', `fileb://${sealed}`),
        ],
        'ssm get-parameter': [
          kmseal('get-param', '/bench/one'),
          cli('ssm', 'get-parameter', '--name', '/bench/one', '--with-decryption'),
        ],
      }
      const commands = Object.entries(pairs).flatMap(([name, [mine, other]]) => [
        [`kmseal ${name}`, mine],
        [`aws ${name}`, other],
      ])
      const times = inRounds(place, Object.fromEntries(commands), rounds(9))
      for (const [name, [mine]] of Object.entries(pairs)) {
        const what = `kmseal ${mine.words[1]}`
        const ours = round => round[`kmseal ${name}`]
        section.row(what, median(times, ours), 'ms')
        const target = name === 'kms encrypt' ? { atLeast: 3 } : {}
        const faster = median(times, round => round[`aws ${name}`] / ours(round))
        section.row(`${what}: faster than aws ${name}`, faster, 'x', target)
      }
    })
  },
}
