/** `kmseal audit`: who used which key when, from CloudTrail. */

import type { Command } from 'commander'
import type { Context, Session } from '../cli/context.ts'
import { isoTime, wholeNumber } from '../cli/options.ts'
import { renderTable } from '../cli/table.ts'
import type { GlobalFlags } from '../config.ts'
import { countByDay, type UseCount } from '../core/audit-counts.ts'
import { checkKeyId, parseKeyArn } from '../core/key-id.ts'
import { resolveKeyArn } from '../core/resolve-key.ts'
import { lookUpTrail, type TrailEvent, type TrailQuery } from '../core/trail-events.ts'
import { usageError } from '../errors.ts'

interface Options extends GlobalFlags {
  readonly keyId?: string
  readonly principal?: string
  readonly operation?: string
  readonly startTime?: Date
  readonly endTime?: Date
  readonly summary?: boolean
  readonly maxItems: number
}

/** Adds the arguments, options and action of the command. */
export function register(command: Command, session: Session): void {
  command
    .option('--key-id <key>', 'only what was asked of this key: id, alias/NAME or ARN', checkKeyId)
    .option('--principal <arn>', 'only of this user, role, session or service', checkPrincipal)
    .option('--operation <name>', 'only this operation, such as Decrypt', checkOperation)
    .option(
      '--start-time <time>',
      'from then on: 2030-01-31, 2030-01-31T12:00:00Z, or 7d or 12h ago',
      startTime,
    )
    .option('--end-time <time>', 'up to then', endTime)
    .option('--summary', 'how often, for each day, principal and operation')
    .option(
      '--max-items <count>',
      'show or count this many events at most',
      wholeNumber('--max-items', 1, 1_000_000),
      1000,
    )
    .addHelpText('after', help)
    .action((options: Options) => audit(session, options))
}

async function audit(session: Session, options: Options): Promise<void> {
  const context = session.begin(options)
  const { kms, clients, output } = context
  const { keyId, startTime, endTime } = options
  if (startTime !== undefined && endTime !== undefined && startTime > endTime) {
    throw usageError('--start-time is after --end-time')
  }
  const keyArn = keyId === undefined ? undefined : await resolveKeyArn(kms, keyId)
  const trail = await clients.cloudTrail(keyArn === undefined ? undefined : parseKeyArn(keyArn)?.region)
  const { principal, operation } = options
  const query: TrailQuery = { keyArn, principal, operation, startTime, endTime }
  const events: TrailEvent[] = []
  let more = false
  for await (const event of lookUpTrail(trail, query)) {
    if (events.length === options.maxItems) {
      more = true
      break
    }
    events.push(event)
    if (output.settings.json && options.summary !== true) await output.result(event, '')
  }
  if (options.summary === true) await tellCounts(context, countByDay(events))
  else if (!output.settings.json) await output.result({}, renderTable(head, events.map(rowOf), output.width))
  if (events.length === 0) output.note('no such event; CloudTrail keeps 90 days, and is some minutes late')
  if (more) output.note(`there are more: these are the newest ${events.length}, as --max-items says`)
}

const head = ['TIME', 'OPERATION', 'PRINCIPAL', 'VIA', 'KEY ID', 'ERROR', 'ENCRYPTION CONTEXT']

function rowOf(event: TrailEvent): string[] {
  const { InvokedBy, Principal, EncryptionContext } = event
  return [
    event.EventTime.toISOString().replace('.000Z', 'Z'),
    event.EventName,
    Principal ?? '',
    InvokedBy === Principal ? '' : (InvokedBy ?? ''),
    event.KeyIds.map(arn => arn.split('/').at(-1)).join(','),
    event.ErrorCode ?? '',
    Object.entries(EncryptionContext ?? {})
      .map(([key, value]) => `${key}=${value}`)
      .join(','),
  ]
}

async function tellCounts({ output }: Context, counts: readonly UseCount[]): Promise<void> {
  if (output.settings.json) for (const count of counts) await output.result(count, '')
  else {
    const rows = counts.map(({ Day, Principal, EventName, Count, Refused }) => [
      ...[Day, Principal, EventName, String(Count), Refused === 0 ? '' : String(Refused)],
    ])
    await output.result(
      {},
      renderTable(['DAY', 'PRINCIPAL', 'OPERATION', 'COUNT', 'REFUSED'], rows, output.width),
    )
  }
}

function checkOperation(text: string): string {
  const name = text.replace(/^kms:/, '')
  if (/^[A-Z][A-Za-z]{2,63}$/.test(name)) return name
  throw usageError('--operation is no name of an operation', 'write it as Decrypt or kms:Decrypt')
}

function checkPrincipal(text: string): string {
  if (/^(?:arn:aws[a-z-]*:(?:iam|sts)::\d{12}:[\w+=,.@/-]+|[\w+=,.@-]+)$/.test(text)) return text
  throw usageError(
    '--principal is neither an ARN of a principal nor a name',
    'write it as arn:aws:iam::111122223333:role/NAME, or as ec2.amazonaws.com',
  )
}

const startTime = isoTime('--start-time')
const endTime = isoTime('--end-time')

const help = `
Newest first. A role stands for all its sessions. ERROR is why KMS refused; VIA is the service that asked for the
principal. CloudTrail keeps 90 days of events, is some minutes late, and answers about a hundred events a second. It
must be asked in the Region of the key. Needs cloudtrail:LookupEvents, and kms:DescribeKey for an alias.

Examples:
  $ kmseal audit --key-id alias/app --start-time 7d
  $ kmseal audit --key-id alias/app --operation Decrypt --summary
  $ kmseal audit --principal arn:aws:iam::111122223333:role/deploy --json | jq -r .EventName`
