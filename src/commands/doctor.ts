/** `kmseal doctor`: looks at everything that kmseal needs here, and says what to do. */

import type { Command } from 'commander'
import { type Context, ignoredText, type Session } from '../cli/context.ts'
import { checkMockState, isLmdbThere } from '../cli/mock-health.ts'
import { repeatable } from '../cli/options.ts'
import { printable } from '../cli/printable.ts'
import { usableSettings } from '../config/faulty-settings.ts'
import type { IgnoredConfig } from '../config/load-config.ts'
import { originText } from '../config/origin.ts'
import { type GlobalFlags, type Settings, standInAccessKeyId, wrappingKeys } from '../config.ts'
import {
  type Check,
  type Finding,
  failed,
  findingOf,
  type NamedFinding,
  ok,
  runChecks,
  skipped,
  unless,
  warning,
} from '../core/checks.ts'
import { clientForKey } from '../core/kms-access.ts'
import {
  type Credentials,
  findCredentials,
  findPlace,
  type Place,
  type PlaceSettings,
} from '../core/place-checks.ts'
import {
  checkCaller,
  checkEndpoint,
  checkKey,
  checkParameters,
  type EndpointFindings,
  endedBy,
} from '../core/service-checks.ts'
import { commonCode, type ErrorCode, exitStatusOf, KmsealError } from '../errors.ts'
import { fitLines } from '../help/fit-lines.ts'
import { codeCacheState } from '../start/cache-state.ts'

interface Options extends GlobalFlags {
  readonly keyId?: string[]
  readonly parameter?: string
}

const limitMs = 15_000

/** Adds the arguments, options and action of the command. */
export function register(command: Command, session: Session): void {
  command
    .option('--key-id <key>', 'key to look at, instead of those of KMSEAL_KEY_ID (repeatable)', repeatable)
    .option('--parameter <name>', 'parameter to try to read; its value is not shown')
    .addHelpText('after', help)
    .action(async (options: Options) => {
      const { context, ignored, faults } = await begin(session, options)
      const state = await runChecks(mockChecks(context), limitMs)
      const damaged = context.settings.backend === 'mock' && state.some(({ Status }) => Status === 'failed')
      const local = await runChecks(localChecks(context, ignored, faults), limitMs)
      const services = await serviceFindings(context, options, faults, damaged)
      const all = [...services.slice(0, 1), ...local, ...services.slice(1), ...state]
      const { output } = context
      for (const finding of all) await output.result(finding, fitLines(lineOf(finding), output.width))
      const codes = all.map(({ Code }) => Code).filter((code): code is ErrorCode => code !== undefined)
      if (codes.length > 0) session.endWith(exitStatusOf[commonCode(codes)])
    })
}

interface Faults {
  readonly configuration: readonly KmsealError[]
  readonly region: KmsealError | undefined
  /** Why no service can be asked. */
  readonly reason: string | undefined
}

interface Begun {
  readonly context: Context
  readonly ignored: IgnoredConfig | undefined
  readonly faults: Faults
}

/** Begins whatever is wrong with the settings: what is at fault is told, and does not count. */
async function begin(session: Session, options: Options): Promise<Begun> {
  const read = await session.readConfiguration(options).catch((error: unknown) => {
    if (error instanceof KmsealError) return error
    throw error
  })
  const { faulty, flags, env } = usableSettings(session.flagsOf(options), session.env)
  const context = session.begin({ ...options, ...flags }, { env, tellsIgnored: false, trail: false })
  const isFaulty = (name: string) => faulty.some(({ setting }) => setting === name)
  const reason = isFaulty('backend')
    ? 'the backend is not known'
    : isFaulty('caller') && context.settings.backend === 'mock'
      ? 'the caller of the mock is not known'
      : undefined
  const file = read instanceof KmsealError ? [read] : []
  const others = faulty.filter(({ setting }) => setting !== 'region').map(({ error }) => error)
  return {
    context,
    ignored: read instanceof KmsealError ? undefined : read.ignored,
    faults: {
      configuration: [...file, ...others],
      region: faulty.find(({ setting }) => setting === 'region')?.error,
      reason,
    },
  }
}

function lineOf({ Check, Status, Message, Hint }: NamedFinding): string {
  const text = Hint === undefined ? Message : `${Message} - ${Hint}`
  return `${Status.padEnd(7)}  ${Check.padEnd(13)}  ${printable(text)}\n`
}

function localChecks(
  { settings, io }: Context,
  ignored: IgnoredConfig | undefined,
  { configuration }: Faults,
): Check[] {
  const faults = configuration.map(error => ({ name: 'configuration', run: () => Promise.reject(error) }))
  const sound = { name: 'configuration', run: async () => checkConfiguration(settings, ignored) }
  return [
    { name: 'node', run: async () => checkNode(process.versions.node) },
    ...(faults.length > 0 ? faults : [sound]),
    { name: 'lmdb', run: async () => checkLmdb(settings) },
    { name: 'code cache', run: async () => checkCodeCache(io.env) },
  ]
}

