import {
  AddTagsToResourceCommand,
  GetParameterCommand,
  ListTagsForResourceCommand,
  PutParameterCommand,
  RemoveTagsFromResourceCommand,
  type ResourceTypeForTagging,
  type SSMClient,
} from '@aws-sdk/client-ssm'
import { beforeEach, expect, test } from 'vitest'
import { openMock, refusal } from '../mock-clients.ts'

let ssm: SSMClient
const parameter = { ResourceType: 'Parameter', ResourceId: '/a' } as const
const add = (...Tags: { Key: string; Value: string }[]) =>
  ssm.send(new AddTagsToResourceCommand({ ...parameter, Tags }))
const list = async () => (await ssm.send(new ListTagsForResourceCommand(parameter))).TagList

beforeEach(async () => {
  ssm = (await openMock()).ssm
  await ssm.send(new PutParameterCommand({ Name: '/a', Value: 'v', Type: 'String' }))
})

test('tags are added, replaced and removed without a new version', async () => {
  expect(await list()).toEqual([])
  await add({ Key: 'Owner', Value: 'ops' }, { Key: 'Env', Value: 'test' })
  await add({ Key: 'Env', Value: 'prod' })
  expect(await list()).toEqual([
    { Key: 'Owner', Value: 'ops' },
    { Key: 'Env', Value: 'prod' },
  ])
  await ssm.send(new RemoveTagsFromResourceCommand({ ...parameter, TagKeys: ['Owner', 'none'] }))
  expect(await list()).toEqual([{ Key: 'Env', Value: 'prod' }])
  expect((await ssm.send(new GetParameterCommand({ Name: '/a' }))).Parameter?.Version).toBe(1)
})

test('what is no parameter cannot be tagged', async () => {
  const on = (ResourceType: ResourceTypeForTagging, ResourceId: string) =>
    refusal(ssm.send(new ListTagsForResourceCommand({ ResourceType, ResourceId })))
  expect(await on('Parameter', '/none')).toBe('InvalidResourceId')
  expect(await on('Document', '/a')).toBe('InvalidResourceId')
  expect(await on('Nothing' as ResourceTypeForTagging, '/a')).toContain('ValidationException')
})

test('reserved keys and more than fifty tags are refused', async () => {
  expect(await refusal(add({ Key: 'aws:x', Value: '' }))).toContain('ValidationException')
  await add(...Array.from({ length: 50 }, (_, i) => ({ Key: `k${i}`, Value: '' })))
  expect(await refusal(add({ Key: 'more', Value: '' }))).toBe('TooManyTagsError')
})
