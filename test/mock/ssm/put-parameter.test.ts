import {
  DescribeParametersCommand,
  GetParameterCommand,
  GetParameterHistoryCommand,
  LabelParameterVersionCommand,
  ListTagsForResourceCommand,
  type ParameterType,
  PutParameterCommand,
  type PutParameterCommandInput,
  type SSMClient,
} from '@aws-sdk/client-ssm'
import { describe, expect, test } from 'vitest'
import { openMock, refusal, root } from '../mock-clients.ts'

const put = (ssm: SSMClient, input: Partial<PutParameterCommandInput>) =>
  ssm.send(new PutParameterCommand({ Name: '/p', Value: 'v', ...input }))

async function describeOne(ssm: SSMClient, name = '/p') {
  const found = await ssm.send(
    new DescribeParametersCommand({ ParameterFilters: [{ Key: 'Name', Values: [name] }] }),
  )
  return found.Parameters?.[0]
}

describe('versions', () => {
  test('each write makes one, also of the same value', async () => {
    const { ssm } = await openMock()
    expect(await put(ssm, { Type: 'String' })).toMatchObject({ Version: 1, Tier: 'Standard' })
    expect(await put(ssm, { Overwrite: true })).toMatchObject({ Version: 2 })
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: '/p' }))
    expect(Parameter).toEqual({
      Name: '/p',
      Type: 'String',
      Value: 'v',
      Version: 2,
      LastModifiedDate: new Date('2030-01-02T03:04:05.678Z'),
      ARN: 'arn:aws:ssm:eu-west-1:000000000000:parameter/p',
      DataType: 'text',
    })
  })

  test('an existing parameter needs Overwrite, a new one needs a type', async () => {
    const { ssm } = await openMock()
    expect(await refusal(put(ssm, {}))).toBe(
      'ValidationException: A parameter type is required when you create a parameter.',
    )
    await put(ssm, { Type: 'String', Overwrite: true })
    expect(await refusal(put(ssm, { Type: 'String' }))).toBe(
      'ParameterAlreadyExists: The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
    )
  })

  test('an overwrite keeps type, description and pattern that it does not name', async () => {
    const { ssm } = await openMock()
    await put(ssm, { Type: 'StringList', Value: 'a,b', Description: 'letters', AllowedPattern: '[a-z]' })
    await put(ssm, { Value: 'c', Overwrite: true })
    expect(await describeOne(ssm)).toMatchObject({
      Type: 'StringList',
      Description: 'letters',
      AllowedPattern: '[a-z]',
      LastModifiedUser: root,
      Policies: [],
      Tier: 'Standard',
      Version: 2,
    })
  })

  test('the newest hundred are kept, unless the oldest is labelled', async () => {
    const { ssm } = await openMock()
    for (let i = 1; i <= 101; i++) await put(ssm, { Type: 'String', Value: `${i}`, Overwrite: true })
    const versions: (number | undefined)[] = []
    let NextToken: string | undefined
    do {
      const page = await ssm.send(
        new GetParameterHistoryCommand({ Name: '/p', ...(NextToken ? { NextToken } : {}) }),
      )
      versions.push(...(page.Parameters ?? []).map(version => version.Version))
      NextToken = page.NextToken
    } while (NextToken)
    expect(versions).toEqual(Array.from({ length: 100 }, (_, i) => i + 2))
    await ssm.send(new LabelParameterVersionCommand({ Name: '/p', ParameterVersion: 2, Labels: ['keep'] }))
    expect(await refusal(put(ssm, { Overwrite: true }))).toBe(
      "ParameterMaxVersionLimitExceeded: You attempted to create a new version of /p by calling the PutParameter API with the overwrite flag. Version 2, the oldest version, can't be deleted because it has a label associated with it. Move the label to another version of the parameter, and try again.",
    )
  })
})