function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const old = major < 20 || (major === 20 && minor < 19)
  return old
    ? failed('failed', `Node ${version} is too old`, 'install Node 20.19 or later')
    : ok(`Node ${version}`)
}

function checkConfiguration(
  { backend, backendFrom, config }: Settings,
  ignored: IgnoredConfig | undefined,
): Finding {
  const file = config === undefined ? '' : `; ${config.path}, ${config.namedBy ?? 'trusted'}`
  const text = `backend ${backend} (${originText(backendFrom)})${file}`
  return ignored === undefined ? ok(text) : warning(`${text}; ${ignoredText(ignored)}`)
}

function checkLmdb({ backend }: Settings): Finding {
  if (isLmdbThere()) return ok('installed')
  const hint = 'install it beside kmseal: npm install lmdb'
  return backend === 'mock'
    ? failed('failed', 'not installed, and the mock needs it', hint)
    : warning('not installed; only the mock needs it', hint)
}

function checkCodeCache(env: Context['io']['env']): Finding {
  const { isFaulty, text, hint } = codeCacheState(env, process.geteuid?.())
  return isFaulty ? warning(text, hint) : ok(text)
}

function mockChecks({ settings, io }: Context): Check[] {
  return [{ name: 'mock state', run: signal => checkMockState(settings, io.env, signal) }]
}

/** What is found of the services, the Region first. */
async function serviceFindings(
  context: Context,
  options: Options,
  faults: Faults,
  damaged: boolean,
): Promise<NamedFinding[]> {
  const { settings, clients, io } = context
  const profile = settings.profile ?? (io.env['AWS_PROFILE'] || undefined)
  const known = { region: settings.region, profile }
  // A damaged state could end this process, so then nothing asks the mock.
  const reason = faults.reason ?? (damaged ? "the mock's state is damaged" : undefined)
  const place: Place =
    faults.region !== undefined
      ? { region: findingOf(faults.region) }
      : reason !== undefined
        ? { region: skipped(reason) }
        : await findPlace(clients.kms, known)
  const checks = serviceChecks(context, options, known, place)
  const why =
    reason ??
    (place.endpoint !== undefined
      ? 'the endpoint cannot be asked'
      : place.region.Status === 'ok'
        ? undefined
        : 'the Region is not known')
  const open = checks.map(check => {
    if (check.name === 'endpoint' && place.endpoint !== undefined) return check
    return unless(async () => why, check)
  })
  return [{ Check: 'region', ...place.region }, ...(await runChecks(open, limitMs))]
}

function serviceChecks(context: Context, options: Options, known: PlaceSettings, place: Place): Check[] {
  const { clients, kms, settings } = context
  const keys = keyChecks(kms, settings, options.keyId)
  const parameters: Check = {
    name: 'parameters',
    run: async signal => checkParameters(endedBy(await clients.ssm(), signal), options.parameter),
  }
  const caller = async (signal: AbortSignal) => checkCaller(endedBy(await clients.sts(), signal))
  if (settings.backend === 'mock') return [{ name: 'credentials', run: caller }, ...keys, parameters]

  let looked: Promise<EndpointFindings> | undefined
  const look = (signal: AbortSignal) => {
    looked ??= clients.kms().then(client => checkEndpoint(client, signal))
    return looked
  }
  let found: Promise<Credentials> | undefined
  const find = () => {
    found ??= clients.kms().then(client => findCredentials(client, standInAccessKeyId, known))
    return found
  }
  const missing = async () => ((await find()).kind === 'none' ? 'there are no credentials' : undefined)
  return [
    {
      name: 'credentials',
      run: async signal => {
        const credentials = await find()
        if (credentials.kind === 'none') return credentials.finding
        if (credentials.kind === 'found') return caller(signal)
        return ok('there are none; stand-ins are used for the endpoint on this machine')
      },
    },
    { name: 'endpoint', run: async signal => place.endpoint ?? (await look(signal)).endpoint },
    {
      name: 'clock',
      run: signal =>
        look(signal).then(
          ({ clock }) => clock,
          () => skipped('the endpoint gave no answer'),
        ),
    },
    ...[...keys, parameters].map(check => unless(missing, check)),
  ]
}

function keyChecks(kms: Context['kms'], settings: Settings, typed: string[] | undefined): Check[] {
  let keys: readonly string[]
  try {
    keys = wrappingKeys(settings, typed)
  } catch (error) {
    if (!(error instanceof KmsealError)) throw error
    const { message, hint } = error
    return [{ name: 'key', run: async () => warning(message, hint) }]
  }
  return keys.map(keyId => ({
    name: 'key',
    run: async signal => checkKey(endedBy(await clientForKey(kms, keyId), signal), keyId),
  }))
}

const help = `
Prints a line for each check: ok, warning, failed or skipped, and what to do. The exit status is 0 when nothing failed.
Nothing is changed, encrypted or shown; keys are tried by dry runs.

Examples:
  $ kmseal doctor --backend mock
  $ kmseal doctor --key-id alias/app --parameter /app/db/password
  $ kmseal doctor --json | jq -r 'select(.Status == "failed") | .Hint'`
