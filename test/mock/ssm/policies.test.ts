import {
  AddTagsToResourceCommand,
  DeleteParameterCommand,
  DescribeParametersCommand,
  GetParameterCommand,
  GetParameterHistoryCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  PutParameterCommand,
  type PutParameterCommandInput,
} from '@aws-sdk/client-ssm'
import { describe, expect, test } from 'vitest'
import { type Mock, openMock, refusal } from '../mock-clients.ts'

const expiration = (Timestamp: string) => ({ Type: 'Expiration', Version: '1.0', Attributes: { Timestamp } })
const notice = (Before: string, Unit = 'Days') => ({
  Type: 'ExpirationNotification',
  Version: '1.0',
  Attributes: { Before, Unit },
})
const noChange = (After: string, Unit = 'Hours') => ({
  Type: 'NoChangeNotification',
  Version: '1.0',
  Attributes: { After, Unit },
})
// The mock's clock begins on 2 January 2030.
const in10Days = expiration('2030-01-12T03:04:05.678Z')

const put = (mock: Mock, policies: unknown, more: Partial<PutParameterCommandInput> = {}) =>
  mock.ssm.send(
    new PutParameterCommand({
      Name: '/p/a',
      Value: 'v',
      Type: 'String',
      Tier: 'Advanced',
      Overwrite: true,
      ...(policies === undefined ? {} : { Policies: JSON.stringify(policies) }),
      ...more,
    }),
  )

async function policiesOf(mock: Mock) {
  const { Parameters } = await mock.ssm.send(new DescribeParametersCommand({}))
  return Parameters?.[0]?.Policies
}

test('policies are shown as they were given, with their state by the clock', async () => {
  const mock = await openMock()
  const given = [in10Days, notice('3'), noChange('36')]
  await put(mock, given)
  const shown = (status: (type: string) => string) =>
    given.map(policy => ({
      PolicyText: JSON.stringify(policy),
      PolicyType: policy.Type,
      PolicyStatus: status(policy.Type),
    }))
  expect(await policiesOf(mock)).toEqual(shown(() => 'Pending'))
  mock.passDays(2)
  expect(await policiesOf(mock)).toEqual(
    shown(type => (type === 'NoChangeNotification' ? 'Finished' : 'Pending')),
  )
  mock.passDays(6)
  expect(await policiesOf(mock)).toEqual(shown(type => (type === 'Expiration' ? 'Pending' : 'Finished')))
})

test('an overwrite keeps them, a new set replaces them, an empty object removes them', async () => {
  const mock = await openMock()
  await put(mock, [in10Days])
  await put(mock, undefined, { Value: 'w' })
  expect(await policiesOf(mock)).toMatchObject([{ PolicyType: 'Expiration' }])
  await put(mock, [noChange('1')])
  expect(await policiesOf(mock)).toMatchObject([{ PolicyType: 'NoChangeNotification' }])
  await put(mock, [{}])
  expect(await policiesOf(mock)).toEqual([])
  const { Parameters } = await mock.ssm.send(new GetParameterHistoryCommand({ Name: '/p/a' }))
  expect(Parameters?.map(version => version.Policies?.length)).toEqual([1, 1, 1, 0])
})

test('a parameter is gone when it expires, and its name is free', async () => {
  const mock = await openMock()
  await put(mock, [in10Days])
  mock.passDays(9)
  await mock.ssm.send(new GetParameterCommand({ Name: '/p/a' }))
  mock.passDays(1)
  const none = 'ParameterNotFound'
  expect(await refusal(mock.ssm.send(new GetParameterCommand({ Name: '/p/a' })))).toContain(none)
  expect(await refusal(mock.ssm.send(new GetParameterHistoryCommand({ Name: '/p/a' })))).toContain(none)
  expect(await refusal(mock.ssm.send(new DeleteParameterCommand({ Name: '/p/a' })))).toContain(none)
  const tag = { ResourceType: 'Parameter' as const, ResourceId: '/p/a', Tags: [{ Key: 'a', Value: 'b' }] }
  expect(await refusal(mock.ssm.send(new AddTagsToResourceCommand(tag)))).toContain('InvalidResourceId')
  const { InvalidParameters } = await mock.ssm.send(new GetParametersCommand({ Names: ['/p/a'] }))
  expect(InvalidParameters).toEqual(['/p/a'])
  expect((await mock.ssm.send(new GetParametersByPathCommand({ Path: '/p' }))).Parameters).toEqual([])
  expect((await mock.ssm.send(new DescribeParametersCommand({}))).Parameters).toEqual([])
  expect(await put(mock, undefined, { Tier: 'Standard', Overwrite: false })).toMatchObject({
    Version: 1,
    Tier: 'Standard',
  })
  expect(await policiesOf(mock)).toEqual([])
})

