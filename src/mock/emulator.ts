/** The emulator: takes one request in AWS JSON 1.1 at a time and answers as KMS or Parameter Store would. */

import { randomBytes } from 'node:crypto'
import { usageError } from '../errors.ts'
import { parseCaller } from '../policy/caller.ts'
import { partitionOfRegion } from '../policy/partition.ts'
import { cloudTrailOperations, cloudTrailTargets, lookupEvents } from './cloudtrail.ts'
import { AwsException, errorBody } from './exceptions.ts'
import { aliases, keys } from './kms/key-record.ts'
import { makeFirstKey } from './kms/managed-keys.ts'
import { uuid } from './kms/new-key.ts'
import { kmsOperations } from './kms/operations.ts'
import type { Context, Operation, Output, ServiceCall } from './operation.ts'
import { setIdentityPolicy } from './principals.ts'
import type { SeedSummary } from './seed.ts'
import { parameters } from './ssm/parameter-record.ts'
import { openStore } from './store.ts'
import { openTrail, trailEvents } from './trail.ts'

/** Where the state lives, and what may be replaced for tests. */
export interface EmulatorOptions {
  /** State folder; made (0700, with its parents) when it is missing. */
  readonly directory: string
  /** Whether requests leave events in the trail; default yes. */
  readonly trail?: boolean
  /** The time; default the system's. */
  readonly clock?: () => Date
  /** Random bytes for keys, nonces and ids; default node's. RSA keys never come from it. */
  readonly randomBytes?: (size: number) => Buffer
}

/** Who calls, and from where. */
export interface Caller {
  /** ARN, such as `arn:aws:iam::000000000000:root`; its account is the account of the request. */
  readonly principal: string
  readonly region: string
  /** The AWS service that makes the request for the caller, such as `ec2`; it makes it itself without. */
  readonly viaService?: string | undefined
}

/** One request. */
export interface WireRequest {
  /** The `X-Amz-Target` header: service prefix, a dot, operation. */
  readonly target: string
  readonly body: Uint8Array
  readonly caller: Caller
  /** Address of the client, and what it says it is, for the trail; default the mock's own process. */
  readonly source?: { readonly address: string; readonly agent: string }
}

/** The answer to one request. */
export interface WireResponse {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body: string
}

/** What a state folder holds, over all accounts and Regions. */
export interface EmulatorStatus {
  readonly directory: string
  readonly keys: number
  readonly aliases: number
  readonly parameters: number
  /** Size of the data file. */
  readonly bytes: number
}

/** An open emulator. */
export interface Emulator {
  /**
   * Answers a request. Refusals of the services are answers; what is thrown is a failure of the mock.
   *
   * @throws KmsealError failed when the state cannot be written, for example on a full disk
   */
  answer(request: WireRequest): Promise<WireResponse>
  /** Counts what there is; takes time in proportion to it. */
  status(): EmulatorStatus
  /**
   * Reads every record, and gives their number. A damaged data file makes it throw, or ends the process: let another
   * process do it.
   */
  readAll(): number
  /** Removes everything: keys, aliases, parameters, principals and the trail of all accounts and Regions. */
  reset(): void
  /** Makes an access key id stand for a principal, in requests to a served mock. */
  setPrincipal(accessKeyId: string, arn: string): void
  /** The principal that {@link setPrincipal} gave to an access key id. */
  principalOf(accessKeyId: string): string | undefined
  /**
   * Gives a user, a role (all its sessions) or a federated user an IAM policy in place of the one that it had;
   * undefined takes it away. A principal without one may do everything in its account.
   *
   * @throws KmsealError usage for another ARN, or for a document that is no IAM policy
   */
  setIdentityPolicy(arn: string, document: string | undefined): void
  /**
   * Makes the keys, aliases and parameters of a seed file; what is there already is brought in line.
   *
   * @param text YAML or JSON
   * @param region of keys and parameters, where the file names none
   * @throws KmsealError usage for a malformed file, failed when a service refuses a part of it
   */
  seed(text: string, region: string): Promise<SeedSummary>
  close(): Promise<void>
}

type Operations = ReadonlyMap<string, Operation>

// Parameter Store loads when it is first asked: many runs need KMS alone.
const services = new Map<string, () => Operations | Promise<Operations>>([
  ['TrentService', () => kmsOperations],
  ['AmazonSSM', async () => (await import('./ssm/operations.ts')).ssmOperations],
  ...cloudTrailTargets.map(target => [target, () => cloudTrailOperations] as const),
])

/**
 * Opens the emulator on a state folder. Several processes may have it open at once: every write is one
 * transaction over all of them, and survives the end of the process once it is acknowledged.
 *
 * @throws KmsealError denied for a folder of others, or open to them, or not writable; failed for foreign,
 *   newer or damaged state, or without the lmdb package
 * @see BEHAVIOUR.md beside this file
 */
