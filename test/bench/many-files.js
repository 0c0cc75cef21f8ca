/** Many small files in one command, beside a process for each. */

import { randomBytes } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { median, run } from './rounds.js'

/** @type {import('./run.js').Part} */
export const manyFiles = {
  name: 'many-files',
  title: 'Many files',
  programs: [],
  run({ place, section, rounds, amounts: { files, processes } }) {
    const [folder, sealed] = [place.file('many'), place.file('many.enc')]
    mkdirSync(folder)
    for (let index = 0; index < files; index += 1) writeFileSync(`${folder}/${index}`, randomBytes(1024))
    const together = place.kmseal('encrypt', '-r', folder, '--out-dir', sealed, '--stats')
    const one = index =>
      place.kmseal('encrypt', '--mode', 'envelope', `${folder}/${index}`, '-o', place.file('one.enc'))
    for (const warmUp of [one(0), together]) run(place, warmUp)
    const times = Array.from({ length: rounds(5) }, () => {
      rmSync(sealed, { recursive: true, force: true })
      const { ms, stderr } = run(place, together)
      const calls = Number(/KMS calls: (\d+)/.exec(stderr)?.[1])
      let apart = 0
      for (let index = 0; index < processes; index += 1) apart += run(place, one(index)).ms
      return { calls, together: ms, apart: (apart / processes) * files }
    })
    const what = `${files.toLocaleString('en')} files of 1 KiB in one command`
    const figure = name => median(times, round => round[name])
    section.row(what, figure('together') / 1000, 's', { headline: true })
    // A data key serves 100 files; one call more is for where the count is not known yet.
    section.row(`${what}: calls of KMS`, figure('calls'), 'calls', { atMost: Math.ceil(files / 100) + 1 })
    section.row(
      `${what}: faster than a process for each (${processes} of them)`,
      median(times, round => round.apart / round.together),
      'x',
      { atLeast: 20 },
    )
  },
}
