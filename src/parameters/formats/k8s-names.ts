/** Names of Kubernetes objects. */

import { usageError } from '../../errors.ts'

const label = '[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?'

/**
 * Checks the name of a Secret.
 *
 * @throws KmsealError `usage`
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
 */
export function checkSecretName(text: string): string {
  if (text.length <= 253 && new RegExp(`^${label}(?:\\.${label})*$`).test(text)) return text
  throw usageError('--name is no name of a Kubernetes object', 'it has small letters, digits, - and .')
}

/**
 * Checks the name of a namespace.
 *
 * @throws KmsealError `usage`
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
 */
export function checkNamespace(text: string): string {
  if (new RegExp(`^${label}$`).test(text)) return text
  throw usageError('--namespace is no name of a namespace', 'it has small letters, digits and -')
}
