import { LabelParameterVersionCommand, PutParameterCommand } from '@aws-sdk/client-ssm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { getParameters } from '../../src/parameters/get-parameters.ts'
import { parseParameterReference } from '../../src/parameters/parameter-reference.ts'
import { type MockClients, openMockClients } from './mock-clients.ts'

const arn = 'arn:aws:ssm:us-east-1:123456789012:parameter/a/b'

let mock: MockClients

beforeAll(async () => {
  mock = await openMockClients()
  const put = (client: typeof mock.ssm, Name: string, Value: string) =>
    client.send(new PutParameterCommand({ Name, Value, Type: 'SecureString', Overwrite: true }))
  for (const value of ['one', 'two', 'three']) await put(mock.ssm, '/a/b', value)
  await mock.ssm.send(
    new LabelParameterVersionCommand({ Name: '/a/b', ParameterVersion: 2, Labels: ['prod'] }),
  )
  for (let index = 0; index < 25; index += 1) await put(mock.ssm, `/many/p${index}`, `value ${index}`)
  await put(mock.ssm, 'flat', 'flat value')
  await put(await mock.access.client('eu-west-1'), '/a/b', 'elsewhere')
})
afterAll(() => mock.close())
beforeEach(() => {
  mock.requests.length = 0
  mock.refusals.clear()
})

async function values(texts: readonly string[], withDecryption = true): Promise<(string | undefined)[]> {
  const reading = { ssm: mock.access, withDecryption }
  return (await getParameters(reading, texts.map(parseParameterReference))).map(({ Value }) => Value)
}

describe('names, versions, labels and ARNs', () => {
  it.each([
    ['/a/b', 'three'],
    ['/a/b:1', 'one'],
    ['/a/b:prod', 'two'],
    [arn, 'three'],
    [`${arn}:1`, 'one'],
    [`${arn}:prod`, 'two'],
    ['flat', 'flat value'],
    ['/flat', 'flat value'],
    ['arn:aws:ssm:eu-west-1:123456789012:parameter/a/b', 'elsewhere'],
  ])('%s alone is read as %s', async (text, value) => {
    expect(await values([text])).toEqual([value])
    expect(mock.requests.map(({ operation }) => operation)).toEqual(['GetParameter'])
  })

  it('together come back each under the text typed', async () => {
    const texts = ['/a/b:1', '/a/b:prod', arn, 'flat', '/a/b', `${arn}:1`, '/a/b:2', '/flat']
    expect(await values(texts)).toEqual([
      'one',
      'two',
      'three',
      'flat value',
      'three',
      'one',
      'two',
      'flat value',
    ])
  })

  it('of several Regions are each asked for where they are', async () => {
    expect(await values(['arn:aws:ssm:eu-west-1:123456789012:parameter/a/b', '/a/b'])).toEqual([
      'elsewhere',
      'three',
    ])
    expect(mock.requests.map(({ region }) => region).sort()).toEqual(['eu-west-1', 'us-east-1'])
  })

  it('repeats are kept, and read once', async () => {
    expect(await values(['/a/b:1', 'flat', '/a/b:1', '/a/b:1'])).toEqual(['one', 'flat value', 'one', 'one'])
    expect(await values(['/a/b', '/a/b'])).toEqual(['three', 'three'])
    expect(await values(['flat', '/a/b', '/flat'])).toEqual(['flat value', 'three', 'flat value'])
    for (const { input } of mock.requests) {
      const sent = ((input.Names as string[] | undefined) ?? []).map(name => name.replace(/^\/(?=flat)/, ''))
      expect(new Set(sent).size).toBe(sent.length)
    }
  })

  it('without decryption come as the service stores them', async () => {
    expect(await values(['/a/b:1'], false)).not.toEqual(['one'])
    expect(mock.requests[0]?.input).toMatchObject({ WithDecryption: false })
  })
})

describe('many parameters', () => {
  it('are read in batches of at most ten, and come back in the order typed', async () => {
    const order = Array.from({ length: 25 }, (_, index) => (index * 7) % 25)
    expect(await values(order.map(index => `/many/p${index}`))).toEqual(order.map(index => `value ${index}`))
    expect(mock.requests.map(({ input }) => (input.Names as string[]).length)).toEqual([10, 10, 5])
  })
})

describe('what is missing', () => {
  it.each([
    ['/nope', 'parameter /nope does not exist'],
    ['/a/b:99', 'parameter /a/b has no version 99'],
    ['/a/b:beta', 'parameter /a/b has no label beta'],
    ['/nope:1', 'parameter /nope does not exist'],
    [`${arn}:99`, `parameter ${arn} has no version 99`],
    [`${arn}x`, `parameter ${arn}x does not exist`],
  ])('%s alone fails with %s', async (text, message) => {
    await expect(values([text])).rejects.toMatchObject({ code: 'not-found', message })
  })

  it('among others is all named, and nothing is returned', async () => {
    const texts = [
      '/a/b',
      '/nope',
      '/a/b:99',
      ...Array.from({ length: 12 }, (_, index) => `/many/p${index}`),
      '/nope',
    ]
    await expect(values(texts)).rejects.toMatchObject({
      code: 'not-found',
      details: ['parameter /nope does not exist', 'parameter /a/b has no version 99'],
    })
  })

  it('stays missing when the parameter itself may not be read', async () => {
    mock.refusals.set('GetParameter', { name: 'AccessDeniedException' })
    await expect(values(['/a/b:99', '/a/b'])).rejects.toMatchObject({
      code: 'not-found',
      message: 'version 99 of parameter /a/b does not exist',
    })
  })
})

describe('refusals', () => {
  it('of a read are reported as such, never as a missing parameter', async () => {
    mock.refusals.set('GetParameter', { name: 'AccessDeniedException', message: 'no' })
    mock.refusals.set('GetParameters', { name: 'AccessDeniedException', message: 'no' })
    await expect(values(['/a/b'])).rejects.toMatchObject({
      code: 'denied',
      message: expect.stringContaining('/a/b'),
    })
    await expect(values(['/a/b', 'flat'])).rejects.toMatchObject({ code: 'denied' })
  })

  it('of a typed Region that contradicts an ARN come before any request', async () => {
    const ssm = { ...mock.access, choice: { region: 'eu-west-1', regionTyped: true } }
    const reading = { ssm, withDecryption: true }
    await expect(getParameters(reading, [parseParameterReference(arn)])).rejects.toMatchObject({
      code: 'usage',
    })
    expect(mock.requests).toEqual([])
  })
})

describe('services that leave the selector out of their answers', () => {
  it('are asked once more for each version, instead of mixing versions up', async () => {
    mock.ssm.middlewareStack.add(
      next => async args => {
        const result = await next(args)
        for (const parameter of (result.output as { Parameters?: { Selector?: string }[] }).Parameters ??
          []) {
          delete parameter.Selector
        }
        return result
      },
      { step: 'initialize', name: 'no-selector' },
    )
    try {
      expect(await values(['/a/b:1', '/a/b', '/a/b:prod'])).toEqual(['one', 'three', 'two'])
    } finally {
      mock.ssm.middlewareStack.remove('no-selector')
    }
  })
})
