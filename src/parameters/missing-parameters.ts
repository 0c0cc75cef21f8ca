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
  const texts: string[] = []
  for (const reference of missing) texts.push(await missingText(reading, reference))
  const hint = 'check the names and --region; kmseal list-params shows what is there'
  const [only] = texts
  if (texts.length === 1 && only !== undefined) return new KmsealError('not-found', only, { hint })
  const message = `${texts.length} of ${total} parameters were not found`
  return new KmsealError('not-found', message, { hint, details: texts })
}

async function missingText(reading: Reading, reference: ParameterReference): Promise<string> {
  const { arn, name, selector } = reference
  if (selector === undefined) return `${describeReference(reference)} does not exist`
  const whole = { ...reference, text: arn ?? name, selector: undefined }
  try {
    const parameter = await getParameter({ ...reading, withDecryption: false }, whole)
    if (parameter === undefined) return `${describeReference(whole)} does not exist`
  } catch {
    // Not allowed to look, or cut off meanwhile: that the version is missing stays true.
    return `${describeReference(reference)} does not exist`
  }
  const kind = /^\d+$/.test(selector) ? 'version' : 'label'
  return `${describeReference(whole)} has no ${kind} ${selector}`
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
