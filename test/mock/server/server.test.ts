import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { serveMock, signedBy } from './served.ts'

const json = 'application/x-amz-json-1.1'

describe('the served mock', () => {
  test('answers signed requests as the embedded one does', async () => {
    const { call } = await serveMock()
    const encrypted = await call('TrentService.Encrypt', { KeyId: 'alias/kmseal', Plaintext: 'AAAA' })
    expect(encrypted.status).toBe(200)
    const { CiphertextBlob } = encrypted.body
    expect((await call('TrentService.Decrypt', { CiphertextBlob })).body).toMatchObject({ Plaintext: 'AAAA' })
  })

  test('refuses what is wrong in the words of the protocol', async () => {
    const { send, call } = await serveMock()
    const authorization = signedBy('test')
    const target = 'AmazonSSM.GetParameter'
    for (const [headers, body, type] of [
      [{ authorization, 'x-amz-target': target }, '{"Name":"/x"}', 'ParameterNotFound'],
      [{ authorization, 'x-amz-target': 'AmazonSSM.Nothing' }, '{}', 'UnknownOperationException'],
      [{ authorization }, '{}', 'UnknownOperationException'],
      [{ authorization, 'x-amz-target': target }, '{"Name":', 'SerializationException'],
      [{ authorization, 'x-amz-target': target }, '{"Name":7}', 'SerializationException'],
      [{ 'x-amz-target': target }, '{"Name":"/x"}', 'ParameterNotFound'],
      [{ 'x-amz-target': 'AmazonSSM.Nothing' }, '{}', 'UnknownOperationException'],
      [{ authorization: 'Basic x', 'x-amz-target': target }, '{}', 'IncompleteSignatureException'],
      [{ authorization: signedBy('a/b'), 'x-amz-target': target }, '{}', 'IncompleteSignatureException'],
    ] as const) {
      const answer = await send({ headers, body })
      expect(answer.status).toBe(400)
      expect(answer.headers['content-type']).toBe(json)
      expect(JSON.parse(answer.text)).toMatchObject({ __type: type })
    }
    expect((await call(target, { Name: '/x' })).status).toBe(400)
  })

  test.each([
    [{ origin: 'http://evil.example' }, 403],
    [{ origin: 'null' }, 403],
    [{ 'sec-fetch-site': 'cross-site' }, 403],
    [{ 'sec-fetch-site': 'none' }, 403],
    [{ host: 'evil.example' }, 403],
    [{ host: 'localhost.evil.example:80' }, 403],
    [{ host: '127.0.0.1.evil.example' }, 403],
    [{ host: '10.0.0.1' }, 403],
    [{ host: 'localhost:1' }, 200],
    [{ host: 'LOCALHOST' }, 200],
    [{ host: '[::1]:80' }, 200],
    [{ host: '127.9.9.9' }, 200],
  ])('judges %j', async (headers, status) => {
    const { send, call, emulator } = await serveMock()
    await call('AmazonSSM.PutParameter', { Name: '/x', Value: 'x', Type: 'String' })
    expect((await send({ method: 'GET', path: '/_kmseal/health', headers })).status).toBe(status)
    expect((await send({ path: '/moto-api/reset', headers })).status).toBe(status)
    expect(emulator.status().parameters).toBe(status === 200 ? 0 : 1)
  })

  test('on all interfaces takes any address as Host, but no name', async () => {
    const { send } = await serveMock({ host: '0.0.0.0' })
    const health = (host: string) => send({ method: 'GET', path: '/_kmseal/health', headers: { host } })
    expect((await health('10.0.0.1:80')).status).toBe(200)
    expect((await health('evil.example')).status).toBe(403)
  })

  test('tells its health, and is emptied by both resets', async () => {
    const { send, call, emulator } = await serveMock()
    const health = await send({ method: 'GET', path: '/_kmseal/health' })
    expect(health).toMatchObject({ status: 200, text: '{"status":"ok"}' })
    for (const path of ['/_kmseal/reset', '/moto-api/reset']) {
      await call('AmazonSSM.PutParameter', { Name: '/x', Value: 'x', Type: 'String' })
      expect(emulator.status().parameters).toBe(1)
      expect((await send({ method: 'GET', path })).status).toBe(405)
      expect((await send({ path })).status).toBe(200)
      expect(emulator.status().parameters).toBe(0)
    }
  })

  test.each(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('refuses %s', async method => {
    const { send } = await serveMock()
    const answer = await send({ method, headers: { authorization: signedBy('test') } })
    expect(answer).toMatchObject({ status: 405, headers: { allow: 'POST' } })
  })

  test('takes bodies of up to 1 MiB, and headers of up to 16 KiB and 100 lines', async () => {
    const { send } = await serveMock()
    const headers = { authorization: signedBy('test'), 'x-amz-target': 'TrentService.ListKeys' }
    expect((await send({ headers, body: `{"x":"${'x'.repeat(2 ** 20 - 8)}"}` })).status).toBe(200)
    expect((await send({ headers, body: 'x'.repeat(2 ** 20 + 1) })).status).toBe(413)
    const chunked = { ...headers, 'transfer-encoding': 'chunked' }
    expect((await send({ headers: chunked, body: 'x'.repeat(2 ** 20 + 1) })).status).toBe(413)
    expect((await send({ headers: { ...headers, long: 'x'.repeat(20_000) } })).status).toBe(431)
    const many = Object.fromEntries([...Array(120).keys()].map(index => [`x-${index}`, 'x']))
    expect((await send({ headers: { ...many, origin: 'x' } })).status).toBe(431)
  })

  test('knows callers by their access key ids', async () => {
    const { call, emulator } = await serveMock()
    const alice = 'arn:aws:iam::111122223333:user/alice'
    emulator.setPrincipal('AKIAALICE', alice)
    const keyOf = async (id: string) => {
      const { body } = await call('TrentService.CreateKey', {}, id)
      return (body['KeyMetadata'] as { Arn: string }).Arn
    }
    expect(await keyOf('test')).toContain(':eu-west-1:000000000000:')
    expect(await keyOf('444455556666')).toContain(':eu-west-1:444455556666:')
    expect(await keyOf('AKIAALICE')).toContain(':eu-west-1:111122223333:')
  })

  test('keeps connections, and ends gracefully', async () => {
    const { port, close } = await serveMock()
    const socket = connect(port, '127.0.0.1')
    let text = ''
    socket.on('data', chunk => {
      text += chunk
    })
    const health = 'GET /_kmseal/health HTTP/1.1\r\nhost: localhost\r\n\r\n'
    socket.write(health + health)
    await expect.poll(() => text.split('HTTP/1.1 200').length).toBe(3)
    const ended = new Promise(fulfil => socket.once('close', fulfil))
    await close()
    await ended
  })

  test('survives half requests and bytes that are no HTTP', async () => {
    const { port, send, failures } = await serveMock()
    for (const bytes of [
      '\0\x01\x02',
      'POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10\r\n\r\nabc',
      'GET',
    ]) {
      const socket = connect(port, '127.0.0.1')
      await new Promise(fulfil => socket.once('connect', fulfil))
      socket.on('error', () => undefined)
      socket.write(bytes)
      await new Promise(fulfil => setTimeout(fulfil, 20))
      socket.destroy()
    }
    expect((await send({ method: 'GET', path: '/_kmseal/health' })).status).toBe(200)
    expect(failures).toEqual([])
  })

  test('says which port it cannot have', async () => {
    const { port, emulator } = await serveMock()
    const { startServer } = await import('../../../src/mock/server.ts')
    await expect(startServer({ emulator, port })).rejects.toThrow(`port ${port}: the port is in use`)
  })
})
