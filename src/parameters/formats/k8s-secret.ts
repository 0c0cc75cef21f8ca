/** Export as the manifest of a Kubernetes Secret. */

import { parse } from 'yaml'
import { KmsealError } from '../../errors.ts'
import { confirmReadBack, type Exported, type FormatOptions, relativeKeys } from './exported.ts'
import { quotedYaml } from './yaml.ts'

/** Bytes that a Secret holds. */
const maxBytes = 1024 * 1024
const maxKeyLength = 253

/**
 * Writes a Secret of type Opaque. Its keys are the names below the path, with `_` for `/`; values may be binary.
 *
 * @throws KmsealError `failed` for clashing or too long keys, and for more than 1 MiB
 * @see https://kubernetes.io/docs/concepts/configuration/secret/
 */
export function writeK8sSecret(
  parameters: readonly Exported[],
  { secretName, namespace }: FormatOptions,
): string {
  const keys = relativeKeys(parameters, relative => relative.replaceAll('/', '_'))
  const data = Object.create(null) as Record<string, string>
  let bytes = 0
  for (const [index, { name, content }] of parameters.entries()) {
    const key = keys[index] ?? ''
    checkKey(key, name)
    bytes += content.length
    data[key] = Buffer.from(content).toString('base64')
  }
  if (bytes > maxBytes) {
    throw new KmsealError('failed', `the values have ${bytes} bytes, and a Kubernetes Secret holds 1 MiB`, {
      hint: 'export a path further down',
    })
  }
  const metadata = namespace === undefined ? { name: secretName } : { name: secretName, namespace }
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', data }
  const text = quotedYaml(secret)
  confirmReadBack('a Kubernetes Secret', JSON.stringify(parse(text)) === JSON.stringify(secret))
  return text
}

function checkKey(key: string, parameter: string): void {
  if (key.length <= maxKeyLength && key !== '.' && !key.startsWith('..')) return
  const why = key.startsWith('.') ? 'which a Kubernetes Secret refuses' : 'which is too long'
  throw new KmsealError('failed', `parameter ${parameter} gives the key ${key}, ${why}`)
}
