/** Carries out the plan of an import, and says how far it came when it fails. */

import { KmsealError } from '../errors.ts'
import { deleteParameters } from './delete-parameters.ts'
import type { ImportPlan, ImportRequest } from './import-plan.ts'
import { storeAll } from './store-all.ts'

/**
 * Stores what is new or changed, and then deletes what is to be removed. After the first failure nothing further is
 * begun; running the import again does the rest.
 *
 * @param onStored told of each parameter that was stored
 * @throws KmsealError the failure, with the names of what was stored and of what was not
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
 */
export async function applyImport(
  request: ImportRequest,
  plan: ImportPlan,
  onStored: () => void = () => undefined,
): Promise<void> {
  const writes = [...plan.added, ...plan.changed]
  try {
    await storeAll(request, writes, { onStored })
  } catch (error) {
    if (!(error instanceof KmsealError)) throw error
    const rest = plan.removed.map(name => `not removed: ${name}`)
    throw error.with({ details: [...error.details, ...rest] })
  }
  if (plan.removed.length === 0) return
  try {
    await deleteParameters(await request.ssm.client(), plan.removed)
  } catch (error) {
    const before = `all ${writes.length} parameters were stored, but not all others were removed`
    throw error instanceof KmsealError ? error.with({ message: `${before}: ${error.message}` }) : error
  }
}
