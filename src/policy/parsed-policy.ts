/** The shapes that a policy document is read into. */

import type { PrincipalElement } from './principal-element.ts'

/** Versions of the policy language: the older one, which is the default, has no policy variables. */
export type PolicyVersion = '2008-10-17' | '2012-10-17'

/** What a document is attached to: a key, or a principal. */
export type PolicyKind = 'key policy' | 'identity policy'

/** Action or Resource, or their Not forms: one of the patterns must match, or none. */
export interface PatternElement {
  readonly negated: boolean
  readonly patterns: readonly string[]
}

/** One condition: all conditions of a statement must hold. */
export interface ParsedCondition {
  /** As written, such as `ForAnyValue:StringLike`. */
  readonly operator: string
  readonly key: string
  readonly values: readonly string[]
}

/** One statement. */
export interface ParsedStatement {
  readonly sid: string | undefined
  readonly effect: 'Allow' | 'Deny'
  /** Undefined in identity policies. */
  readonly principal: PrincipalElement | undefined
  readonly actions: PatternElement
  readonly resources: PatternElement
  readonly conditions: readonly ParsedCondition[]
}

/** A whole document. */
export interface ParsedPolicy {
  readonly version: PolicyVersion
  readonly id: string | undefined
  readonly statements: readonly ParsedStatement[]
}
