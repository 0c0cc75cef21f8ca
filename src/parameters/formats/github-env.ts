/** Export as lines of the file that GitHub's runner reads variables from. */

import { randomBytes } from 'node:crypto'
import { KmsealError } from '../../errors.ts'
import { type Exported, type FormatOptions, textIn, variablesOf } from './exported.ts'

// The runner refuses to set it, since it makes programs load code.
const refused = 'NODE_OPTIONS'

/**
 * Writes variables for `$GITHUB_ENV` (or `$GITHUB_OUTPUT`), each between delimiters that are random and not in its
 * value.
 *
 * @throws KmsealError `failed`, naming what has no form
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#setting-an-environment-variable
 */
export function writeGithubEnv(parameters: readonly Exported[], options: FormatOptions): string {
  const variables = variablesOf(parameters, options, 'github-env')
  const unwanted = variables.find(({ name }) => name === refused)
  if (unwanted !== undefined) {
    throw new KmsealError(
      'failed',
      `parameter ${unwanted.parameter} gives ${refused}, which the runner refuses`,
      {
        hint: 'put something in front with --prefix, such as --prefix APP_',
      },
    )
  }
  return variables
    .map(({ name, value }) => {
      const delimiter = delimiterFor(value)
      return `${name}<<${delimiter}\n${value}\n${delimiter}\n`
    })
    .join('')
}

function delimiterFor(value: string): string {
  for (;;) {
    const delimiter = `kmseal_${randomBytes(16).toString('hex')}`
    if (!value.includes(delimiter)) return delimiter
  }
}

/**
 * Commands that make the runner hide secret values in its log: one for each of their lines that is not blank, since it
 * looks at the log by the line. A plain String is not hidden.
 *
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#masking-a-value-in-a-log
 */
export function maskCommands(parameters: readonly Exported[]): string[] {
  const lines = parameters
    .filter(({ secret }) => secret)
    .flatMap(parameter => textIn(parameter, 'github-env').split(/[\r\n]+/))
    // The runner takes no mask of white space alone.
    .filter(line => line.trim() !== '')
  return [...new Set(lines)].map(line => `::add-mask::${line.replaceAll('%', '%25')}`)
}
