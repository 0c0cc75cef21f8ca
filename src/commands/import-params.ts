/** `kmseal import-params`: stores what a file holds, after showing what would change. */

import { type Command, Option } from 'commander'
import { coloursOf } from '../cli/colour.ts'
import { confirm } from '../cli/confirm.ts'
import type { Context, Session } from '../cli/context.ts'
import { openInput, readWhole } from '../cli/input.ts'
import { oneOf } from '../cli/options.ts'
import { whileChanging } from '../cli/part-way.ts'
import { printable } from '../cli/printable.ts'
import { defaultKeys, type GlobalFlags } from '../config.ts'
import { checkKeyId } from '../core/key-id.ts'
import { exitStatusOf, KmsealError, usageError } from '../errors.ts'
import { applyImport } from '../parameters/import-apply.ts'
import {
  formatOfFile,
  type ImportFormat,
  importFormats,
  parseImport,
  type WantedParameter,
} from '../parameters/import-file.ts'
import {
  type ImportPlan,
  type ImportRequest,
  type PlannedChange,
  type PlannedImport,
  planImport,
} from '../parameters/import-plan.ts'
import { checkParameterPath } from '../parameters/parameter-name.ts'
import {
  type ParameterTier,
  type ParameterType,
  parameterTiers,
  parameterTypes,
} from '../parameters/parameter-value.ts'
import type { AttributeChange } from '../parameters/unchanged.ts'

interface Options extends GlobalFlags {
  readonly prefix: string
  readonly format?: ImportFormat
  readonly type?: ParameterType
  readonly keyId?: string
  readonly tier?: ParameterTier
  readonly prune?: boolean
  readonly skipEmpty?: boolean
  readonly dryRun?: boolean
  readonly exitCode?: boolean
  readonly showValues?: boolean
  readonly yes?: boolean
}

const largestFile = 64 * 1024 * 1024

/** Adds the arguments, options and action of the command. */
export function register(command: Command, session: Session): void {
  command
    .argument('<file>', 'the file, or - for standard input')
    .requiredOption(
      '--prefix <path>',
      'path that everything is stored below, such as /app',
      checkParameterPath,
    )
    .option('--format <format>', `${importFormats.join(', ')}; told by the file's name without it`, formats)
    .option('--type <type>', parameterTypes.join(', '), oneOf('--type', parameterTypes))
    .option(
      '--key-id <key>',
      'key of SecureStrings: id, alias/NAME or ARN (KMSEAL_KEY_ID when new)',
      checkKeyId,
    )
    .option('--tier <tier>', parameterTiers.join(', '), oneOf('--tier', parameterTiers))
    .option('--prune', 'delete what is below the path and not in the file')
    .option('--skip-empty', 'leave out names without a value, instead of refusing the file')
    .option('--dry-run', 'show what would change, and change nothing')
    .addOption(new Option('--exit-code', 'with --dry-run: status 7 when something would change'))
    .option('--show-values', 'show values in the plan, present and new')
    .option('-y, --yes', 'do not ask')
    .addHelpText('after', help)
    .action((file: string, options: Options) => importParams(session, file, options))
}

const formats = oneOf('--format', importFormats)

async function importParams(session: Session, file: string, options: Options): Promise<void> {
  const context = session.begin(options)
  const { output } = context
  if (options.prune === true && options.prefix === '/') {
    throw usageError(
      '--prune below / would delete every other parameter of the Region',
      'give a --prefix of its own',
    )
  }
  if (options.exitCode === true && options.dryRun !== true) throw usageError('--exit-code needs --dry-run')
  const request = await readRequest(context, file, options)
  tellReferences(output, request.wanted)
  tellSkipped(output, request.skipped)
  const plan = await planImport(request)
  if (plan.unreadable) output.note('present values may not be read: whatever is there counts as changed')
  const changes = plan.added.length + plan.changed.length + plan.removed.length
  const record = recordOf(plan, request, options)
  if (options.dryRun === true) {
    await output.result(record, planText(context, plan, options, context.io.stdout))
    output.note(`${summary(plan)}: nothing was done, as --dry-run says`)
    if (options.exitCode === true && changes > 0) session.endWith(exitStatusOf.changes)
    return
  }
  if (changes > 0) {
    if (output.showsProgress || options.yes !== true)
      context.io.stderr.write(planText(context, plan, options, context.io.stderr))
    if (options.yes !== true && !(await confirm(context.io, question(plan, options)))) {
      throw new KmsealError('failed', 'nothing was changed, since nobody agreed')
    }
    context.announceWrite()
    await apply(context, request, plan)
  }
  output.note(`${summary(plan)}${changes === 0 ? ': nothing to do' : ''}`)
  await output.result(record, '')
}

/** Other readers of such files put the values of variables there. */
function tellReferences(output: Context['output'], wanted: readonly WantedParameter[]): void {
  const names = wanted.filter(({ refers }) => refers === true).map(({ name }) => printable(name))
  if (names.length > 0) {
    output.note(
      `a $NAME or the like is stored as it stands, nothing is put in its place: ${names.join(', ')}`,
    )
  }
}

function tellSkipped(output: Context['output'], skipped: readonly string[]): void {
  if (skipped.length > 0) {
    output.note(`skipped without a value, what is stored stays: ${skipped.map(printable).join(', ')}`)
  }
}

