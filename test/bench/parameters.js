/** Many parameters read when every call takes a while, beside what programs usually do: pages of ten, in turn. */

import { writeFileSync } from 'node:fs'
import { inRounds, median, run } from './rounds.js'
import { onServedMock } from './servers.js'

const latencyMs = 20

/** @type {import('./run.js').Part} */
export const parameters = {
  name: 'parameters',
  title: 'Parameters',
  programs: ['aws'],
  async run({ place, section, rounds, amounts: { parameters: count }, programs: { aws } }) {
    const values = Array.from({ length: count }, (_, index) => [`p${index}`, `value ${index}`])
    writeFileSync(place.file('many.json'), JSON.stringify(Object.fromEntries(values)))
    run(place, place.kmseal('import-params', place.file('many.json'), '--prefix', '/many', '--yes'))
    await onServedMock(
      place,
      ['--state', place.env.KMSEAL_MOCK_DIR],
      ({ url }) => {
        const onIt = ['--backend', 'aws', '--endpoint-url', url]
        const commands = {
          kmseal: place.kmseal('export-params', '/many', '--format', 'json', ...onIt),
          pages: place.peer('pages-of-ten.js', url, '/many'),
        }
        if (aws === undefined) section.notice('aws is not installed')
        else {
          const words = ['ssm', 'get-parameters-by-path', '--path', '/many', '--with-decryption']
          commands.aws = { words: [aws.command, ...words, '--endpoint-url', url] }
        }
        const times = inRounds(place, commands, rounds(5))
        const what = `${count.toLocaleString('en')} parameters read, ${latencyMs} ms a call`
        section.row(
          what,
          median(times, ({ kmseal }) => kmseal),
          'ms',
          { headline: true },
        )
        const pages = median(times, round => round.kmseal / round.pages)
        section.row(`${what}: time, to pages of ten in turn`, pages, 'x', { atMost: 0.33 })
        if (aws === undefined) return
        const cli = median(times, round => round.kmseal / round.aws)
        section.row(`${what}: time, to aws ssm get-parameters-by-path`, cli, 'x')
      },
      { KMSEAL_MOCK_FAULTS: `latency=${latencyMs}` },
    )
  },
}
