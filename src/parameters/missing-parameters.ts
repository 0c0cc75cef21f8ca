/** Says what is missing when parameters cannot be read: the parameter itself, or only a version or label of it. */

import { KmsealError } from '../errors.ts'
import { getParameter, type Reading } from './get-parameter.ts'
import { describeReference, type ParameterReference } from './parameter-reference.ts'

/**
 * The failure of reading references that are not there, all of them named. Parameters of which a version or
 * label is missing are asked for once more, so that the text can tell the two apart.
 *
 * @param total how many different parameters were asked for
 * @returns `not-found`
 */
export async function missingParameters(
  reading: Reading,
  missing: readonly ParameterReference[],
  total: number,
): Promise<KmsealError> {
  const found: Missing[] = []
  for (const reference of missing) found.push(await whatIsMissing(reading, reference))
  const texts = found.map(({ text }) => text)
  const hint = found.every(({ isThere }) => isThere)
    ? 'kmseal param-history shows the versions and labels'
    : 'check the names and --region; kmseal list-params shows what is there'
  const [only] = texts
  if (texts.length === 1 && only !== undefined) return new KmsealError('not-found', only, { hint })
  const message = `${texts.length} of ${total} parameters were not found`
  return new KmsealError('not-found', message, { hint, details: texts })
}

interface Missing {
  readonly text: string
  /** Whether the parameter itself is there. */
  readonly isThere: boolean
}

async function whatIsMissing(reading: Reading, reference: ParameterReference): Promise<Missing> {
  const { arn, name, selector } = reference
  const gone = (what: ParameterReference) => ({
    text: `${describeReference(what)} does not exist`,
    isThere: false,
  })
  if (selector === undefined) return gone(reference)
  const whole = { ...reference, text: arn ?? name, selector: undefined }
  try {
    const parameter = await getParameter({ ...reading, withDecryption: false }, whole)
    if (parameter === undefined) return gone(whole)
  } catch {
    // Not allowed to look, or cut off meanwhile: that the version is missing stays true.
    return gone(reference)
  }
  const kind = /^\d+$/.test(selector) ? 'version' : 'label'
  return { text: `${describeReference(whole)} has no ${kind} ${selector}`, isThere: true }
}

/**
 * The failure of reading paths that nothing is below, all of them named.
 *
 * @param advice what else can be done, beside looking at the names
 * @returns `not-found`
 */
export function nothingBelow(paths: readonly string[], advice?: string): KmsealError {
  const hint = 'check the path and --region; kmseal list-params shows what is there'
  return new KmsealError('not-found', `there is no parameter below ${paths.join(', nor below ')}`, {
    hint: advice === undefined ? hint : `${hint}; ${advice}`,
  })
}
