/** Stores planned parameters a few at a time, and says how far it came when it fails. */

import type { PutParameterCommandInput, Tag } from '@aws-sdk/client-ssm'
import { boundedMap } from '../core/bounded-map.ts'
import type { KmsAccess } from '../core/kms-access.ts'
import { KmsealError } from '../errors.ts'
import { getParameter } from './get-parameter.ts'
import { Pace } from './pace.ts'
import { parseParameterReference } from './parameter-reference.ts'
import { addTags } from './parameter-tags.ts'
import { storeParameter } from './put-parameter.ts'
import type { SsmAccess } from './ssm-access.ts'

/** Writes in flight at a time: the service takes few in a second. */
const mostWrites = 4

/** A parameter to store. */
export interface PlannedWrite {
  readonly name: string
  readonly value: string
  /** What is sent; nothing when the value is there already and only tags are set. */
  readonly input: PutParameterCommandInput | undefined
  /** Set after an overwrite, with which the service takes none. */
  readonly tags?: readonly Tag[]
}

/** Where to store. */
export interface StorePlace {
  readonly ssm: SsmAccess
  /** Asked only why the service refused a key. */
  readonly kms: KmsAccess
}

/**
 * Stores them. After the first failure nothing further is begun.
 *
 * @param onStored told of each parameter that was stored
 * @throws KmsealError the failure; its details name what was stored and what was not
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
 */
export async function storeAll(
  place: StorePlace,
  writes: readonly PlannedWrite[],
  onStored: () => void = () => undefined,
): Promise<void> {
  const pace = new Pace(mostWrites)
  const stored = new Set<string>()
  try {
    await boundedMap(writes, mostWrites, async write => {
      await pace.run(() => store(place, write))
      const { name, tags = [] } = write
      if (tags.length > 0) await pace.run(async () => addTags(await place.ssm.client(), name, tags))
      stored.add(name)
      onStored()
    })
  } catch (error) {
    throw partWay(
      error,
      writes.map(({ name }) => name),
      stored,
    )
  }
}

async function store({ ssm, kms }: StorePlace, { name, value, input }: PlannedWrite): Promise<void> {
  if (input === undefined) return
  try {
    await storeParameter({ ssm: await ssm.client(), kms, name }, input)
  } catch (error) {
    if (!(error instanceof KmsealError) || error.code !== 'exists') throw error
    // Either somebody else made it, or our own request came through and its answer was lost.
    const found = await getParameter({ ssm, withDecryption: true }, parseParameterReference(name))
    if (found?.Value !== value) throw error
  }
}

function partWay(error: unknown, names: readonly string[], stored: ReadonlySet<string>): unknown {
  if (!(error instanceof KmsealError)) return error
  const { code, message, hint, awsName, cause } = error
  return new KmsealError(code, `${stored.size} of ${names.length} parameters were stored, then: ${message}`, {
    hint: [hint, 'the same command stores the rest'].filter(part => part !== undefined).join('; '),
    awsName,
    cause,
    details: [
      ...names.filter(name => stored.has(name)).map(name => `stored: ${name}`),
      ...names.filter(name => !stored.has(name)).map(name => `not stored: ${name}`),
    ],
  })
}
