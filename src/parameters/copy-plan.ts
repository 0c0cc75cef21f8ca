/** Plans copies of parameters: to other names, paths, Regions, accounts and backends. */

import type { ParameterMetadata, PutParameterCommandInput } from '@aws-sdk/client-ssm'
import { isAccessDenied } from '../core/aws-errors.ts'
import { boundedMap } from '../core/bounded-map.ts'
import type { KmsAccess } from '../core/kms-access.ts'
import { KmsealError, usageError } from '../errors.ts'
import { keyOfCopy, keyOfOverwrite, refuseKey } from './copy-key.ts'
import { type CopySource, type Original, readOriginals } from './copy-originals.ts'
import { findParameters } from './find-parameter.ts'
import { Pace } from './pace.ts'
import { checkNewParameterName, qualifiedName } from './parameter-name.ts'
import { regionOfReference } from './parameter-reference.ts'
import type { ParameterTier, ParameterType } from './parameter-value.ts'
import { keyAmongSeveral, planCreation, planOverwrite } from './put-plan.ts'
import type { SsmAccess } from './ssm-access.ts'
import type { PlannedWrite } from './store-all.ts'
import { together } from './together.ts'
import { isStoredAlready } from './unchanged.ts'

const mostRequests = 4

/** What to copy, where to, and how. */
export interface CopyRequest {
  readonly from: SsmAccess
  readonly to: SsmAccess
  /** KMS where the copies go, asked about a named key. */
  readonly toKms: KmsAccess
  readonly source: CopySource
  /** Both are the same account of the same backend, as far as the options tell. */
  readonly sameAccount: boolean
  readonly type: ParameterType | undefined
  readonly keyId: string | undefined
  /** Key of what was plain and becomes a new SecureString, when `keyId` is absent. */
  readonly defaultKeyId: string | undefined
  readonly tier: ParameterTier | undefined
  readonly overwrite: boolean
  /** Copy values that look sealed, though they open under their old name only. */
  readonly allowSealed: boolean
}

/** One parameter of a plan. */
export interface PlannedCopy extends PlannedWrite {
  readonly from: string
  readonly change: 'added' | 'changed' | 'unchanged'
  /** The version that is there, when nothing is to be stored. */
  readonly version: number | undefined
  /** What another account does not tell, and is not copied therefore. */
  readonly unknown: 'nothing' | 'tags' | 'all but the value'
}

/**
 * Plans copies; nothing is written. Type, description, pattern, policies, data type and tags come along; so does the
 * key within one account and Region.
 *
 * @throws KmsealError `not-found`; `exists` for targets that are there, without `overwrite`; `usage` for impossible
 *   names, sizes above a tier, copies onto themselves, and keys that must be named; `failed` for a SecureString that
 *   would become plain and for sealed values that another name cannot open; all of them named at once; `denied`;
 *   `unavailable`
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
 */
export async function planCopy(request: CopyRequest): Promise<PlannedCopy[]> {
  const samePlace = request.sameAccount && (await isSameRegion(request))
  if (samePlace) refuseItself(request.source)
  await refuseKey(await request.to.client(), request.toKms, request.keyId)
  const originals = await readOriginals(request.from, request.source)
  const present = await lookUpTargets(
    request,
    originals.map(({ name }) => name),
  )
  const planner = new Planner(request, samePlace)
  const planned = await boundedMap(originals, mostRequests, original =>
    planner.plan(original, present.get(original.name)),
  )
  const problems = planned.filter((plan): plan is KmsealError => plan instanceof KmsealError)
  if (problems.length > 0) throw together(problems)
  const copies = planned.filter((plan): plan is PlannedCopy => !(plan instanceof KmsealError))
  refuseUselessKey(request, originals, present)
  return copies
}

async function isSameRegion({ from, to, source }: CopyRequest): Promise<boolean> {
  const region = 'reference' in source ? regionOfReference(source.reference, from.choice) : undefined
  const [here, there] = [await from.client(region), await to.client()]
  return (await here.config.region()) === (await there.config.region())
}

function refuseItself(source: CopySource): void {
  if ('path' in source) {
    const { path, toPath } = source
    if (path === toPath) throw itself('name another path')
    if (toPath.startsWith(path === '/' ? path : `${path}/`))
      throw usageError('a path cannot be copied below itself')
    return
  }
  const { reference, to } = source
  // The ARN may be of another account's parameter.
  if (reference.arn !== undefined || reference.name !== qualifiedName(to)) return
  if (reference.selector === undefined) throw itself('name another place to copy to')
  throw itself('kmseal rollback-param makes an old version current again')
}

/** A key that is named but that nothing is encrypted under. */
function refuseUselessKey(
  { keyId, type }: CopyRequest,
  originals: readonly Original[],
  present: ReadonlyMap<string, ParameterMetadata>,
): void {
  if (keyId === undefined) return
  const becomes = originals.map(({ name, parameter }) => type ?? present.get(name)?.Type ?? parameter.Type)
  if (becomes.includes('SecureString')) return
  throw usageError('--key-id is for SecureStrings, and none would be stored', 'give --type SecureString too')
}

function itself(hint: string): KmsealError {
  return usageError('this would be copied onto itself', hint)
}

