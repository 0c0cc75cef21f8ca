/** Reads what is to be copied: values, and what else belongs to the parameters. */

import type { Parameter, ParameterHistory, ParameterMetadata, SSMClient, Tag } from '@aws-sdk/client-ssm'
import { boundedMap } from '../core/bounded-map.ts'
import { KmsealError } from '../errors.ts'
import { findParameters } from './find-parameter.ts'
import { getParameter } from './get-parameter.ts'
import { getParameters } from './get-parameters.ts'
import { nothingBelow } from './missing-parameters.ts'
import { Pace } from './pace.ts'
import { allVersions } from './parameter-history.ts'
import { qualifiedName } from './parameter-name.ts'
import { type ParameterReference, parseParameterReference, regionOfReference } from './parameter-reference.ts'
import { listTags } from './parameter-tags.ts'
import { readTree } from './read-tree.ts'
import type { SsmAccess } from './ssm-access.ts'

const mostRequests = 4

/** What to copy: one parameter (or an old version of it), or everything below a path. */
export type CopySource =
  | { readonly reference: ParameterReference; readonly to: string }
  | { readonly path: string; readonly toPath: string }

/** One parameter to copy. */
export interface Original {
  readonly parameter: Parameter
  /** What is known of that version; nothing when another account keeps it to itself. */
  readonly metadata: ParameterMetadata | ParameterHistory | undefined
  /** Whether it belongs to the account that asks. */
  readonly own: boolean
  readonly tags: readonly Tag[]
  /** As it was named. */
  readonly from: string
  /** The name to copy to, with its leading slash. */
  readonly name: string
}

/**
 * Reads parameters with their values, metadata and tags. Tags that only AWS sets are left out.
 *
 * @throws KmsealError `not-found`; `denied`; `unavailable`; `failed` (a key cannot be used)
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html
 */
export async function readOriginals(from: SsmAccess, source: CopySource): Promise<Original[]> {
  if ('reference' in source) return [await readOne(from, source.reference, qualifiedName(source.to))]
  const { path, toPath } = source
  const parameters = await readTree({ ssm: from, withDecryption: true }, path)
  if (parameters.length === 0) throw nothingBelow([path], 'for one parameter itself leave --recursive away')
  const client = await from.client()
  const names = parameters.map(({ Name = '' }) => qualifiedName(Name))
  const metadata = await findParameters(client, names)
  const pace = new Pace(mostRequests)
  const tags = await boundedMap(names, mostRequests, name => pace.run(() => ownTags(client, name)))
  const [lead, toLead] = [path, toPath].map(text => (text === '/' ? '' : text)) as [string, string]
  return parameters.map((parameter, index) => {
    const name = names[index] ?? ''
    return {
      parameter,
      metadata: metadata.get(name),
      own: true,
      tags: tags[index] ?? [],
      from: name,
      name: `${toLead}${name.slice(lead.length)}`,
    }
  })
}

async function readOne(from: SsmAccess, reference: ParameterReference, to: string): Promise<Original> {
  const [parameter = {}] = await getParameters({ ssm: from, withDecryption: true }, [reference])
  const client = await from.client(regionOfReference(reference, from.choice))
  const original = { parameter, from: reference.text, name: to }
  const present = (await findParameters(client, [reference.name])).get(reference.name)
  if (present === undefined || !(await isOwn(client, reference, present))) {
    const metadata = await foreignMetadata(client, reference, parameter)
    return { ...original, metadata, own: false, tags: [] }
  }
  const tags = await ownTags(client, reference.name)
  const isPresent = reference.selector === undefined
  // Each version has a type, key, description and pattern of its own.
  const metadata = isPresent ? present : versionOf(await allVersions(client, reference.name), parameter)
  return { ...original, metadata, own: true, tags }
}

/** Whether an ARN is the one that the same name has in the account that asks. */
async function isOwn(
  client: SSMClient,
  { arn, name }: ParameterReference,
  present: ParameterMetadata,
): Promise<boolean> {
  if (arn === undefined) return true
  if (present.ARN !== undefined) return present.ARN === arn
  const here = { client: async () => client, choice: { region: undefined, regionTyped: false } }
  const named = await getParameter({ ssm: here, withDecryption: false }, parseParameterReference(name))
  return named?.ARN === arn
}

/** What another account lets be known of a parameter that it shares: with its history all but the tags. */
async function foreignMetadata(
  client: SSMClient,
  { arn }: ParameterReference,
  parameter: Parameter,
): Promise<ParameterHistory | undefined> {
  if (arn === undefined) return undefined
  try {
    return versionOf(await allVersions(client, arn), parameter)
  } catch (error) {
    if (error instanceof KmsealError && error.code !== 'unavailable') return undefined
    throw error
  }
}

function versionOf(
  versions: readonly ParameterHistory[],
  { Version }: Parameter,
): ParameterHistory | undefined {
  return versions.find(version => version.Version === Version)
}

async function ownTags(client: SSMClient, name: string): Promise<Tag[]> {
  const tags = await listTags(client, name)
  return tags.filter(({ Key = '' }) => !/^aws:/i.test(Key))
}
