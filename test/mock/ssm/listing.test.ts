import {
  AddTagsToResourceCommand,
  DescribeParametersCommand,
  type DescribeParametersCommandInput,
  GetParametersByPathCommand,
  type GetParametersByPathCommandInput,
  LabelParameterVersionCommand,
  type ParameterStringFilter,
  PutParameterCommand,
  paginateDescribeParameters,
  paginateGetParametersByPath,
  type SSMClient,
} from '@aws-sdk/client-ssm'
import { beforeEach, describe, expect, test } from 'vitest'
import { openMock, refusal } from '../mock-clients.ts'

let ssm: SSMClient
const names = ['/a', '/a-x', '/a/b', '/a/b/c', '/a/b/d/e', '/a/z', '/a.y/q', 'flat']

beforeEach(async () => {
  ssm = (await openMock()).ssm
  for (const Name of names) {
    const input =
      Name === '/a/z' ? { Type: 'SecureString' as const, KeyId: 'alias/kmseal' } : { Type: 'String' as const }
    await ssm.send(new PutParameterCommand({ Name, Value: `value of ${Name}`, ...input }))
  }
})

// The paginator writes into its input, hence the copies.
async function byPath(input: GetParametersByPathCommandInput, pageSize = 10) {
  const found: (string | undefined)[] = []
  for await (const page of paginateGetParametersByPath({ client: ssm, pageSize }, { ...input })) {
    found.push(...(page.Parameters ?? []).map(parameter => parameter.Name))
  }
  return found
}

async function described(input: DescribeParametersCommandInput, pageSize = 50) {
  const found: (string | undefined)[] = []
  for await (const page of paginateDescribeParameters({ client: ssm, pageSize }, { ...input })) {
    found.push(...(page.Parameters ?? []).map(parameter => parameter.Name))
  }
  return found
}

describe('GetParametersByPath', () => {
  test.each([
    [{ Path: '/a' }, ['/a/b', '/a/z']],
    [{ Path: '/a/' }, ['/a/b', '/a/z']],
    [{ Path: '/a', Recursive: true }, ['/a/b', '/a/b/c', '/a/b/d/e', '/a/z']],
    [{ Path: '/a/b/d' }, ['/a/b/d/e']],
    [{ Path: '/' }, ['/a', '/a-x', 'flat']],
    [{ Path: '/', Recursive: true }, ['/a', '/a-x', '/a.y/q', '/a/b', '/a/b/c', '/a/b/d/e', '/a/z', 'flat']],
    [{ Path: '/none' }, []],
  ])('%j', async (input, expected) => {
    for (const pageSize of [1, 10]) expect(await byPath(input, pageSize)).toEqual(expected)
  })

  test('filters by type, key and label', async () => {
    await ssm.send(new LabelParameterVersionCommand({ Name: '/a/b', Labels: ['prod'] }))
    await ssm.send(new PutParameterCommand({ Name: '/a/b', Value: 'newer', Overwrite: true }))
    const filter = (ParameterFilters: ParameterStringFilter[]) => byPath({ Path: '/a', ParameterFilters })
    expect(await filter([{ Key: 'Type', Values: ['SecureString'] }])).toEqual(['/a/z'])
    expect(await filter([{ Key: 'KeyId', Option: 'BeginsWith', Values: ['alias/'] }])).toEqual(['/a/z'])
    const labelled = await ssm.send(
      new GetParametersByPathCommand({ Path: '/a', ParameterFilters: [{ Key: 'Label', Values: ['prod'] }] }),
    )
    expect(labelled.Parameters).toMatchObject([{ Name: '/a/b', Version: 1, Value: 'value of /a/b' }])
  })

  test('refuses what the service refuses', async () => {
    const call = (input: Partial<GetParametersByPathCommandInput>) =>
      refusal(ssm.send(new GetParametersByPathCommand({ Path: '/a', ...input })))
    expect(await call({ Path: 'a' })).toContain(
      'ValidationException: The parameter doesn\'t meet the parameter name requirements. The parameter name must begin with a forward slash "/".',
    )
    expect(await call({ MaxResults: 11 })).toBe(
      "ValidationException: 1 validation error detected: Value '11' at 'maxResults' failed to satisfy constraint: Member must have value less than or equal to 10",
    )
    expect(await call({ NextToken: 'bogus' })).toBe('InvalidNextToken: The specified token is not valid.')
    expect(await call({ ParameterFilters: [{ Key: 'Name', Values: ['x'] }] })).toBe(
      'InvalidFilterKey: The following filter key is not valid: Name. Valid filter keys include: [Type, KeyId].',
    )
  })

  test('a token is void in another listing', async () => {
    const { NextToken } = await ssm.send(new GetParametersByPathCommand({ Path: '/a', MaxResults: 1 }))
    const other = ssm.send(new GetParametersByPathCommand({ Path: '/', MaxResults: 1, NextToken }))
    expect(await refusal(other)).toContain('InvalidNextToken')
  })
})

