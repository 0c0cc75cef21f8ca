/** What grows with a served mock's state: the time of a put and a get among many parameters, and its memory. */

import { readFileSync } from 'node:fs'
import { MockClient } from './mock-client.js'
import { median } from './rounds.js'
import { onServedMock } from './servers.js'

const few = 100

/** @type {import('./run.js').Part} */
export const mockGrowth = {
  name: 'mock-growth',
  title: 'mock serve, with much in it',
  programs: [],
  async run({ place, section, rounds, amounts }) {
    await onServedMock(place, ['--ephemeral'], small =>
      onServedMock(place, ['--ephemeral'], large =>
        growth(section, [small.url, large.url], amounts.mockParameters, rounds(5)),
      ),
    )
    section.rounds = 1
    await onServedMock(place, ['--ephemeral'], server => memory(section, server, amounts.requests))
  },
}

const nameOf = index => `/bench/${index % 100}/${index}`

async function growth(section, [smallUrl, largeUrl], many, count) {
  const servers = [
    { client: new MockClient(smallUrl), parameters: few },
    { client: new MockClient(largeUrl), parameters: many },
  ]
  for (const { client, parameters } of servers) {
    await client.overAll(
      index => index < parameters,
      index => client.put(nameOf(index)),
    )
    // Both are warm then, whatever they have stored.
    for (const operation of ['put', 'get']) {
      await client.overAll(
        index => index < 2000,
        index => client[operation](nameOf(index % parameters)),
      )
    }
  }
  const times = []
  for (let round = 0; round <= count; round += 1) {
    times.push({ put: await inTurn(servers, 'put', round), get: await inTurn(servers, 'get', round) })
  }
  const counted = times.slice(1)
  for (const operation of ['put', 'get']) {
    const figure = of => median(counted, round => of(round[operation]))
    const us = figure(({ small }) => small)
    section.row(`${operation} among ${few} parameters`, us, 'us')
    const ratio = figure(({ small, large }) => large / small)
    section.row(`${operation} among ${many.toLocaleString('en')}: time, to that among ${few}`, ratio, 'x', {
      atMost: 2,
    })
  }
  for (const { client } of servers) client.close()
}

/** Microseconds of one call after the other, on names that lie all over the server's parameters. */
async function inTurn(servers, operation, round) {
  const each = 400
  const times = {}
  for (const { client, parameters } of round % 2 === 0 ? servers : servers.toReversed()) {
    const start = performance.now()
    for (let index = 0; index < each; index += 1) {
      await client[operation](nameOf(((round * each + index) * 7919) % parameters))
    }
    times[parameters === few ? 'small' : 'large'] = ((performance.now() - start) / each) * 1000
  }
  return times
}

/** Resident memory after so many requests of several kinds. */
async function memory(section, { url, pid }, requests) {
  const client = new MockClient(url)
  const KeyId = await client.createKey()
  const kinds = [
    index => client.put(`/bench/${index % 500}`),
    index => client.call('AmazonSSM.GetParametersByPath', { Path: index % 2 ? '/' : '/bench' }),
    () => client.call('TrentService.Encrypt', { KeyId, Plaintext: 'c2VjcmV0' }),
    () => client.call('TrentService.GenerateDataKey', { KeyId, KeySpec: 'AES_256' }),
  ]
  await client.overAll(
    index => index < requests,
    index => kinds[index % kinds.length](index),
  )
  client.close()
  const after = `after ${requests.toLocaleString('en')} requests`
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const megabytes = name => (Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024) / 1e6
  section.row(`resident memory ${after}`, megabytes('VmRSS'), 'MB', { atMost: 200 })
  section.row(`resident memory at its highest, ${after}`, megabytes('VmHWM'), 'MB')
  section.row(`of it the mapped data file, ${after}`, megabytes('RssFile'), 'MB')
}
