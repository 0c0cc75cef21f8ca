import {
  GetParameterCommand,
  GetParameterHistoryCommand,
  LabelParameterVersionCommand,
  PutParameterCommand,
  type SSMClient,
  UnlabelParameterVersionCommand,
} from '@aws-sdk/client-ssm'
import { beforeEach, expect, test } from 'vitest'
import { openMock, refusal } from '../mock-clients.ts'

let ssm: SSMClient
const Name = '/a/b'
const label = (ParameterVersion: number | undefined, ...Labels: string[]) =>
  ssm.send(
    new LabelParameterVersionCommand({ Name, Labels, ...(ParameterVersion ? { ParameterVersion } : {}) }),
  )
const read = async (name: string) => (await ssm.send(new GetParameterCommand({ Name: name }))).Parameter

beforeEach(async () => {
  ssm = (await openMock()).ssm
  for (const Value of ['one', 'two', 'three']) {
    await ssm.send(new PutParameterCommand({ Name, Value, Type: 'String', Overwrite: true }))
  }
})

test('versions and labels select, and the answer says how it was asked', async () => {
  await label(2, 'prod')
  expect(await read('/a/b:1')).toMatchObject({ Name, Value: 'one', Selector: ':1' })
  expect(await read('/a/b:prod')).toMatchObject({ Name, Value: 'two', Selector: ':prod' })
  expect(await read('/a/b')).not.toHaveProperty('Selector')
})

test('an absent version or label is told apart from an absent parameter', async () => {
  expect(await refusal(read('/a/b:99'))).toBe(
    'ParameterVersionNotFound: Systems Manager could not find version 99 of /a/b. Verify the version and try again.',
  )
  expect(await refusal(read('/a/b:prod'))).toContain('ParameterVersionNotFound')
  expect(await refusal(read('/none:1'))).toBe('ParameterNotFound')
})

test('a label moves silently, bad ones are reported and the others applied', async () => {
  await label(2, 'prod')
  expect(await label(3, 'prod', '1bad', 'awsX', 'good')).toMatchObject({
    ParameterVersion: 3,
    InvalidLabels: ['1bad', 'awsX'],
  })
  expect((await read('/a/b:prod'))?.Value).toBe('three')
  const { Parameters } = await ssm.send(new GetParameterHistoryCommand({ Name }))
  expect(Parameters?.map(version => version.Labels)).toEqual([[], [], ['good', 'prod']])
})

test('the latest version is labelled unless one is named', async () => {
  expect(await label(undefined, 'now')).toMatchObject({ ParameterVersion: 3, InvalidLabels: [] })
})

test('a version has ten labels at most', async () => {
  await label(1, ...Array.from({ length: 10 }, (_, i) => `l${i}`))
  expect(await refusal(label(1, 'more'))).toBe(
    'ParameterVersionLabelLimitExceeded: A parameter version can have maximum 10 labels.Move one or more labels to another version and try again.',
  )
})

test('labels are taken off the version that has them', async () => {
  await label(2, 'prod')
  const unlabel = (ParameterVersion: number) =>
    ssm.send(new UnlabelParameterVersionCommand({ Name, ParameterVersion, Labels: ['prod'] }))
  expect(await unlabel(1)).toMatchObject({ RemovedLabels: [], InvalidLabels: ['prod'] })
  expect(await unlabel(2)).toMatchObject({ RemovedLabels: ['prod'], InvalidLabels: [] })
  expect(await refusal(unlabel(9))).toContain('ParameterVersionNotFound')
})

test('history gives pages, oldest first', async () => {
  const first = await ssm.send(new GetParameterHistoryCommand({ Name, MaxResults: 2 }))
  expect(first.Parameters?.map(version => version.Value)).toEqual(['one', 'two'])
  const second = await ssm.send(new GetParameterHistoryCommand({ Name, NextToken: first.NextToken }))
  expect(second.Parameters?.map(version => version.Value)).toEqual(['three'])
  expect(second.NextToken).toBeUndefined()
  expect(await refusal(ssm.send(new GetParameterHistoryCommand({ Name: '/none' })))).toBe('ParameterNotFound')
  const foreign = ssm.send(new GetParameterHistoryCommand({ Name, NextToken: 'bogus' }))
  expect(await refusal(foreign)).toBe('InvalidNextToken: The specified token is not valid.')
})
