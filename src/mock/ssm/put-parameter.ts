/** PutParameter: makes a parameter, or a new version of one. */

import { conditionValues } from '../../policy/request.ts'
import { AwsException, validationException } from '../exceptions.ts'
import { type Context, defineOperation } from '../operation.ts'
import { boolean, type InputOf, required, string } from '../validation.ts'
import { checkAllowedPattern } from './allowed-pattern.ts'
import { authorizeParameter } from './authorize.ts'
import { nameMember, refuseReservedTags, tagsMember } from './members.ts'
import { readNewName } from './names.ts'
import {
  clearExpired,
  countParameters,
  loadParameter,
  loadVersion,
  type ParameterHead,
  type ParameterType,
  type ParameterVersion,
  parameterTypes,
  removeVersion,
  saveParameter,
  saveVersion,
  sweepExpired,
} from './parameter-record.ts'
import { expirationOf, readPolicies } from './policies.ts'
import { checkDataType, checkValue } from './put-checks.ts'
import { defaultKeyId, encryptValue } from './secure-string.ts'
import { chooseTier } from './tiers.ts'

const mostVersions = 100
const mostTags = 50

const shape = {
  Name: nameMember,
  Value: required(string({ min: 1, sensitive: true })),
  Type: string({ values: parameterTypes }),
  KeyId: string({ min: 1, max: 256, pattern: /^([a-zA-Z0-9:/_-]+)$/ }),
  Overwrite: boolean(),
  Description: string({ max: 1024 }),
  AllowedPattern: string({ max: 1024 }),
  Tags: tagsMember,
  Tier: string({ values: ['Standard', 'Advanced', 'Intelligent-Tiering'] }),
  Policies: string({ min: 1, max: 4096 }),
  DataType: string({ max: 128 }),
}

/** The new version as it will be stored, except that its value is still plain. */
interface Draft {
  readonly head: ParameterHead
  readonly version: ParameterVersion
  readonly before: ParameterVersion | undefined
}

/**
 * PutParameter. An overwrite keeps type, description, pattern, policies and data type when they are left out; a
 * SecureString goes back to the default key unless KeyId is given again.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
 */
export const putParameter = defineOperation(shape, async (context, input) => {
  const { name, path } = readNewName(context, input.Name)
  const keys = conditionValues([
    ['ssm:Overwrite', [String(input.Overwrite ?? false)]],
    ['ssm:Policies', [String(input.Policies !== undefined)]],
  ])
  authorizeParameter(context, 'PutParameter', path, input.Tags, keys)
  if (input.Tags?.length) authorizeParameter(context, 'AddTagsToResource', path, input.Tags)
  checkValue(input.Value)
  if (input.Tags !== undefined && input.Tags.length > 0) checkTags(input)
  // The pattern may be the stored one and takes a worker to check, so it is checked before the transaction;
  // when another process changed it in between, this starts again.
  let checked = ''
  for (;;) {
    const { version } = draft(context, input, name, path)
    const { allowedPattern: pattern } = version
    if (pattern !== undefined && checked !== ruleOf(version))
      await checkAllowedPattern(pattern, itemsOf(version))
    checked = ruleOf(version)
    context.store.refresh()
    const stored = context.store.write(() => {
      const planned = draft(context, input, name, path)
      return ruleOf(planned.version) === checked ? store(context, path, planned) : undefined
    })
    if (stored !== undefined) return { Version: stored.version, Tier: stored.tier }
  }
})

function draft(context: Context, input: InputOf<typeof shape>, name: string, path: string): Draft {
  const head = loadParameter(context, path)
  const before = head && loadVersion(context, path, head.latest)
  if (before !== undefined && !input.Overwrite) {
    throw new AwsException(
      'ParameterAlreadyExists',
      'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
    )
  }
  const type = (input.Type ?? before?.type) as ParameterType | undefined
  if (type === undefined)
    throw validationException('A parameter type is required when you create a parameter.')
  if (input.KeyId !== undefined && type !== 'SecureString') {
    throw validationException('KeyId is required for SecureString type parameter only.')
  }
  const dataType = input.DataType ?? before?.dataType ?? 'text'
  checkDataType(dataType, type, before?.dataType)
  const description = input.Description ?? before?.description
  const allowedPattern = input.AllowedPattern ?? before?.allowedPattern
  const policies = input.Policies === undefined ? before?.policies : readPolicies(input.Policies)
  const tier = chooseTier(context, input.Tier, before?.tier, {
    bytes: Buffer.byteLength(input.Value),
    hasPolicies: policies !== undefined && policies.length > 0,
  })
  const version: ParameterVersion = {
    version: (head?.latest ?? 0) + 1,
    type,
    value: input.Value,
    ...(type === 'SecureString' ? { keyId: input.KeyId ?? defaultKeyId } : {}),
    modified: context.now,
    user: context.principal,
    ...(description === undefined || description === '' ? {} : { description }),
    ...(allowedPattern === undefined || allowedPattern === '' ? {} : { allowedPattern }),
    tier,
    dataType,
    ...(policies === undefined || policies.length === 0 ? {} : { policies }),
  }
  return {
    head: head ?? { name, latest: 0, oldest: 1, labels: {}, tags: input.Tags ?? [] },
    version,
    before,
  }
}

function store(context: Context, path: string, { head, version, before }: Draft): ParameterVersion {
  if (before === undefined) clearExpired(context, path)
  sweepExpired(context)
  const value =
    version.keyId === undefined
      ? version.value
      : encryptValue(context, path, version.keyId, version.value, version.tier)
  let { oldest } = head
  if (version.version - oldest >= mostVersions) {
    if (Object.values(head.labels).includes(oldest)) throw oldestIsLabelled(head)
    removeVersion(context, path, oldest)
    oldest += 1
  }
  if (before?.tier !== version.tier) {
    if (before !== undefined) countParameters(context, before.tier, -1)
    countParameters(context, version.tier, 1)
  }
  saveVersion(context, path, { ...version, value })
  saveParameter(context, path, {
    ...head,
    latest: version.version,
    oldest,
    expires: expirationOf(version.policies),
  })
  return version
}

function ruleOf({ type, allowedPattern = '' }: ParameterVersion): string {
  return `${type} ${allowedPattern}`
}

function itemsOf({ type, value }: ParameterVersion): readonly string[] {
  return type === 'StringList' ? value.split(',') : [value]
}

function checkTags(input: InputOf<typeof shape>): void {
  if (input.Overwrite) {
    throw validationException(
      "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please " +
        'remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or ' +
        'RemoveTagsFromResource.',
    )
  }
  refuseReservedTags(input.Tags ?? [])
  if ((input.Tags?.length ?? 0) > mostTags) throw new AwsException('TooManyTagsError')
}

function oldestIsLabelled(head: ParameterHead): AwsException {
  return new AwsException(
    'ParameterMaxVersionLimitExceeded',
    `You attempted to create a new version of ${head.name} by calling the PutParameter API with the overwrite ` +
      `flag. Version ${head.oldest}, the oldest version, can't be deleted because it has a label associated ` +
      'with it. Move the label to another version of the parameter, and try again.',
  )
}