test('parameters that expired take no room for good', async () => {
  const mock = await openMock()
  for (let index = 0; index < 30; index += 1) await put(mock, [in10Days], { Name: `/p/${index}` })
  mock.passDays(11)
  for (let index = 0; index < 4; index += 1) await put(mock, undefined, { Name: '/p/new' })
  expect(mock.emulator.status().parameters).toBe(1)
})

test('a later date, with its offset, takes the place of an earlier one', async () => {
  const mock = await openMock()
  await put(mock, [in10Days])
  await put(mock, [expiration('2030-02-01T00:00:00.000+02:00')])
  mock.passDays(20)
  await mock.ssm.send(new GetParameterCommand({ Name: '/p/a' }))
  mock.passDays(10)
  expect(await refusal(mock.ssm.send(new GetParameterCommand({ Name: '/p/a' })))).toContain('NotFound')
})

describe('tiers', () => {
  test.each([undefined, 'Standard'] as const)('not with tier %s', async Tier => {
    const mock = await openMock()
    expect(await refusal(put(mock, [in10Days], { Tier, Overwrite: false }))).toBe(
      "ValidationException: You can't assign parameter policies to a standard-parameter tier.",
    )
  })

  test('Intelligent-Tiering takes Advanced for them', async () => {
    const mock = await openMock()
    expect(await put(mock, [in10Days], { Tier: 'Intelligent-Tiering' })).toMatchObject({ Tier: 'Advanced' })
  })
})

describe('refuses', () => {
  const attribute = 'InvalidPolicyAttributeException: '
  const bare = (Type: string, Attributes?: unknown, Version = '1.0') => [{ Type, Version, Attributes }]
  test.each<[unknown, string]>([
    [{}, 'ValidationException: Invalid policies input'],
    [['x'], 'ValidationException: Invalid policies input'],
    [
      Array(11).fill(noChange('1')),
      'PoliciesLimitExceededException: Number of policies attached to a parameter cannot exceed 10',
    ],
    [bare('Other', {}), 'InvalidPolicyTypeException: Policy type Other is not supported.'],
    [bare('Expiration', {}, '2.0'), 'InvalidPolicyTypeException: Unsupported policy version.'],
    [bare('Expiration'), `${attribute}Mandatory policy attribute Attributes is missing.`],
    [bare('Expiration', {}), `${attribute}A valid Expiration policy must have an attribute of Timestamp.`],
    [[expiration('tomorrow')], `${attribute}Invalid timestamp format`],
    [[expiration('2030-13-01T00:00:00Z')], `${attribute}Invalid timestamp format`],
    [
      bare('NoChangeNotification', { Unit: 'Days' }),
      `${attribute}Mandatory policy attribute After is missing.`,
    ],
    [
      [in10Days, ...bare('ExpirationNotification', {})],
      `${attribute}Mandatory policy attribute Before is missing.`,
    ],
    [
      bare('NoChangeNotification', { After: 5, Unit: 'Days' }),
      `${attribute}Attribute After must be a positive integer.`,
    ],
    [[noChange('0')], `${attribute}Attribute After must be a positive integer.`],
    [[noChange('1.5')], `${attribute}Attribute After must be a positive integer.`],
    [[noChange('1', 'Weeks')], `${attribute}Supported time units: DAYS HOURS`],
    [[in10Days, in10Days], 'IncompatiblePolicyException: There can be only one expiration policy'],
    [
      [notice('1')],
      'IncompatiblePolicyException: Expiration notification policies are missing expiration policy',
    ],
  ])('%j', async (policies, message) => {
    const mock = await openMock()
    expect(await refusal(put(mock, policies))).toBe(message)
  })

  test('text that is no JSON', async () => {
    const mock = await openMock()
    expect(await refusal(put(mock, undefined, { Policies: '[' }))).toBe(
      'ValidationException: Invalid policies input',
    )
  })
})
