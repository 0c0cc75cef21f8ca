/** Names and paths of parameters that begin as typed, for completion. */

import { paginateDescribeParameters, type SSMClient } from '@aws-sdk/client-ssm'
import { allVersions } from './parameter-history.ts'

/**
 * Names of parameters, up to their next slash, as shells complete files: `/app/` for all below it. After a colon, the
 * versions and labels of the parameter before it.
 *
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DescribeParameters.html
 */
export async function parameterNames(client: SSMClient, typed: string): Promise<string[]> {
  const [, name] = /^([^:]+):[^:/]*$/.exec(typed) ?? []
  if (name !== undefined) {
    const versions = await allVersions(client, name)
    return versions.flatMap(({ Version, Labels = [] }) => [Version, ...Labels].map(mark => `${name}:${mark}`))
  }
  return (await namesFrom(client, typed)).map(found => upToSlash(found, typed) ?? found)
}

/** Paths that parameters are below: `/app` for `/app/db/url`, then `/app/db`. */
export async function parameterPaths(client: SSMClient, typed: string): Promise<string[]> {
  const found = await namesFrom(client, typed)
  return found.map(name => upToSlash(name, typed)?.slice(0, -1) ?? '').filter(path => path !== '')
}

/** A name up to the first slash after what is typed; nothing when there is none. The first of all does not count. */
function upToSlash(name: string, typed: string): string | undefined {
  const end = name.indexOf('/', Math.max(typed.length, 1))
  return end === -1 ? undefined : name.slice(0, end + 1)
}

async function namesFrom(client: SSMClient, typed: string): Promise<string[]> {
  const ParameterFilters = typed === '' ? undefined : [{ Key: 'Name', Option: 'BeginsWith', Values: [typed] }]
  const names: string[] = []
  const pages = paginateDescribeParameters({ client, pageSize: 50 }, { ParameterFilters })
  for await (const { Parameters } of pages) names.push(...(Parameters ?? []).map(({ Name = '' }) => Name))
  return names
}
