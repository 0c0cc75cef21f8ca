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
      const ours = (...words) => place.kmseal(...words, '--backend', 'aws', '--endpoint-url', url)
      const theirs = (...words) => ({ words: [aws.command, ...words, '--endpoint-url', url] })
      const key = ['--key-id', 'alias/kmseal']
      run(place, ours('encrypt', ...key, secret, '-o', sealed))
      run(place, ours('put-param', '/bench/one', '--value-file', secret))
      const pairs = {
        'kms encrypt': [
          ours('encrypt', ...key, secret),
          theirs('kms', 'encrypt', ...key, '--plaintext', `fileb://${secret}`),
        ],
        'kms decrypt': [
          ours('decrypt', sealed),
          theirs('kms', 'decrypt', '--ciphertext-blob', `fileb://${sealed}`),
        ],
        'ssm get-parameter': [
          ours('get-param', '/bench/one'),
          theirs('ssm', 'get-parameter', '--name', '/bench/one', '--with-decryption'),
        ],
      }
      const commands = Object.entries(pairs).flatMap(([name, [mine, other]]) => [
        [`kmseal ${name}`, mine],
        [`aws ${name}`, other],
      ])
      const times = inRounds(place, Object.fromEntries(commands), rounds(9))
      for (const name of Object.keys(pairs)) {
        const target = name === 'kms encrypt' ? { atLeast: 3 } : {}
        const faster = median(times, round => round[`aws ${name}`] / round[`kmseal ${name}`])
        section.row(`faster than aws ${name} (${aws.version})`, faster, 'x', target)
      }
    })
  },
}
