/** How long a start takes, beside a bare `node`: what every call in a loop or a CI step pays. */

import { existsSync, writeFileSync } from 'node:fs'
import { inRounds, median } from './rounds.js'
import { bareNode } from './workplace.js'

const cold = { NODE_DISABLE_COMPILE_CACHE: '1' }

/** @type {import('./run.js').Part} */
export const startUp = {
  name: 'start-up',
  title: 'Start-up, beside a bare node',
  programs: [],
  run({ place, section, rounds }) {
    writeFileSync(place.file('secret'), '12345678901234567890')
    writeFileSync(place.file('one.json'), '{"a":"1"}')
    const version = place.kmseal('--version')
    const help = place.kmseal('--help')
    const encrypt = place.kmseal('encrypt', place.file('secret'))
    const load = place.kmseal('import-params', place.file('one.json'), '--prefix', '/one', '--yes')
    // Makes the parameter, and the mock's first key.
    inRounds(place, { load }, 0)
    const times = inRounds(
      place,
      {
        node: bareNode,
        version,
        help,
        encrypt,
        child: { words: ['true'] },
        exec: place.kmseal('exec', '/one', '--', 'true'),
        'first version': { ...version, env: cold },
        'first help': { ...help, env: cold },
        'first encrypt': { ...encrypt, env: cold },
      },
      rounds(21),
    )
    // It is kept only below folders that are nobody else's: --folder may name another.
    if (!existsSync(place.file('cache/kmseal')))
      section.notice('no compiled code is kept in this folder, so that every start was a first one')
    const beside = label => median(times, round => round[label] / round.node)
    section.row(
      'node -e 0',
      median(times, ({ node }) => node),
      'ms',
      { headline: true },
    )
    section.row('kmseal --version', beside('version'), 'x', { atMost: 1.5 })
    section.row('kmseal --help', beside('help'), 'x', { atMost: 1.5 })
    section.row('kmseal encrypt, 20 bytes on the mock', beside('encrypt'), 'x', { atMost: 2.5 })
    const added = median(times, ({ exec, child, node }) => (exec - child) / node)
    section.row('kmseal exec, what it adds to its child', added, 'x', { atMost: 3 })
    section.row('kmseal --version, nothing compiled yet', beside('first version'), 'x')
    section.row('kmseal --help, nothing compiled yet', beside('first help'), 'x')
    section.row('kmseal encrypt, nothing compiled yet', beside('first encrypt'), 'x')
  },
}
