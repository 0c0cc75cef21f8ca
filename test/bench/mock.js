/**
 * `node test/bench/mock.js`: requests per second of `kmseal mock serve` and of moto_server, over eight connections
 * that are kept; then put and get among 100 and among 100,000 parameters, and memory after 200,000 requests. Nothing
 * here passes or fails. Argument: seconds for each figure (3).
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { createServer } from 'node:net'

const seconds = Number(process.argv[2] ?? 3)
const connections = 8
// moto_server chooses the service by the scope.
const authorization = target => {
  const service = target.startsWith('AmazonSSM') ? 'ssm' : 'kms'
  return `AWS4-HMAC-SHA256 Credential=test/20300102/eu-west-1/${service}/aws4_request, SignedHeaders=host, Signature=0`
}

async function call(url, agent, target, body) {
  const headers = {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': target,
    authorization: authorization(target),
  }
  const answer = await new Promise((fulfil, reject) => {
    const sent = request(url, { method: 'POST', agent, headers }, response => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', chunk => {
        text += chunk
      })
      response.on('end', () => fulfil({ status: response.statusCode, text }))
    })
    sent.on('error', reject)
    sent.end(JSON.stringify(body))
  })
  if (answer.status !== 200) throw new Error(`${target}: ${answer.text}`)
  return JSON.parse(answer.text)
}

async function rate(url, agent, target, body) {
  // The first second is for warming up, on both sides.
  const start = performance.now() + 1000
  const end = start + seconds * 1000
  let count = 0
  const loop = async () => {
    while (performance.now() < end) {
      await call(url, agent, target, body)
      if (performance.now() > start) count += 1
    }
  }
  await Promise.all(Array.from({ length: connections }, loop))
  return count / seconds
}

async function measure(url) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  const { KeyMetadata: key } = await call(url, agent, 'TrentService.CreateKey', {})
  await call(url, agent, 'AmazonSSM.PutParameter', { Name: '/bench', Value: 'x', Type: 'String' })
  const encrypt = await rate(url, agent, 'TrentService.Encrypt', { KeyId: key.KeyId, Plaintext: 'c2VjcmV0' })
  const get = await rate(url, agent, 'AmazonSSM.GetParameter', { Name: '/bench' })
  agent.destroy()
  return { Encrypt: encrypt, GetParameter: get }
}

/** Runs some work on a served mock of its own. */
async function served(work) {
  const child = spawn(process.execPath, ['bin/kmseal.cjs', 'mock', 'serve', '--port', '0', '--ephemeral'])
  const [line] = await once(child.stdout, 'data')
  const agent = new Agent({ keepAlive: true, maxSockets: connections })
  try {
    return await work({ url: line.toString().trim(), agent, pid: child.pid })
  } finally {
    agent.destroy()
    child.kill()
    await once(child, 'close')
  }
}

const put = (url, agent, name, tier) => {
  const body = { Name: name, Value: 'value', Type: 'String', Tier: tier, Overwrite: true }
  return call(url, agent, 'AmazonSSM.PutParameter', body)
}

async function many(count, work) {
  let next = 0
  const loop = async () => {
    while (next < count) await work(next++)
  }
  await Promise.all(Array.from({ length: connections }, loop))
}

/** Writes and reads of one parameter after the other, among so many; in microseconds each. */
function among(parameters) {
  return served(async ({ url, agent }) => {
    // More than 10,000 are Advanced ones.
    const nameOf = index => `/bench/${index % 100}/${index}`
    await many(parameters, index => put(url, agent, nameOf(index), 'Advanced'))
    const timed = async work => {
      const each = 2000
      const start = performance.now()
      for (let index = 0; index < each; index += 1) await work(nameOf((index * 7919) % parameters))
      return ((performance.now() - start) / each) * 1000
    }
    await timed(name => call(url, agent, 'AmazonSSM.GetParameter', { Name: name }))
    return {
      put: await timed(name => put(url, agent, name, 'Advanced')),
      get: await timed(name => call(url, agent, 'AmazonSSM.GetParameter', { Name: name })),
    }
  })
}

/** Resident memory in MB after so many requests of several kinds. */
function memoryAfter(requests) {
  return served(async ({ url, agent, pid }) => {
    const { KeyMetadata: key } = await call(url, agent, 'TrentService.CreateKey', {})
    const kinds = [
      index => put(url, agent, `/bench/${index % 500}`, 'Standard'),
      index => call(url, agent, 'AmazonSSM.GetParametersByPath', { Path: index % 2 ? '/' : '/bench' }),
      () => call(url, agent, 'TrentService.Encrypt', { KeyId: key.KeyId, Plaintext: 'c2VjcmV0' }),
      () => call(url, agent, 'TrentService.GenerateDataKey', { KeyId: key.KeyId, KeySpec: 'AES_256' }),
    ]
    await many(requests, index => kinds[index % kinds.length](index))
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const kilobytes = name => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1])
    return {
      resident: kilobytes('VmRSS') / 1024,
      peak: kilobytes('VmHWM') / 1024,
      mapped: kilobytes('RssFile') / 1024,
    }
  })
}

async function moto() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  const child = spawn('moto_server', ['-H', '127.0.0.1', '-p', String(port)], { stdio: 'ignore' })
  child.on('error', () => undefined)
  const url = `http://127.0.0.1:${port}`
  try {
    for (let attempt = 0; attempt < 100; attempt += 1) {
      await new Promise(fulfil => setTimeout(fulfil, 200))
      const ready = await fetch(`${url}/moto-api/data.json`).then(
        ({ ok }) => ok,
        () => false,
      )
      if (ready) return await measure(url)
    }
    return undefined
  } finally {
    child.kill()
  }
}

const show = (what, figure, target = '') =>
  console.log(`${what.padEnd(46)} ${figure.padStart(14)}   ${target}`.trimEnd())

const ours = await served(({ url }) => measure(url))
const theirs = await moto()
for (const [operation, perSecond] of Object.entries(ours)) {
  show(`mock serve, ${operation}`, `${perSecond.toFixed(0)} /s`)
  if (theirs !== undefined)
    show("  to moto_server's", `${(perSecond / theirs[operation]).toFixed(1)}x`, 'at least 10x')
}
const [few, full] = [await among(100), await among(100_000)]
for (const operation of ['put', 'get']) {
  show(`${operation} among 100 parameters`, `${few[operation].toFixed(0)} us`)
  show('  among 100,000', `${(full[operation] / few[operation]).toFixed(2)}x`, 'at most 2x')
}
const memory = await memoryAfter(200_000)
show('resident after 200,000 requests', `${memory.resident.toFixed(0)} MB`, 'below 200 MB')
show('  at its highest', `${memory.peak.toFixed(0)} MB`)
show('  of it the mapped data file', `${memory.mapped.toFixed(0)} MB`)
