import {
  DeleteParameterCommand,
  DeleteParametersCommand,
  GetParameterCommand,
  GetParametersCommand,
  PutParameterCommand,
  type SSMClient,
} from '@aws-sdk/client-ssm'
import { describe, expect, test } from 'vitest'
import { openMock, refusal } from '../mock-clients.ts'

const put = (ssm: SSMClient, Name: string, Value = 'v') =>
  ssm.send(new PutParameterCommand({ Name, Value, Type: 'String' }))
const get = (ssm: SSMClient, Name: string) => ssm.send(new GetParameterCommand({ Name }))
const malformed =
  'ValidationException: Parameter name: can\'t be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_'
const reserved =
  'ValidationException: Parameter name: can\'t be prefixed with "aws" or "ssm" (case-insensitive).'

describe('a new name', () => {
  test.each([
    ['awsTest', reserved],
    ['SSM-x', reserved],
    ['/aws/x', 'AccessDeniedException: No access to reserved parameter name: /aws/x'],
    ['/ssm/x', malformed],
    ['a b', malformed],
    ['/a//b', malformed],
    ['/a@b', malformed],
    ['/a:1', malformed],
    ['a/b', 'ValidationException: Parameter name must be a fully qualified name.'],
    ['/a/', 'ValidationException: Parameter name must not end with slash.'],
    [
      `/${'a/'.repeat(15)}b`,
      'HierarchyLevelLimitExceededException: A hierarchy can have a maximum of 15 levels.',
    ],
  ])('%s is refused', async (name, text) => {
    const { ssm } = await openMock()
    expect(await refusal(put(ssm, name))).toBe(text)
  })

  test('that is too long with its ARN is denied', async () => {
    const { ssm } = await openMock()
    const room = 1011 - 'arn:aws:ssm:eu-west-1:000000000000:parameter'.length
    expect(await refusal(put(ssm, `/${'a'.repeat(room)}`))).toContain('AccessDeniedException')
    await put(ssm, `/${'a'.repeat(room - 1)}`)
    expect(await refusal(get(ssm, `/${'a'.repeat(2047)}`))).toBe('ParameterNotFound')
  })

  test('may hold aws after the first level, and spaces around it are cut', async () => {
    const { ssm } = await openMock()
    await put(ssm, ' /my/aws/x ')
    expect((await get(ssm, '/my/aws/x')).Parameter?.Name).toBe('/my/aws/x')
  })
})

test('x and /x are one parameter, and its name stays as it was created', async () => {
  const { ssm } = await openMock()
  await put(ssm, 'x')
  expect(await refusal(put(ssm, '/x'))).toContain('ParameterAlreadyExists')
  const { Parameter } = await get(ssm, '/x')
  expect(Parameter).toMatchObject({ Name: 'x', ARN: 'arn:aws:ssm:eu-west-1:000000000000:parameter/x' })
  await ssm.send(new DeleteParameterCommand({ Name: '/x' }))
  expect(await refusal(get(ssm, 'x'))).toBe('ParameterNotFound')
})

describe('an ARN', () => {
  const arn = 'arn:aws:ssm:eu-west-1:000000000000:parameter/a/b'

  test('reads a parameter, with a selector too', async () => {
    const { ssm } = await openMock()
    await put(ssm, '/a/b')
    expect((await get(ssm, arn)).Parameter).toMatchObject({ Name: '/a/b', ARN: arn })
    expect((await get(ssm, `${arn}:1`)).Parameter).toMatchObject({ Name: '/a/b', Selector: ':1' })
  })

  test('of another account is denied', async () => {
    const { ssm } = await openMock()
    const foreign = arn.replace('000000000000', '111122223333')
    expect(await refusal(get(ssm, foreign))).toContain('AccessDeniedException')
  })

  test('does not delete', async () => {
    const { ssm } = await openMock()
    await put(ssm, '/a/b')
    for (const Name of [arn, '/a/b:1']) {
      expect(await refusal(ssm.send(new DeleteParameterCommand({ Name })))).toBe(malformed)
    }
  })
})

describe('GetParameters', () => {
  test('answers in the order of the names and lists what is missing', async () => {
    const { ssm } = await openMock()
    for (const name of ['/b', '/a']) await put(ssm, name)
    const found = await ssm.send(new GetParametersCommand({ Names: ['/z', '/b', '/a:9', '/a'] }))
    expect(found.Parameters?.map(parameter => parameter.Name)).toEqual(['/a', '/b'])
    expect(found.InvalidParameters).toEqual(['/a:9', '/z'])
    const none = await ssm.send(new GetParametersCommand({ Names: ['/z'] }))
    expect(none.Parameters).toEqual([])
  })

  test('takes ten names at most, each once', async () => {
    const { ssm } = await openMock()
    const Names = Array.from({ length: 11 }, (_, i) => `/n${i}`)
    expect(await refusal(ssm.send(new GetParametersCommand({ Names })))).toBe(
      `ValidationException: 1 validation error detected: Value '[${Names.join(', ')}]' at 'names' failed to satisfy constraint: Member must have length less than or equal to 10`,
    )
    const twice = ssm.send(new GetParametersCommand({ Names: ['/a', '/a'] }))
    expect(await refusal(twice)).toContain('ValidationException')
  })
})

test('deleting names what it did and what was not there; a new life starts at version 1', async () => {
  const { ssm } = await openMock()
  await put(ssm, '/a', 'old')
  const deleted = await ssm.send(new DeleteParametersCommand({ Names: ['/none', '/a'] }))
  expect(deleted).toMatchObject({ DeletedParameters: ['/a'], InvalidParameters: ['/none'] })
  expect(await refusal(ssm.send(new DeleteParameterCommand({ Name: '/a' })))).toBe('ParameterNotFound')
  expect(await put(ssm, '/a', 'new')).toMatchObject({ Version: 1 })
  expect((await get(ssm, '/a:1')).Parameter?.Value).toBe('new')
})

test('accounts and Regions do not see each other', async () => {
  const mock = await openMock()
  await put(mock.ssm, '/a')
  for (const caller of [{ region: 'us-east-1' }, { principal: 'arn:aws:iam::111122223333:root' }]) {
    expect(await refusal(get(mock.as(caller).ssm, '/a'))).toBe('ParameterNotFound')
  }
})
