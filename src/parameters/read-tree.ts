/** Reads everything below a path, by whatever way needs the fewest rounds. */

import { GetParametersByPathCommand, type Parameter } from '@aws-sdk/client-ssm'
import { send } from '../core/aws-errors.ts'
import type { Reading } from './get-parameter.ts'
import { qualifiedName } from './parameter-name.ts'

/**
 * Reads all parameters below a path, at any depth, sorted by name. A parameter whose name is the path itself is not
 * below it.
 *
 * @param path without a slash at its end, or `/`
 * @returns nothing when nothing is there
 * @throws KmsealError `denied`, `unavailable`, `failed` (a key cannot be used)
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParametersByPath.html
 */
export async function readTree(reading: Reading, path: string): Promise<Parameter[]> {
  const client = await reading.ssm.client()
  const found: Parameter[] = []
  let token: string | undefined
  do {
    const page = await send(
      client,
      new GetParametersByPathCommand({
        Path: path,
        Recursive: true,
        WithDecryption: reading.withDecryption,
        MaxResults: 10,
        NextToken: token,
      }),
      { action: 'ssm:GetParametersByPath', object: `path ${path}` },
    )
    found.push(...(page.Parameters ?? []))
    token = page.NextToken
  } while (token !== undefined && token !== '')
  return found.sort(byName)
}

function byName(one: Parameter, other: Parameter): number {
  const [left, right] = [qualifiedName(one.Name ?? ''), qualifiedName(other.Name ?? '')]
  return left < right ? -1 : left > right ? 1 : 0
}
