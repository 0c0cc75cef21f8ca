/** Deletes parameters with all their versions, labels and tags. */

import { DeleteParameterCommand, DeleteParametersCommand, type SSMClient } from '@aws-sdk/client-ssm'
import { send } from '../core/aws-errors.ts'
import { KmsealError } from '../errors.ts'
import { Pace } from './pace.ts'
import { qualifiedName } from './parameter-name.ts'

/** Names that one request takes. */
const batchSize = 10

/** What became of the names, in the order given, in AWS's member names. */
export interface DeleteParametersResult {
  readonly DeletedParameters: readonly string[]
  /** Names of parameters that were not there. */
  readonly InvalidParameters: readonly string[]
}

/**
 * Deletes parameters in batches of ten. Missing ones do not keep the others from being deleted.
 *
 * @throws KmsealError `denied`, `unavailable`, `failed`; its details name what was deleted before
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_DeleteParameters.html
 */
export async function deleteParameters(
  ssm: SSMClient,
  names: readonly string[],
): Promise<DeleteParametersResult> {
  const unique = [...new Map(names.map(name => [qualifiedName(name), name])).values()]
  const [only] = unique
  // One name needs the permission for DeleteParameter only, which is another than the one for several.
  const deleteBatch = unique.length === 1 && only !== undefined ? () => deleteOne(ssm, only) : deleteSome
  const deleted = new Set<string>()
  const pace = new Pace(1)
  for (let start = 0; start < unique.length; start += batchSize) {
    const batch = unique.slice(start, start + batchSize)
    try {
      for (const name of await pace.run(() => deleteBatch(ssm, batch))) deleted.add(qualifiedName(name))
    } catch (error) {
      throw deleted.size === 0 ? error : withDeleted(error, unique.slice(0, start), deleted)
    }
  }
  return {
    DeletedParameters: unique.filter(name => deleted.has(qualifiedName(name))),
    InvalidParameters: unique.filter(name => !deleted.has(qualifiedName(name))),
  }
}

async function deleteSome(ssm: SSMClient, batch: readonly string[]): Promise<readonly string[]> {
  const { DeletedParameters = [] } = await send(ssm, new DeleteParametersCommand({ Names: [...batch] }), {
    action: 'ssm:DeleteParameters',
    object: `parameters ${batch.join(', ')}`,
  })
  return DeletedParameters
}

async function deleteOne(ssm: SSMClient, name: string): Promise<readonly string[]> {
  const subject = { action: 'ssm:DeleteParameter', object: `parameter ${name}` }
  try {
    await send(ssm, new DeleteParameterCommand({ Name: name }), subject)
    return [name]
  } catch (error) {
    if (error instanceof KmsealError && error.awsName === 'ParameterNotFound') return []
    throw error
  }
}

function withDeleted(error: unknown, before: readonly string[], deleted: ReadonlySet<string>): unknown {
  if (!(error instanceof KmsealError)) return error
  const names = before.filter(name => deleted.has(qualifiedName(name)))
  return error.with({ details: [`deleted before: ${names.join(', ')}`] })
}
