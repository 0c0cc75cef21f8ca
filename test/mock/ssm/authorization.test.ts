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
