import { Readable } from 'node:stream'
import { CreateAliasCommand, CreateKeyCommand, DisableKeyCommand } from '@aws-sdk/client-kms'
import { GetParameterHistoryCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type CopyRequest, planCopy } from '../../src/parameters/copy-plan.ts'
import { parseParameterReference } from '../../src/parameters/parameter-reference.ts'
import { storeAll } from '../../src/parameters/store-all.ts'
import { type MockClients, openMockClients } from './mock-clients.ts'

let here: MockClients
let there: MockClients

beforeAll(async () => {
  ;[here, there] = await Promise.all([openMockClients(), openMockClients()])
  for (const { kms } of [here, there]) {
    const client = await kms.client()
    const { KeyMetadata } = await client.send(new CreateKeyCommand({}))
    await client.send(new CreateAliasCommand({ AliasName: 'alias/app', TargetKeyId: KeyMetadata?.KeyId }))
  }
})
afterAll(() => Promise.all([here.close(), there.close()]))
beforeEach(() => {
  for (const mock of [here, there]) {
    mock.requests.length = 0
    mock.refusals.clear()
  }
})

let count = 0
async function original(more: object = {}): Promise<string> {
  count += 1
  const Name = `/from/p${count}`
  await here.ssm.send(new PutParameterCommand({ Name, Value: 'v', Type: 'String', ...more }))
  return Name
}

function requestOf(from: string, to: string, more: Partial<CopyRequest> = {}): CopyRequest {
  return {
    from: here.access,
    to: there.access,
    toKms: there.kms,
    source: { reference: parseParameterReference(from), to },
    sameAccount: false,
    type: undefined,
    keyId: undefined,
    defaultKeyId: undefined,
    tier: undefined,
    overwrite: false,
    allowSealed: false,
    ...more,
  }
}

async function copy(request: CopyRequest) {
  const plan = await planCopy(request)
  await storeAll({ ssm: request.to, kms: there.kms }, plan)
  return plan.map(({ change }) => change)
}
const sent = (mock: MockClients, operation: string) =>
  mock.requests.filter(request => request.operation === operation).map(({ input }) => input)

describe('a place where one may write but not look', () => {
  it('gets new parameters, and refuses those that it has', async () => {
    const from = await original()
    there.refusals.set('DescribeParameters', { name: 'AccessDeniedException', message: 'no' })
    expect(await copy(requestOf(from, '/blind'))).toEqual(['added'])
    await expect(copy(requestOf(from, '/blind'))).resolves.toEqual(['added'])
    await here.ssm.send(new PutParameterCommand({ Name: from, Value: 'other', Overwrite: true }))
    await expect(copy(requestOf(from, '/blind'))).rejects.toMatchObject({ code: 'exists' })
  })

  it('is not overwritten, since type and key would be guessed', async () => {
    const from = await original()
    await copy(requestOf(from, '/guarded'))
    there.refusals.set('DescribeParameters', { name: 'AccessDeniedException', message: 'no' })
    there.requests.length = 0
    await expect(copy(requestOf(from, '/guarded', { overwrite: true }))).rejects.toMatchObject({
      code: 'denied',
    })
    expect(sent(there, 'PutParameter')).toEqual([])
  })
})

it('an overwrite stores only what differs, and what may not be read differs', async () => {
  const secret = { Type: 'SecureString', KeyId: 'alias/aws/ssm' }
  const from = await original(secret)
  const request = requestOf(from, '/same', { overwrite: true })
  expect(await copy(request)).toEqual(['added'])
  expect(await copy(request)).toEqual(['unchanged'])
  expect(sent(there, 'PutParameter')).toHaveLength(1)
  there.refusals.set('GetParameter', { name: 'AccessDeniedException', message: 'no' })
  expect(await copy(request)).toEqual(['changed'])
})

it('a place that cannot be reached is no reason to write', async () => {
  const from = await original()
  const request = requestOf(from, '/far', { overwrite: true })
  await copy(request)
  there.requests.length = 0
  there.refusals.set('GetParameter', { name: 'InternalServerError', status: 500 })
  await expect(copy(request)).rejects.toMatchObject({ code: 'unavailable' })
  expect(sent(there, 'PutParameter')).toEqual([])
})

describe('policies', () => {
  const Policies = JSON.stringify([
    { Type: 'NoChangeNotification', Version: '1.0', Attributes: { After: '20', Unit: 'Days' } },
  ])

  it('come along with the tier that has them, and are never lost unasked', async () => {
    const from = await original({ Tier: 'Advanced', Policies })
    await expect(planCopy(requestOf(from, '/pol'))).rejects.toMatchObject({
      code: 'usage',
      hint: expect.stringMatching(/--tier Advanced.*--tier Standard/),
    })
    expect(await copy(requestOf(from, '/pol', { tier: 'Advanced' }))).toEqual(['added'])
    const { Parameters = [] } = await there.ssm.send(new GetParameterHistoryCommand({ Name: '/pol' }))
    const [text = ''] = Parameters[0]?.Policies?.map(({ PolicyText }) => PolicyText) ?? []
    expect(JSON.parse(`[${text}]`)).toEqual(JSON.parse(Policies))
    expect(await copy(requestOf(from, '/pol', { overwrite: true }))).toEqual(['unchanged'])
    expect(await copy(requestOf(from, '/plainer', { tier: 'Standard' }))).toEqual(['added'])
    expect(sent(there, 'PutParameter').at(-1)).not.toHaveProperty('Policies')
  })
})

