/** Requests to a served mock, from this process, over connections that are kept: no client of its own slows them. */

import { Agent, request } from 'node:http'

const connections = 8

/** What speaks to one server. */
export class MockClient {
  #url
  #agent = new Agent({ keepAlive: true, maxSockets: connections })

  /** @param {string} url */
  constructor(url) {
    this.#url = url
  }

  /**
   * @param {string} target such as `TrentService.Encrypt`
   * @param {object} body
   * @returns {Promise<any>} the answer, which must be a good one
   */
  async call(target, body) {
    // moto_server chooses the service by the scope.
    const service = target.startsWith('AmazonSSM') ? 'ssm' : 'kms'
    const scope = `test/20300102/eu-west-1/${service}/aws4_request`
    const headers = {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': target,
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`,
    }
    const options = { method: 'POST', agent: this.#agent, headers }
    const { status, text } = await new Promise((fulfil, reject) => {
      const sent = request(this.#url, options, response => {
        let answer = ''
        response.setEncoding('utf8')
        response.on('data', chunk => {
          answer += chunk
        })
        response.on('end', () => fulfil({ status: response.statusCode, text: answer }))
      })
      sent.on('error', reject)
      sent.end(JSON.stringify(body))
    })
    if (status !== 200) throw new Error(`${target}: ${text}`)
    return JSON.parse(text)
  }

  /** Stores one Advanced parameter: of Standard ones there can be no more than 10,000. */
  put(name) {
    const body = { Name: name, Value: 'value', Type: 'String', Tier: 'Advanced', Overwrite: true }
    return this.call('AmazonSSM.PutParameter', body)
  }

  /** @param {string} name */
  get(name) {
    return this.call('AmazonSSM.GetParameter', { Name: name })
  }

  /** @returns {Promise<string>} the id of a new key */
  async createKey() {
    const { KeyMetadata } = await this.call('TrentService.CreateKey', {})
    return KeyMetadata.KeyId
  }

  /**
   * Works over all connections at once, as long as it may go on.
   *
   * @param {(index: number) => boolean} goesOn
   * @param {(index: number) => Promise<unknown>} work
   * @returns {Promise<number>} how often it was done
   */
  async overAll(goesOn, work) {
    let next = 0
    const loop = async () => {
      while (goesOn(next)) await work(next++)
    }
    await Promise.all(Array.from({ length: connections }, loop))
    return next
  }

  close() {
    this.#agent.destroy()
  }
}
