/** Requests per second of `kmseal mock serve`, beside those of moto_server, over eight connections that are kept. */

import { MockClient } from './mock-client.js'
import { median } from './rounds.js'
import { onMoto, onServedMock } from './servers.js'

const operations = ['Encrypt', 'GetParameter']

/** @type {import('./run.js').Part} */
export const mockRequests = {
  name: 'mock-requests',
  title: 'mock serve, beside moto_server',
  programs: ['moto_server'],
  async run({ place, section, rounds, programs, amounts: { seconds } }) {
    const { moto_server: moto } = programs
    const work = async urls => {
      const servers = await Promise.all(urls.map(prepare))
      // The first round is for warming up, on both sides.
      const times = []
      for (let round = 0; round <= rounds(5); round += 1) times.push(await oneRound(servers, seconds))
      for (const { client } of servers) client.close()
      show(section, times.slice(1), moto)
    }
    await onServedMock(place, ['--ephemeral'], async ours => {
      if (moto !== undefined) return onMoto(place, theirs => work([ours.url, theirs.url]))
      section.notice('moto_server is not installed')
      await work([ours.url])
    })
  },
}

async function prepare(url) {
  const client = new MockClient(url)
  const KeyId = await client.createKey()
  await client.put('/bench')
  const Encrypt = () => client.call('TrentService.Encrypt', { KeyId, Plaintext: 'c2VjcmV0' })
  return { client, calls: { Encrypt, GetParameter: () => client.get('/bench') } }
}

/** For each operation the requests per second of each server, one after the other. */
async function oneRound(servers, seconds) {
  const round = {}
  for (const operation of operations) {
    round[operation] = []
    for (const { client, calls } of servers) {
      const start = performance.now()
      const done = await client.overAll(() => performance.now() - start < seconds * 1000, calls[operation])
      round[operation].push((done * 1000) / (performance.now() - start))
    }
  }
  return round
}

function show(section, times, moto) {
  for (const operation of operations) {
    const ours = median(times, round => round[operation][0])
    section.row(operation, ours, '/s', { headline: true })
    if (moto === undefined) continue
    const ratio = median(times, round => round[operation][0] / round[operation][1])
    section.row(`${operation}: requests, to moto_server's`, ratio, 'x', { atLeast: 10 })
  }
}
