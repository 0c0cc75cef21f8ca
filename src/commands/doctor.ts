/** `kmseal doctor`: looks at everything that kmseal needs here, and says what to do. */

import type { Command } from 'commander'
import { type Context, ignoredText, type Session } from '../cli/context.ts'
import { checkMockState, isLmdbThere } from '../cli/mock-health.ts'
import { repeatable } from '../cli/options.ts'
import { printable } from '../cli/printable.ts'
import type { IgnoredConfig } from '../config/load-config.ts'
import { originText } from '../config/origin.ts'
import type { GlobalFlags, Settings } from '../config.ts'
import { wrappingKeys } from '../config.ts'
import {
  type Check,
  type Finding,
  failed,
  type NamedFinding,
  ok,
  runChecks,
  warning,
} from '../core/checks.ts'
import { clientForKey } from '../core/kms-access.ts'
import {
  checkCaller,
  checkEndpoint,
  checkKey,
  checkParameters,
  type EndpointFindings,
  endedBy,
} from '../core/service-checks.ts'
import { commonCode, type ErrorCode, exitStatusOf, KmsealError } from '../errors.ts'

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
      const { ignored } = await session.readConfiguration(options)
      const context = session.begin(options)
      const state = await runChecks(mockChecks(context), limitMs)
      const damaged = context.settings.backend === 'mock' && state.some(({ Status }) => Status === 'failed')
      // A damaged state could end this process, so then nothing asks the mock.
      const [region] = damaged ? [] : await runChecks([regionCheck(context)], limitMs)
      // Without a Region nothing can be asked, and one line says so.
      const services = region?.Status === 'ok' ? serviceChecks(context, options) : []
      const findings = await runChecks([...localChecks(context, ignored), ...services], limitMs)
      const all = [...(region === undefined ? [] : [region]), ...findings, ...state]
      for (const finding of all) await context.output.result(finding, lineOf(finding))
      const codes = all.map(({ Code }) => Code).filter((code): code is ErrorCode => code !== undefined)
      if (codes.length > 0) session.endWith(exitStatusOf[commonCode(codes)])
    })
}

function lineOf({ Check, Status, Message, Hint }: NamedFinding): string {
  const text = Hint === undefined ? Message : `${Message} - ${Hint}`
  return `${Status.padEnd(7)}  ${Check.padEnd(13)}  ${printable(text)}\n`
}

function localChecks({ settings }: Context, ignored: IgnoredConfig | undefined): Check[] {
  return [
    { name: 'node', run: async () => checkNode(process.versions.node) },
    { name: 'configuration', run: async () => checkConfiguration(settings, ignored) },
    { name: 'lmdb', run: async () => checkLmdb(settings) },
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

function mockChecks({ settings, io }: Context): Check[] {
  return [{ name: 'mock state', run: signal => checkMockState(settings, io.env, signal) }]
}

function regionCheck({ clients }: Context): Check {
  return { name: 'region', run: async () => ok(await (await clients.kms()).config.region()) }
}

function serviceChecks({ clients, kms, settings }: Context, options: Options): Check[] {
  let looked: Promise<EndpointFindings> | undefined
  const look = (signal: AbortSignal) => {
    looked ??= clients.kms().then(client => checkEndpoint(client, signal))
    return looked
  }
  const endpoint: Check[] =
    settings.backend === 'mock'
      ? []
      : [
          { name: 'endpoint', run: async signal => (await look(signal)).endpoint },
          { name: 'clock', run: async signal => (await look(signal)).clock },
        ]
  return [
    { name: 'credentials', run: async signal => checkCaller(endedBy(await clients.sts(), signal)) },
    ...endpoint,
    ...keyChecks(kms, settings, options.keyId),
    {
      name: 'parameters',
      run: async signal => checkParameters(endedBy(await clients.ssm(), signal), options.parameter),
    },
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
Prints a line for each check: ok, warning or failed, and what to do. The exit status is 0 when nothing failed.
Nothing is changed, encrypted or shown; keys are tried by dry runs.

Examples:
  $ kmseal doctor --backend mock
  $ kmseal doctor --key-id alias/app --parameter /app/db/password
  $ kmseal doctor --json | jq -r 'select(.Status == "failed") | .Hint'`
