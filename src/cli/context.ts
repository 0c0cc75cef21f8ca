/** What a command works with: the process, the printer, the settings and the clients of one run. */

import { type CallCounts, type ClientOptions, type Clients, createClients } from '../clients.ts'
import { configCandidates } from '../config/find-config.ts'
import type { ConfigChoice, IgnoredConfig } from '../config/load-config.ts'
import { originText } from '../config/origin.ts'
import { nonEmpty } from '../config/state-folder.ts'
import { type GlobalFlags, resolveSettings, type Settings } from '../config.ts'
import type { KmsAccess } from '../core/kms-access.ts'
import { estimatedCostOf } from '../core/prices.ts'
import type { Io } from './io.ts'
import { Output } from './output.ts'
import { printable } from './printable.ts'

/** Everything that a command receives. */
export interface Context {
  readonly io: Io
  readonly output: Output
  readonly settings: Settings
  readonly clients: Clients
  /** KMS as the core takes it. */
  readonly kms: KmsAccess
  /** Parameter Store as the operations on parameters take it. */
  readonly ssm: { readonly client: Clients['ssm']; readonly choice: Settings }
  /** Who answers and who asks, as one text: what is cached for one scope is of no use in another. */
  readonly scope: string
  readonly stats: RunStats
  /** Says in one line that the mock takes what is about to be written, when the environment or a file chose it. */
  announceWrite(): void
}

/** A second place, as {@link Context} has the first. */
export type Elsewhere = Pick<Context, 'settings' | 'clients' | 'kms' | 'ssm' | 'announceWrite'>

/** What a run saved. */
export interface RunStats {
  /** Calls that data keys out of the cache made unnecessary. */
  savedCalls: number
}

/** How a run begins that looks at settings instead of working with them. */
export interface Beginning extends ClientOptions {
  /** The variables, without those that are at fault. */
  readonly env?: Io['env']
  /** Whether to note that a configuration file does not count; default yes. */
  readonly tellsIgnored?: boolean
}

/** Opens the context of a run once its options are known, and closes what it opened. */
export class Session {
  readonly #io: Io
  readonly #elsewhere: Clients[] = []
  #rootFlags: GlobalFlags = {}
  #config: ConfigChoice = { config: undefined, ignored: undefined }
  #context: Context | undefined
  #wantsStats = false
  #colours = true
  #status = 0
  #signal: NodeJS.Signals | undefined
  #closed = false

  constructor(io: Io) {
    this.#io = io
  }

  /** The command line of a child, for a command that runs one. */
  childCommand: readonly string[] | undefined

  /** The variables of the run. */
  get env(): Io['env'] {
    return this.#io.env
  }

  /** Colours nothing, as `--no-color` says. */
  forbidColours(): void {
    this.#colours = false
  }

  /** Remembers global options that stood before the command. */
  setRootFlags(flags: GlobalFlags): void {
    this.#rootFlags = flags
  }

