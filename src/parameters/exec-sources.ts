/** Reads what a program is to get: parameters for variables and for files. */

import { KmsealError } from '../errors.ts'
import type { GivenVariable } from './child-environment.ts'
import { variableName } from './environment-names.ts'
import type { Reading } from './get-parameter.ts'
import { getParameters } from './get-parameters.ts'
import { nothingBelow } from './missing-parameters.ts'
import { type Opening, openValues } from './open-values.ts'
import { qualifiedName } from './parameter-name.ts'
import type { ParameterReference } from './parameter-reference.ts'
import { textOf } from './parameter-value.ts'
import { readTrees } from './read-tree.ts'

/** A parameter, and what the user calls it: a variable, or a file. */
export interface Mapping {
  readonly reference: ParameterReference
  readonly target: string
}

/** What to read. */
export interface SourcesRequest {
  readonly reading: Reading
  /** Opens sealed values. */
  readonly opening: Opening | undefined
  /** Paths below which everything is read, each without a slash at its end. */
  readonly paths: readonly string[]
  readonly prefix: string
  readonly keepCase: boolean
  readonly variables: readonly Mapping[]
  readonly files: readonly Mapping[]
}

/** A file to make. */
export interface GivenFile {
  /** Path within the folder of the files. */
  readonly path: string
  readonly content: Buffer
}

/** What was read. */
export interface Sources {
  readonly variables: readonly GivenVariable[]
  readonly files: readonly GivenFile[]
}

/**
 * Reads all of it, or fails.
 *
 * @throws KmsealError `not-found` for parameters that are not there and paths with nothing below them, all of them
 *   named; `failed` for names that make no variable and for values that are no text; what reading and opening throw
 * @see https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParametersByPath.html
 */
export async function readSources(request: SourcesRequest): Promise<Sources> {
  const { reading, opening, files } = request
  const mapped = [...request.variables, ...files]
  const [all, named] = await Promise.all([
    readPaths(reading, request.paths),
    mapped.length === 0
      ? []
      : getParameters(
          reading,
          mapped.map(({ reference }) => reference),
        ),
  ])
  // What is named by itself gets only that.
  const trees = all.filter(({ name, arn }) => !mapped.some(({ reference }) => isOf(reference, name, arn)))
  const stored = [
    ...trees.map(({ name, value }) => ({ name, value })),
    ...mapped.map(({ reference }, index) => ({ name: reference.name, value: named[index]?.Value ?? '' })),
  ]
  const contents = await openValues(stored, opening)
  const contentOf = (index: number): Buffer => contents[index] ?? Buffer.alloc(0)
  const variables = [
    ...trees.map(({ name, path }, index) => {
      const variable = variableName(name, { path, prefix: request.prefix, keepCase: request.keepCase })
      return given(variable, name, contentOf(index), false)
    }),
    ...request.variables.map(({ reference, target }, index) =>
      given(target, reference.name, contentOf(trees.length + index), true),
    ),
  ]
  const before = trees.length + request.variables.length
  return {
    variables,
    files: files.map(({ target }, index) => ({ path: target, content: contentOf(before + index) })),
  }
}

function given(variable: string, parameter: string, content: Buffer, named: boolean): GivenVariable {
  const value = textOf(content)
  if (value === undefined) {
    throw new KmsealError('failed', `the opened value of parameter ${parameter} is binary`, {
      hint: 'hand it over in a file with --file',
    })
  }
  return { variable, value, source: `parameter ${parameter}`, named }
}

async function readPaths(reading: Reading, paths: readonly string[]) {
  const { found, empty } = await readTrees(reading, paths)
  if (empty.length > 0) throw nothingBelow(empty, 'for one parameter itself give --param NAME=VARIABLE')
  return found.map(({ path, parameter: { Name = '', Value = '', ARN } }) => {
    return { path, name: qualifiedName(Name), arn: ARN, value: Value }
  })
}

function isOf(reference: ParameterReference, name: string, arn: string | undefined): boolean {
  return reference.arn === undefined ? reference.name === name : reference.arn === arn
}
