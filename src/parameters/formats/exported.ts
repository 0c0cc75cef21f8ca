/** What the formats of an export have in common: parameters with their contents, and how they are named. */

import type { Parameter } from '@aws-sdk/client-ssm'
import { KmsealError } from '../../errors.ts'
import type { Variable } from '../dotenv.ts'
import { type NamedVariable, refuseClashes, variableName } from '../environment-names.ts'
import { relativeName } from '../parameter-name.ts'
import { textOf } from '../parameter-value.ts'
import { changesPrograms } from '../program-variables.ts'

/** A parameter to export. */
export interface Exported {
  /** As it was read, its value included. */
  readonly parameter: Parameter
  /** Full name. */
  readonly name: string
  /** The path that it was found below. */
  readonly path: string
  /** The value, opened where that was asked for; then it may be binary. */
  readonly content: Uint8Array
  /** Whether it is for few eyes only: a SecureString, or a value that was sealed. */
  readonly secret: boolean
}

/** What a user can say about a format, each of them where the format takes it. */
export interface FormatOptions {
  /** In front of the names of variables. */
  readonly prefix: string
  /** Leave the letters of variables as they are in the names of parameters. */
  readonly keepCase: boolean
  /** Variables that may be written though they change how programs run. */
  readonly allowed?: ReadonlySet<string> | undefined
  /** An object for each part of a path. */
  readonly nested: boolean
  /** Name of a Kubernetes secret. */
  readonly secretName: string
  /** Namespace of a Kubernetes secret. */
  readonly namespace: string | undefined
}

/** A value under the name that it gets in an export, and the parameter that it comes from. */
export interface ExportedVariable extends Variable {
  readonly parameter: string
  readonly secret: boolean
}

/**
 * Parameters as variables of an environment.
 *
 * @param format the format in words, for errors
 * @throws KmsealError `failed` for names that are no variables or that clash, and for values with NUL or no text
 */
export function variablesOf(
  parameters: readonly Exported[],
  { prefix, keepCase, allowed }: FormatOptions,
  format: string,
): ExportedVariable[] {
  const named = parameters.map(({ name, path }) => {
    return { parameter: name, variable: variableName(name, { path, prefix, keepCase }) }
  })
  refuseClashes(named)
  refuseChanging(named.filter(({ variable }) => changesPrograms(variable) && allowed?.has(variable) !== true))
  return parameters.map((parameter, index) => {
    const value = textIn(parameter, format)
    if (value.includes('\0')) {
      throw cannotCarry(parameter.name, format, 'a NUL character, which no variable can hold')
    }
    const { name, secret } = parameter
    return { name: named[index]?.variable ?? '', value, parameter: name, secret }
  })
}

function refuseChanging(named: readonly NamedVariable[]): void {
  if (named.length === 0) return
  const list = named.map(({ parameter, variable }) => `${parameter} would set ${variable}`)
  throw new KmsealError('failed', `${list[0]}, which changes how programs run`, {
    details: list.slice(1),
    hint: 'put something in front of all names with --prefix, or name those that are meant with --allow',
  })
}

/**
 * Parameters under the parts of their names below the path.
 *
 * @param keyOf makes another key of that part
 * @throws KmsealError `failed` when two parameters give the same key
 */
export function relativeKeys(
  parameters: readonly Exported[],
  keyOf: (relative: string) => string = relative => relative,
): string[] {
  const named = parameters.map(({ name, path }) => {
    return { parameter: name, variable: keyOf(relativeName(name, path)) }
  })
  refuseClashes(named, 'key')
  return named.map(({ variable }) => variable)
}

/**
 * The value of a parameter as text.
 *
 * @throws KmsealError `failed` when it is binary, naming the parameter
 */
export function textIn({ name, content }: Exported, format: string): string {
  const text = textOf(content)
  if (text !== undefined) return text
  throw new KmsealError('failed', `the opened value of ${name} is binary, which ${format} cannot carry`, {
    hint: 'read it alone with get-param --open -o FILE, or export --format k8s-secret',
  })
}

/** The refusal of a value that a format has no form for. */
export function cannotCarry(parameter: string, format: string, what: string): KmsealError {
  return new KmsealError('failed', `${format} cannot carry the value of ${parameter}: it has ${what}`, {
    hint: 'export it with --format json',
  })
}

/**
 * Insists that what was written reads back as what was meant: a writer that is wrong must not do it in silence.
 *
 * @throws KmsealError `failed`
 */
export function confirmReadBack(format: string, same: boolean): void {
  if (same) return
  throw new KmsealError(
    'failed',
    `internal error: what was written as ${format} does not read back the same`,
    {
      hint: 'please report it without the values, and use --format json meanwhile',
    },
  )
}
