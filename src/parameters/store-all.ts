/** Stores planned parameters a few at a time, and says how far it came when it fails. */

import type { ParameterMetadata, PutParameterCommandInput, SSMClient, Tag } from '@aws-sdk/client-ssm'
import { boundedMap } from '../core/bounded-map.ts'
import type { KmsAccess } from '../core/kms-access.ts'
import { KmsealError } from '../errors.ts'
import { findParameter } from './find-parameter.ts'
import { getParameter } from './get-parameter.ts'
import { ownKey } from './own-key.ts'
import { Pace } from './pace.ts'
import { parseParameterReference } from './parameter-reference.ts'
import { addTags } from './parameter-tags.ts'
import { storeParameter, tagsNotSet } from './put-parameter.ts'
import type { SsmAccess } from './ssm-access.ts'
import { attributeChanges } from './unchanged.ts'

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

/** What is told on the way and at its end. */
export interface StoreTelling {
  /** Told of each parameter that was stored. */
  readonly onStored?: () => void
  /** How to store the rest after a failure. */
  readonly again?: string
}

/**
 * Stores them. After the first failure nothing further is begun.
 *
 * @returns the versions that were made, by name
 * @throws KmsealError the failure; its details name what was stored and what was not
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
 */
export async function storeAll(
  place: StorePlace,
  writes: readonly PlannedWrite[],
  { onStored = () => undefined, again = 'the same command stores the rest' }: StoreTelling = {},
): Promise<Map<string, number>> {
  const pace = new Pace(mostWrites)
  const stored = new Map<string, number>()
  try {
    await boundedMap(writes, mostWrites, async write => {
      const version = await pace.run(() => store(place, write))
      if (version !== undefined) stored.set(write.name, version)
      await pace.run(() => setTags(place, write, version))
      onStored()
    })
  } catch (error) {
    const names = writes.filter(({ input }) => input !== undefined).map(({ name }) => name)
    throw partWay(error, names, stored, again)
  }
  return stored
}

async function store(
  { ssm, kms }: StorePlace,
  { name, value, input }: PlannedWrite,
): Promise<number | undefined> {
  if (input === undefined) return undefined
  try {
    return (await storeParameter({ ssm: await ssm.client(), kms, name }, input)).Version
  } catch (error) {
    if (!(error instanceof KmsealError) || error.code !== 'exists') throw error
    // Either somebody else made it, or our own request came through and its answer was lost.
    const found = await getParameter({ ssm, withDecryption: true }, parseParameterReference(name))
    if (found?.Value !== value || found.Type !== input.Type) throw error
    const metadata = await lookUp(await ssm.client(), name)
    if (metadata !== undefined && !isAsSent(input, metadata)) throw error
    return found.Version
  }
}

async function lookUp(client: SSMClient, name: string): Promise<ParameterMetadata | undefined> {
  try {
    return await findParameter(client, name)
  } catch (error) {
    // Who may not look knows value and type.
    if (error instanceof KmsealError && error.code === 'denied') return undefined
    throw error
  }
}

// Without a key it is under the account's own one.
function isAsSent(input: PutParameterCommandInput, metadata: ParameterMetadata): boolean {
  const KeyId = input.KeyId ?? (metadata.Type === 'SecureString' ? ownKey : undefined)
  return attributeChanges({ ...input, KeyId }, metadata).length === 0
}

async function setTags(
  { ssm }: StorePlace,
  { name, tags = [] }: PlannedWrite,
  version: number | undefined,
): Promise<void> {
  if (tags.length === 0) return
  try {
    await addTags(await ssm.client(), name, tags)
  } catch (error) {
    const stored = version === undefined ? 'is unchanged' : `was stored as version ${version}`
    throw tagsNotSet(error, name, stored)
  }
}

function partWay(
  error: unknown,
  names: readonly string[],
  stored: ReadonlyMap<string, number>,
  again: string,
): unknown {
  if (!(error instanceof KmsealError) || names.length === 0) return error
  const rest = names.filter(name => !stored.has(name))
  const { message, hint } = error
  const count = `${stored.size} of ${names.length} parameters were stored, then: `
  return error.with({
    message: `${names.length === 1 ? '' : count}${message}`,
    hint: names.length === 1 ? hint : [hint, again].filter(part => part !== undefined).join('; '),
    details: [
      ...names.filter(name => stored.has(name)).map(name => `stored: ${name}`),
      ...rest.map(name => `not stored: ${name}`),
    ],
  })
}