describe('a parameter of another account', () => {
  const arn = 'arn:aws:ssm:us-east-1:999999999999:parameter/from/shared'
  const parameter = { Name: '/from/shared', Type: 'SecureString', Value: 'v', Version: 3, ARN: arn }
  const history = [{ ...parameter, Value: 'x', KeyId: 'alias/app', Description: 'theirs', Policies: [] }]

  /** A service that knows only what is given; anything else is denied. */
  function sharing(answers: Record<string, object>) {
    const client = new SSMClient({
      region: 'us-east-1',
      endpoint: 'https://shared.invalid',
      credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
      requestHandler: {
        async handle({ headers }: { headers: Record<string, string> }) {
          const answer = answers[headers['x-amz-target']?.split('.')[1] ?? '']
          const body = JSON.stringify(answer ?? { __type: 'AccessDeniedException', message: 'no' })
          const statusCode = answer === undefined ? 400 : 200
          return {
            response: {
              statusCode,
              headers: { 'content-type': 'application/x-amz-json-1.1' },
              body: Readable.from([Buffer.from(body)]),
            },
          }
        },
      },
    })
    return { client: async () => client, choice: { region: undefined, regionTyped: false } }
  }
  const read = { GetParameter: { Parameter: parameter }, DescribeParameters: { Parameters: [] } }
  // One's own parameter of that name must not lend its key, description and tags.
  const own = { Name: '/from/shared', ARN: arn.replace('999999999999', '123456789012'), KeyId: 'alias/own' }

  it.each([
    ['nothing but the value', read, 'all but the value', undefined],
    ['its history', { ...read, GetParameterHistory: { Parameters: history } }, 'tags', 'theirs'],
    [
      'the value, beside one of our own',
      { ...read, DescribeParameters: { Parameters: [own] } },
      'all but the value',
      undefined,
    ],
  ])('shares %s', async (_, answers, unknown, description) => {
    const request = requestOf(arn, '/mine', { from: sharing(answers), sameAccount: true })
    await expect(planCopy(request)).rejects.toMatchObject({
      code: 'usage',
      hint: expect.stringContaining('--key-id'),
    })
    const [planned] = await planCopy({ ...request, keyId: 'alias/app' })
    expect(planned).toMatchObject({ unknown, input: { KeyId: 'alias/app', Type: 'SecureString' } })
    expect(planned?.input?.Description).toBe(description)
  })

  it('has tags that only AWS sets left out', async () => {
    const mine = { ...own, ARN: arn, Type: 'String', Version: 3 }
    const from = sharing({
      GetParameter: { Parameter: { ...parameter, Type: 'String' } },
      DescribeParameters: { Parameters: [mine] },
      ListTagsForResource: {
        TagList: ['aws:cloudformation:stack-name', 'Owner'].map(Key => ({ Key, Value: 'v' })),
      },
    })
    const [planned] = await planCopy(requestOf(arn, '/tagged', { from }))
    expect(planned?.input?.Tags).toEqual([{ Key: 'Owner', Value: 'v' }])
  })
})

describe('a key that is named', () => {
  it('is refused when no parameter can have it', async () => {
    const kms = await there.kms.client()
    const rsa = await kms.send(new CreateKeyCommand({ KeySpec: 'RSA_2048', KeyUsage: 'ENCRYPT_DECRYPT' }))
    const disabled = await kms.send(new CreateKeyCommand({}))
    const [rsaId = '', disabledId = ''] = [rsa, disabled].map(({ KeyMetadata }) => KeyMetadata?.KeyId)
    await kms.send(new DisableKeyCommand({ KeyId: disabledId }))
    const from = await original({ Type: 'SecureString' })
    await expect(planCopy(requestOf(from, '/k', { keyId: rsaId }))).rejects.toMatchObject({
      code: 'failed',
      message: expect.stringContaining('RSA_2048'),
    })
    await expect(planCopy(requestOf(from, '/k', { keyId: disabledId }))).rejects.toMatchObject({
      hint: expect.stringContaining('kmseal enable-key'),
    })
  })

  it('passes when it may not be looked at', async () => {
    there.refusals.set('DescribeKey', { name: 'AccessDeniedException' })
    const from = await original({ Type: 'SecureString' })
    const plan = await planCopy(requestOf(from, '/k', { keyId: 'alias/unseen' }))
    expect(plan).toMatchObject([{ change: 'added', input: { KeyId: 'alias/unseen' } }])
  })
})
