/** `kmseal copy-param`: copies parameters to other names, paths, Regions, accounts and backends. */

import { type Command, Option } from 'commander'
import type { Elsewhere, Session } from '../cli/context.ts'
import { oneOf } from '../cli/options.ts'
import type { GlobalFlags } from '../config.ts'
import { checkKeyId } from '../core/key-id.ts'
import { usageError } from '../errors.ts'
import { type CopyRequest, type CopySource, type PlannedCopy, planCopy } from '../parameters/copy-plan.ts'
import { checkNewParameterName, checkParameterPath, qualifiedName } from '../parameters/parameter-name.ts'
import { parseParameterReference } from '../parameters/parameter-reference.ts'
import {
  type ParameterTier,
  type ParameterType,
  parameterTiers,
  parameterTypes,
} from '../parameters/parameter-value.ts'
import type { SsmAccess } from '../parameters/ssm-access.ts'
import { storeAll } from '../parameters/store-all.ts'

interface Options extends GlobalFlags {
  readonly recursive?: boolean
  readonly toRegion?: string
  readonly toProfile?: string
  readonly toBackend?: string
  readonly toEndpointUrl?: string
  readonly type?: ParameterType
  readonly keyId?: string
  readonly tier?: ParameterTier
  readonly overwrite?: boolean
  readonly dryRun?: boolean
}

/** Adds the arguments, options and action of the command. */
export function register(command: Command, session: Session): void {
  command
    .argument('<from>', 'NAME, NAME:VERSION, NAME:LABEL, an ARN, or a path with --recursive')
    .argument('<to>', 'the new name, or the new path with --recursive')
    .option('--recursive', 'copy everything below the path')
    .option('--to-region <name>', 'Region to copy to')
    .option('--to-profile <name>', 'profile to copy with: another account')
    .addOption(new Option('--to-backend <aws|mock>', 'backend to copy to'))
    .option('--to-endpoint-url <url>', 'endpoint to copy to')
    .option('--type <type>', parameterTypes.join(', '), oneOf('--type', parameterTypes))
    .option('--key-id <key>', 'key of SecureStrings there: id, alias/NAME or ARN', checkKeyId)
    .option('--tier <tier>', parameterTiers.join(', '), oneOf('--tier', parameterTiers))
    .option('--overwrite', 'store new versions of what is there; type and key stay unless named')
    .option('--dry-run', 'show what would be copied, and copy nothing')
    .addHelpText('after', help)
    .action((from: string, to: string, options: Options) => copyParam(session, from, to, options))
}

async function copyParam(session: Session, from: string, to: string, options: Options): Promise<void> {
  const context = session.begin(options)
  const { output } = context
  const flags = {
    ...(options.toRegion === undefined ? {} : { region: options.toRegion }),
    ...(options.toProfile === undefined ? {} : { profile: options.toProfile }),
    ...(options.toBackend === undefined ? {} : { backend: options.toBackend }),
    ...(options.toEndpointUrl === undefined ? {} : { endpointUrl: options.toEndpointUrl }),
  }
  const target = Object.keys(flags).length === 0 ? context : session.elsewhere(options, flags)
  const source = sourceOf(from, to, options)
  const samePlace = target === context && !('reference' in source && source.reference.arn !== undefined)
  if (target === context) refuseItself(source)
  const request: CopyRequest = {
    from: accessOf(context),
    to: accessOf(target),
    source,
    samePlace,
    type: options.type,
    keyId: options.keyId,
    tier: options.tier,
    overwrite: options.overwrite === true,
  }
  const plan = await planCopy(request)
  if (options.dryRun !== true) {
    context.announceWrite()
    await storeAll({ ssm: request.to, kms: target.kms }, plan)
  }
  const unchanged = plan.filter(({ change }) => change === 'unchanged').length
  if (unchanged > 0) output.note(`${unchanged} of ${plan.length} are there already, as they are`)
  if (options.dryRun === true) output.note('nothing was copied, as --dry-run says')
  for (const copy of plan) await output.result(record(copy), `${copy.from} -> ${copy.name}\n`)
}

function accessOf({ clients, settings }: Elsewhere): SsmAccess {
  return { client: region => clients.ssm(region), choice: settings }
}

function sourceOf(from: string, to: string, { recursive }: Options): CopySource {
  if (recursive === true) {
    const [path, toPath] = [checkParameterPath(from), checkParameterPath(to)]
    if (toPath.startsWith(`${path === '/' ? '' : path}/`))
      throw usageError('a path cannot be copied below itself')
    return { path, toPath }
  }
  const name = checkNewParameterName(to)
  return { reference: parseParameterReference(from), to: name }
}

function refuseItself(source: CopySource): void {
  const same =
    'path' in source
      ? source.path === source.toPath
      : source.reference.selector === undefined && source.reference.text === source.to
  if (same) throw usageError('this would be copied onto itself', 'name another place to copy to')
  if (!('reference' in source) || source.reference.name !== qualifiedName(source.to)) return
  if (source.reference.arn !== undefined) return
  throw usageError(
    'this would be copied onto itself',
    'kmseal rollback-param makes an old version current again',
  )
}

function record({ from, name, change }: PlannedCopy): object {
  return { From: from, Name: name, Change: change }
}

const help = `
Type, description, pattern, data type and tags come along. The key of a SecureString comes along within one account
and Region; to another place a key of one's own must be named with --key-id, and the account's alias/aws/ssm becomes
the one there. An overwrite keeps type and key of what is there, and stores nothing that is there already; a secret is
never copied into a plain parameter unless --type says so. Labels and old versions stay behind.
A value that put-param --seal encrypted opens under its own name only: another name is refused, as far as the value
tells (up to 4096 bytes under one key it does not).
Prints a line FROM -> TO for each, or an object with --json. Everything that would fail is found before anything is
written, as far as it can be.

Examples:
  kmseal copy-param /app/dev/url /app/prod/url
  kmseal copy-param /app/db/password:3 /app/db/old-password
  kmseal copy-param /app /app --recursive --to-region eu-west-1 --key-id alias/app
  kmseal copy-param /app /app --recursive --to-backend mock --overwrite`
