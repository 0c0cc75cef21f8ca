/** Where the value of a setting came from. */

import { printable } from '../cli/printable.ts'

/** A file, and the part of it. */
export interface FileOrigin {
  readonly kind: 'file'
  readonly path: string
  readonly environment: string | undefined
  /** The number of a rule, from 1. */
  readonly rule?: number | undefined
}

/** A flag or variable by its name, a file by its path, or what holds when nobody said anything. */
export type Origin =
  | { readonly kind: 'flag' | 'variable'; readonly name: string }
  | FileOrigin
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
  const { environment, rule } = origin
  const parts = [
    ...(environment === undefined ? [] : [`environment ${environment}`]),
    ...(rule === undefined ? [] : [`rule ${rule}`]),
  ]
  const path = printable(origin.path)
  return parts.length === 0 ? path : `${path} (${parts.join(', ')})`
}
