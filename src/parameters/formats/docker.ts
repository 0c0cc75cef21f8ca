/** Export as the file that `docker run --env-file` reads. */

import { cannotCarry, type Exported, type FormatOptions, variablesOf } from './exported.ts'

/**
 * Writes `NAME=value` lines, in which nothing is quoted or escaped.
 *
 * @throws KmsealError `failed`, naming what has no form: every value with a line break
 * @see https://docs.docker.com/reference/cli/docker/container/run/#env
 */
export function writeDocker(parameters: readonly Exported[], options: FormatOptions): string {
  const variables = variablesOf(parameters, options, "Docker's env-file")
  for (const { parameter, value } of variables) {
    if (/[\n\r]/.test(value)) throw cannotCarry(parameter, "Docker's env-file", 'a line break')
  }
  return variables.map(({ name, value }) => `${name}=${value}\n`).join('')
}
