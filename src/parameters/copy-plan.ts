/** Plans copies of parameters: to other names, paths, Regions, accounts and backends. */

import type { Parameter, ParameterMetadata, PutParameterCommandInput, Tag } from '@aws-sdk/client-ssm'
import { boundedMap } from '../core/bounded-map.ts'
import { KmsealError, usageError } from '../errors.ts'
import { findParameters } from './find-parameter.ts'
import type { Reading } from './get-parameter.ts'
import { getParameters } from './get-parameters.ts'
import { together } from './import-plan.ts'
import { nothingBelow } from './missing-parameters.ts'
import { Pace } from './pace.ts'
import { checkNewParameterName, qualifiedName } from './parameter-name.ts'
import { type ParameterReference, parseParameterReference, regionOfReference } from './parameter-reference.ts'
import { listTags } from './parameter-tags.ts'
import type { ParameterTier, ParameterType } from './parameter-value.ts'
import { planCreation, planOverwrite } from './put-plan.ts'
import { readTree } from './read-tree.ts'
import { refuseSealed } from './sealed-copy.ts'
import type { SsmAccess } from './ssm-access.ts'
import type { PlannedWrite } from './store-all.ts'
import { hasSameAttributes } from './unchanged.ts'

/** The account's own key for parameters, which every account has in every Region. */
const ownKey = 'alias/aws/ssm'
const mostRequests = 4

/** What to copy: one parameter (or an old version of it), or everything below a path. */
export type CopySource =
  | { readonly reference: ParameterReference; readonly to: string }
  | { readonly path: string; readonly toPath: string }

/** What to copy, where to, and how. */
export interface CopyRequest {
  readonly from: SsmAccess
  readonly to: SsmAccess
  readonly source: CopySource
  /** Both are the same account, Region and backend, as far as the options tell. */
  readonly samePlace: boolean
  readonly type: ParameterType | undefined
  readonly keyId: string | undefined
  readonly tier: ParameterTier | undefined
  readonly overwrite: boolean
}

/** One parameter of a plan. */
export interface PlannedCopy extends PlannedWrite {
  readonly from: string
  readonly change: 'added' | 'changed' | 'unchanged'
}

interface Original {
  readonly parameter: Parameter
  /** Nothing is known of a parameter that another account shares. */
  readonly metadata: ParameterMetadata | undefined
  readonly tags: readonly Tag[]
  readonly from: string
  readonly name: string
}

/**
 * Plans copies; nothing is written. Type, description, pattern, data type and tags come along; so does the key within
 * one place.
 *
 * @throws KmsealError `not-found`; `exists` for targets that are there, without `overwrite`; `usage` for impossible
 *   names, sizes above a tier, and keys that must be named; `failed` for a SecureString that would become plain and
 *   for sealed values that another name cannot open; all of them named at once; `denied`; `unavailable`
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
 */
export async function planCopy(request: CopyRequest): Promise<PlannedCopy[]> {
  const originals = await readOriginals(request)
  const target = await request.to.client()
  const present = await findParameters(
    target,
    originals.map(({ name }) => name),
  )
  const there = originals.map(({ name }) => name).filter(name => present.has(name))
  const values = await readValues({ ssm: request.to, withDecryption: true }, request.overwrite ? there : [])
  const problems: KmsealError[] = []
  const planned: PlannedCopy[] = []
  for (const original of originals) {
    try {
      const metadata = present.get(original.name)
      planned.push(await planOne(request, original, metadata, values.get(original.name)))
    } catch (error) {
      if (!(error instanceof KmsealError)) throw error
      problems.push(error)
    }
  }
  if (problems.length > 0) throw together(problems)
  return planned
}

async function readOriginals({ from, source }: CopyRequest): Promise<Original[]> {
  const reading: Reading = { ssm: from, withDecryption: true }
  if ('reference' in source) {
    const { reference, to } = source
    const [parameter = {}] = await getParameters(reading, [reference])
    const client = await from.client(regionOfReference(reference, from.choice))
    const metadata = (await findParameters(client, [reference.name])).get(reference.name)
    // What an ARN of another account names is known by its value only.
    const known = metadata !== undefined && metadata.ARN !== undefined && reference.arn !== undefined
    const own = !known || metadata.ARN === reference.arn ? metadata : undefined
    const tags = own === undefined ? [] : await listTags(client, reference.name)
    return [{ parameter, metadata: own, tags, from: reference.text, name: qualifiedName(to) }]
  }
  const { path, toPath } = source
  const parameters = await readTree(reading, path)
  if (parameters.length === 0) throw nothingBelow([path])
  const client = await from.client()
  const names = parameters.map(({ Name = '' }) => qualifiedName(Name))
  const metadata = await findParameters(client, names)
  const pace = new Pace(mostRequests)
  const tags = await boundedMap(names, mostRequests, name => pace.run(() => listTags(client, name)))
  const lead = path === '/' ? '' : path
  const toLead = toPath === '/' ? '' : toPath
  return parameters.map((parameter, index) => {
    const name = names[index] ?? ''
    const target = `${toLead}${name.slice(lead.length)}`
    return { parameter, metadata: metadata.get(name), tags: tags[index] ?? [], from: name, name: target }
  })
}

