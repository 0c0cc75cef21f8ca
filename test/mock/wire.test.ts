import { DecryptCommand, EncryptCommand, KMSServiceException } from '@aws-sdk/client-kms'
import { GetParameterCommand, ParameterNotFound } from '@aws-sdk/client-ssm'
import { describe, expect, test } from 'vitest'
import { mockRequestHandler } from '../../src/mock/request-handler.ts'
import { openMock, root } from './mock-clients.ts'

describe('an answer', () => {
  test('carries a request id and the content type of the protocol', async () => {
    const { raw } = await openMock()
    for (const target of ['TrentService.ListKeys', 'TrentService.Encrypt']) {
      const { headers } = await raw(target, {})
      expect(headers['content-type']).toBe('application/x-amz-json-1.1')
      expect(headers['x-amzn-requestid']).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    }
  })

  test('without output is an empty body for KMS and {} for Parameter Store', async () => {
    const { raw } = await openMock()
    const { body } = await raw<{ KeyMetadata: { KeyId: string; CreationDate: number } }>(
      'TrentService.CreateKey',
      {},
    )
    expect(await raw('TrentService.DisableKey', { KeyId: body.KeyMetadata.KeyId })).toMatchObject({
      status: 200,
    })
    expect((await raw('TrentService.DisableKey', { KeyId: body.KeyMetadata.KeyId })).body).toBeUndefined()
    await raw('AmazonSSM.PutParameter', { Name: '/x', Value: 'x', Type: 'String' })
    expect((await raw('AmazonSSM.DeleteParameter', { Name: '/x' })).body).toEqual({})
  })

  test('gives times as numbers of seconds, and ignores members that it does not know', async () => {
    const { raw } = await openMock()
    const { body } = await raw<{ KeyMetadata: { KeyId: string; CreationDate: number } }>(
      'TrentService.CreateKey',
      { Nonsense: 1, Description: null },
    )
    expect(body.KeyMetadata.CreationDate).toBe(1893553445.678)
  })
})

describe('a refusal', () => {
  test.each([
    ['TrentService.GetParameter', {}, { __type: 'UnknownOperationException' }],
    ['TrentService.constructor', {}, { __type: 'UnknownOperationException' }],
    ['Nothing', {}, { __type: 'UnknownOperationException' }],
    ['', {}, { __type: 'UnknownOperationException' }],
    ['TrentService.Encrypt', '{"KeyId":', { __type: 'SerializationException' }],
    [
      'TrentService.Encrypt',
      '[]',
      { __type: 'SerializationException', Message: 'Start of list found where not expected' },
    ],
    [
      'TrentService.DescribeKey',
      { KeyId: 7 },
      { __type: 'SerializationException', Message: 'NUMBER_VALUE can not be converted to a String' },
    ],
    [
      'TrentService.Encrypt',
      { KeyId: 'a', Plaintext: 'not base64!' },
      { __type: 'SerializationException', Message: 'Invalid base64' },
    ],
    [
      'TrentService.Encrypt',
      {},
      {
        __type: 'ValidationException',
        message:
          "2 validation errors detected: Value null at 'keyId' failed to satisfy constraint: Member must not be null; Value null at 'plaintext' failed to satisfy constraint: Member must not be null",
      },
    ],
    ['AmazonSSM.GetParameter', { Name: '/none' }, { __type: 'ParameterNotFound' }],
    [
      'AmazonSSM.GetParameter',
      { Name: 'arn:aws:ssm:eu-west-1:111122223333:parameter/x' },
      { __type: 'AccessDeniedException', Message: expect.stringContaining(root) },
    ],
  ])('of %s %j', async (target, input, body) => {
    const { raw } = await openMock()
    expect(await raw(target, input)).toMatchObject({ status: 400 })
    expect((await raw(target, input)).body).toEqual(body)
  })

  test('never quotes a secret, whatever is wrong with the request', async () => {
    const { emulator } = await openMock()
    const secret = 'hunter2-hunter2'
    const answer = async (target: string, body: string) => {
      const caller = { principal: root, region: 'eu-west-1' }
      return (await emulator.answer({ target, body: Buffer.from(body), caller })).body
    }
    for (const [target, body] of [
      ['AmazonSSM.PutParameter', `{"Name":"/x","Value":"${secret}","Type":"Bad"}`],
      ['AmazonSSM.PutParameter', `{"Name":"/x","Value":"${secret}{{x}}","Type":"String"}`],
      ['AmazonSSM.PutParameter', `{"Name":"/x","Value":["${secret}"],"Type":"String"}`],
      ['AmazonSSM.PutParameter', `{"Name":"/x","Value":"${secret}","Type":"String","AllowedPattern":"x"}`],
      ['AmazonSSM.PutParameter', `{"Name":"/x","Value":"${secret}`],
      ['TrentService.Encrypt', `{"KeyId":"alias/kmseal","Plaintext":"${secret}"}`],
      ['TrentService.Encrypt', `{"KeyId":"alias/kmseal","Plaintext":{"x":"${secret}"}}`],
    ] as const) {
      expect(await answer(target, body)).toContain('__type')
      expect(await answer(target, body)).not.toContain(secret)
    }
  })

  test("arrives as the SDK's own exception class", async () => {
    const { kms, ssm } = await openMock()
    await expect(ssm.send(new GetParameterCommand({ Name: '/none' }))).rejects.toBeInstanceOf(
      ParameterNotFound,
    )
    const call = kms.send(new DecryptCommand({ CiphertextBlob: Buffer.from('x') }))
    await expect(call).rejects.toBeInstanceOf(KMSServiceException)
    await expect(call).rejects.toMatchObject({ $metadata: { httpStatusCode: 400, attempts: 1 } })
  })
})

test('the emulator is opened on the first request only', async () => {
  const { emulator, as } = await openMock()
  let opened = 0
  const open = async () => {
    opened += 1
    return emulator
  }
  const handler = mockRequestHandler(open, { principal: root, region: 'eu-west-1' })
  const { kms } = as({})
  const client = new (Object.getPrototypeOf(kms).constructor)({
    region: 'eu-west-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    requestHandler: handler,
  })
  expect(opened).toBe(0)
  await client.send(new EncryptCommand({ KeyId: 'alias/kmseal', Plaintext: Buffer.from('x') }))
  expect(opened).toBe(1)
})

test('an aborted request is not carried out', async () => {
  const { ssm } = await openMock()
  const abort = new AbortController()
  abort.abort()
  const call = ssm.send(new GetParameterCommand({ Name: '/x' }), { abortSignal: abort.signal })
  await expect(call).rejects.toMatchObject({ name: 'AbortError' })
})