export async function openEmulator(options: EmulatorOptions): Promise<Emulator> {
  const store = await openStore(options.directory)
  const trail = openTrail(store)
  const clock = options.clock ?? (() => new Date())
  const random = options.randomBytes ?? pooledRandomBytes()

  const contextOf = (caller: Caller, source?: WireRequest['source']): Context => {
    const account = /^arn:[^:]+:[^:]+:[^:]*:(\d{12}):/.exec(caller.principal)?.[1]
    if (account === undefined)
      throw new TypeError('the principal of a mock caller must be an ARN with an account')
    if (!/^[a-zA-Z0-9-]{1,64}$/.test(caller.region))
      throw new TypeError('the Region of a mock caller is malformed')
    const partition = partitionOfRegion(caller.region)
    return {
      // One who calls a Region is of its partition, whatever its ARN was written with.
      principal: caller.principal.replace(/^arn:[^:]+/, `arn:${partition}`),
      account,
      region: caller.region,
      partition,
      viaService: caller.viaService,
      sourceAddress: source?.address ?? '127.0.0.1',
      store,
      now: clock().getTime(),
      requestId: uuid(random(16)),
      randomBytes: random,
    }
  }

  const answer = async (request: WireRequest): Promise<WireResponse> => {
    const { target, source } = request
    const keys = new Set<string>()
    const calls: ServiceCall[] = []
    const context: Context = {
      ...contextOf(request.caller, source),
      noteKey: arn => keys.add(arn),
      noteCall: call => calls.push(call),
    }
    const note = (input: unknown, outcome: { readonly output?: Output; readonly error?: string }) => {
      if (options.trail === false) return
      trail.record(trailEvents({ context, target, input, keys, calls, source, ...outcome }))
    }
    let input: unknown
    try {
      const operation = await findOperation(target)
      store.refresh()
      input = parseBody(request.body)
      makeFirstKey(context)
      if (operation === lookupEvents) trail.flush()
      const output = await operation(context, input)
      note(input, { output })
      return response(context, 200, output === undefined ? '' : JSON.stringify(output))
    } catch (error) {
      if (!(error instanceof AwsException)) throw error
      note(input, { error: error.code })
      const status = error.code === 'InternalServerError' || error.code === 'KMSInternalException' ? 500 : 400
      return response(context, status, JSON.stringify(errorBody(error)))
    }
  }

  const setPrincipal = (accessKeyId: string, arn: string): void => {
    store.write(() => store.put(principalKey(accessKeyId), Buffer.from(arn)))
  }

  return {
    answer,
    status: () => ({
      directory: options.directory,
      keys: keys.count(store),
      aliases: aliases.count(store),
      parameters: parameters.count(store),
      bytes: store.bytes(),
    }),
    readAll: () => {
      let records = 0
      for (const [key, value] of store.entries('')) records += key.length + value.length > 0 ? 1 : 0
      return records
    },
    reset: () => {
      trail.forget()
      store.clear()
    },
    setPrincipal,
    principalOf: accessKeyId => {
      store.refresh()
      return store.get(principalKey(accessKeyId))?.toString()
    },
    setIdentityPolicy: (arn, document) => setIdentityPolicy(store, arn, document),
    async seed(text, region) {
      const [{ parseSeed }, { applySeed }] = await Promise.all([
        import('./seed-file.ts'),
        import('./seed.ts'),
      ])
      const seed = parseSeed(text, region)
      for (const [index, { arn, accessKeyId, policy }] of seed.principals.entries()) {
        if (parseCaller(arn)?.account === undefined) {
          throw usageError(`principal ${index + 1} of the seed file: its arn is no ARN of a principal`)
        }
        if (accessKeyId !== undefined) setPrincipal(accessKeyId, arn)
        if (policy !== undefined) setIdentityPolicy(store, arn, policy)
      }
      const caller = {
        principal: `arn:${partitionOfRegion(seed.region)}:iam::${seed.account}:root`,
        region: seed.region,
      }
      return applySeed(contextOf(caller), seed, async (target, body) => {
        const answered = await answer({ target, body: Buffer.from(JSON.stringify(body)), caller })
        return { status: answered.status, body: JSON.parse(answered.body || '{}') as Record<string, unknown> }
      })
    },
    close: () => {
      trail.flush()
      return store.close()
    },
  }
}

const poolBytes = 4096

/** Random bytes, drawn many at a time: a draw of a few costs as much. No byte is given out twice. */
function pooledRandomBytes(): (size: number) => Buffer {
  let pool = Buffer.alloc(0)
  return size => {
    if (size > poolBytes / 8) return randomBytes(size)
    if (pool.length < size) pool = randomBytes(poolBytes)
    const drawn = Buffer.from(pool.subarray(0, size))
    pool.fill(0, 0, size)
    pool = pool.subarray(size)
    return drawn
  }
}

const principalKey = (accessKeyId: string) => `principal\0${accessKeyId}`

async function findOperation(target: string): Promise<Operation> {
  const dot = target.lastIndexOf('.')
  const operations = await services.get(target.slice(0, Math.max(dot, 0)))?.()
  const operation = operations?.get(target.slice(dot + 1))
  if (operation === undefined) throw new AwsException('UnknownOperationException')
  return operation
}

function parseBody(bytes: Uint8Array): unknown {
  if (bytes.length === 0) return {}
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    // No text: a parser's own would quote what was sent.
    throw new AwsException('SerializationException')
  }
}

function response(context: Context, status: number, body: string): WireResponse {
  return {
    status,
    headers: { 'x-amzn-requestid': context.requestId, 'content-type': 'application/x-amz-json-1.1' },
    body,
  }
}
