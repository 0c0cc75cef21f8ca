/** Lays what a file wants beside what is stored, and says what an import would do. */

import type { ParameterMetadata } from '@aws-sdk/client-ssm'
import { ifAllowed } from '../core/aws-errors.ts'
import type { KmsAccess } from '../core/kms-access.ts'
import { KmsealError } from '../errors.ts'
import { findParameters } from './find-parameter.ts'
import { getParameters } from './get-parameters.ts'
import type { WantedParameter } from './import-file.ts'
import { listParameters } from './list-parameters.ts'
import { qualifiedName } from './parameter-name.ts'
import { parseParameterReference } from './parameter-reference.ts'
import type { ParameterTier, ParameterType } from './parameter-value.ts'
import { keyAmongSeveral, planCreation, planOverwrite } from './put-plan.ts'
import type { SsmAccess } from './ssm-access.ts'
import type { PlannedWrite } from './store-all.ts'
import { together } from './together.ts'
import { type AttributeChange, attributeChanges } from './unchanged.ts'

/** What to import, and how. What is left out stays as it is, or gets the default of a new parameter. */
export interface ImportRequest {
  readonly ssm: SsmAccess
  /** Asked only why the service refused a key. */
  readonly kms: KmsAccess
  /** Path that everything is below, without a slash at its end, or `/`. */
  readonly prefix: string
  readonly wanted: readonly WantedParameter[]
  /** Names that the file has without a value: what is stored under them and below them stays. */
  readonly skipped: readonly string[]
  readonly type: ParameterType | undefined
  readonly keyId: string | undefined
  /** Key of a new SecureString when `keyId` is absent, by its name. */
  readonly defaultKeyId: (name: string) => string | undefined
  readonly tier: ParameterTier | undefined
  /** Remove what is below the path and not in the file. */
  readonly prune: boolean
}

/** A parameter to store, and what it replaces. */
export interface PlannedImport extends PlannedWrite {
  /** The value that is replaced; absent for a new parameter. */
  readonly previous: string | undefined
}

/** A parameter that is stored in another way, and what of it changes beside the value. */
export interface PlannedChange extends PlannedImport {
  readonly attributes: readonly AttributeChange[]
}

/** What an import would do, each part sorted by name. */
export interface ImportPlan {
  readonly added: readonly PlannedImport[]
  readonly changed: readonly PlannedChange[]
  /** Names of what is stored as it is wanted. */
  readonly unchanged: readonly string[]
  /** Names of what would be deleted. */
  readonly removed: readonly string[]
  /** Present values may not be read, so that whatever is there counts as changed. */
  readonly unreadable: boolean
}

/**
 * Plans an import; nothing is written. An overwrite keeps type, key, description and pattern, as `putParameter` does.
 *
 * @throws KmsealError `usage` for values too large for their tier and options that contradict a parameter, all of
 *   them named; `denied`, `unavailable`, `failed`
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html
 */
export async function planImport(request: ImportRequest): Promise<ImportPlan> {
  const names = request.wanted.map(({ name }) => name)
  const present = request.prune
    ? await listAll(request)
    : await findParameters(await request.ssm.client(), names)
  const values = await readValues(
    request,
    names.filter(name => present.has(name)),
  )
  const [added, changed, unchanged]: [PlannedImport[], PlannedChange[], string[]] = [[], [], []]
  const problems: KmsealError[] = []
  for (const { name, value } of [...request.wanted].sort(byName)) {
    const metadata = present.get(name)
    const previous = values?.get(name)
    try {
      const keyId = keyAmongSeveral(request, request.type ?? metadata?.Type ?? 'SecureString')
      const defaultKeyId = request.defaultKeyId(name)
      const what = `value of ${name}`
      const options = { ...request, keyId, defaultKeyId, name, value, what, ...nothingElse }
      if (metadata === undefined) {
        added.push({ name, value, previous, input: planCreation(options) })
        continue
      }
      const input = planOverwrite(options, metadata)
      const attributes = attributeChanges(input, metadata)
      if (value === previous && attributes.length === 0) unchanged.push(name)
      else changed.push({ name, value, previous, attributes, input: { ...input, Overwrite: true } })
    } catch (error) {
      if (!(error instanceof KmsealError)) throw error
      problems.push(error)
    }
  }
  if (problems.length > 0) throw together(problems)
  const wanted = new Set(names)
  const skipped = new Set(request.skipped)
  const isKept = (name: string): boolean => wanted.has(name) || isWithin(name, skipped)
  const removed = request.prune ? [...present.keys()].filter(name => !isKept(name)).sort() : []
  return { added, changed, unchanged, removed, unreadable: values === undefined }
}

/** Whether a name or one above it is among some: one without a value may stand for a whole object. */
function isWithin(name: string, some: ReadonlySet<string>): boolean {
  for (let end = name.length; end > 0; end = name.lastIndexOf('/', end - 1)) {
    if (some.has(name.slice(0, end))) return true
  }
  return false
}

const nothingElse = { description: undefined, allowedPattern: undefined, dataType: undefined }

function byName(one: WantedParameter, other: WantedParameter): number {
  return one.name < other.name ? -1 : 1
}

async function listAll({ ssm, prefix }: ImportRequest): Promise<Map<string, ParameterMetadata>> {
  const found = new Map<string, ParameterMetadata>()
  const listing = { ssm: await ssm.client(), path: prefix, oneLevel: false }
  for await (const page of listParameters(listing)) {
    for (const metadata of page) found.set(qualifiedName(metadata.Name ?? ''), metadata)
  }
  return found
}

/** The present values; nothing when they may not be read, as for those who may only write. */
async function readValues(
  { ssm }: ImportRequest,
  names: readonly string[],
): Promise<Map<string, string> | undefined> {
  if (names.length === 0) return new Map()
  const reading = getParameters({ ssm, withDecryption: true }, names.map(parseParameterReference))
  const parameters = await ifAllowed(reading)
  return parameters && new Map(names.map((name, index) => [name, parameters[index]?.Value ?? '']))
}
