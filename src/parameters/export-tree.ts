/** Reads what is to be exported: all parameters below some paths, with their contents. */

import type { Exported } from './formats/exported.ts'
import { nothingBelow } from './missing-parameters.ts'
import { type Opening, openValues } from './open-values.ts'
import { readTrees } from './read-tree.ts'
import type { SsmAccess } from './ssm-access.ts'

/** What to export. */
export interface ExportRequest {
  readonly ssm: SsmAccess
  /** Paths without a slash at their ends, or `/`. */
  readonly paths: readonly string[]
  /** A path that nothing is below is no failure. */
  readonly allowEmpty: boolean
  /** What to open sealed values with; without it values are as they are stored. */
  readonly opening: Opening | undefined
}

/**
 * Reads all parameters below the paths, in the order of the paths and sorted by name below each.
 *
 * @throws KmsealError `not-found`, naming every path that nothing is below; `denied`; `unavailable`; `failed` (a key
 *   cannot be used); what opening throws
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParametersByPath.html
 */
export async function readExport({ ssm, paths, allowEmpty, opening }: ExportRequest): Promise<Exported[]> {
  const { found, empty } = await readTrees({ ssm, withDecryption: true }, paths)
  if (!allowEmpty && empty.length > 0) throw nothingBelow(empty, 'or allow that with --allow-empty')
  const stored = found.map(({ parameter }) => ({ name: parameter.Name ?? '', value: parameter.Value ?? '' }))
  const contents = await openValues(stored, opening)
  return found.map(({ path, parameter }, index) => ({
    path,
    parameter,
    name: parameter.Name ?? '',
    content: contents[index] ?? Buffer.alloc(0),
    secret: opening !== undefined || parameter.Type === 'SecureString',
  }))
}