async function readValues(reading: Reading, names: readonly string[]): Promise<Map<string, string>> {
  if (names.length === 0) return new Map()
  const parameters = await getParameters(reading, names.map(parseParameterReference))
  return new Map(names.map((name, index) => [name, parameters[index]?.Value ?? '']))
}

async function planOne(
  request: CopyRequest,
  original: Original,
  present: ParameterMetadata | undefined,
  presentValue: string | undefined,
): Promise<PlannedCopy> {
  const { from, name, parameter } = original
  checkNewParameterName(name)
  const value = parameter.Value ?? ''
  if (value === '') throw new KmsealError('failed', `the service gave no value for ${from}`)
  await refuseSealed(value, from, name)
  if (present !== undefined && !request.overwrite) {
    throw new KmsealError('exists', `parameter ${name} exists already`, {
      hint: 'give --overwrite to store new versions of what is there',
    })
  }
  refusePlain(request, original, present)
  const input = inputFor(request, original, present)
  const copy = { from, name, value }
  if (present === undefined) return { ...copy, change: 'added', input: withTags(input, original.tags) }
  const same = presentValue === value && hasSameAttributes(input, present)
  return {
    ...copy,
    change: same ? 'unchanged' : 'changed',
    input: same ? undefined : { ...input, Overwrite: true },
    tags: original.tags,
  }
}

function inputFor(
  request: CopyRequest,
  { metadata, name, parameter }: Original,
  present: ParameterMetadata | undefined,
): PutParameterCommandInput {
  const becomes = request.type ?? present?.Type ?? parameter.Type
  const options = {
    name,
    value: parameter.Value ?? '',
    what: `value of ${name}`,
    type: request.type,
    // In a tree it is for the SecureStrings; that a type has none is an error only when the type was typed as well.
    keyId: becomes === 'SecureString' || request.type !== undefined ? request.keyId : undefined,
    defaultKeyId: undefined,
    description: metadata?.Description,
    tier: request.tier,
    allowedPattern: metadata?.AllowedPattern,
    dataType: metadata?.DataType === 'text' ? undefined : metadata?.DataType,
  }
  if (present !== undefined) return planOverwrite(options, present)
  const type = request.type ?? (parameter.Type as ParameterType | undefined) ?? 'SecureString'
  const keyId = type === 'SecureString' ? keyOf(request, { metadata, name, parameter }) : options.keyId
  return planCreation({ ...options, type, keyId })
}

/** The key of a new SecureString: the same within one place, and the account's own one instead of another's own. */
function keyOf(
  { keyId, samePlace }: CopyRequest,
  { metadata, name, parameter }: Pick<Original, 'metadata' | 'name' | 'parameter'>,
): string | undefined {
  if (keyId !== undefined) return keyId
  // A plain value that becomes secret is under the account's own key, as with put-param.
  if (parameter.Type !== 'SecureString') return undefined
  const present = metadata?.KeyId
  if (present === ownKey || (samePlace && present !== undefined)) return present
  throw usageError(
    `the key of ${name} must be named: ${present === undefined ? 'that of the original is not known' : `${present} is a key of the other place`}`,
    `give --key-id, or --key-id ${ownKey} for the account's own key`,
  )
}

function refusePlain(
  { type }: CopyRequest,
  { parameter, name }: Original,
  present: ParameterMetadata | undefined,
): void {
  const becomes = type ?? present?.Type ?? parameter.Type
  if (parameter.Type !== 'SecureString' || becomes === 'SecureString' || type !== undefined) return
  throw new KmsealError('failed', `the secret would be stored in ${name}, which is a ${becomes}`, {
    hint: 'give --type SecureString to encrypt it there, or name the plain type',
  })
}

function withTags(input: PutParameterCommandInput, tags: readonly Tag[]): PutParameterCommandInput {
  return tags.length === 0 ? input : { ...input, Tags: [...tags] }
}
