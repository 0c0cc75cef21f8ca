/** `kmseal tag-param`: tags of a parameter. */

import type { Command } from 'commander'
import type { Session } from '../cli/context.ts'
import { repeatable } from '../cli/options.ts'
import { printable } from '../cli/printable.ts'
import type { GlobalFlags } from '../config.ts'
import { usageError } from '../errors.ts'
import { checkParameterName } from '../parameters/parameter-name.ts'
import { parseTags } from '../parameters/parameter-tags.ts'
import { changeTags, tagsOf } from '../parameters/tag-parameter.ts'

interface Options extends GlobalFlags {
  readonly tag?: readonly string[]
  readonly removeTag?: readonly string[]
}

/** Adds the arguments, options and action of the command. */
export function register(command: Command, session: Session): void {
  command
    .argument('<name>', 'name of the parameter', checkParameterName)
    .option('--tag <key=value>', 'set a tag (repeatable); other tags stay', repeatable)
    .option('--remove-tag <key>', 'remove a tag (repeatable)', repeatable)
    .addHelpText('after', help)
    .action((name: string, options: Options) => tagParam(session, name, options))
}

async function tagParam(session: Session, name: string, options: Options): Promise<void> {
  const { output, clients, announceWrite } = session.begin(options)
  const tags = parseTags(options.tag ?? [])
  const removed = [...new Set(options.removeTag ?? [])]
  if (removed.includes('')) throw usageError('--remove-tag needs the key of a tag')
  if (tags.some(({ Key = '' }) => removed.includes(Key))) {
    throw usageError('the same tag is to be set and removed')
  }
  const changes = tags.length + removed.length > 0
  const ssm = await clients.ssm()
  if (changes) announceWrite()
  await changeTags(ssm, name, { tags, removed })
  if (changes && !output.settings.json) return
  const all = await tagsOf(ssm, name)
  const lines = all.map(({ Key = '', Value = '' }) => `${printable(Key)}=${printable(Value)}\n`)
  await output.result({ Name: name, Tags: all }, lines.join(''))
}

const help = `
Without --tag and --remove-tag the tags are listed, a line KEY=VALUE each. Tags that are not named stay.

Examples:
  $ kmseal tag-param /app/db/password --tag Owner=ops --tag Env=prod
  $ kmseal tag-param /app/db/password --remove-tag Env
  $ kmseal tag-param /app/db/password --json | jq '.Tags'`
