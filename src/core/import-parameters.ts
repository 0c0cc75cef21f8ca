/** The parameters of an import as a small JSON text, for taking them to another machine and back. */

import { usageError } from '../errors.ts'
import { parseIsoTime } from '../iso-time.ts'
import type { ImportParameters } from './import-material.ts'
import { parseKeyArn } from './key-id.ts'
import { wrappingAlgorithms } from './key-material.ts'

/** What the text says: everything but the wrapping key and the token, which are files of their own. */
export type DescribedParameters = Omit<ImportParameters, 'wrappingPublicKey' | 'importToken'>

/** Writes the text, with the names that AWS uses. */
export function parametersText(parameters: DescribedParameters): string {
  const { keyArn, keySpec, wrappingAlgorithm, validTo } = parameters
  const record = {
    KeyId: keyArn,
    KeySpec: keySpec,
    WrappingAlgorithm: wrappingAlgorithm,
    ParametersValidTo: validTo.toISOString(),
  }
  return `${JSON.stringify(record, undefined, 2)}\n`
}

/**
 * Reads the text again.
 *
 * @param name of its file, for texts
 * @throws KmsealError `usage` for anything else
 */
export function parseParameters(text: string, name: string): DescribedParameters {
  const record = parseRecord(text)
  const [keyArn, keySpec, algorithm, validTo] = [
    'KeyId',
    'KeySpec',
    'WrappingAlgorithm',
    'ParametersValidTo',
  ].map(member => (typeof record[member] === 'string' ? record[member] : ''))
  const wrappingAlgorithm = wrappingAlgorithms.find(known => known === algorithm)
  const time = parseIsoTime(validTo ?? '')
  const isKey = parseKeyArn(keyArn ?? '')?.resource.startsWith('key/') === true
  if (
    !isKey ||
    !/^[A-Z0-9_]{1,64}$/.test(keySpec ?? '') ||
    wrappingAlgorithm === undefined ||
    time === undefined
  ) {
    throw usageError(
      `${name} does not hold the parameters of an import`,
      'kmseal import-key-material --key-id KEY --parameters-out FOLDER writes them',
    )
  }
  return { keyArn: keyArn ?? '', keySpec: keySpec ?? '', wrappingAlgorithm, validTo: new Date(time) }
}

function parseRecord(text: string): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(text)
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {}
  } catch {
    return {}
  }
}
