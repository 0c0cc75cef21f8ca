/** Carries out the plan of an import, and says how far it came when it fails. */

import { boundedMap } from '../core/bounded-map.ts'
import { KmsealError } from '../errors.ts'
import { deleteParameters } from './delete-parameters.ts'
import { getParameter } from './get-parameter.ts'
import type { ImportPlan, ImportRequest, PlannedWrite } from './import-plan.ts'
import { Pace } from './pace.ts'
import { parseParameterReference } from './parameter-reference.ts'
import { storeParameter } from './put-parameter.ts'

/** Writes in flight at a time: the service takes few in a second. */
const mostWrites = 4

/**
 * Stores what is new or changed, a few at a time, and then deletes what is to be removed. After the first failure
 * nothing further is begun; running the import again does the rest.
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
  const pace = new Pace(mostWrites)
  const stored = new Set<string>()
  try {
    await boundedMap(writes, mostWrites, async write => {
      await pace.run(() => store(request, write))
      stored.add(write.name)
      onStored()
    })
  } catch (error) {
    throw partWay(error, writes, stored, plan.removed)
  }
  if (plan.removed.length === 0) return
  try {
    await deleteParameters(await request.ssm.client(), plan.removed)
  } catch (error) {
    if (!(error instanceof KmsealError)) throw error
    const { code, message, hint, awsName, details, cause } = error
    const text = `all ${writes.length} parameters were stored, but not all others were removed: ${message}`
    throw new KmsealError(code, text, { hint, awsName, details, cause })
  }
}

async function store(request: ImportRequest, { name, value, input }: PlannedWrite): Promise<void> {
  const ssm = await request.ssm.client()
  try {
    await storeParameter({ ssm, kms: request.kms, name }, input)
  } catch (error) {
    if (!(error instanceof KmsealError) || error.code !== 'exists') throw error
    // Either somebody else made it, or our own request came through and its answer was lost.
    const found = await getParameter(
      { ssm: request.ssm, withDecryption: true },
      parseParameterReference(name),
    )
    if (found?.Value !== value) throw error
  }
}

function partWay(
  error: unknown,
  writes: readonly PlannedWrite[],
  stored: ReadonlySet<string>,
  removed: readonly string[],
): unknown {
  if (!(error instanceof KmsealError)) return error
  const names = writes.map(({ name }) => name)
  const rest = names.filter(name => !stored.has(name))
  const { code, message, hint, awsName, cause } = error
  return new KmsealError(code, `${stored.size} of ${names.length} parameters were stored, then: ${message}`, {
    hint: [hint, 'the same command stores the rest'].filter(part => part !== undefined).join('; '),
    awsName,
    cause,
    details: [
      ...names.filter(name => stored.has(name)).map(name => `stored: ${name}`),
      ...rest.map(name => `not stored: ${name}`),
      ...removed.map(name => `not removed: ${name}`),
    ],
  })
}