describe('DescribeParameters', () => {
  const filters = (...ParameterFilters: ParameterStringFilter[]) => ({ ParameterFilters })

  test.each([
    [{}, ['/a', '/a-x', '/a.y/q', '/a/b', '/a/b/c', '/a/b/d/e', '/a/z', 'flat']],
    [filters({ Key: 'Name', Values: ['/a/b', 'flat'] }), ['/a/b', 'flat']],
    [filters({ Key: 'Name', Option: 'BeginsWith', Values: ['a/b'] }), ['/a/b', '/a/b/c', '/a/b/d/e']],
    [filters({ Key: 'Name', Option: 'Contains', Values: ['b/'] }), ['/a/b/c', '/a/b/d/e']],
    [filters({ Key: 'Path', Values: ['/a'] }), ['/a/b', '/a/z']],
    [filters({ Key: 'Path', Option: 'Recursive', Values: ['/a/b'] }), ['/a/b/c', '/a/b/d/e']],
    [filters({ Key: 'Type', Values: ['SecureString'] }), ['/a/z']],
    [filters({ Key: 'Path', Values: ['/a'] }, { Key: 'Type', Values: ['String'] }), ['/a/b']],
    [filters({ Key: 'Tier', Values: ['Advanced'] }), []],
    [filters({ Key: 'DataType', Values: ['text'] }, { Key: 'Name', Values: ['/a'] }), ['/a']],
    [{ Filters: [{ Key: 'Name' as const, Values: ['/a/b'] }] }, ['/a/b', '/a/b/c', '/a/b/d/e']],
  ])('%j', async (input, expected) => {
    for (const pageSize of [2, 50]) expect(await described(input, pageSize)).toEqual(expected)
  })

  test('filters by tag, with and without a value', async () => {
    const tag = (ResourceId: string, Value: string) =>
      ssm.send(
        new AddTagsToResourceCommand({
          ResourceType: 'Parameter',
          ResourceId,
          Tags: [{ Key: 'env', Value }],
        }),
      )
    await tag('/a', 'prod')
    await tag('flat', 'test')
    expect(await described(filters({ Key: 'tag:env', Values: ['prod'] }))).toEqual(['/a'])
    expect(await described(filters({ Key: 'tag:env' }))).toEqual(['/a', 'flat'])
  })

  test.each([
    [
      [{ Key: 'Label', Values: ['x'] }],
      'InvalidFilterKey: The following filter key is not valid: Label. Valid filter keys include: [Path, Name, Type, KeyId, Tier].',
    ],
    [
      [{ Key: 'Name', Option: 'X', Values: ['x'] }],
      'InvalidFilterOption: The following filter option is not valid: X. Valid options include: [BeginsWith, Equals].',
    ],
    [
      [
        { Key: 'Name', Values: ['x'] },
        { Key: 'Name', Values: ['y'] },
      ],
      'InvalidFilterKey: The following filter is duplicated in the request: Name. A request can contain only one occurrence of a specific filter.',
    ],
    [
      [{ Key: 'Name' }],
      'InvalidFilterValue: The following filter values are missing : null for filter key Name.',
    ],
    [
      [{ Key: 'Tier', Values: ['Gold'] }],
      'InvalidFilterOption: The following filter value is not valid: Gold. Valid values include: [Standard, Advanced, Intelligent-Tiering].',
    ],
  ])('refuses %j', async (ParameterFilters, text) => {
    expect(await refusal(ssm.send(new DescribeParametersCommand({ ParameterFilters })))).toBe(text)
  })

  test('a filter that matches little gives short pages with a token, as the service does', async () => {
    const mock = await openMock()
    for (let i = 0; i < 1100; i++) {
      const DataType = i === 1050 ? 'aws:ec2:image' : 'text'
      const Name = `/n${String(i).padStart(4, '0')}`
      await mock.raw('AmazonSSM.PutParameter', { Name, Value: 'v', Type: 'String', DataType })
    }
    const input = filters({ Key: 'DataType', Values: ['aws:ec2:image'] })
    const first = await mock.ssm.send(new DescribeParametersCommand(input))
    expect(first.Parameters).toEqual([])
    const { NextToken } = first
    const second = await mock.ssm.send(new DescribeParametersCommand({ ...input, NextToken }))
    expect(second.Parameters?.map(parameter => parameter.Name)).toEqual(['/n1050'])
    expect(second.NextToken).toBeUndefined()
  })

  test('refuses the two kinds of filters together', async () => {
    const call = ssm.send(
      new DescribeParametersCommand({
        Filters: [{ Key: 'Name', Values: ['x'] }],
        ParameterFilters: [{ Key: 'Name', Values: ['x'] }],
      }),
    )
    expect(await refusal(call)).toBe(
      'ValidationException: You can use either Filters or ParameterFilters in a single request.',
    )
  })
})
