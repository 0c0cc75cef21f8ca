/** The trail of answered requests: who used which key when. Never a plaintext, a key or a value. */

import { randomUUID } from 'node:crypto'
import { keyArn, loadAlias, loadKey } from './kms/key-record.ts'
import type { Context } from './operation.ts'
import type { Store } from './store.ts'

/** One answered request. */
export interface TrailEvent {
  readonly id: string
  /** Milliseconds since 1970. */
  readonly time: number
  /** Such as `kms.amazonaws.com`. */
  readonly source: string
  readonly name: string
  readonly account: string
  readonly region: string
  /** ARN of the caller. */
  readonly principal: string
  readonly requestId: string
  readonly address: string
  readonly agent: string
  readonly parameters: Readonly<Record<string, unknown>>
  /** ARN of the key that was used. */
  readonly key?: string
  readonly error?: string
}

/** Collects events, and writes them a few at a time, behind the answers. */
export interface Trail {
  record(event: TrailEvent | undefined): void
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
    record(event) {
      if (event === undefined) return
      waiting.push(event)
      if (waiting.length >= batch) flush()
      else timer ??= setTimeout(flush, delayMs).unref()
    },
    flush,
    forget() {
      waiting = []
    },
  }
}

function append(store: Store, events: readonly TrailEvent[]): void {
  let count = Number(store.get(countKey)?.toString() ?? '0') + events.length
  for (const event of events) {
    const key = `${prefix}${String(event.time).padStart(15, '0')}-${event.id}`
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
  readonly source?: { readonly address: string; readonly agent: string } | undefined
}

/** Makes the event of a request, or nothing for a target without a service. */
export function trailEvent(answered: Answered): TrailEvent | undefined {
  const { context, target, error } = answered
  const dot = target.lastIndexOf('.')
  const source = sources.find(([service]) => service === target.slice(0, Math.max(dot, 0)))?.[1]
  if (source === undefined) return undefined
  const key = source === 'kms.amazonaws.com' ? usedKey(answered) : undefined
  return {
    id: randomUUID(),
    time: context.now,
    source,
    name: target.slice(dot + 1),
    account: context.account,
    region: context.region,
    principal: context.principal,
    requestId: context.requestId,
    address: answered.source?.address ?? 'kmseal.mock.internal',
    agent: answered.source?.agent ?? 'kmseal mock',
    parameters: safeParameters(answered.input),
    ...(key === undefined ? {} : { key }),
    ...(error === undefined ? {} : { error }),
  }
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
    if (recorded.has(name)) kept[(name[0] ?? '').toLowerCase() + name.slice(1)] = value
  }
  return JSON.stringify(kept).length > mostParameterBytes ? {} : kept
}

function usedKey({ context, input, output }: Answered): string | undefined {
  const answer = isRecord(output) ? output : {}
  const metadata = isRecord(answer['KeyMetadata']) ? answer['KeyMetadata'] : {}
  const request = isRecord(input) ? input : {}
  const named = [answer['KeyId'], metadata['Arn'], request['KeyId'], request['TargetKeyId']].find(
    (name): name is string => typeof name === 'string' && name.length <= 2048,
  )
  if (named === undefined) return undefined
  if (/^arn:[^:]+:kms:[^:]*:[^:]*:key\//.test(named)) return named
  const alias = /(?:^|:)(alias\/.+)$/.exec(named)?.[1]
  const id = alias === undefined ? named : loadAlias(context, alias)?.target
  return id !== undefined && loadKey(context, id) !== undefined ? keyArn(context, id) : undefined
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