/** What is there already. Who may write but not look gets what the service says to each. */
async function lookUpTargets(
  { to, overwrite }: CopyRequest,
  names: readonly string[],
): Promise<Map<string, ParameterMetadata>> {
  try {
    return await findParameters(await to.client(), names)
  } catch (error) {
    if (overwrite || !isAccessDenied(error)) throw error
    return new Map()
  }
}

/** Plans the parameters of one request. */
class Planner {
  readonly #request: CopyRequest
  readonly #samePlace: boolean
  readonly #pace = new Pace(mostRequests)

  constructor(request: CopyRequest, samePlace: boolean) {
    this.#request = request
    this.#samePlace = samePlace
  }

  /** A refusal is returned, so that all of them can be told. */
  async plan(original: Original, present: ParameterMetadata | undefined): Promise<PlannedCopy | KmsealError> {
    try {
      await this.#refuse(original, present)
      return await this.#planOne(original, present)
    } catch (error) {
      if (!(error instanceof KmsealError) || error.code === 'unavailable') throw error
      return error
    }
  }

  async #refuse({ parameter, from, name }: Original, present: ParameterMetadata | undefined): Promise<void> {
    const { type, overwrite, allowSealed } = this.#request
    checkNewParameterName(name)
    const { Value: value = '', Type } = parameter
    if (value === '') throw new KmsealError('failed', `the service gave no value for ${from}`)
    if (present !== undefined && !overwrite) {
      throw new KmsealError('exists', `parameter ${name} exists already`, {
        hint: 'give --overwrite to store new versions of what is there',
      })
    }
    const becomes = type ?? present?.Type ?? Type
    if (Type === 'SecureString' && becomes !== 'SecureString' && type === undefined) {
      throw new KmsealError('failed', `the secret would be stored in ${name}, which is a ${becomes}`, {
        hint: 'give --type SecureString to encrypt it there, or name the plain type',
      })
    }
    if (allowSealed || !mayBeSealed(value)) return
    // Hardly any value is sealed, and what looks into one takes a while to load.
    const { refuseSealed } = await import('./sealed-copy.ts')
    await refuseSealed(value, from, name)
  }

  async #planOne(original: Original, present: ParameterMetadata | undefined): Promise<PlannedCopy> {
    const { from, name, parameter, metadata, own, tags } = original
    const input = { ...this.#input(original, present), ...this.#policies(original, present) }
    const unknown = own ? 'nothing' : metadata === undefined ? 'all but the value' : 'tags'
    const copy = { from, name, value: parameter.Value ?? '', unknown } as const
    if (present === undefined) {
      const Tags = tags.length === 0 ? undefined : [...tags]
      return { ...copy, change: 'added', version: undefined, input: { ...input, Tags } }
    }
    const ssm = await this.#request.to.client()
    const same =
      samePolicies(input, present) &&
      (await this.#pace.run(() => isStoredAlready({ ssm, name }, input, present)))
    if (same) return { ...copy, change: 'unchanged', version: present.Version, input: undefined, tags }
    return { ...copy, change: 'changed', version: undefined, input: { ...input, Overwrite: true }, tags }
  }

  #input(original: Original, present: ParameterMetadata | undefined): PutParameterCommandInput {
    const { type, tier, defaultKeyId } = this.#request
    const { metadata, name, parameter } = original
    const becomes = type ?? present?.Type ?? parameter.Type
    const options = {
      name,
      value: parameter.Value ?? '',
      what: `value of ${name}`,
      type,
      keyId: keyAmongSeveral(this.#request, becomes),
      defaultKeyId,
      description: metadata?.Description,
      tier,
      allowedPattern: metadata?.AllowedPattern,
      dataType: metadata?.DataType === 'text' ? undefined : metadata?.DataType,
    }
    const question = { original, typed: options.keyId, defaultKeyId, samePlace: this.#samePlace }
    if (present !== undefined) {
      const keyId = becomes === 'SecureString' ? keyOfOverwrite(question, present) : options.keyId
      return planOverwrite({ ...options, keyId }, present)
    }
    const keyId = becomes === 'SecureString' ? keyOfCopy(question) : options.keyId
    return planCreation({ ...options, type: becomes as ParameterType | undefined, keyId })
  }

  /** The policies of the original, such as its expiry; only the Advanced tier has them. */
  #policies({ metadata, name }: Original, present: ParameterMetadata | undefined): { Policies?: string } {
    const texts = (metadata?.Policies ?? []).map(({ PolicyText = '' }) => PolicyText)
    const { tier } = this.#request
    if (texts.length === 0 || tier === 'Standard') return {}
    if (tier === undefined && present?.Tier !== 'Advanced') {
      throw usageError(
        `the original of ${name} has policies, such as an expiry, which need the Advanced tier`,
        'give --tier Advanced, which AWS charges for, or --tier Standard to leave them behind',
      )
    }
    return { Policies: `[${texts.join(',')}]` }
  }
}

function samePolicies({ Policies }: PutParameterCommandInput, present: ParameterMetadata): boolean {
  const there = (present.Policies ?? []).map(({ PolicyText = '' }) => PolicyText)
  return Policies === undefined || Policies === `[${there.join(',')}]`
}

/** Whether a value could be a ciphertext as text: those of one byte have over a hundred characters. */
function mayBeSealed(value: string): boolean {
  return value.length > 100 && /^[A-Za-z0-9+/]+={0,2}$/.test(value)
}
