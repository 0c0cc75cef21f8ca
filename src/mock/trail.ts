/** The trail of answered requests: who used which key when. Never a plaintext, a key or a value. */

import { randomUUID } from 'node:crypto'
import type { Context, ServiceCall } from './operation.ts'
import type { Store } from './store.ts'

/** One answered request. */
export interface TrailEvent {
  readonly id: string
  /** Milliseconds since 1970. */
  readonly time: number
  /** Such as `kms.amazonaws.com`. */
  readonly source: string
  readonly name: string
  /** Account that sees the event: the caller's, or a key's. */
  readonly account: string
  readonly region: string
  /** ARN of the caller. */
  readonly principal: string
  readonly requestId: string
  readonly address: string
  readonly agent: string
  readonly parameters: Readonly<Record<string, unknown>>
  /** ARNs of the keys that were used. */
  readonly keys?: readonly string[]
  readonly error?: string
}

/** Collects events, and writes them a few at a time, behind the answers. */
export interface Trail {
  record(events: readonly TrailEvent[]): void
  /** Writes what was collected; what cannot be written is dropped, since the request was answered. */
  flush(): void
  /** Drops what was collected. */
  forget(): void
}

/** The newest events are kept, this many of all accounts and Regions. */
export const mostEvents = 10_000

const slack = 500
const batch = 200
const delayMs = 200
const prefix = 'trail\0'
const countKey = 'trail-count'

/** Opens the trail of a store. */
export function openTrail(store: Store): Trail {
  let waiting: TrailEvent[] = []
  let timer: NodeJS.Timeout | undefined

  const flush = (): void => {
    clearTimeout(timer)
    timer = undefined
    const events = waiting
    waiting = []
    if (events.length === 0) return
    try {
      store.write(() => append(store, events))
    } catch {
      // A full disk must not fail what was answered already.
    }
  }
  return {
    record(events) {
      waiting.push(...events)
      if (waiting.length >= batch) flush()
      else timer ??= setTimeout(flush, delayMs).unref()
    },
    flush,
    forget() {
      waiting = []
    },
  }
}

let written = 0

function append(store: Store, events: readonly TrailEvent[]): void {
  let count = Number(store.get(countKey)?.toString() ?? '0') + events.length
  for (const event of events) {
    written += 1
    // Events of one millisecond keep their order.
    const key = `${prefix}${String(event.time).padStart(15, '0')}-${String(written).padStart(12, '0')}-${event.id}`
    store.put(key, Buffer.from(JSON.stringify(event)))
  }
  if (count > mostEvents + slack) {
    for (const [key] of [...store.entries(prefix, { limit: count - mostEvents })]) store.remove(prefix + key)
    count = mostEvents
  }
  store.put(countKey, Buffer.from(String(count)))
}

/** The events of an account and Region, newest first. */
export function readTrail(store: Store, scope: { account: string; region: string }): TrailEvent[] {
  const found: TrailEvent[] = []
  for (const [, value] of store.entries(prefix)) {
    const event = JSON.parse(value.toString()) as TrailEvent
    if (event.account === scope.account && event.region === scope.region) found.push(event)
  }
  return found.reverse().slice(0, mostEvents)
}

/** What is known of a request once it has been answered. */
export interface Answered {
  readonly context: Context
  /** The `X-Amz-Target` header. */
  readonly target: string
  readonly input: unknown
  readonly output?: unknown
  /** Name of the exception that was answered. */
  readonly error?: string
  /** ARNs of the keys that the request was about. */
  readonly keys: ReadonlySet<string>
  /** What services called meanwhile. */
  readonly calls: readonly ServiceCall[]
  readonly source?: { readonly address: string; readonly agent: string } | undefined
}

/**
 * Makes the events of a request: its own, unless its target has no service, and those of the calls that it led to;
 * each for the caller's account, and again for every other account whose key was used.
 */
export function trailEvents(answered: Answered): TrailEvent[] {
  const { context, target, input, output, error, calls, source } = answered
  const dot = target.lastIndexOf('.')
  const service = sources.find(([prefix]) => prefix === target.slice(0, Math.max(dot, 0)))?.[1]
  if (service === undefined) return []
  const outcome = (failed: string | undefined) => (failed === undefined ? {} : { error: failed })
  const via = context.viaService === undefined ? undefined : `${context.viaService}.amazonaws.com`
  const own = {
    source: service,
    name: target.slice(dot + 1),
    address: via ?? source?.address ?? 'kmseal.mock.internal',
    agent: via ?? source?.agent ?? 'kmseal mock',
    parameters: safeParameters(input),
    keys: [...new Set([...answered.keys, ...newKeys(output)])],
    ...outcome(error),
  }
  const others = calls.map(call => ({
    source: 'kms.amazonaws.com',
    name: call.operation,
    address: `${call.service}.amazonaws.com`,
    agent: `${call.service}.amazonaws.com`,
    parameters: safeParameters(call.request),
    keys: call.keys,
    ...outcome(call.error),
  }))
  const { now: time, account, region, principal, requestId } = context
  return [own, ...others].flatMap(event =>
    accountsOf(account, event.keys).map(recipient => ({
      ...event,
      keys: seenBy(recipient, event),
      id: randomUUID(),
      time,
      account: recipient,
      region,
      principal,
      requestId,
    })),
  )
}

/** A refusal does not tell whose key it was about. */
function seenBy(
  account: string,
  { keys, error }: { readonly keys: readonly string[]; readonly error?: string },
): readonly string[] {
  return error === undefined ? keys : keys.filter(arn => arn.split(':')[4] === account)
}

function accountsOf(caller: string, keys: readonly string[]): readonly string[] {
  return [...new Set([caller, ...keys.map(arn => arn.split(':')[4] ?? caller)])]
}

const sources: readonly (readonly [string, string])[] = [
  ['TrentService', 'kms.amazonaws.com'],
  ['AmazonSSM', 'ssm.amazonaws.com'],
]

// Everything else that a request carries is left out, since it may be a secret.
const recorded: ReadonlySet<string> = new Set([
  ...['KeyId', 'SourceKeyId', 'DestinationKeyId', 'TargetKeyId', 'AliasName', 'EncryptionContext'],
  ...['SourceEncryptionContext', 'DestinationEncryptionContext', 'EncryptionAlgorithm', 'KeySpec'],
  ...['KeyUsage', 'NumberOfBytes', 'SigningAlgorithm', 'MacAlgorithm', 'PendingWindowInDays', 'GrantId'],
  ...['GranteePrincipal', 'Operations', 'Name', 'Names', 'Path', 'Type', 'Tier', 'WithDecryption'],
])
const mostParameterBytes = 16 * 1024

function safeParameters(input: unknown): Record<string, unknown> {
  const kept: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(isRecord(input) ? input : {})) {
    if (recorded.has(name) && isFlat(value)) kept[(name[0] ?? '').toLowerCase() + name.slice(1)] = value
  }
  return JSON.stringify(kept).length > mostParameterBytes ? {} : kept
}

/** The key that a request made. */
function newKeys(output: unknown): readonly string[] {
  const answer = isRecord(output) ? output : {}
  const metadata = answer['KeyMetadata'] ?? answer['ReplicaKeyMetadata']
  const arn = isRecord(metadata) ? metadata['Arn'] : undefined
  return typeof arn === 'string' ? [arn] : []
}

/** A text, a number, a boolean, or a list or map of texts: what a request that fits has there. */
function isFlat(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  return Object.values(value).every(item => typeof item === 'string')
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
