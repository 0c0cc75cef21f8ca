/** `kmseal copy-param`: copies parameters to other names, paths, Regions, accounts and backends. */

import type { Command } from 'commander'
import type { Context, Elsewhere, Session } from '../cli/context.ts'
import { oneOf } from '../cli/options.ts'
import type { Output } from '../cli/output.ts'
import { whileChanging } from '../cli/part-way.ts'
import { printable } from '../cli/printable.ts'
import type { Backend } from '../config/resolve-values.ts'
import { defaultKeys, type GlobalFlags } from '../config.ts'
import { checkKeyId } from '../core/key-id.ts'
import { usageError } from '../errors.ts'
import type { CopySource } from '../parameters/copy-originals.ts'
import { type CopyRequest, type PlannedCopy, planCopy } from '../parameters/copy-plan.ts'
import { checkNewParameterName, checkParameterPath } from '../parameters/parameter-name.ts'
import { parseParameterReference } from '../parameters/parameter-reference.ts'
import {
  type ParameterTier,
  type ParameterType,
  parameterTiers,
  parameterTypes,
} from '../parameters/parameter-value.ts'
import { storeAll } from '../parameters/store-all.ts'

interface Options extends GlobalFlags {
  readonly recursive?: boolean
  readonly toRegion?: string
  readonly toProfile?: string
  readonly toBackend?: Backend
  readonly toEndpointUrl?: string
  readonly type?: ParameterType
  readonly keyId?: string
  readonly tier?: ParameterTier
  readonly overwrite?: boolean
  readonly allowSealed?: boolean
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
    .option('--to-backend <aws|mock>', 'backend to copy to', oneOf('--to-backend', ['aws', 'mock']))
    .option('--to-endpoint-url <url>', 'endpoint to copy to')
    .option('--type <type>', parameterTypes.join(', '), oneOf('--type', parameterTypes))
    .option('--key-id <key>', 'key of SecureStrings there: id, alias/NAME or ARN', checkKeyId)
    .option('--tier <tier>', parameterTiers.join(', '), oneOf('--tier', parameterTiers))
    .option('--overwrite', 'store new versions of what is there; type and key stay unless named')
    .option('--allow-sealed', 'copy values that look sealed, as they are')
    .option('--dry-run', 'show what would be copied, and copy nothing')
    .addHelpText('after', help)
    .action((from: string, to: string, options: Options) => copyParam(session, from, to, options))
}

async function copyParam(session: Session, from: string, to: string, options: Options): Promise<void> {
  const context = session.begin(options)
  const { output, settings } = context
  const source = sourceOf(from, to, options)
  const target = targetOf(session, context, options)
  const request: CopyRequest = {
    from: context.ssm,
    to: target.ssm,
    toKms: target.kms,
    source,
    sameAccount: isSameAccount(context, target),
    type: options.type,
    keyId: options.keyId,
    defaultKeyId: defaultKeys(settings).map(checkKeyId)[0],
    tier: options.tier,
    overwrite: options.overwrite === true,
    allowSealed: options.allowSealed === true,
  }
  const plan = await planCopy(request)
  const versions = options.dryRun === true ? new Map() : await store(context, request, target, plan)
  tellBeside(output, plan)
  if (options.dryRun === true) output.note('nothing was copied, as --dry-run says')
  for (const copy of plan) {
    await output.result(
      record(copy, versions.get(copy.name), options),
      `${printable(copy.from)} -> ${printable(copy.name)}\n`,
    )
  }
}

function sourceOf(from: string, to: string, { recursive }: Options): CopySource {
  if (recursive === true) return { path: checkParameterPath(from), toPath: checkParameterPath(to) }
  return { reference: parseParameterReference(from), to: checkNewParameterName(to) }
}

function targetOf(session: Session, context: Context, options: Options): Elsewhere {
  const { toRegion, toProfile, toBackend, toEndpointUrl } = options
  const flags = {
    ...(toRegion === undefined ? {} : { region: toRegion }),
    ...(toProfile === undefined ? {} : { profile: toProfile }),
    ...(toBackend === undefined ? {} : { backend: toBackend }),
    ...(toEndpointUrl === undefined ? {} : { endpointUrl: toEndpointUrl }),
  }
  if (Object.keys(flags).length === 0) return context
  const target = session.elsewhere(options, flags)
  if (target.settings.backend === 'mock' && (toProfile !== undefined || toEndpointUrl !== undefined)) {
    throw usageError(
      '--to-profile and --to-endpoint-url are for AWS, not for the mock',
      'give --to-backend aws',
    )
  }
  return target
}

function isSameAccount({ settings: here }: Elsewhere, { settings: there }: Elsewhere): boolean {
  if (here.backend !== there.backend) return false
  return here.backend === 'mock' || (here.profile === there.profile && here.endpointUrl === there.endpointUrl)
}

async function store(
  context: Context,
  { to, overwrite }: CopyRequest,
  target: Elsewhere,
  plan: readonly PlannedCopy[],
): Promise<Map<string, number>> {
  target.announceWrite()
  const again = `the same command ${overwrite ? '' : 'with --overwrite '}stores the rest`
  return whileChanging(context, { total: plan.length, done: 'copied', again }, onStored =>
    storeAll({ ssm: to, kms: target.kms }, plan, { again, onStored }),
  )
}

function tellBeside(output: Output, plan: readonly PlannedCopy[]): void {
  const unchanged = plan.filter(({ change }) => change === 'unchanged').length
  if (unchanged > 0) output.note(`${unchanged} of ${plan.length} are there already, as they are`)
  for (const { from, unknown } of plan) {
    if (unknown === 'nothing') continue
    const what = unknown === 'tags' ? 'its tags are' : 'its description, pattern and tags are'
    output.note(`${from} is of another account: ${what} not known, and not copied`)
  }
}

function record(copy: PlannedCopy, stored: number | undefined, { dryRun }: Options): object {
  const { from, name, change, version } = copy
  return {
    From: from,
    Name: name,
    Version: stored ?? version,
    Change: change,
    DryRun: dryRun === true ? true : undefined,
  }
}

const help = `
Type, description, pattern, policies, data type and tags come along; labels and old versions stay behind. The key of a
SecureString comes along within one account and Region (another profile, backend or endpoint counts as another
account). To another place the account's alias/aws/ssm becomes the one there, and any other key must be named with
--key-id, an alias too: the same name may mean another key there.
An overwrite keeps type and key of what is there, and stores nothing that is there already. A secret never goes into a
plain parameter, nor from a key of your own to alias/aws/ssm, unless --type or --key-id says so. A tier that costs
money needs --tier; what fits becomes a Standard parameter otherwise.
With --recursive everything below the path goes, but not a parameter whose name is the path itself.
A value that put-param --seal encrypted opens under its own name only: another name is refused. What looks encrypted by
KMS counts as sealed; --allow-sealed copies it all the same.
Prints a line FROM -> TO for each, or an object with --json. Everything that would fail is found before anything is
written, as far as it can be.

Examples:
  $ kmseal copy-param /app/dev/url /app/prod/url
  $ kmseal copy-param /app/db/password:3 /app/db/old-password
  $ kmseal copy-param /app /app --recursive --to-region eu-west-1 --key-id alias/app
  $ kmseal copy-param /app /app --recursive --to-backend mock --key-id alias/aws/ssm`
