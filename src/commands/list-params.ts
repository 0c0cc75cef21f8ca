/** `kmseal list-params`: parameters without their values. */

import type { ParameterMetadata } from '@aws-sdk/client-ssm'
import type { Command } from 'commander'
import type { Session } from '../cli/context.ts'
import { printable } from '../cli/printable.ts'
import { blocks } from '../cli/table.ts'
import type { GlobalFlags } from '../config.ts'
import { usageError } from '../errors.ts'
import { findParameter } from '../parameters/find-parameter.ts'
import { listParameters } from '../parameters/list-parameters.ts'
import { checkParameterPath } from '../parameters/parameter-name.ts'

interface Options extends GlobalFlags {
  readonly oneLevel?: boolean
}

/** Adds the arguments, options and action of the command. */
export function register(command: Command, session: Session): void {
  command
    .argument('[path]', 'only what is below this path, such as /app, at any depth', checkParameterPath)
    .option('--one-level', 'only direct children of the path')
    .addHelpText('after', help)
    .action(async (path: string | undefined, options: Options) => {
      const oneLevel = options.oneLevel === true
      if (oneLevel && path === undefined) throw usageError('--one-level needs a path', 'the topmost one is /')
      const { output, clients } = session.begin(options)
      const ssm = await clients.ssm()
      const toLines = columns(output.width)
      let count = 0
      for await (const page of listParameters({ ssm, path, oneLevel })) {
        if (output.settings.json) for (const row of page) await output.result(row, '')
        else await output.result({}, toLines(page))
        count += page.length
      }
      if (count > 0) return
      if (path === undefined) return output.note('there are no parameters')
      // The list is whole; that this cannot be told is no failure of it.
      const found = path === '/' ? undefined : await findParameter(ssm, path).catch(() => undefined)
      const itself = found !== undefined ? `, which is a parameter itself: kmseal get-param ${path}` : ''
      output.note(`nothing is below ${path}${itself}`)
    })
}

const head = ['NAME', 'TYPE', 'TIER', 'VERSION', 'LAST MODIFIED']

/**
 * Renders one page after the other: the column of names only ever grows, since later pages are not known. What is wider
 * than the terminal comes as blocks, from then on.
 */
function columns(width = Number.POSITIVE_INFINITY): (page: readonly ParameterMetadata[]) => string {
  let nameWidth = 0
  let isNarrow = false
  const line = ([name = '', type = '', tier = '', version = '', modified = '']: readonly string[]): string =>
    [name.padEnd(nameWidth), type.padEnd(12), tier.padEnd(8), version.padEnd(7), modified].join('  ')
  return page => {
    const rows = page.map(rowOf)
    const isFirst = nameWidth === 0
    for (const [name = ''] of [head, ...rows]) nameWidth = Math.max(nameWidth, name.length)
    const lines = (isFirst ? [head, ...rows] : rows).map(row => line(row).trimEnd())
    isNarrow ||= lines.some(text => text.length > width)
    if (isNarrow) return `${isFirst ? '' : '\n'}${blocks(head, rows)}`
    return lines.map(text => `${text}\n`).join('')
  }
}

function rowOf({ Name, Type, Tier, Version, LastModifiedDate }: ParameterMetadata): string[] {
  const cells = [Name, Type, Tier, Version?.toString(), LastModifiedDate?.toISOString()]
  return cells.map(cell => (cell === undefined || cell === '' ? '-' : printable(cell)))
}

const help = `
Rows come page by page, in the order of the service. With --json each is an object of its own line.

Examples:
  $ kmseal list-params /app
  $ kmseal list-params --json | jq -r .Name`
