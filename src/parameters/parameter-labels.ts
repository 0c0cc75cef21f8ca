/** Labels of the versions of a parameter. */

import {
  LabelParameterVersionCommand,
  type ParameterHistory,
  type SSMClient,
  UnlabelParameterVersionCommand,
} from '@aws-sdk/client-ssm'
import { send } from '../core/aws-errors.ts'
import { KmsealError, usageError } from '../errors.ts'
import { allVersions } from './parameter-history.ts'

/** Labels that one version can have, and that one request takes. */
export const maxLabels = 10

/**
 * Checks the length of a label. Labels of other faults are left out by the service, which takes the good ones beside
 * them.
 *
 * @throws KmsealError `usage`
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_LabelParameterVersion.html
 */
export function checkLabel(text: string): string {
  const { length } = [...text]
  if (length >= 1 && length <= 100) return text
  throw usageError(`a label has ${length} characters, and may have 1 to 100`)
}

/** Which labels, and on which version. */
export interface LabelRequest {
  readonly ssm: SSMClient
  readonly name: string
  readonly labels: readonly string[]
  /** The latest one when absent. */
  readonly version: number | undefined
}

/** What became of labels, in AWS's member names. */
export interface LabelResult {
  readonly Name: string
  readonly ParameterVersion: number
  readonly Labels: readonly string[]
  /** Versions that had one of the labels before. */
  readonly MovedFrom: Readonly<Record<string, number>>
}

/**
 * Puts labels on a version; from another version they move away.
 *
 * @throws KmsealError `not-found` for a parameter or version that is not there; `failed` when the service left labels
 *   out, naming them and those that it took; `denied`; `unavailable`
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_LabelParameterVersion.html
 */
export async function labelVersion({ ssm, name, labels, version }: LabelRequest): Promise<LabelResult> {
  const before = await labelsByVersion(ssm, name)
  const command = new LabelParameterVersionCommand({
    Name: name,
    Labels: [...labels],
    ParameterVersion: version,
  })
  const subject = { action: 'ssm:LabelParameterVersion', object: objectOf(name, version) }
  const { InvalidLabels: invalid = [], ParameterVersion: labelled = version ?? 0 } = await send(
    ssm,
    command,
    subject,
  )
  const moved = labels.flatMap(label => {
    const from = before.get(label)
    return from === undefined || from === labelled ? [] : [[label, from] as const]
  })
  if (invalid.length > 0) throw leftOut(name, labels, invalid, new Map(moved))
  return { Name: name, ParameterVersion: labelled, Labels: labels, MovedFrom: Object.fromEntries(moved) }
}

// Only for the note about moved labels: who may not read the history may still label.
async function labelsByVersion(ssm: SSMClient, name: string): Promise<Map<string, number>> {
  try {
    return labelled(await allVersions(ssm, name))
  } catch (error) {
    if (error instanceof KmsealError && error.code === 'denied') return new Map()
    throw error
  }
}

function labelled(versions: readonly ParameterHistory[]): Map<string, number> {
  return new Map(
    versions.flatMap(({ Labels = [], Version = 0 }) => Labels.map(label => [label, Version] as const)),
  )
}

function objectOf(name: string, version: number | undefined): string {
  return version === undefined ? `parameter ${name}` : `version ${version} of parameter ${name}`
}

function leftOut(
  name: string,
  labels: readonly string[],
  invalid: readonly string[],
  moved: ReadonlyMap<string, number>,
): KmsealError {
  const from = (label: string) => (moved.has(label) ? ` (from version ${moved.get(label)})` : '')
  const taken = labels.filter(label => !invalid.includes(label)).map(label => `${label}${from(label)}`)
  return new KmsealError(
    'failed',
    `the service does not take these labels for parameter ${name}: ${invalid.join(', ')}`,
    {
      details: taken.length === 0 ? [] : [`set: ${taken.join(', ')}`],
      hint: 'labels have letters, digits and . - _, and begin neither with a digit nor with aws or ssm',
    },
  )
}

/**
 * Takes labels off. Without a version each is taken off the one that has it.
 *
 * @throws KmsealError `not-found` for labels that no version has, or not the given one, before anything is changed
 *   when no version was given; `denied`; `unavailable`; its details name what was removed before
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_UnlabelParameterVersion.html
 */
export async function removeLabels({ ssm, name, labels, version }: LabelRequest): Promise<void> {
  const byVersion = new Map<number, string[]>()
  if (version !== undefined) byVersion.set(version, [...labels])
  else {
    const where = labelled(await allVersions(ssm, name))
    const missing = labels.filter(label => !where.has(label))
    if (missing.length > 0) throw notLabelled(`no version of parameter ${name} has`, missing)
    for (const label of labels) {
      const at = where.get(label) ?? 0
      byVersion.set(at, [...(byVersion.get(at) ?? []), label])
    }
  }
  const removed: string[] = []
  for (const [at, some] of byVersion) {
    const command = new UnlabelParameterVersionCommand({ Name: name, Labels: some, ParameterVersion: at })
    const subject = { action: 'ssm:UnlabelParameterVersion', object: objectOf(name, at) }
    try {
      const { InvalidLabels: invalid = [] } = await send(ssm, command, subject)
      removed.push(...some.filter(label => !invalid.includes(label)))
      if (invalid.length > 0) throw notLabelled(`${objectOf(name, at)} has not`, invalid)
    } catch (error) {
      throw removed.length === 0 ? error : withRemoved(error, removed)
    }
  }
}

function withRemoved(error: unknown, removed: readonly string[]): unknown {
  if (!(error instanceof KmsealError)) return error
  return error.with({ details: [`removed: ${removed.join(', ')}`] })
}

function notLabelled(what: string, labels: readonly string[]): KmsealError {
  return new KmsealError(
    'not-found',
    `${what} ${labels.length === 1 ? 'the label' : 'the labels'} ${labels.join(', ')}`,
    {
      hint: 'kmseal param-history shows which version has which',
    },
  )
}
