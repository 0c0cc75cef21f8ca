/**
 * `node test/bench/mock.js`: requests per second of `kmseal mock serve` and of moto_server, over eight connections
 * that are kept. Nothing here passes or fails. Argument: seconds for each figure (3).
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
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

async function kmseal() {
  const child = spawn(process.execPath, ['bin/kmseal.js', 'mock', 'serve', '--port', '0', '--ephemeral'])
  const [line] = await once(child.stdout, 'data')
  try {
    return await measure(line.toString().trim())
  } finally {
    child.kill()
  }
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

const ours = await kmseal()
const theirs = await moto()
for (const [operation, perSecond] of Object.entries(ours)) {
  console.log(`${`mock serve, ${operation}`.padEnd(46)} ${`${perSecond.toFixed(0)} /s`.padStart(14)}`)
  if (theirs === undefined) continue
  const ratio = `${(perSecond / theirs[operation]).toFixed(1)}x`
  console.log(`${"  to moto_server's".padEnd(46)} ${ratio.padStart(14)}   at least 10x`)
}