describe('values', () => {
  test.each([
    [
      '',
      "1 validation error detected: Value at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ],
    ['x{{ssm:y}}', 'Parameter value can\'t nest another parameter. Do not use "{{}}" in the value.'],
    [
      'x'.repeat(4097),
      'Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html',
    ],
  ])('are refused without being quoted (case %#)', async (Value, text) => {
    const { ssm } = await openMock()
    expect(await refusal(put(ssm, { Type: 'String', Value }))).toBe(`ValidationException: ${text}`)
  })

  test('a lone {{, new lines and addresses are ordinary text', async () => {
    const { ssm } = await openMock()
    for (const Value of ['{{', ' a\n\tb ', 'https://example.com', '-x', 'äöü€😀']) {
      await put(ssm, { Type: 'String', Value, Overwrite: true })
      expect((await ssm.send(new GetParameterCommand({ Name: '/p' }))).Parameter?.Value).toBe(Value)
    }
  })

  test('must match all of AllowedPattern, item by item in a list', async () => {
    const { ssm } = await openMock()
    await put(ssm, { Type: 'StringList', Value: '1,22', AllowedPattern: '\\d{1,4}' })
    const mismatch =
      'ParameterPatternMismatchException: Parameter value, cannot be validated against allowedPattern: \\d{1,4}'
    expect(await refusal(put(ssm, { Value: '1,x2', Overwrite: true }))).toBe(mismatch)
    expect(await refusal(put(ssm, { Type: 'String', Value: '1,2', Overwrite: true }))).toBe(mismatch)
    expect(await refusal(put(ssm, { AllowedPattern: '(', Overwrite: true }))).toContain(
      'InvalidAllowedPatternException',
    )
  })

  test('a pattern that would run forever is stopped', async () => {
    const { ssm } = await openMock()
    const call = put(ssm, { Type: 'String', Value: `${'a'.repeat(40)}!`, AllowedPattern: '(a+)+' })
    expect(await refusal(call)).toBe(
      'InvalidAllowedPatternException: The allowed pattern takes too long to evaluate.',
    )
  })
})

describe('requests that contradict themselves', () => {
  test.each([
    [
      { Type: 'String', Overwrite: true, Tags: [{ Key: 'a', Value: 'b' }] },
      "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.",
    ],
    [{ Type: 'String', KeyId: 'alias/kmseal' }, 'KeyId is required for SecureString type parameter only.'],
    [
      { Type: 'X' as ParameterType },
      "1 validation error detected: Value 'X' at 'type' failed to satisfy constraint: Member must satisfy enum value set: [SecureString, StringList, String]",
    ],
    [
      { Type: 'String', DataType: 'Text' },
      'The following data type is not supported: Text. (Data type names are all lowercase.)',
    ],
    [
      { Type: 'StringList', DataType: 'aws:ec2:image' },
      'The aws:ec2:image data type is not supported for the following input type: StringList',
    ],
  ] as const)('%j', async (input, text) => {
    const { ssm } = await openMock()
    expect(await refusal(put(ssm, input as Partial<PutParameterCommandInput>))).toBe(
      `ValidationException: ${text}`,
    )
  })
})

describe('tiers', () => {
  test('Advanced takes 8192 bytes, and never goes back', async () => {
    const { ssm } = await openMock()
    await put(ssm, { Type: 'String' })
    const Value = 'x'.repeat(8192)
    expect(await put(ssm, { Value, Tier: 'Advanced', Overwrite: true })).toMatchObject({ Tier: 'Advanced' })
    expect(await put(ssm, { Overwrite: true })).toMatchObject({ Tier: 'Advanced' })
    expect(await put(ssm, { Tier: 'Intelligent-Tiering', Overwrite: true })).toMatchObject({
      Tier: 'Advanced',
    })
    expect(await refusal(put(ssm, { Tier: 'Standard', Overwrite: true }))).toBe(
      "ValidationException: This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter tier to the standard-parameter tier. If necessary, you can delete the advanced parameter and recreate it as a standard parameter.",
    )
    expect(await refusal(put(ssm, { Value: `${Value}x`, Overwrite: true }))).toBe(
      'ValidationException: The specified parameter value is too large. Advanced-tier parameters support a maximum parameter value of 8192 characters.',
    )
  })

  test('Intelligent-Tiering takes Advanced only when the value needs it', async () => {
    const { ssm } = await openMock()
    const Tier = 'Intelligent-Tiering'
    expect(await put(ssm, { Name: '/small', Type: 'String', Tier })).toMatchObject({ Tier: 'Standard' })
    const Value = 'x'.repeat(4097)
    expect(await put(ssm, { Name: '/large', Type: 'String', Tier, Value })).toMatchObject({
      Tier: 'Advanced',
    })
  })
})

test('a new parameter takes tags along', async () => {
  const { ssm } = await openMock()
  await put(ssm, { Type: 'String', Tags: [{ Key: 'Note', Value: 'a=b c' }] })
  const { TagList } = await ssm.send(
    new ListTagsForResourceCommand({ ResourceType: 'Parameter', ResourceId: '/p' }),
  )
  expect(TagList).toEqual([{ Key: 'Note', Value: 'a=b c' }])
})
