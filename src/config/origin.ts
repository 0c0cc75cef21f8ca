/** Where the value of a setting came from. */

import { printable } from '../cli/printable.ts'

/** A flag or variable by its name, a file by its path, or what holds when nobody said anything. */
export type Origin =
  | { readonly kind: 'flag' | 'variable'; readonly name: string }
  | { readonly kind: 'file'; readonly path: string; readonly environment: string | undefined }
  | { readonly kind: 'default' }

/** A value and where it came from. */
export interface Resolved<Value> {
  readonly value: Value
  readonly from: Origin
}

/** An origin in words. */
export function originText(origin: Origin): string {
  if (origin.kind === 'default') return 'default'
  if (origin.kind !== 'file') return origin.name
  const path = printable(origin.path)
  return origin.environment === undefined ? path : `${path} (environment ${origin.environment})`
}
