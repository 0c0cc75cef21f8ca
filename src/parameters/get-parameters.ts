/** Reads several parameters in batches, and matches each answer back to what was asked for. */

import { GetParametersCommand, type Parameter } from '@aws-sdk/client-ssm'
import { send } from '../core/aws-errors.ts'
import { boundedMap } from '../core/bounded-map.ts'
import { getParameter, type Reading } from './get-parameter.ts'
import { missingParameters } from './missing-parameters.ts'
import { Pace } from './pace.ts'
import { qualifiedName } from './parameter-name.ts'
import { type ParameterReference, referenceKey, regionOfReference } from './parameter-reference.ts'

/** Names that one request takes. */
const batchSize = 10
/** Requests in flight at a time. */
const mostRequests = 4

type Answers = Map<string, Parameter>

/**
 * Reads parameters in the order asked for, repeats included; each is read once. Either all are there, or none
 * is returned. One alone needs the permission for GetParameter, several that for GetParameters.
 *
 * @throws KmsealError `not-found`, naming everything that is not there; `denied`; `unavailable`; `failed` (a key
 *   cannot be used); `usage` for an ARN that contradicts a typed Region
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html
 */
export async function getParameters(
  reading: Reading,
  references: readonly ParameterReference[],
): Promise<Parameter[]> {
  const wanted = new Map<string, ParameterReference>()
  for (const reference of references) {
    if (!wanted.has(referenceKey(reference))) wanted.set(referenceKey(reference), reference)
  }
  const unique = [...wanted.values()]
  const answers = unique.length === 1 ? await readEach(reading, unique) : await readBatches(reading, unique)
  const found: Parameter[] = []
  for (const reference of references) {
    const parameter = answers.get(referenceKey(reference))
    if (parameter !== undefined) found.push(parameter)
  }
  if (found.length === references.length) return found
  const missing = unique.filter(reference => !answers.has(referenceKey(reference)))
  throw await missingParameters(reading, missing, unique.length)
}

async function readEach(reading: Reading, references: readonly ParameterReference[]): Promise<Answers> {
  const answers: Answers = new Map()
  for (const reference of references) {
    const parameter = await getParameter(reading, reference)
    if (parameter !== undefined) answers.set(referenceKey(reference), parameter)
  }
  return answers
}

async function readBatches(reading: Reading, references: readonly ParameterReference[]): Promise<Answers> {
  const batches = inBatches(reading, references)
  const answers: Answers = new Map()
  const pace = new Pace(mostRequests)
  const read = (batch: ParameterReference[]) => pace.run(() => readBatch(reading, batch))
  for (const part of await boundedMap(batches, mostRequests, read)) {
    for (const [key, parameter] of part) answers.set(key, parameter)
  }
  return answers
}

// Kinds stay apart: the service may take a name and the ARN of the same parameter in one request for repeats,
// and services that leave the selector out of their answers must not mix old versions with present ones.
function inBatches(reading: Reading, references: readonly ParameterReference[]): ParameterReference[][] {
  const kinds = new Map<string, ParameterReference[]>()
  for (const reference of references) {
    const region = regionOfReference(reference, reading.ssm.choice) ?? ''
    const kind = `${region} ${reference.selector === undefined}`
    const members = kinds.get(kind) ?? []
    members.push(reference)
    kinds.set(kind, members)
  }
  return [...kinds.values()].flatMap(members => {
    const count = Math.ceil(members.length / batchSize)
    return Array.from({ length: count }, (_, index) =>
      members.slice(index * batchSize, (index + 1) * batchSize),
    )
  })
}

async function readBatch(reading: Reading, batch: readonly ParameterReference[]): Promise<Answers> {
  const [first] = batch
  if (first === undefined) return new Map()
  const client = await reading.ssm.client(regionOfReference(first, reading.ssm.choice))
  const command = new GetParametersCommand({
    Names: batch.map(({ text }) => text),
    WithDecryption: reading.withDecryption,
  })
  const { Parameters = [], InvalidParameters = [] } = await send(client, command, {
    action: 'ssm:GetParameters',
    object: `parameters ${batch.map(({ text }) => text).join(', ')}`,
  })
  const byKey: Answers = new Map()
  for (const parameter of Parameters) {
    const selector = parameter.Selector?.replace(/^:/, '')
    const name = qualifiedName(parameter.Name ?? '')
    byKey.set(referenceKey({ arn: first.arn && parameter.ARN, name, selector }), parameter)
  }
  // Neither matched nor called invalid: the service answered in other words, so it is asked once more, alone.
  const unmatched = batch.filter(reference => {
    return !byKey.has(referenceKey(reference)) && !InvalidParameters.includes(reference.text)
  })
  for (const [key, parameter] of await readEach(reading, unmatched)) byKey.set(key, parameter)
  return byKey
}
