/** What a command works with: the process, the printer, the settings and the clients of one run. */

import { type CallCounts, type Clients, createClients } from '../clients.ts'
import { type GlobalFlags, resolveSettings, type Settings } from '../config.ts'
import type { KmsAccess } from '../core/kms-access.ts'
import { estimatedCostOf } from '../core/prices.ts'
import type { Io } from './io.ts'
import { Output } from './output.ts'

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
  /** Says in one line that the mock takes what is about to be written, when the environment chose it. */
  announceWrite(): void
}

/** A second place, as {@link Context} has the first. */
export type Elsewhere = Pick<Context, 'settings' | 'clients' | 'kms' | 'ssm' | 'announceWrite'>

/** What a run saved. */
export interface RunStats {
  /** Calls that data keys out of the cache made unnecessary. */
  savedCalls: number
}

/** Opens the context of a run once its options are known, and closes what it opened. */
export class Session {
  readonly #io: Io
  readonly #elsewhere: Clients[] = []
  #rootFlags: GlobalFlags = {}
  #context: Context | undefined
  #wantsStats = false
  #status = 0
  #signal: NodeJS.Signals | undefined
  #closed = false

  constructor(io: Io) {
    this.#io = io
  }

  /** The command line of a child, for a command that runs one. */
  childCommand: readonly string[] | undefined

  /** Remembers global options that stood before the command. */
  setRootFlags(flags: GlobalFlags): void {
    this.#rootFlags = flags
  }

  /**
   * Makes the context from the options of the command; those after the command win.
   *
   * @throws KmsealError `usage` for impossible settings
   */
  begin(options: GlobalFlags): Context {
    const flags = { ...this.#rootFlags, ...options }
    const settings = resolveSettings(flags, this.#io.env)
    this.#wantsStats = flags.stats === true
    const output = new Output(this.#io, {
      json: flags.json === true,
      quiet: flags.quiet === true,
      debug: flags.debug === true,
    })
    this.#context = {
      io: this.#io,
      output,
      ...placeOf(settings, createClients(settings, this.#io.env), output),
      scope: JSON.stringify([
        ...[settings.backend, settings.endpointUrl, settings.region, settings.profile],
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
    const settings = resolveSettings({ ...this.#rootFlags, ...options, ...flags }, this.#io.env)
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
    return this.#context?.output ?? new Output(this.#io, { ...fallback, quiet: false })
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
      if (settings.backend !== 'mock' || settings.backendFrom === 'flag') return
      output.note('using the mock, as KMSEAL_BACKEND says')
    },
  }
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
