import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Workplace } from '../helpers/process.ts'
import { canaryPlace, expectNoCanary } from './canary.ts'

let place: Workplace
beforeAll(async () => {
  place = await canaryPlace()
})
afterAll(() => place.remove())

it.each(['', 'PutParameter:echo'])(
  'a secret is in no message and no file with faults %j',
  async faults => {
    await expectNoCanary(place, faults)
  },
  60_000,
)

it('is in the environment of the child alone, and in nobody else’s arguments', async () => {
  const scan = `
    const fs = require('node:fs')
    const holders = []
    for (const pid of fs.readdirSync('/proc').filter(name => /^\\d+$/.test(name))) {
      for (const file of ['cmdline', 'environ']) {
        try {
          if (fs.readFileSync('/proc/' + pid + '/' + file, 'latin1').includes(process.env.SECRET)) holders.push([pid, file])
        } catch {}
      }
    }
    console.log(JSON.stringify({ own: String(process.pid), holders }))`
  const { stdout } = await place.kmseal(['exec', '/app', '--', process.execPath, '-e', scan])
  const { own, holders } = JSON.parse(stdout.toString())
  expect(holders).toEqual([[own, 'environ']])
})
