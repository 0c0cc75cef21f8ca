/** `kmseal tag-param`: tags of a parameter. */

import type { Command } from 'commander'
import type { Session } from '../cli/context.ts'
import { repeatable } from '../cli/options.ts'
import { printable } from '../cli/printable.ts'
import type { GlobalFlags } from '../config.ts'
import { KmsealError, usageError } from '../errors.ts'
import { findParameter } from '../parameters/find-parameter.ts'
import { checkParameterName } from '../parameters/parameter-name.ts'
import { addTags, listTags, parseTags, removeTags } from '../parameters/parameter-tags.ts'

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
  const ssm = await clients.ssm()
  try {
    if (tags.length + removed.length > 0) announceWrite()
    if (tags.length > 0) await addTags(ssm, name, tags)
    if (removed.length > 0) await removeTags(ssm, name, removed)
    if (tags.length + removed.length > 0 && !output.settings.json) return
    const all = await listTags(ssm, name)
    const lines = all.map(({ Key = '', Value = '' }) => `${printable(Key)}=${printable(Value)}\n`)
    await output.result({ Name: name, Tags: all }, lines.join(''))
  } catch (error) {
    if (!(error instanceof KmsealError) || error.awsName !== 'InvalidResourceId') throw error
    if ((await findParameter(ssm, name)) !== undefined) throw error
    throw new KmsealError('not-found', `parameter ${name} does not exist`, {
      hint: 'check the name and --region; kmseal list-params shows what is there',
      awsName: error.awsName,
      cause: error,
    })
  }
}

const help = `
Without --tag and --remove-tag the tags are listed, a line KEY=VALUE each. Tags that are not named stay.

Examples:
  kmseal tag-param /app/db/password --tag Owner=ops --tag Env=prod
  kmseal tag-param /app/db/password --remove-tag Env
  kmseal tag-param /app/db/password --json | jq '.Tags'`