  /** The global options of a command, over the ones before it. */
  flagsOf(options: GlobalFlags): GlobalFlags {
    return { ...this.#rootFlags, ...options }
  }

  /**
   * Finds and reads the configuration file that counts.
   *
   * @param options those of the command, over the ones before it
   * @throws KmsealError `usage` for a malformed file and an unknown environment; what reading a named file throws
   */
  async readConfiguration(options: GlobalFlags): Promise<ConfigChoice> {
    const { env, cwd = '/' } = this.#io
    const flags = this.flagsOf(options)
    const named = given('--config', flags.config) ?? given('KMSEAL_CONFIG', nonEmpty(env['KMSEAL_CONFIG']))
    const environment = given('--env', flags.env) ?? given('KMSEAL_ENV', nonEmpty(env['KMSEAL_ENV']))
    const found = named === undefined ? configCandidates(cwd) : []
    if (named === undefined && environment === undefined && found.length === 0) return this.#config
    const { chooseConfig } = await import('../config/load-config.ts')
    this.#config = await chooseConfig({
      named: named && { file: named.value, by: named.by },
      environment: environment && { name: environment.value, by: environment.by },
      ...{ found, folder: cwd, env },
    })
    return this.#config
  }

  /**
   * Makes the context from the options of the command; those after the command win.
   *
   * @throws KmsealError `usage` for impossible settings
   */
  begin(options: GlobalFlags, beginning: Beginning = {}): Context {
    const { env = this.#io.env, tellsIgnored = true } = beginning
    const flags = this.flagsOf(options)
    const { config, ignored } = this.#config
    const settings = resolveSettings(flags, env, config)
    this.#wantsStats = flags.stats === true
    const output = new Output(this.#io, {
      json: flags.json === true,
      quiet: flags.quiet === true,
      debug: flags.debug === true,
      colours: this.#colours,
    })
    if (tellsIgnored && ignored !== undefined) {
      // Keys and Region that counted yesterday and do not today are no mere note.
      if (ignored.wasTrusted === true) output.say(ignoredText(ignored))
      else output.note(ignoredText(ignored))
    }
    this.#context = {
      io: this.#io,
      output,
      ...placeOf(settings, createClients(settings, this.#io.env, beginning), output),
      scope: JSON.stringify([
        ...[
          settings.backend,
          settings.endpointUrl,
          settings.fileEndpointUrl,
          settings.region,
          settings.profile,
        ],
        ...[settings.mockDirectory, settings.mockPrincipal, this.#io.env['AWS_ACCESS_KEY_ID']],
      ]),
      stats: { savedCalls: 0 },
    }
    return this.#context
  }

  /**
   * Settings and clients of a second place, for commands that go from one to another; closed with the run.
   *
   * @param flags what is different there, over the flags of the run
   * @throws KmsealError `usage` for impossible settings
   */
  elsewhere(options: GlobalFlags, flags: GlobalFlags): Elsewhere {
    const all = { ...this.flagsOf(options), ...flags }
    const settings = resolveSettings(all, this.#io.env, this.#config.config)
    const clients = createClients(settings, this.#io.env)
    this.#elsewhere.push(clients)
    return placeOf(settings, clients, this.output({ json: false, debug: false }))
  }

  /**
   * Gives the process another exit status than 0, though the command succeeded.
   *
   * @param signal to end by, instead of with that status
   */
  endWith(status: number, signal?: NodeJS.Signals): void {
    this.#status = status
    this.#signal = signal
  }

  /** The exit status of a run that succeeded. */
  get status(): number {
    return this.#status
  }

  /** The signal that the process is to end by, if any. */
  get signal(): NodeJS.Signals | undefined {
    return this.#signal
  }

  /** The printer of the run, or a plain one when the run failed before its options were known. */
  output(fallback: { json: boolean; debug: boolean }): Output {
    return this.#context?.output ?? new Output(this.#io, { ...fallback, quiet: false, colours: false })
  }

  /** Tells the calls when asked to, and closes connections and the mock; once, however often it is called. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    if (this.#context !== undefined && this.#wantsStats) {
      const { clients, stats, output } = this.#context
      const calls = [clients, ...this.#elsewhere].map(place => place.calls)
      output.say(statsText(sumOf(calls), stats.savedCalls))
    }
    await this.#context?.clients.close()
    for (const clients of this.#elsewhere) await clients.close()
  }
}

function placeOf(settings: Settings, clients: Clients, output: Output): Elsewhere {
  return {
    settings,
    clients,
    kms: { client: region => clients.kms(region), choice: settings },
    ssm: { client: region => clients.ssm(region), choice: settings },
    announceWrite: () => {
      if (settings.backend !== 'mock' || settings.backendFrom.kind === 'flag') return
      output.note(`using the mock, as ${originText(settings.backendFrom)} says`)
    },
  }
}

function given(by: string, value: string | undefined): { value: string; by: string } | undefined {
  return value === undefined ? undefined : { value, by }
}

/** What is said of a configuration file that does not count. */
export function ignoredText({ path, reason, canBeTrusted }: IgnoredConfig): string {
  const trust = canBeTrusted ? '; kmseal config trust shows it and asks' : ''
  return `${printable(path)} is ignored: ${reason}${trust}`
}

function sumOf(calls: readonly CallCounts[]): CallCounts {
  return calls.reduce((sum, { kms, ssm }) => ({ kms: sum.kms + kms, ssm: sum.ssm + ssm }))
}

/**
 * The calls of a run in words. The cost is that of symmetric keys; Parameter Store's own calls are free up to its
 * usual limits.
 */
export function statsText({ kms, ssm }: CallCounts, saved: number): string {
  const cost = estimatedCostOf(kms).toFixed(6).replace(/0+$/, '').replace(/\.$/, '')
  return (
    `KMS calls: ${kms} (about $${cost}, at the price of symmetric keys), ` +
    `saved by shared data keys: ${saved}; Parameter Store calls: ${ssm}`
  )
}
