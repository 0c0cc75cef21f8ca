import {
  DeleteParameterCommand,
  DescribeParametersCommand,
  GetParameterCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  PutParameterCommand,
} from '@aws-sdk/client-ssm'
import { expect, test } from 'vitest'
import { alice, byIdentity, denied, identityPolicy } from '../kms/callers.ts'
import { account, openMock, refusal, region } from '../mock-clients.ts'

const arn = (name: string) => `arn:aws:ssm:${region}:${account}:parameter${name}`

test('the identity policy of the caller decides on each parameter that a request names', async () => {
  const mock = await openMock()
  for (const Name of ['/app/a', '/app/b', '/db/a', 'plain']) {
    await mock.ssm.send(new PutParameterCommand({ Name, Value: 'v', Type: 'String' }))
  }
  const { ssm } = mock.as({ principal: alice })
  mock.emulator.setIdentityPolicy(
    alice,
    identityPolicy({ Action: 'ssm:GetParameter*', Resource: [arn('/app/*'), arn('/plain'), arn('/app')] }),
  )
  await ssm.send(new GetParameterCommand({ Name: '/app/a' }))
  await ssm.send(new GetParameterCommand({ Name: 'plain:1' }))
  await ssm.send(new GetParameterCommand({ Name: arn('/app/a') }))
  await ssm.send(new GetParametersByPathCommand({ Path: '/app' }))
  expect(await refusal(ssm.send(new GetParameterCommand({ Name: '/db/a' })))).toBe(
    denied(alice, 'ssm:GetParameter', arn('/db/a'), byIdentity('ssm:GetParameter')),
  )
  const names = (...Names: string[]) => refusal(ssm.send(new GetParametersCommand({ Names })))
  expect(await names('/app/a', '/app/b')).toBe('no refusal')
  expect(await names('/app/a', '/db/a')).toBe(
    denied(alice, 'ssm:GetParameters', arn('/db/a'), byIdentity('ssm:GetParameters')),
  )
  expect(await refusal(ssm.send(new GetParametersByPathCommand({ Path: '/' })))).toContain('AccessDenied')
  expect(await refusal(ssm.send(new DeleteParameterCommand({ Name: '/app/a' })))).toContain('AccessDenied')
  expect(await refusal(ssm.send(new DescribeParametersCommand({})))).toBe(
    denied(
      alice,
      'ssm:DescribeParameters',
      `arn:aws:ssm:${region}:${account}:*`,
      byIdentity('ssm:DescribeParameters'),
    ),
  )
})

test('what a request names besides, or in another form, does not change what it asks for', async () => {
  const mock = await openMock()
  await mock.ssm.send(new PutParameterCommand({ Name: '/secret', Value: 'v', Type: 'String' }))
  mock.emulator.setIdentityPolicy(alice, identityPolicy({}, { Effect: 'Deny', Resource: arn('/secret') }))
  const ask = async (operation: string, body: object) => {
    const answer = await mock.emulator.answer({
      target: `AmazonSSM.${operation}`,
      body: Buffer.from(JSON.stringify(body)),
      caller: { principal: alice, region },
    })
    return JSON.parse(answer.body).__type
  }
  expect(await ask('GetParameter', { Name: 'secret' })).toBe('AccessDeniedException')
  expect(await ask('GetParameter', { Name: ' /secret ' })).toBe('AccessDeniedException')
  expect(await ask('GetParameter', { Name: arn('/secret').replace('aws', 'x') })).toBe('ValidationException')
  mock.emulator.setIdentityPolicy(alice, identityPolicy({ Resource: arn('/open') }))
  expect(await ask('DescribeParameters', { Name: '/open' })).toBe('AccessDeniedException')
})

test('tags, overwriting and recursion are conditions', async () => {
  const mock = await openMock()
  const Tags = [{ Key: 'class', Value: 'secret' }]
  await mock.ssm.send(new PutParameterCommand({ Name: '/a/b', Value: 'v', Type: 'String', Tags }))
  const { ssm } = mock.as({ principal: alice })
  const deny = (Action: string, key: string, value: string) =>
    mock.emulator.setIdentityPolicy(
      alice,
      identityPolicy({}, { Effect: 'Deny', Action, Condition: { StringEquals: { [key]: value } } }),
    )
  deny('ssm:GetParameter', 'aws:ResourceTag/class', 'secret')
  expect(await refusal(ssm.send(new GetParameterCommand({ Name: '/a/b' })))).toContain('explicit deny')
  const put = (more: object) =>
    refusal(ssm.send(new PutParameterCommand({ Name: '/a/c', Value: 'v', Type: 'String', ...more })))
  deny('ssm:*', 'ssm:Overwrite', 'true')
  expect(await put({})).toBe('no refusal')
  expect(await put({ Overwrite: true })).toContain('explicit deny')
  await ssm.send(new GetParameterCommand({ Name: '/a/b' }))
  deny('ssm:*', 'ssm:Recursive', 'true')
  const list = (Recursive: boolean) =>
    refusal(ssm.send(new GetParametersByPathCommand({ Path: '/a', Recursive })))
  expect([await list(false), await list(true)]).toEqual([
    'no refusal',
    expect.stringContaining('explicit deny'),
  ])
  deny('ssm:AddTagsToResource', 'aws:RequestTag/class', 'secret')
  expect(await put({ Name: '/a/d' })).toBe('no refusal')
  expect(await put({ Name: '/a/e', Tags })).toContain('ssm:AddTagsToResource')
})