async function readRequest(
  { io, ssm, kms, settings }: Context,
  file: string,
  options: Options,
): Promise<ImportRequest> {
  const format = options.format ?? formatOfFile(file)
  if (format === undefined) {
    throw usageError(
      'the name of the file does not tell its format',
      `give --format ${importFormats.join(', ')}`,
    )
  }
  const source = await openInput(io, file)
  try {
    const bytes = await readWhole(source, largestFile, printable(file))
    return {
      ssm,
      kms,
      prefix: options.prefix,
      ...parseImport(bytes, format, options.prefix, options.skipEmpty),
      type: options.type,
      keyId: options.keyId,
      defaultKeyId: name => defaultKeys(settings, { parameter: name }).map(checkKeyId)[0],
      tier: options.tier,
      prune: options.prune === true,
    }
  } finally {
    await source.close()
  }
}

async function apply(context: Context, request: ImportRequest, plan: ImportPlan): Promise<void> {
  const { added, changed, removed } = plan
  const total = added.length + changed.length
  const again =
    removed.length === 0 ? 'stores the rest' : 'does the rest; what is to be removed may still be there'
  await whileChanging(context, { total, done: 'stored', again: `the same command ${again}` }, onStored =>
    applyImport(request, plan, onStored),
  )
}

function question({ added, changed, removed }: ImportPlan, { prefix }: Options): string {
  const parts = [
    added.length > 0 ? `add ${added.length}` : '',
    changed.length > 0 ? `change ${changed.length}` : '',
    removed.length > 0 ? `DELETE ${removed.length}` : '',
  ]
  return `Below ${prefix}: ${parts.filter(part => part !== '').join(', ')}?`
}

function summary({ added, changed, unchanged, removed }: ImportPlan): string {
  const parts = [`${added.length} added`, `${changed.length} changed`, `${unchanged.length} unchanged`]
  return [...parts, ...(removed.length > 0 ? [`${removed.length} removed`] : [])].join(', ')
}

function recordOf(
  plan: ImportPlan,
  { skipped }: ImportRequest,
  { showValues, dryRun, skipEmpty }: Options,
): object {
  const shown = ({ name, value, previous }: PlannedImport) =>
    showValues === true ? { Name: name, Value: value, PreviousValue: previous } : { Name: name }
  const named = (name: string) => ({ Name: name })
  return {
    DryRun: dryRun === true,
    Added: plan.added.map(shown),
    Changed: plan.changed.map(change => ({
      ...shown(change),
      Changes: changesOf(change, ({ attribute }) => attribute),
    })),
    Unchanged: plan.unchanged.map(named),
    Removed: plan.removed.map(named),
    Skipped: skipEmpty === true ? skipped.map(named) : undefined,
  }
}

/** Whether the value is another one, or may not be read. */
function changesValue({ value, previous }: PlannedImport): boolean {
  return value !== previous
}

/** What of a parameter changes: the value, and the other attributes in these words. */
function changesOf(change: PlannedChange, words: (attribute: AttributeChange) => string): string[] {
  return [...(changesValue(change) ? ['Value'] : []), ...change.attributes.map(words)]
}

/** Says what changes beside the value, or instead of it. */
function reasonText(change: PlannedChange): string {
  if (change.attributes.length === 0) return ''
  const words = ({ attribute, from, to }: AttributeChange) => `${attribute} ${from ?? '-'} -> ${to ?? '-'}`
  return `: ${changesOf(change, words).join(', ')}`
}

/** A line for each name that changes, and with `--show-values` one for each value. */
function planText(
  { io, output }: Context,
  plan: ImportPlan,
  { showValues }: Options,
  stream: { readonly isTTY?: boolean | undefined },
): string {
  const { green, yellow, red } = coloursOf(io, stream, output.settings.colours)
  const before = ({ previous }: PlannedImport) => [red(`    - ${printable(previous ?? '')}`)]
  const after = ({ value }: PlannedImport) => [green(`    + ${printable(value)}`)]
  const values = showValues === true
  const lines = [
    ...plan.added.flatMap(write => [green(`+ ${printable(write.name)}`), ...(values ? after(write) : [])]),
    ...plan.changed.flatMap(write => [
      yellow(`~ ${printable(write.name)}${printable(reasonText(write))}`),
      ...(values && changesValue(write) ? [...before(write), ...after(write)] : []),
    ]),
    ...plan.removed.map(name => red(`- ${printable(name)}`)),
  ]
  return lines.map(line => `${line}\n`).join('')
}

const help = `
A plan is made first: + is added, ~ changed, - removed (with --prune only); what changes beside the value is told, such
as the type. Values are not shown unless --show-values says so. Then it asks, unless --yes; without a terminal it needs --yes.
What is new is a SecureString under --key-id, the first key of KMSEAL_KEY_ID, or the account's alias/aws/ssm; what is
there keeps its type, key, description and pattern. What is there already, with the same value, is not written again.

Names: those of nested objects in JSON and YAML follow each other with slashes, so that {"db": {"url": "x"}} below
/app is /app/db/url, as is {"db/url": "x"}; both in one file are refused. Names of a dotenv file stay as they are. A
name that begins with a slash is a full one. Numbers and booleans are stored as they are written, never rounded;
lists and null are refused, and so is a name that stands twice. $NAME in a value stays. Parameter Store has no empty
values: a file with some is refused, unless --skip-empty leaves them out.

When it fails part way it says what was stored and what was not, and when it is interrupted how much was; the same
command again stores the rest.

Examples:
  $ kmseal import-params app.yaml --prefix /app --dry-run
  $ kmseal import-params .env --prefix /app/dev --key-id alias/app
  $ kmseal import-params app.json --prefix /app --prune --yes`
